import { Problem } from '../../core/problem.ts'
import {
  BAND_COUNT,
  BIN_UNITS_PER_BAND,
  DURATION_MS_MAX,
  DURATION_MS_MIN,
  ENGINE_VERSION,
} from '../constants.ts'
import {
  FRAMES_PER_SECOND,
  RADIUS_MAX,
  RADIUS_UNITS,
  REFERENCE_PEAKS_PER_SPAN,
  SUSPECT_PEAKS_PER_SPAN,
  TIME_UNITS_PER_FRAME,
} from '../constants.ts'
import { isReferenceBin } from '../extract/thinning.ts'
import { createPeakListBuilder, spanOf } from '../peak-list.ts'
import type { PeakList } from '../peak-list.ts'
import { crc32 } from './crc32.ts'

/**
 * What is kept of a recording: when and at which pitch it has its most important peaks. The audio cannot be
 * had back from it. A reference is sparse, to be kept by the million; a suspect is dense, to be found again
 * in noise.
 */
export interface Fingerprint {
  readonly kind: 'reference' | 'suspect'
  readonly engineVersion: number
  readonly durationMs: number
  /** The levels of a reference are all 0: they are only needed for thinning, and it is not thinned again. */
  readonly peaks: PeakList
}

const MAGIC = 0x50_46_57_45 // 'EWFP', as a little-endian number
const HEADER_BYTES = 16
const CHECKSUM_BYTES = 4
/** Smallest and largest size of a peak: time difference 1 … 4 bytes, bin 2, radius 1, level 0 or 1. */
const PEAK_BYTES_MIN = 4
const PEAK_BYTES_MAX = 8

const timeUnitsIn = (durationMs: number): number =>
  Math.ceil((durationMs / 1000) * FRAMES_PER_SECOND + 1) * TIME_UNITS_PER_FRAME

/** The most bytes a fingerprint can have: a suspect of a day, 40 peaks a second, of at most 6 bytes on average. */
const FINGERPRINT_BYTES_MAX =
  HEADER_BYTES + CHECKSUM_BYTES + (spanOf(timeUnitsIn(DURATION_MS_MAX)) + 1) * SUSPECT_PEAKS_PER_SPAN * 6

const BIN_MAX = (BAND_COUNT - 1) * BIN_UNITS_PER_BAND
const RADIUS_UNITS_MAX = RADIUS_MAX * RADIUS_UNITS

/**
 * Bytes of a fingerprint. All numbers are little-endian.
 *
 * | at | bytes | what |
 * | --- | --- | --- |
 * | 0 | 4 | `EWFP` |
 * | 4 | 1 | engine version |
 * | 5 | 1 | kind: 0 reference, 1 suspect |
 * | 6 | 2 | 0 |
 * | 8 | 4 | duration in ms |
 * | 12 | 4 | number of peaks |
 * | 16 | … | the peaks in order of time, then bin: time since the peak before (since 0 for the first) in 1/8 frames as LEB128, 7 bits a byte, lowest first, the top bit says that more follow; bin in 1/16 bands, 2 bytes; radius, 1 byte; only in a suspect: level, 1 byte |
 * | end − 4 | 4 | CRC-32 (IEEE 802.3) of all bytes before |
 *
 * About 29 bytes a second for a reference, 200 for a suspect.
 */
export function encodeFingerprint(fingerprint: Fingerprint): Uint8Array {
  const { peaks, kind } = fingerprint
  const bytes = new Uint8Array(HEADER_BYTES + peaks.count * PEAK_BYTES_MAX + CHECKSUM_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, MAGIC, true)
  bytes[4] = fingerprint.engineVersion
  bytes[5] = kind === 'reference' ? 0 : 1
  view.setUint32(8, fingerprint.durationMs, true)
  view.setUint32(12, peaks.count, true)
  let at = HEADER_BYTES
  let before = 0
  for (let index = 0; index < peaks.count; index++) {
    let difference = peaks.time[index]! - before
    before = peaks.time[index]!
    for (; difference > 127; difference = Math.floor(difference / 128)) bytes[at++] = (difference & 127) | 128
    bytes[at++] = difference
    view.setUint16(at, peaks.bin[index]!, true)
    at += 2
    bytes[at++] = peaks.radius[index]!
    if (kind === 'suspect') bytes[at++] = peaks.level[index]!
  }
  view.setUint32(at, crc32(bytes.subarray(0, at)), true)
  return bytes.slice(0, at + CHECKSUM_BYTES)
}

/**
 * Reads what `encodeFingerprint` wrote, and nothing else: whatever decodes, encodes to the same bytes.
 *
 * @throws {Problem} `fingerprint/version` for another engine version; `fingerprint/malformed` for anything no
 *   extractor would write: wrong checksum, peaks out of order or range, more of them than a span may have.
 */
