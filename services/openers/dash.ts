import { Problem } from '../core/problem.ts'
import { addressIn } from './address.ts'
import { type DashParts, type DashTiming, listParts, templateParts } from './dash-segments.ts'
import { named } from './find-name.ts'
import type { Found, Opener } from './opener.ts'
import { textOpener } from './text-opener.ts'
import { type XmlNode, childrenOf, readXmlTree, textOf } from './xml-tree.ts'

/** Manifests with a timeline of a day have some megabytes. */
const MANIFEST_BYTES_MAX = 20 * 2 ** 20
/** A film with advertisements has some ten periods. */
const PERIODS_MAX = 200
/** Of a whole manifest: a day in parts of five seconds. */
const SEGMENTS_MAX = 20_000

/** Seconds of a duration such as `PT1H2M3.5S` (ISO 8601). */
function secondsOf(text: string | undefined): number | undefined {
  const parts = /^P(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?)?$/.exec(
    text ?? '',
  )
  if (!parts) return undefined
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map((part) => Number(part ?? 0))
  return ((days * 24 + hours) * 60 + minutes) * 60 + seconds
}

const typeOf = (node: XmlNode): string =>
  `${node.attributes['contentType'] ?? ''} ${node.attributes['mimeType'] ?? ''} ${node.attributes['codecs'] ?? ''}`
const isAudio = (node: XmlNode): boolean =>
  /\baudio\b|\b(?:mp4a|opus|vorbis|ac-3|ec-3|fLaC)\b/i.test(typeOf(node))
const bandwidthOf = ({ attributes }: XmlNode): number => Number(attributes['bandwidth']) || Infinity
const cheapest = (nodes: readonly XmlNode[]): XmlNode | undefined =>
  nodes.toSorted((a, b) => bandwidthOf(a) - bandwidthOf(b))[0]
const isProtected = (...nodes: readonly XmlNode[]): boolean =>
  nodes.some((node) => childrenOf(node, 'contentprotection').length > 0)

/** A representation that is taken, with everything that it lies in, outermost first. */
interface Chosen {
  readonly lineage: readonly [mpd: XmlNode, period: XmlNode, set: XmlNode, representation: XmlNode]
  readonly name: string
}

/** For each set with audio its cheapest representation; where audio is nowhere alone, the cheapest that holds it. */
function chosenIn(mpd: XmlNode, period: XmlNode, place: string): readonly Chosen[] {
  const all = childrenOf(period, 'adaptationset').map((set) => ({
    set,
    representations: childrenOf(set, 'representation'),
  }))
  const alone = all.flatMap(({ set, representations }) => {
    const heard =
      isAudio(set) && !/video/i.test(typeOf(set))
        ? representations
        : representations.filter((one) => isAudio(one) && !/video/i.test(typeOf(one)))
    const one = cheapest(heard)
    return one ? [{ set, one }] : []
  })
  const mixed = all.flatMap(({ set, representations }) => {
    const one = cheapest(representations.filter((each) => isAudio(each) || isAudio(set)))
    return one ? [{ set, one }] : []
  })
  const taken = alone.length > 0 ? alone : mixed.slice(0, 1)
  return taken.map(({ set, one }) => ({
    lineage: [mpd, period, set, one],
    name: named(place, set.attributes['lang'] ?? textOf(set, 'label')),
  }))
}

/** The innermost element of a name: what is said further in holds. */
const innermost = (lineage: readonly XmlNode[], name: string): XmlNode | undefined =>
  lineage.toReversed().flatMap((node) => childrenOf(node, name))[0]

/**
 * An element that may be written in parts at several levels (ISO/IEC 23009-1, section 5.3.9.1): what is said further in
 * goes before, attribute by attribute.
 */
function inherited(lineage: readonly XmlNode[], name: string): XmlNode | undefined {
  const all = lineage.flatMap((node) => childrenOf(node, name))
  const last = all.at(-1)
  return (
    last && {
      ...last,
      attributes: Object.assign({}, ...all.map(({ attributes }) => attributes)) as XmlNode['attributes'],
      children: all.toReversed().find(({ children }) => children.length > 0)?.children ?? [],
    }
  )
}

/** What addresses are relative to: the first base address of each level, one after the other. */
const baseOf = (lineage: readonly XmlNode[], own: string | undefined): string | undefined =>
  lineage.reduce((base, node) => {
    const text = textOf(node, 'baseurl')
    return text === undefined ? base : (addressIn(text, base) ?? base)
  }, own)

