import type { StoredBlob } from '../core/blobs.ts'
import type { Fetched, FetchedHead } from '../core/fetched.ts'
import { Problem } from '../core/problem.ts'
import { type DetectedFile, FILE_HEAD_BYTES, detectFileKind } from '../submissions/file-kind.ts'
import { type Beginning, beginningOf } from './beginning.ts'
import { lookFor } from './layouts/look.ts'
import { pictureOf } from './page-picture.ts'
import type { ReadAddress, ReadingTools, Wanted } from './reading-tools.ts'
import { type Begun, beginSample, readRest } from './sample.ts'
import { captureOf, capturedRead } from './seen.ts'

/** Pages and lists are kept as evidence up to this size; larger ones are no pages that people read. */
const BODY_HELD_BYTES_MAX = 5 * 1024 * 1024
/** What is smaller is read whole: the further requests would cost more than the bytes. */
const SAMPLED_BYTES_MIN = 512 * 1024

/** What became of the first answer: all of it is stored, or its beginning and the layout of the rest are known. */
type First = { readonly detected: DetectedFile } & (
  | { readonly stored: StoredBlob; readonly begun?: never }
  | { readonly begun: Begun; readonly stored?: never }
)

/**
 * Reads what lies at an address into the blob store, and records what was seen there. Of a long audio file it reads the
 * beginning and two parts further on, when its host gives parts; `isEnough` (enough.ts) tells afterwards whether they
 * settle what the file is.
 *
 * @throws {Problem} one of `fetch/…`. An abort throws its reason.
 */
export async function readAddress(tools: ReadingTools, url: string, wanted: Wanted): Promise<ReadAddress> {
  const first = await readFirst(tools, url, wanted)
  if (first.kept.stored) return readWhole(tools, first, first.kept, wanted.signal)
  const { detected, begun } = first.kept
  try {
    const rest = await readRest(tools, first, begun, wanted)
    if ('stored' in rest) {
      // The way there is that of the first answer.
      const { requestedUrl, hops } = first
      const all = { ...rest.fetched, requestedUrl, hops: [...hops.slice(0, -1), ...rest.fetched.hops] }
      return await readWhole(tools, all, { stored: rest.stored, detected }, wanted.signal)
    }
    const { sha256, bytes } = await tools.blobs.put(rest.parts, { bytesMax: tools.config.FETCH_BYTES_MAX })
    const read = capturedRead(rest.read, rest.answers)
    return {
      sha256,
      bytes,
      fileName: first.fileName,
      detected,
      capture: captureOf(first, { sha256, bytes, endedAt: new Date(), read, bodyHeld: false }),
      read: rest.read,
    }
  } catch (error) {
    wanted.signal.throwIfAborted()
    if (!(error instanceof Problem)) throw error
    // Whatever went wrong with parts, all of it may be had all the same.
    tools.log.info({ type: error.type, detail: error.message }, 'parts cannot be had, so all is read')
    return readAddress(tools, url, { ...wanted, whole: true })
  }
}

async function readWhole(
  tools: ReadingTools,
  fetched: Fetched,
  { stored, detected }: { readonly stored: StoredBlob; readonly detected: DetectedFile },
  signal: AbortSignal,
): Promise<ReadAddress> {
  const isPage = detected.kind === 'html' || detected.kind === 'text'
  const bodyHeld = isPage && stored.bytes <= BODY_HELD_BYTES_MAX
  const capture = captureOf(fetched, { ...stored, endedAt: fetched.endedAt, read: null, bodyHeld })
  const picture =
    detected.kind === 'html' && bodyHeld ? await pictureOf(tools, fetched, stored.sha256, signal) : undefined
  return {
    ...stored,
    fileName: fetched.fileName,
    detected,
    capture: { ...capture, ...(picture && { pictureSha256: picture }) },
    read: null,
  }
}

/** Asks for the address, and stores the answer unless its beginning is enough for now. */
function readFirst(tools: ReadingTools, url: string, wanted: Wanted): Promise<Fetched<First>> {
  const { blobs, safeFetch, config } = tools
  return safeFetch.get(url, {
    signal: wanted.signal,
    async sink(body, head): Promise<First> {
      const expected = Number(head.headers['content-length'] ?? config.FETCH_BYTES_MAX)
      const beginning = beginningOf(counted(body, expected, wanted.onProgress))
      const detected = detectFileKind(await beginning.upTo(FILE_HEAD_BYTES))
      const begun = wanted.whole ? undefined : await sampleOf(beginning, detected, head)
      if (begun) {
        await beginning.stop()
        return { detected, begun }
      }
      return { detected, stored: await blobs.put(beginning.all(), { bytesMax: config.FETCH_BYTES_MAX }) }
    },
  })
}

/** The beginning of a file that parts can be taken of; undefined when it has to be read whole. */
async function sampleOf(
  beginning: Beginning,
  { format }: DetectedFile,
  { status, headers }: FetchedHead,
): Promise<Begun | undefined> {
  const look = lookFor(format)
  const totalBytes = /^\d{1,15}$/.test(headers['content-length'] ?? '')
    ? Number(headers['content-length'])
    : 0
  const givesParts = /^\s*bytes\s*$/i.test(headers['accept-ranges'] ?? '')
  const isPlain = /^(?:identity)?$/i.test(headers['content-encoding']?.trim() ?? '')
  if (!look || status !== 200 || !givesParts || !isPlain || totalBytes < SAMPLED_BYTES_MIN) return undefined
  return beginSample(beginning, look, totalBytes)
}

/** Tells how much of a stream has passed. */
async function* counted(
  body: AsyncIterable<Uint8Array>,
  expectedBytes: number,
  tell: Wanted['onProgress'],
): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    tell?.(Math.min(0.99, bytes / Math.max(1, expectedBytes)))
    yield chunk
  }
}
