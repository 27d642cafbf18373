import { type TrackCodec, type TrackStatus, trackCodecs, trackStatuses } from '../manifest-row.ts'

/*
 * An identifier and what a leak says of it in 64 bits, kept as two words of 32: the key's upper 32 bits, and below
 * them its other 17 with 15 bits of payload. Words sort as their keys do.
 *
 * key, 49 bits     ISRC: ((two letters · 36³ + registrant) · 10⁷ + year and designation) < 676 · 36³ · 10⁷ < 2⁴⁹
 *                  UPC:  its digits as a number < 10¹⁴ < 2⁴⁷
 * payload, 15 bits popularity 7 (127: not told) · status 3 · codec 2 · batch 3 (0: none)
 */

export const PAYLOAD_BITS = 15
const PAYLOAD_MASK = (1 << PAYLOAD_BITS) - 1
/** The key's bits below the upper word. */
const LOW_KEYS = 2 ** (32 - PAYLOAD_BITS)

/** Batches that a payload can tell apart. */
export const BATCHES_MAX = 7
const POPULARITY_UNKNOWN = 127

/** A key in two words, the payload's bits empty. */
export interface PackedKey {
  readonly high: number
  readonly low: number
}

/** What a leak says of one identifier. */
export interface Payload {
  /** 0 to 100 as the source counts it; undefined when it does not say. */
  readonly popularity: number | undefined
  readonly status: TrackStatus
  readonly codec: TrackCodec
  /** 1 to 7: the leak's batch of that number; 0: none. */
  readonly batch: number
}

const keyOf = (value: number): PackedKey => ({
  high: Math.floor(value / LOW_KEYS),
  low: ((value % LOW_KEYS) << PAYLOAD_BITS) >>> 0,
})

const valueOf = ({ high, low }: PackedKey): number => high * LOW_KEYS + (low >>> PAYLOAD_BITS)

/** A digit of base 36 by its character code; -1 for any other. */
function digit36(code: number): number {
  if (code >= 48 && code <= 57) return code - 48
  return code >= 65 && code <= 90 ? code - 55 : -1
}

const DESIGNATIONS = 10_000_000

/**
 * The number that stands for an ISRC, below 2⁴⁹, read from character codes: 12 capital letters and digits.
 *
 * @param codeAt the code of each of them.
 * @returns -1 when they are no ISRC.
 */
export function isrcValue(codeAt: (index: number) => number): number {
  let value = 0
  for (let i = 0; i < 2; i++) {
    const letter = codeAt(i) - 65
    if (letter < 0 || letter > 25) return -1
    value = value * 26 + letter
  }
  for (let i = 2; i < 5; i++) {
    const digit = digit36(codeAt(i))
    if (digit < 0) return -1
    value = value * 36 + digit
  }
  let number = 0
  for (let i = 5; i < 12; i++) {
    const digit = codeAt(i) - 48
    if (digit < 0 || digit > 9) return -1
    number = number * 10 + digit
  }
  return value * DESIGNATIONS + number
}

/** The key of an ISRC of 12 capital letters and digits; undefined for any other text. */
export function packIsrc(isrc: string): PackedKey | undefined {
  if (isrc.length !== 12) return undefined
  const value = isrcValue((index) => isrc.charCodeAt(index))
  return value < 0 ? undefined : keyOf(value)
}

/** The ISRC of a key. */
export const unpackIsrc = (key: PackedKey): string => isrcOfValue(valueOf(key))

/** The ISRC that `isrcValue` made a number of. */
export function isrcOfValue(value: number): string {
  const prefix = Math.floor(value / DESIGNATIONS)
  const registrant = prefix % 36 ** 3
  const letters = Math.floor(prefix / 36 ** 3)
  return [
    String.fromCharCode(65 + Math.floor(letters / 26), 65 + (letters % 26)),
    registrant.toString(36).toUpperCase().padStart(3, '0'),
    String(value % DESIGNATIONS).padStart(7, '0'),
  ].join('')
}

/** The key of a UPC, EAN or GTIN of 8 to 14 digits, leading zeros without meaning; undefined for any other text. */
export const packUpc = (upc: string): PackedKey | undefined =>
  /^\d{8,14}$/.test(upc) ? keyOf(Number(upc)) : undefined

/** The first 61 bits of a SHA-256 in hex, and below them three of a batch. */
export const packHash = (sha256: string): PackedKey => ({
  high: Number.parseInt(sha256.slice(0, 8), 16),
  low: (Number.parseInt(sha256.slice(8, 16), 16) & ~7) >>> 0,
})
export const HASH_PAYLOAD_BITS = 3

/** What a leak says as 15 bits. @throws {RangeError} for a batch that there is no room for. */
export function packPayload({ popularity = POPULARITY_UNKNOWN, status, codec, batch }: Payload): number {
  if (!Number.isInteger(batch) || batch < 0 || batch > BATCHES_MAX) throw new RangeError(`batch ${batch}`)
  const told = popularity >= 0 && popularity <= 100 ? Math.round(popularity) : POPULARITY_UNKNOWN
  return (told << 8) | (trackStatuses.indexOf(status) << 5) | (trackCodecs.indexOf(codec) << 3) | batch
}

/** What 15 bits say, whatever lies above them. */
export function unpackPayload(word: number): Payload {
  const bits = word & PAYLOAD_MASK
  const popularity = bits >>> 8
  return {
    popularity: popularity === POPULARITY_UNKNOWN ? undefined : popularity,
    status: trackStatuses[(bits >>> 5) & 7] ?? 'unknown',
    codec: trackCodecs[(bits >>> 3) & 3] ?? 'unknown',
    batch: bits & 7,
  }
}

/** Whether the first of two payloads of one identifier says more of what was taken: status first, then popularity. */
export function saysMore(one: number, other: number): boolean {
  const [first, second] = [(one >>> 5) & 7, (other >>> 5) & 7]
  if (first !== second) return first < second
  const [told, also] = [(one & PAYLOAD_MASK) >>> 8, (other & PAYLOAD_MASK) >>> 8]
  if (told === also) return false
  return also === POPULARITY_UNKNOWN || (told !== POPULARITY_UNKNOWN && told > also)
}

/**
 * One payload of two for the same identifier: of the one that says more, with the higher popularity, because the same
 * recording on several releases is as exposed as the best known of them.
 */
export function mergePayloads(one: number, other: number): number {
  const [more, less] = saysMore(one, other) ? [one, other] : [other, one]
  const [told, also] = [(more & PAYLOAD_MASK) >>> 8, (less & PAYLOAD_MASK) >>> 8]
  const isHigher = also !== POPULARITY_UNKNOWN && (told === POPULARITY_UNKNOWN || also > told)
  return (((isHigher ? also : told) << 8) | (more & 255)) >>> 0
}
