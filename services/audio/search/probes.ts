import { TIME_UNITS_PER_FRAME } from '../constants.ts'
import {
  INTERVAL_BANDS_MAX,
  LENGTH_FRAMES_MAX,
  LENGTH_FRAMES_MIN,
  RATIO_STEPS,
  SECOND_FRAMES_MIN,
  bucketOf,
  lengthInBands,
} from '../index/landmarks.ts'
import type { SuspectView } from './peak-view.ts'

/** Look-ups of one window of a suspect: landmarks it may have, each in every bucket it may have fallen into. */
export interface Probes {
  count: number
  bucket: Uint32Array
  /** Band of the anchor. */
  band: Int16Array
  /** Length in bands, and how far it may be from the reference's; see `lengthInBands`. */
  length: Float32Array
  slack: Float32Array
  /** Anchor's time relative to the window's centre, in frames. */
  time: Float32Array
  /** As the plan had it, or without bound. */
  hitsMax: number
}

/** How a window's peaks are made into probes. */
export interface ProbePlan {
  /** Whether changes of speed, pitch and tempo are looked for, which widens the reach. */
  readonly changed: boolean
  /** Most pairs of partners that are tried with an anchor, those of the most important peaks. */
  readonly pairsMax: number
  /** A value so near (of 1) to the border of its bucket is looked up in the next one too. */
  readonly border: number
  /**
   * A look-up that meets more postings than this in a segment is left out: so common a landmark says little of where the
   * window is from. None is left out without it. For unchanged copies only.
   */
  readonly hitsMax?: number
}

/** A suspect's landmark is a little longer or shorter than the reference's: by 5 %, or by any change looked for. */
const REACH_UNCHANGED = 1.05
const REACH_CHANGED = 2 ** (30 / 36)
const SECOND_REACH = 0.9

/** Most look-ups of one window (20 MB): what real music needs is a tenth; the rest is not looked at. */
const PROBES_MAX = 2 ** 20

/** Buckets that one landmark may be looked up in. */
const BUCKETS_MAX = 8

export const createProbes = (): Probes => ({
  count: 0,
  bucket: new Uint32Array(2 ** 14),
  band: new Int16Array(2 ** 14),
  length: new Float32Array(2 ** 14),
  slack: new Float32Array(2 ** 14),
  time: new Float32Array(2 ** 14),
  hitsMax: Number.POSITIVE_INFINITY,
})

/**
 * How far two lengths of one landmark may differ, in bands: the time of a peak is off by a frame or so, which is more
 * of a short landmark than of a long one. With it a third of the hits go and hardly a true one.
 */
const slackOf = (frames: number): number => Math.min(3.5, 0.7 + 62 / frames)

/** Length and slack by time in eighths of a frame: a logarithm for each of a million probes would be most of their cost. */
const LENGTHS = Math.ceil(LENGTH_FRAMES_MAX * REACH_CHANGED * TIME_UNITS_PER_FRAME) + 2
const lengthTable = Float32Array.from({ length: LENGTHS }, (_, time) =>
  lengthInBands(Math.max(1, time) / TIME_UNITS_PER_FRAME),
)
const slackTable = Float32Array.from({ length: LENGTHS }, (_, time) =>
  slackOf(Math.max(1, time) / TIME_UNITS_PER_FRAME),
)

/**
 * Lists the look-ups for anchors number `from` … `to` − 1 (in place of what the list held). Which pair of later peaks
 * the reference chose is not known, but that it chose the most important ones is: pairs are taken in that order. Of
 * all pairs in reach the best twelve give a tenth of the work and three quarters of the true hits.
 *
 * @param centre of the window, in frames.
 */
export function listProbes(
  view: SuspectView,
  from: number,
  to: number,
  centre: number,
  plan: ProbePlan,
  probes: Probes,
): void {
  const partners = createPartners(view, plan.changed)
  probes.count = 0
  probes.hitsMax = plan.hitsMax ?? Number.POSITIVE_INFINITY
  for (let anchor = from; anchor < to; anchor++) {
    const ranked = partners.of(anchor)
    let pairs = 0
    // The weaker of two decides: each peak with all that are more important, the most important first.
    for (let weaker = 1; weaker < ranked.length && pairs < plan.pairsMax; weaker++) {
      for (let stronger = 0; stronger < weaker && pairs < plan.pairsMax; stronger++) {
        const second = Math.min(ranked[weaker]!, ranked[stronger]!)
        const third = Math.max(ranked[weaker]!, ranked[stronger]!)
        if (!partners.isPair(anchor, second, third)) continue
        if (probes.count + BUCKETS_MAX > probes.bucket.length && !grow(probes)) return
        addProbes(view, anchor, second, third, centre, plan.border, probes)
        pairs++
      }
    }
  }
}

