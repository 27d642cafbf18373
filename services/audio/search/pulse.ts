import { FRAMES_PER_SECOND } from '../constants.ts'
import type { PeakView } from './peak-view.ts'

/** Beats of a pulse follow one another within so much (1 s); what comes slower is rhythm and no longer one sound. */
const STEP_FRAMES_MAX = FRAMES_PER_SECOND
/** One note, and equal steps: so far apart do an encoder and the rounding of a fingerprint bring two beats at most. */
const SAME_NOTE_BANDS = 0.35
const SAME_STEP_FRAMES = 1.5

/**
 * Whether each of the peaks `from` … `to` − 1 only goes on with a pulse: the same note as two peaks before it, and as long
 * after the second of them as that came after the first. Where two pieces of music both have a pulse, and tempo and
 * pitch were fitted to it, all its further beats meet, however many there are: they tell of no copy.
 *
 * @returns 1 or 0 of each.
 */
export function pulseBeats({ time, bin }: PeakView, from: number, to: number): Uint8Array {
  const beats = new Uint8Array(to - from)
  /** The last peak before `index` that is of one note with peak `like` and no earlier than `frame`; −1 for none. */
  const lastLike = (like: number, index: number, frame: number): number => {
    for (let before = index - 1; before >= 0 && time[before]! >= frame; before--)
      if (Math.abs(bin[before]! - bin[like]!) <= SAME_NOTE_BANDS) return before
    return -1
  }
  for (let index = from; index < to; index++) {
    const last = lastLike(index, index, time[index]! - STEP_FRAMES_MAX)
    if (last < 0) continue
    const step = time[index]! - time[last]!
    const first = lastLike(index, last, time[last]! - step - SAME_STEP_FRAMES)
    if (first >= 0 && time[last]! - time[first]! >= step - SAME_STEP_FRAMES) beats[index - from] = 1
  }
  return beats
}
