import { expect } from 'vitest'

import type { Fingerprint } from '../../services/audio/fingerprint/fingerprint.ts'
import { landmarksOf } from '../../services/audio/index/landmarks.ts'
import type { ReferenceIndex } from '../../services/audio/index/reference-index.ts'
import { placeAt, stretchOf } from '../../services/audio/index/segment.ts'
import type { Segment } from '../../services/audio/index/segment.ts'

/** Everything that living recordings have in some segments, as readable lines, sorted. */
export function contentsOf(index: ReferenceIndex, owner: string): string[] {
  const lines: string[] = []
  for (const segment of index.viewOf(owner).segments) {
    for (const { bucket, at } of postingsOf(segment)) {
      const place = placeAt(segment, segment.positions[at]!)
      const id = index.idOf(segment.numbers[place]!)
      const frame = segment.positions[at]! - segment.starts[place]!
      expect(segment.alive[place] === 1).toBe(id !== undefined)
      if (id !== undefined) lines.push(`${id} ${bucket} ${segment.order[at]} ${frame}`)
    }
  }
  return lines.sort()
}

/** The postings of a segment with their buckets, each found again through the directory. */
function postingsOf(segment: Segment): { bucket: number; at: number }[] {
  const { offsets, buckets, order, shape } = segment
  const range = new Uint32Array(2)
  const postings: { bucket: number; at: number }[] = []
  for (let row = 0; row < shape.rows; row++) {
    const bucket = shape.slots > 0 ? buckets[row]! : row >>> shape.splitBits
    for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
      stretchOf(segment, bucket, order[at]!, order[at]!, range)
      expect(at >= range[0]! && at < range[1]!).toBe(true)
      const last = postings.at(-1)
      if (last?.bucket === bucket) expect(order[at]).toBeGreaterThanOrEqual(order[last.at]!)
      else if (last) expect(bucket).toBeGreaterThan(last.bucket)
      postings.push({ bucket, at })
    }
  }
  expect(postings).toHaveLength(shape.postings)
  return postings
}

/** The same without any index. @param held the number of each recording's fingerprint. */
export function plainContents(
  held: ReadonlyMap<string, number>,
  fingerprints: readonly Fingerprint[],
): string[] {
  const lines: string[] = []
  for (const [id, number] of held) {
    const list = landmarksOf(fingerprints[number]!.peaks)
    for (let index = 0; index < list.count; index++) {
      lines.push(`${id} ${list.bucket[index]} ${list.order[index]} ${list.frame[index]}`)
    }
  }
  return lines.sort()
}
