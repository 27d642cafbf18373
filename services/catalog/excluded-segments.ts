import { z } from 'zod'

/** More samples than this are a collage, and then nothing of the recording tells who was copied. */
export const SEGMENTS_MAX = 100
/** As long as a recording may be: a day. */
const MS_MAX = 86_400_000

/** A part of a recording that is not its holder's own, such as a sample. Milliseconds; the end is outside. */
export const ExcludedSegment = z
  .strictObject({
    fromMs: z.int().min(0).max(MS_MAX).describe('Start in the recording, in milliseconds'),
    toMs: z.int().min(1).max(MS_MAX).describe('End in the recording, in milliseconds'),
    reason: z.string().trim().min(1).max(500).describe('What it is and whose'),
  })
  .refine(({ fromMs, toMs }) => fromMs < toMs, { path: ['toMs'], message: 'ends before it begins' })
export type ExcludedSegment = z.infer<typeof ExcludedSegment>

/** All excluded parts of one recording. */
export const ExcludedSegments = z.array(ExcludedSegment).max(SEGMENTS_MAX)

/** So much of a passage must lie in excluded parts that finding it says nothing; ends are not exact to the beat. */
const EXCLUDED_SHARE_MIN = 0.8

/** How many milliseconds of a range segments cover together; overlaps count once. */
function coveredMs(
  fromMs: number,
  toMs: number,
  segments: readonly Pick<ExcludedSegment, 'fromMs' | 'toMs'>[],
): number {
  let covered = 0
  let reachedMs = fromMs
  for (const segment of segments.toSorted((a, b) => a.fromMs - b.fromMs)) {
    covered += Math.max(0, Math.min(segment.toMs, toMs) - Math.max(segment.fromMs, reachedMs))
    reachedMs = Math.max(reachedMs, segment.toMs)
  }
  return covered
}

/** Whether a passage says nothing because its part of the recording lies mostly in excluded segments. */
export function isExcluded(
  passage: { readonly referenceFromMs: number; readonly referenceToMs: number },
  segments: readonly Pick<ExcludedSegment, 'fromMs' | 'toMs'>[],
): boolean {
  const { referenceFromMs, referenceToMs } = passage
  if (segments.length === 0) return false
  const covered = coveredMs(referenceFromMs, referenceToMs, segments)
  return covered >= EXCLUDED_SHARE_MIN * (referenceToMs - referenceFromMs)
}
