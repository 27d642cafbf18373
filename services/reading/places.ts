import { createHash } from 'node:crypto'

/** So much of the beginning is listened to: an intro may begin quietly. */
export const BEGINNING_MS = 8_000
/** So long is each part after it: some milliseconds are lost at its edges, and five seconds are recognised. */
export const MIDDLE_MS = 9_000
/** Where the parts after the first may begin, as shares of the time. The end is left out: it is where music fades. */
const RANGES = [
  [0.2, 0.5],
  [0.55, 0.85],
] as const
/** What is shorter is read whole: parts would be most of it. */
export const SAMPLED_MS_MIN = 100_000
/** Parts that are more of the whole than this are not worth the requests. */
export const SAMPLED_SHARE_MAX = 0.3

/**
 * Where the parts after the first begin, in ms: anywhere in the second and the third part of the time, by a hash of the
 * address and the day. The same for who tries again, and not to be foretold for longer than a day by who would serve
 * music there and something else between.
 *
 * @param durationMs at least `SAMPLED_MS_MIN`.
 */
export function middlePlaces(url: string, on: Date, durationMs: number): number[] {
  const hash = createHash('sha256')
    .update(`${on.toISOString().slice(0, 10)} ${url}`)
    .digest()
  return RANGES.map(([least, most], index) =>
    Math.floor(durationMs * (least + ((most - least) * hash.readUInt32BE(4 * index)) / 2 ** 32)),
  )
}
