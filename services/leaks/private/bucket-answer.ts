/*
 * What is asked in the private check, and how it is answered. A prefix is the first 16 bits of the SHA-256 of an ISRC
 * as four hex digits. A bucket is every record of an index whose hash begins so: 8 bytes each, sorted, the 48 bits of the
 * hash that follow and 16 of payload (packed/buckets.ts). Several buckets at once are answered one behind the other in
 * the order in which they were asked, each after its length in bytes as 32 bits, highest byte first.
 */

/** Prefixes of one question: of an index of 186 million codes they are answered with 11 MB. */
export const PREFIXES_MAX = 500
/** Every prefix there is. */
export const PREFIX_COUNT = 65_536
export const PREFIX_PATTERN = /^[0-9a-f]{4}$/
const RECORD_BYTES = 8
const LENGTH_BYTES = 4

/** A number below 65,536 as a prefix. */
export const prefixOf = (beginning: number): string => beginning.toString(16).padStart(4, '0')

/** Several buckets as one answer. */
export function joinBuckets(buckets: readonly Uint8Array[]): Uint8Array {
  const bytes = buckets.reduce((sum, bucket) => sum + LENGTH_BYTES + bucket.length, 0)
  const joined = new Uint8Array(bytes)
  const view = new DataView(joined.buffer)
  let at = 0
  for (const bucket of buckets) {
    view.setUint32(at, bucket.length)
    joined.set(bucket, at + LENGTH_BYTES)
    at += LENGTH_BYTES + bucket.length
  }
  return joined
}

/** The buckets of an answer. @throws {RangeError} when it is not so many buckets of whole records and nothing else. */
export function splitBuckets(answer: Uint8Array, count: number): Uint8Array[] {
  const view = new DataView(answer.buffer, answer.byteOffset, answer.byteLength)
  const buckets: Uint8Array[] = []
  let at = 0
  for (let number = 0; number < count; number++) {
    const bytes = at + LENGTH_BYTES <= answer.length ? view.getUint32(at) : -1
    at += LENGTH_BYTES + bytes
    if (bytes < 0 || bytes % RECORD_BYTES !== 0 || at > answer.length)
      throw new RangeError('The answer has not the buckets that were asked for')
    buckets.push(answer.subarray(at - bytes, at))
  }
  if (at !== answer.length) throw new RangeError('The answer has more than was asked for')
  return buckets
}

/**
 * Looks for a hash in the bucket of its prefix.
 *
 * @param hash a SHA-256, of which the 48 bits after the prefix are compared.
 * @returns the payload that stands beside it; undefined when it is not there.
 */
export function payloadIn(bucket: Uint8Array, hash: Uint8Array): number | undefined {
  const view = new DataView(bucket.buffer, bucket.byteOffset, bucket.byteLength)
  const sought = new DataView(hash.buffer, hash.byteOffset, hash.byteLength)
  const [high, low] = [sought.getUint32(2), sought.getUint16(6)]
  let [from, to] = [0, Math.floor(bucket.length / RECORD_BYTES)]
  while (from < to) {
    const middle = (from + to) >>> 1
    const [upper, lower] = [view.getUint32(middle * RECORD_BYTES), view.getUint16(middle * RECORD_BYTES + 4)]
    if (upper === high && lower === low) return view.getUint16(middle * RECORD_BYTES + 6)
    if (upper < high || (upper === high && lower < low)) from = middle + 1
    else to = middle
  }
  return undefined
}
