import { IsrcSet } from '../../services/leaks/isrc-set.ts'
import { IsrcScan } from '../../services/leaks/manifest/isrc-scan.ts'
import { LINE_BYTES_MAX } from '../../services/leaks/manifest/json-lines.ts'
import { type Figure, atLeast, exactly, plain } from '../figures.ts'
import { cpuMs } from '../machine.ts'
import type { InventedRecording } from '../names/material.ts'
import { inventDump, inventRecordings } from './generator.ts'
import { DUMP_ROWS, sizeName } from './sizes.ts'

/** On one core, with a catalogue of a million. */
export const BY_IDENTIFIER_MIN = 1_500_000

const SEED = 21
/** Rows that are in memory; more than that pass again and again. They are ten times what any cache holds. */
const HELD_ROWS_MAX = 200_000
/** What a file is read by. */
const PIECE_BYTES = 1 << 20
const NEW_LINE = 10
const TRIALS = 5

/** Rows as a file of JSON lines has them, and a catalogue's codes. */
interface Material {
  readonly pieces: readonly Buffer[]
  readonly rows: number
  readonly bytes: number
  /** Rows with a code of the catalogue. */
  readonly withCode: number
  readonly codes: IsrcSet
}

/** A catalogue's codes, and so many of its recordings, evenly taken. */
export function inventCodes(size: number, sampled: number): { codes: IsrcSet; sample: InventedRecording[] } {
  const codes = new IsrcSet(size)
  const sample: InventedRecording[] = []
  const every = Math.max(1, Math.floor(size / sampled))
  let number = 0
  for (const recording of inventRecordings(SEED, size)) {
    codes.add(recording.isrc, number)
    if (number % every === 0) sample.push(recording)
    number += 1
  }
  return { codes, sample }
}

function makeMaterial(rows: number, catalogueSize: number): Material {
  const { codes, sample } = inventCodes(catalogueSize, Math.ceil(rows * 0.03))
  const lines: Buffer[] = []
  const ours = new Set(sample.map(({ isrc }) => isrc))
  let withCode = 0
  for (const { kind, track } of inventDump({ seed: SEED, rows, catalogue: sample })) {
    lines.push(Buffer.from(`${JSON.stringify(track)}\n`))
    if (kind !== 'stranger' && track.external_id_isrc !== null && ours.has(track.external_id_isrc))
      withCode += 1
  }
  const all = Buffer.concat(lines)
  const pieces = Array.from({ length: Math.ceil(all.length / PIECE_BYTES) }, (_, i) =>
    all.subarray(i * PIECE_BYTES, (i + 1) * PIECE_BYTES),
  )
  return { pieces, rows, bytes: all.length, withCode, codes }
}

/** CPU seconds of letting the rows pass so many times: of some trials the best, as other work can only disturb. */
function secondsOf(times: number, pieces: readonly Buffer[], take: (piece: Buffer) => void): number {
  let best = Number.POSITIVE_INFINITY
  for (let trial = 0; trial < TRIALS; trial++) {
    const before = cpuMs()
    for (let time = 0; time < times; time++) for (const piece of pieces) take(piece)
    best = Math.min(best, cpuMs() - before)
  }
  return best / 1e3
}

/** What lies below any reading of lines: looking for their ends. */
function countLines(piece: Buffer): number {
  let lines = 0
  for (let at = piece.indexOf(NEW_LINE); at !== -1; at = piece.indexOf(NEW_LINE, at + 1)) lines += 1
  return lines
}

/**
 * A manifest of so many rows passes a catalogue of so many codes that is in memory; by its bytes, on one thread.
 *
 * @param onProgress told the share done.
 */
export function passFigures(
  { rows, catalogueSize }: { readonly rows: number; readonly catalogueSize: number },
  onProgress: (share: number) => void,
): Figure[] {
  const material = makeMaterial(Math.min(rows, HELD_ROWS_MAX), catalogueSize)
  onProgress(0.5)
  const { pieces, codes } = material
  const times = Math.max(1, Math.round(rows / material.rows))
  const passed = times * material.rows
  let lines = 0
  const splitSeconds = secondsOf(times, pieces, (piece) => (lines += countLines(piece)))
  let hits = 0
  const scan = new IsrcScan(codes, LINE_BYTES_MAX, () => (hits += 1))
  const scanSeconds = secondsOf(times, pieces, (piece) => scan.push(piece))
  onProgress(1)
  const rate = passed / scanSeconds
  const at = `${sizeName(catalogueSize)} codes`
  return [
    plain('a row, as a JSON line', material.bytes / material.rows, 'bytes'),
    exactly('lines split', lines / TRIALS, '', passed),
    plain('lines split, a CPU second', passed / splitSeconds, ''),
    atLeast(`${at}: rows passed by identifier, a CPU second`, rate, '', BY_IDENTIFIER_MIN),
    plain(`${at}: by identifier against splitting lines`, scanSeconds / splitSeconds, '×'),
    exactly(`${at}: rows with its codes found`, hits / TRIALS, '', times * material.withCode),
    plain(`${at}: 256 M rows by identifier on one core`, DUMP_ROWS / rate, 's'),
  ]
}
