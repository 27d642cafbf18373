import { type FoundRecording, coveredShare } from '../matches/match.ts'
import { type Heard, type PartsRead, heardOf } from '../submissions/parts-read.ts'

/** What an item's verdict is made of. */
export interface ReadItem {
  /** Null when all was read. */
  readonly read: PartsRead | null
  readonly durationMs: number | null
}

type Found = Pick<FoundRecording, 'passages' | 'shareOfRecording' | 'shareOfSuspect'>

/** Fewer parts leave too much room between them. */
const HEARD_MIN = 3
/** A part counts as found when so much of it is: the rest may be silence, or the rest of a quiet intro. */
const COVERED_SHARE_MIN = 0.5
/** Speeds and pitches of passages differ by so much when they are one: two nine-second parts are measured to 0.1 %. */
const RATIO_SPREAD_MAX = 0.005
/** Times of parts are estimated in files whose bytes and seconds do not go together: MP3 tables round to a 256th. */
const PLACE_SPREAD_MS = 1_500
const PLACE_SPREAD_SHARE = 0.01
/** Silence that somebody put before or after the music. */
const OVERHANG_MS_MAX = 5_000
const OVERHANG_SHARE_MAX = 0.02

/** How a suspect lies in the recording that all its parts are of, in ms of the recording. */
interface Placed {
  readonly fromMs: number
  readonly toMs: number
  readonly recordingMs: number
}

/**
 * Whether the parts that were read settle what the item is, as reading everything would: every part is of one and the
 * same recording, at one place and speed, and the whole item so placed lies within that recording. A whole copy, or a
 * whole excerpt, is like that. With anything else, all has to be read: nothing found, a part that is not found, several
 * recordings, passages that other recordings share or that are not the owner's.
 *
 * It assumes that what lies between parts of one recording, at their right distances, is that recording. Somebody who
 * puts other music there has to leave the parts alone, whose places nobody can tell beforehand (places.ts); a whole
 * second recording that is only heard between them is missed, and the recording that is found is there in any case.
 */
export function isEnough(item: ReadItem, found: readonly Found[]): boolean {
  if (!item.read) return true
  return placedIn(item, found) !== undefined
}

/**
 * What was found, with the shares that it has of the whole item, as far as `isEnough` settles them; its passages stay
 * what was heard.
 */
export function asWhole<F extends Found>(item: ReadItem, found: readonly F[]): readonly F[] {
  const placed = item.read ? placedIn(item, found) : undefined
  const [only] = found
  if (!placed || !only) return found
  const { fromMs, toMs, recordingMs } = placed
  const sharedMs = Math.min(toMs, recordingMs) - Math.max(fromMs, 0)
  return [
    {
      ...only,
      shareOfRecording: Math.min(1, sharedMs / recordingMs),
      shareOfSuspect: Math.min(1, sharedMs / (toMs - fromMs)),
    },
  ]
}

function placedIn({ read, durationMs }: ReadItem, found: readonly Found[]): Placed | undefined {
  const [only, another] = found
  const heard = read ? heardOf(read) : []
  if (!only || another || durationMs === null || heard.length < HEARD_MIN) return undefined
  const { passages } = only
  if (passages.some(({ sharedWith, excluded }) => sharedWith.length > 0 || excluded)) return undefined
  if (!heard.every((part) => isCovered(part, passages))) return undefined
  const [speed, pitch] = [
    spreadOf(passages.map((each) => each.speed)),
    spreadOf(passages.map((each) => each.pitch)),
  ]
  if (speed.spread > RATIO_SPREAD_MAX || pitch.spread > RATIO_SPREAD_MAX) return undefined
  const start = spreadOf(passages.map((each) => each.referenceFromMs - each.suspectFromMs * speed.middle))
  if (start.spread > PLACE_SPREAD_MS + PLACE_SPREAD_SHARE * durationMs) return undefined

  const inReference = passages.map((each) => [each.referenceFromMs, each.referenceToMs] as const)
  const recordingMs = coveredMs(inReference) / only.shareOfRecording
  const [fromMs, toMs] = [start.middle, start.middle + durationMs * speed.middle]
  const overhangMs = OVERHANG_MS_MAX + OVERHANG_SHARE_MAX * durationMs
  if (!(fromMs >= -overhangMs && toMs <= recordingMs + overhangMs)) return undefined
  return { fromMs, toMs, recordingMs }
}

function isCovered({ fromMs, toMs }: Heard, passages: Found['passages']): boolean {
  const within = passages.map(
    (each) => [Math.max(fromMs, each.suspectFromMs), Math.min(toMs, each.suspectToMs)] as const,
  )
  return coveredMs(within.filter(([from, to]) => to > from)) >= COVERED_SHARE_MIN * (toMs - fromMs)
}

/** How long ranges are together; overlaps count once. */
function coveredMs(ranges: readonly (readonly [fromMs: number, toMs: number])[]): number {
  const endMs = Math.max(0, ...ranges.map(([, toMs]) => toMs))
  return coveredShare(ranges, endMs) * endMs
}

const spreadOf = (values: readonly number[]): { readonly middle: number; readonly spread: number } => {
  const [least, most] = [Math.min(...values), Math.max(...values)]
  return { middle: (least + most) / 2, spread: most - least }
}
