import type { StoredBlob } from '../core/blobs.ts'
import type { Fetched, FetchedHead } from '../core/fetched.ts'
import { Problem } from '../core/problem.ts'
import type { PartAnswer } from '../submissions/captures.ts'
import type { PartRead, PartsRead } from '../submissions/parts-read.ts'
import type { Beginning } from './beginning.ts'
import type { Layout, Look, LookAt, Needs, Stretch } from './layouts/layout.ts'
import { BEGINNING_MS, MIDDLE_MS, SAMPLED_MS_MIN, SAMPLED_SHARE_MAX, middlePlaces } from './places.ts'
import type { ReadingTools, Wanted } from './reading-tools.ts'
import { partAnswerOf } from './seen.ts'

/** All parts of a file, which are held in memory for a while: half a minute of the finest studio sound is 30 MB. */
const PARTS_BYTES_MAX = 48 * 1024 * 1024
/** Looks at a beginning that grows; each asks for more than the last had. */
const LOOKS_MAX = 24
/** A part that lost more than this at its edges is too short to be recognised for sure. */
const HEARD_MS_MIN = 4_000

/** A file whose beginning is there, and what is known of how its audio lies. */
export interface Begun {
  readonly look: LookAt
  readonly totalBytes: number
  readonly beginning: Buffer
}

/** The parts of a file, in their order, and what they are. */
export interface Sampled {
  readonly parts: AsyncIterable<Uint8Array>
  readonly read: PartsRead
  readonly answers: readonly PartAnswer[]
}

/** A host that was asked for a part and sent everything: that is stored. */
export interface AllSent {
  readonly fetched: Fetched
  readonly stored: StoredBlob
}

/**
 * Reads as much of the beginning as it takes to know where its first part ends, or what has to be had from elsewhere to
 * know that.
 *
 * @returns undefined when the file has to be read whole.
 */
export async function beginSample(
  stream: Beginning,
  look: LookAt,
  totalBytes: number,
): Promise<Begun | undefined> {
  const bytesMax = Math.min(totalBytes * SAMPLED_SHARE_MAX, PARTS_BYTES_MAX)
  let beginning = await stream.upTo(0)
  for (let looks = 0; looks < LOOKS_MAX; looks++) {
    const seen: Look = look([{ from: 0, bytes: beginning }], totalBytes)
    if (!seen) return undefined
    const wanted = 'layout' in seen ? firstEnd(seen.layout, totalBytes) : beginningIn(seen.needs)
    if (wanted === undefined) return { look, totalBytes, beginning }
    if (wanted > bytesMax) return undefined
    if ('layout' in seen && wanted <= beginning.length) return { look, totalBytes, beginning }
    const before = beginning.length
    beginning = await stream.upTo(wanted)
    if (beginning.length === before) return undefined // It ends here, or says that it needs what it has.
  }
  return undefined
}

const beginningIn = (needs: Needs): number | undefined => ('beginning' in needs ? needs.beginning : undefined)

/** Where the first part ends; beyond every limit when the file is not long enough for parts. */
const firstEnd = (layout: Layout, totalBytes: number): number =>
  layout.durationMs >= SAMPLED_MS_MIN ? Math.min(totalBytes, layout.byteAt(BEGINNING_MS)) : Infinity

/**
 * Asks for the other parts.
 *
 * @throws {Problem} `fetch/…` when they cannot be had or make no sense: then all has to be read.
 */
export async function readRest(
  tools: ReadingTools,
  first: FetchedHead,
  begun: Begun,
  wanted: Wanted,
): Promise<Sampled | AllSent> {
  const { totalBytes } = begun
  const answers: PartAnswer[] = []
  let allSent: AllSent | undefined
  const get: GetStretch = async (from, to) => {
    if (to - from >= PARTS_BYTES_MAX) throw unsuitable('its parts are too large')
    const fetched = await getPart(tools, first, { from, to, totalBytes }, wanted.signal)
    const { kept } = fetched
    if (!Buffer.isBuffer(kept)) {
      allSent = { fetched, stored: kept }
      throw unsuitable('its host gives all or nothing')
    }
    answers.push(partAnswerOf(fetched, from, kept))
    return { from, bytes: kept }
  }
  try {
    return { ...(await readParts(first, begun, wanted, get)), answers }
  } catch (error) {
    if (allSent) return allSent
    throw error
  }
}

/** Gives bytes of the file, both ends within. */
export type GetStretch = (from: number, to: number) => Promise<Stretch>

