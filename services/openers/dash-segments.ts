import type { StreamSegment } from './opener.ts'
import { type XmlNode, childrenOf } from './xml-tree.ts'

/** Digits that a number in an address is filled up to; more are an attack on memory. */
const WIDTH_MAX = 20
/** Of a live stream whose window is not said, so much is taken. */
const LIVE_WINDOW_S = 60

type Part = Omit<StreamSegment, 'durationMs'>

/** Parts of a representation, addresses as they are written. */
export interface DashParts {
  readonly init: Part | undefined
  readonly segments: readonly StreamSegment[]
  readonly isCut: boolean
}

/** When a period is, in seconds. */
export interface DashTiming {
  readonly durationS: number | undefined
  /** Of a live stream: since when the period has run, and how much of it is kept. */
  readonly liveForS: number | undefined
  readonly windowS: number | undefined
}

const numberOf = (text: string | undefined, fallback: number): number => {
  const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text)
  return Number.isFinite(value) && value >= 0 ? value : fallback
}

/** `from-to`, both within. */
function rangeOf(text: string | undefined): { from: number; to: number } | undefined {
  const [, from, to] = /^(\d{1,15})-(\d{1,15})$/.exec(text ?? '') ?? []
  return from !== undefined && Number(to) >= Number(from) ? { from: Number(from), to: Number(to) } : undefined
}

/** Fills in a template (ISO/IEC 23009-1, section 5.3.9.4.4). */
const filledIn = (template: string, values: Readonly<Record<string, string | number>>): string =>
  template.replaceAll(
    /\$(?:(RepresentationID|Number|Bandwidth|Time)(?:%0(\d{1,2})d)?)?\$/g,
    (_, name?: string, width?: string) =>
      name === undefined
        ? '$'
        : String(values[name] ?? '').padStart(Math.min(WIDTH_MAX, Number(width ?? 1)), '0'),
  )

interface Timed {
  readonly time: number
  readonly durationS: number
}

/** Times of all segments, as a timeline tells them: `S` elements with start, duration and repetitions. */
function* timelineOf(timeline: XmlNode, timescale: number, timing: DashTiming): Generator<Timed> {
  let time = 0
  const entries = childrenOf(timeline, 's')
  for (const [index, { attributes }] of entries.entries()) {
    time = numberOf(attributes['t'], time)
    const duration = numberOf(attributes['d'], 0)
    if (duration === 0) continue
    let repeats = Math.trunc(Number(attributes['r'] ?? 0)) || 0
    if (repeats < 0) {
      // Until the next one begins, or the period ends.
      const next = entries[index + 1]?.attributes['t']
      const end =
        next === undefined ? (timing.durationS ?? timing.liveForS ?? 0) * timescale : numberOf(next, 0)
      repeats = Math.max(0, Math.ceil((end - time) / duration) - 1)
    }
    for (; repeats >= 0; repeats -= 1) {
      yield { time, durationS: duration / timescale }
      time += duration
    }
  }
}

/** Numbers of all segments of one length, counted from 0: those of the period, or of a live stream those that are kept. */
function* evenly(segmentS: number, timing: DashTiming): Generator<{ index: number; durationS: number }> {
  if (segmentS <= 0) return
  const { durationS, liveForS, windowS = LIVE_WINDOW_S } = timing
  const lastS = durationS ?? liveForS ?? 0
  const isLive = durationS === undefined && liveForS !== undefined
  const count = isLive ? Math.floor(lastS / segmentS) : Math.ceil(lastS / segmentS)
  const first = isLive ? Math.max(0, Math.ceil((lastS - windowS) / segmentS)) : 0
  for (let index = first; index < count; index += 1) yield { index, durationS: segmentS }
}

function take<T>(all: Iterable<T>, countMax: number): { taken: readonly T[]; isCut: boolean } {
  const taken: T[] = []
  for (const one of all) {
    if (taken.length >= countMax) return { taken, isCut: true }
    taken.push(one)
  }
  return { taken, isCut: false }
}

const msOf = (seconds: number): number => Math.round(seconds * 1_000)

/** Segments whose addresses are made from a template, the first `countMax` of them. */
export function templateParts(
  template: XmlNode,
  values: { readonly RepresentationID: string; readonly Bandwidth: number },
  timing: DashTiming,
  countMax: number,
): DashParts {
  const { media, initialization, startNumber, timescale: scale, duration } = template.attributes
  const timescale = numberOf(scale, 1) || 1
  const first = numberOf(startNumber, 1)
  const [timeline] = childrenOf(template, 'segmenttimeline')
  const init = initialization === undefined ? undefined : { url: filledIn(initialization, values) }
  if (media === undefined) return { init, segments: [], isCut: false }
  const address = (Number: number, Time: number): string => filledIn(media, { ...values, Number, Time })
  if (timeline) {
    const { taken, isCut } = take(timelineOf(timeline, timescale, timing), countMax)
    const segments = taken.map(({ time, durationS }, index) => ({
      url: address(first + index, time),
      durationMs: msOf(durationS),
    }))
    return { init, segments, isCut }
  }
  const length = numberOf(duration, 0)
  const { taken, isCut } = take(evenly(length / timescale, timing), countMax)
  const segments = taken.map(({ index, durationS }) => ({
    url: address(first + index, index * length),
    durationMs: msOf(durationS),
  }))
  return { init, segments, isCut }
}

/** Segments that are listed one by one, the first `countMax` of them. */
export function listParts(list: XmlNode, countMax: number): DashParts {
  const [initialization] = childrenOf(list, 'initialization')
  const timescale = numberOf(list.attributes['timescale'], 1) || 1
  const durationMs = msOf(numberOf(list.attributes['duration'], 0) / timescale)
  const { taken, isCut } = take(childrenOf(list, 'segmenturl'), countMax)
  return {
    init: initialization && {
      url: initialization.attributes['sourceURL'] ?? '',
      range: rangeOf(initialization.attributes['range']),
    },
    segments: taken.map(({ attributes: { media = '', mediaRange } }) => ({
      url: media,
      range: rangeOf(mediaRange),
      durationMs,
    })),
    isCut,
  }
}