export function decodeFingerprint(bytes: Uint8Array): Fingerprint {
  if (bytes.length > FINGERPRINT_BYTES_MAX) throw malformed('it is too large')
  if (bytes.length < HEADER_BYTES + PEAK_BYTES_MIN + CHECKSUM_BYTES) throw malformed('it is too small')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getUint32(0, true) !== MAGIC) throw malformed('it does not begin with EWFP')
  const engineVersion = bytes[4]!
  if (engineVersion !== ENGINE_VERSION) {
    throw new Problem(
      'fingerprint/version',
      `It is of version ${engineVersion}, only ${ENGINE_VERSION} is compared`,
    )
  }
  const end = bytes.length - CHECKSUM_BYTES
  if (view.getUint32(end, true) !== crc32(bytes.subarray(0, end))) throw malformed('its checksum is wrong')
  if (bytes[5]! > 1) throw malformed('it is neither a reference nor a suspect')
  if (bytes[6] !== 0 || bytes[7] !== 0) throw malformed('bytes 6 and 7 are not 0')
  const kind = bytes[5] === 0 ? 'reference' : 'suspect'
  const durationMs = view.getUint32(8, true)
  if (durationMs < DURATION_MS_MIN || durationMs > DURATION_MS_MAX)
    throw malformed('its duration is not allowed')
  const peaks = decodePeaks(view, end, kind)
  if (peaks.time[peaks.count - 1]! > timeUnitsIn(durationMs)) throw malformed('a peak lies beyond its end')
  return { kind, engineVersion, durationMs, peaks }
}

function decodePeaks(view: DataView, end: number, kind: Fingerprint['kind']): PeakList {
  const count = view.getUint32(12, true)
  if (count === 0) throw malformed('it has no peaks')
  // Before anything is allocated for them.
  if (count * PEAK_BYTES_MIN > end - HEADER_BYTES) throw malformed('it has fewer peaks than it says')
  const perSpan = kind === 'reference' ? REFERENCE_PEAKS_PER_SPAN : SUSPECT_PEAKS_PER_SPAN
  const tailBytes = kind === 'reference' ? 3 : 4
  const peaks = createPeakListBuilder()
  const at = { offset: HEADER_BYTES }
  let time = 0
  let lastBin = -1
  let span = -1
  let inSpan = 0
  for (let index = 0; index < count; index++) {
    const difference = readVariable(view, at, end)
    if (at.offset + tailBytes > end) throw malformed('it ends within a peak')
    const bin = view.getUint16(at.offset, true)
    const radius = view.getUint8(at.offset + 2)
    const level = kind === 'suspect' ? view.getUint8(at.offset + 3) : 0
    at.offset += tailBytes
    if (difference === 0 && bin <= lastBin) throw malformed('its peaks are out of order')
    if (bin > BIN_MAX || radius > RADIUS_UNITS_MAX) throw malformed('a peak is out of range')
    if (kind === 'reference' && !isReferenceBin(bin)) throw malformed('a peak is out of a reference’s range')
    time += difference
    lastBin = bin
    inSpan = spanOf(time) === span ? inSpan + 1 : 1
    span = spanOf(time)
    if (inSpan > perSpan) throw malformed(`it has more than ${perSpan} peaks in two seconds`)
    peaks.append(time, bin, radius, level)
  }
  if (at.offset !== end) throw malformed('it goes on after its last peak')
  return peaks.build()
}

/** LEB128 of at most four bytes (36 hours), in its only shortest form. */
function readVariable(view: DataView, at: { offset: number }, end: number): number {
  let value = 0
  for (let shift = 0; shift < 28; shift += 7) {
    if (at.offset >= end) throw malformed('it ends within a number')
    const byte = view.getUint8(at.offset++)
    value |= (byte & 127) << shift
    if (byte < 128) {
      if (byte === 0 && shift > 0) throw malformed('a number is longer than needed')
      return value
    }
  }
  throw malformed('a number is too long')
}

const malformed = (reason: string) =>
  new Problem('fingerprint/malformed', `The fingerprint cannot be: ${reason}`)

/** Characters turned at a time: a call may have only so many arguments. */
const TEXT_CHUNK = 8_192
const TEXT_LENGTH_MAX = Math.ceil(FINGERPRINT_BYTES_MAX / 3) * 4

/** A fingerprint as text: base64 (RFC 4648, section 4) of its bytes. */
export function fingerprintToText(fingerprint: Fingerprint): string {
  const bytes = encodeFingerprint(fingerprint)
  let binary = ''
  for (let at = 0; at < bytes.length; at += TEXT_CHUNK) {
    binary += String.fromCodePoint(...bytes.subarray(at, at + TEXT_CHUNK))
  }
  return btoa(binary)
}

/** Reads what `fingerprintToText` wrote. @throws {Problem} as `decodeFingerprint`. */
export function fingerprintFromText(text: string): Fingerprint {
  if (text.length > TEXT_LENGTH_MAX) throw malformed('it is too large')
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw malformed('it is not base64')
  return decodeFingerprint(Uint8Array.from(atob(text), (character) => character.codePointAt(0) ?? 0))
}