interface Partners {
  /** Later peaks in reach of an anchor, the most important first; valid until the next call. */
  of(anchor: number): readonly number[]
  isPair(anchor: number, second: number, third: number): boolean
}

function createPartners({ time, bin, radius, count }: SuspectView, changed: boolean): Partners {
  const reach = changed ? REACH_CHANGED : REACH_UNCHANGED
  const lengthMin = LENGTH_FRAMES_MIN / reach
  const lengthMax = LENGTH_FRAMES_MAX * reach
  const secondMin = (SECOND_FRAMES_MIN / reach) * SECOND_REACH
  const intervalMax = INTERVAL_BANDS_MAX + 0.5
  const ranked: number[] = []
  return {
    of(anchor) {
      ranked.length = 0
      for (let other = anchor + 1; other < count; other++) {
        const after = time[other]! - time[anchor]!
        if (after > lengthMax) break
        if (after >= secondMin && Math.abs(bin[other]! - bin[anchor]!) <= intervalMax) ranked.push(other)
      }
      return ranked.sort((a, b) => radius[b]! - radius[a]! || a - b)
    },
    isPair: (anchor, second, third) =>
      time[third]! - time[anchor]! >= lengthMin && time[third]! - time[second]! >= 1,
  }
}

function addProbes(
  { time, bin }: SuspectView,
  anchor: number,
  second: number,
  third: number,
  centre: number,
  border: number,
  probes: Probes,
): void {
  const secondInterval = bin[second]! - bin[anchor]!
  const thirdInterval = bin[third]! - bin[anchor]!
  const frames = time[third]! - time[anchor]!
  const ratio = ((time[second]! - time[anchor]!) / frames) * RATIO_STEPS
  const own = [Math.round(secondInterval), Math.round(thirdInterval), Math.floor(ratio)] as const
  const other = [
    neighbour(own[0], secondInterval - own[0] + 0.5, border),
    neighbour(own[1], thirdInterval - own[1] + 0.5, border),
    neighbour(own[2], ratio - own[2], border),
  ] as const
  const units = Math.round(frames * TIME_UNITS_PER_FRAME)
  for (let choice = 0; choice < BUCKETS_MAX; choice++) {
    if (choice & 1 && other[0] === own[0]) continue
    if (choice & 2 && other[1] === own[1]) continue
    if (choice & 4 && other[2] === own[2]) continue
    const a = choice & 1 ? other[0] : own[0]
    const b = choice & 2 ? other[1] : own[1]
    const c = choice & 4 ? other[2] : own[2]
    if (Math.abs(a) > INTERVAL_BANDS_MAX || Math.abs(b) > INTERVAL_BANDS_MAX || c < 0 || c >= RATIO_STEPS)
      continue
    probes.bucket[probes.count] = bucketOf(a, b, c)
    probes.band[probes.count] = Math.round(bin[anchor]!)
    probes.length[probes.count] = lengthTable[units]!
    probes.slack[probes.count] = slackTable[units]!
    probes.time[probes.count] = time[anchor]! - centre
    probes.count++
  }
}

/** The bucket on the other side of the nearer border, if that is near; `within` = 0 … 1 inside the own one. */
const neighbour = (bucket: number, within: number, border: number): number =>
  within < border ? bucket - 1 : within > 1 - border ? bucket + 1 : bucket

function grow(list: Probes): boolean {
  const size = list.bucket.length * 2
  if (size > PROBES_MAX) return false
  list.bucket = enlarged(list.bucket, new Uint32Array(size))
  list.band = enlarged(list.band, new Int16Array(size))
  list.length = enlarged(list.length, new Float32Array(size))
  list.slack = enlarged(list.slack, new Float32Array(size))
  list.time = enlarged(list.time, new Float32Array(size))
  return true
}

/** A larger column that begins with what the old one held. */
export function enlarged<T extends { set(from: T): void }>(from: T, into: T): T {
  into.set(from)
  return into
}