function streamOf({ init, segments }: DashParts, name: string, base: string | undefined): Found | undefined {
  const parts = segments.flatMap((segment) => {
    const url = addressIn(segment.url, base) ?? (segment.url === '' ? base : undefined)
    return url === undefined ? [] : [{ ...segment, url }]
  })
  const initUrl = init && (addressIn(init.url, base) ?? (init.url === '' ? base : undefined))
  return parts.length === 0
    ? undefined
    : {
        kind: 'stream',
        name,
        ...(initUrl !== undefined && { init: { url: initUrl, range: init?.range } }),
        segments: parts,
      }
}

/** What a representation leads to, with at most `countMax` segments. */
function found(
  { lineage, name }: Chosen,
  timing: DashTiming,
  own: string | undefined,
  countMax: number,
): { find: Found | undefined; isCut: boolean } {
  const base = baseOf(lineage, own)
  const template = inherited(lineage, 'segmenttemplate')
  const list = innermost(lineage, 'segmentlist')
  const { id = '' } = lineage[3].attributes
  const bandwidth = bandwidthOf(lineage[3])
  const values = { RepresentationID: id, Bandwidth: Number.isFinite(bandwidth) ? bandwidth : 0 }
  const parts = template
    ? templateParts(template, values, timing, countMax)
    : list && listParts(list, countMax)
  if (parts) return { find: streamOf(parts, name, base), isCut: parts.isCut }
  // One file, in which the parts are told by their bytes.
  const isFile = base !== undefined && base !== own
  return { find: isFile ? { kind: 'link', url: base, name, role: 'media' } : undefined, isCut: false }
}

function timingOf(mpd: XmlNode, period: XmlNode, next: XmlNode | undefined): DashTiming {
  const startS = secondsOf(period.attributes['start']) ?? 0
  const endS = secondsOf(next ? next.attributes['start'] : mpd.attributes['mediaPresentationDuration'])
  const begunAt = Date.parse(mpd.attributes['availabilityStartTime'] ?? '')
  const isLive = mpd.attributes['type'] === 'dynamic' && Number.isFinite(begunAt)
  return {
    durationS: secondsOf(period.attributes['duration']) ?? (endS === undefined ? undefined : endS - startS),
    liveForS: isLive ? Math.max(0, (Date.now() - begunAt) / 1_000 - startS) : undefined,
    windowS: secondsOf(mpd.attributes['timeShiftBufferDepth']),
  }
}

/**
 * Dynamic streaming over HTTP (ISO/IEC 23009-1), of which at most 20 MiB and 20,000 segments are read: in each period the
 * cheapest audio of each language. Of a stream that goes on, what is there now; of an encrypted one nothing.
 */
export const openDash: Opener = textOpener(MANIFEST_BYTES_MAX, function* find(text, { url }, budget) {
  const { root: mpd, problem, isCut: isBroken } = readXmlTree(text, budget)
  const periods = childrenOf(mpd, 'period')
  const faults: Found[] = []
  let room = SEGMENTS_MAX
  let count = 0
  for (const [index, period] of periods.slice(0, PERIODS_MAX).entries()) {
    if (!mpd) break
    const place = periods.length > 1 ? `period ${index + 1}, audio` : 'audio'
    const timing = timingOf(mpd, period, periods[index + 1])
    for (const chosen of chosenIn(mpd, period, place)) {
      if (isProtected(...chosen.lineage)) {
        const fault = new Problem('open/encrypted', 'The stream is encrypted')
        faults.push({ kind: 'fault', name: chosen.name, problem: fault })
        continue
      }
      const { find, isCut } = found(chosen, timing, url, room)
      if (find) yield find
      count += find ? 1 : 0
      room -= find?.kind === 'stream' ? find.segments.length : 0
      if (isCut) throw new Problem('open/too-many', 'The stream has more parts than are examined')
    }
  }
  if (problem) throw problem
  if (count === 0 && faults.length > 0) throw new Problem('open/encrypted', 'The stream is encrypted')
  if (count === 0 && isBroken) throw new Problem('open/damaged', 'The manifest breaks off')
  yield* faults
  if (periods.length > PERIODS_MAX)
    throw new Problem('open/too-many', `It has more than ${PERIODS_MAX} periods`)
})