/**
 * Has the parts one after the other, by whatever way there is to the file.
 *
 * @param first what the places of the parts are chosen by.
 * @throws {Problem} fetch/wrong-part when they make no sense; what `get` throws.
 */
export async function readParts(
  first: Pick<FetchedHead, 'requestedUrl' | 'startedAt'>,
  { look, totalBytes, beginning }: Begun,
  wanted: Wanted,
  get: GetStretch,
): Promise<Pick<Sampled, 'parts' | 'read'>> {
  let stretches: Stretch[] = [{ from: 0, bytes: beginning }]
  let layout: Layout | undefined
  for (let looks = 0; !layout; looks++) {
    const seen = look(stretches, totalBytes)
    if (!seen || looks === LOOKS_MAX) throw unsuitable('its form cannot be told')
    if ('layout' in seen) layout = seen.layout
    else if ('beginning' in seen.needs) stretches = await extended(stretches, seen.needs.beginning, get)
    else stretches.push(await get(seen.needs.from, seen.needs.to))
  }
  if (layout.durationMs < SAMPLED_MS_MIN) throw unsuitable('it is short')
  stretches = await extended(stretches, layout.byteAt(BEGINNING_MS), get)
  const heard = [stretches[0]!]
  const places = middlePlaces(first.requestedUrl, first.startedAt, layout.durationMs)
  for (const [index, ms] of places.entries()) {
    const [from, end] = [layout.byteAt(ms), layout.byteAt(ms + MIDDLE_MS)]
    const isApart = stretches.every((each) => end <= each.from || from >= each.from + each.bytes.length)
    if (!isApart || end <= from) throw unsuitable('its parts overlap')
    const stretch = await get(from, end - 1)
    stretches.push(stretch)
    heard.push(stretch)
    wanted.onProgress?.((index + 1) / places.length)
  }
  return sampled(layout, stretches, heard, totalBytes)
}

function sampled(
  layout: Layout,
  stretches: readonly Stretch[],
  heard: readonly Stretch[],
  totalBytes: number,
): Pick<Sampled, 'parts' | 'read'> {
  const inOrder = stretches.toSorted((a, b) => a.from - b.from)
  const parts = inOrder.map((stretch): PartRead => {
    const bytes = { from: stretch.from, to: stretch.from + stretch.bytes.length - 1 }
    if (!heard.includes(stretch)) return { ...bytes, fromMs: null, toMs: null }
    const cut = layout.cut(stretch)
    if (!cut || cut.toMs - cut.fromMs < HEARD_MS_MIN) throw unsuitable('a part has too little sound')
    return { ...bytes, fromMs: Math.round(cut.fromMs), toMs: Math.round(cut.toMs) }
  })
  const readBytes = stretches.reduce((sum, { bytes }) => sum + bytes.length, 0)
  if (readBytes > PARTS_BYTES_MAX) throw unsuitable('its parts are too large')
  return { parts: bytesOf(inOrder), read: { totalBytes, parts, durationMs: layout.durationMs } }
}

async function* bytesOf(stretches: readonly Stretch[]): AsyncGenerator<Uint8Array> {
  for (const { bytes } of stretches) yield bytes
}

/** The same stretches, the first of them up to a place. */
async function extended(
  [beginning, ...others]: readonly Stretch[],
  end: number,
  get: GetStretch,
): Promise<Stretch[]> {
  const { bytes } = beginning!
  if (bytes.length >= end) return [beginning!, ...others]
  const more = await get(bytes.length, end - 1)
  return [{ from: 0, bytes: Buffer.concat([bytes, more.bytes]) }, ...others]
}

/** Asks where the first answer came from, for bytes of the same file. What is no part is stored, for it is the whole. */
async function getPart(
  { safeFetch, blobs, config }: ReadingTools,
  { finalUrl, headers }: FetchedHead,
  part: { readonly from: number; readonly to: number; readonly totalBytes: number },
  signal: AbortSignal,
): Promise<Fetched<Buffer | StoredBlob>> {
  return safeFetch.get(finalUrl, {
    signal,
    range: { ...part, etag: headers['etag'], lastModified: headers['last-modified'] },
    async sink(body, head) {
      if (!head.range) return blobs.put(body, { bytesMax: config.FETCH_BYTES_MAX })
      const chunks: Uint8Array[] = []
      for await (const chunk of body) chunks.push(chunk)
      return Buffer.concat(chunks)
    },
  })
}

/** Why parts of a file will not do. */
const unsuitable = (why: string): Problem =>
  new Problem('fetch/wrong-part', `Parts of the file are not enough: ${why}`)
