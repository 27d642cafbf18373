import type { Fetched } from '../core/fetched.ts'
import { Problem } from '../core/problem.ts'
import type { FoundStream, StreamSegment } from '../openers/opener.ts'
import type { PartAnswer } from '../submissions/captures.ts'
import { FILE_HEAD_BYTES, detectFileKind } from '../submissions/file-kind.ts'
import type { PartRead, PartsRead } from '../submissions/parts-read.ts'
import { BEGINNING_MS, MIDDLE_MS, SAMPLED_MS_MIN, SAMPLED_SHARE_MAX, middlePlaces } from './places.ts'
import type { ReadAddress, ReadingTools, Wanted } from './reading-tools.ts'
import { captureOf, capturedRead, partAnswerOf } from './seen.ts'

/** A segment is some seconds of audio, or of video with it: it is held in memory while it is passed on. */
const SEGMENT_BYTES_MAX = 64 * 1024 * 1024

/** Segments that follow each other; where in time they lie is known when they are listened to. */
interface Run {
  readonly segments: readonly (Omit<StreamSegment, 'durationMs'> & { readonly durationMs?: number })[]
  readonly fromMs: number | null
  readonly toMs: number | null
}

/**
 * Reads the segments of a stream into the blob store, one after the other, as one file: all of them, or the first and some
 * further on. The capture is that of the first request; the others are in its `read`.
 *
 * @throws {Problem} one of `fetch/…`. An abort throws its reason.
 */
export async function readStream(
  tools: ReadingTools,
  stream: FoundStream,
  wanted: Wanted,
): Promise<ReadAddress> {
  const chosen = wanted.whole ? undefined : sampledRuns(stream)
  const runs = [...initOf(stream), ...(chosen ?? [{ segments: stream.segments, fromMs: null, toMs: null }])]
  const answers: PartAnswer[] = []
  const parts: PartRead[] = []
  const total = runs.reduce((sum, { segments }) => sum + segments.length, 0)
  let first: Fetched | undefined
  let head = Buffer.alloc(0)
  let bytes = 0

  async function* all(): AsyncGenerator<Uint8Array> {
    for (const { segments, fromMs, toMs } of runs) {
      const from = bytes
      for (const segment of segments) {
        const fetched = await getSegment(tools, segment, wanted.signal)
        answers.push(partAnswerOf(fetched, bytes, fetched.kept))
        first ??= fetched
        if (head.length < FILE_HEAD_BYTES) head = Buffer.concat([head, fetched.kept])
        bytes += fetched.kept.length
        wanted.onProgress?.(answers.length / total)
        yield fetched.kept
      }
      parts.push({ from, to: bytes - 1, fromMs, toMs })
    }
  }

  const stored = await tools.blobs.put(all(), { bytesMax: tools.config.FETCH_BYTES_MAX })
  if (!first) throw new Problem('fetch/empty', 'The stream has no segments')
  const read: PartsRead = { totalBytes: null, parts, durationMs: lengthOf(stream.segments) }
  const capture = captureOf(first, {
    ...stored,
    endedAt: new Date(),
    read: capturedRead(read, answers.slice(1)),
    bodyHeld: false,
  })
  return {
    ...stored,
    fileName: undefined,
    detected: detectFileKind(head),
    capture,
    read: chosen ? read : null,
  }
}

const lengthOf = (segments: readonly StreamSegment[]): number =>
  segments.reduce((sum, { durationMs }) => sum + durationMs, 0)

/** What stands before the segments, as a part that is not listened to by itself. */
const initOf = ({ init }: FoundStream): Run[] =>
  init ? [{ segments: [init], fromMs: null, toMs: null }] : []

/** The first segments and two runs further on; undefined when that would be most of the stream. */
function sampledRuns({ segments }: FoundStream): Run[] | undefined {
  const durationMs = lengthOf(segments)
  const [first] = segments
  if (!first || durationMs < SAMPLED_MS_MIN) return undefined
  const places = middlePlaces(first.url, new Date(), durationMs)
  const runs = [runAt(segments, 0, BEGINNING_MS), ...places.map((ms) => runAt(segments, ms, MIDDLE_MS))]
  const isApart = runs.every((run, index) => index === 0 || (run.fromMs ?? 0) >= (runs[index - 1]!.toMs ?? 0))
  const sampledMs = runs.reduce((sum, { fromMs, toMs }) => sum + ((toMs ?? 0) - (fromMs ?? 0)), 0)
  return isApart && sampledMs <= durationMs * SAMPLED_SHARE_MAX ? runs : undefined
}

/** The segment that sounds at a moment, and those after it until they are long enough. */
function runAt(segments: readonly StreamSegment[], ms: number, lengthMs: number): Run {
  let fromMs = 0
  let first = 0
  while (first + 1 < segments.length && fromMs + segments[first]!.durationMs <= ms)
    fromMs += segments[first++]!.durationMs
  let toMs = fromMs
  let end = first
  while (end < segments.length && toMs - fromMs < lengthMs) toMs += segments[end++]!.durationMs
  return { segments: segments.slice(first, end), fromMs, toMs }
}

/** One segment; of a file that all segments lie in, its stretch, also when the host sends the whole file. */
function getSegment(
  { safeFetch }: ReadingTools,
  { url, range }: Run['segments'][number],
  signal: AbortSignal,
): Promise<Fetched<Buffer>> {
  return safeFetch.get(url, {
    signal,
    ...(range && { range }),
    async sink(body, head) {
      const [from, to] = range && !head.range ? [range.from, range.to] : [0, SEGMENT_BYTES_MAX]
      const chunks: Uint8Array[] = []
      let at = 0
      for await (const chunk of body) {
        chunks.push(chunk.subarray(Math.max(0, from - at), Math.max(0, to + 1 - at)))
        at += chunk.length
        if (at > to) break
      }
      if (at > SEGMENT_BYTES_MAX && to === SEGMENT_BYTES_MAX)
        throw new Problem('fetch/too-large', `A segment is larger than ${SEGMENT_BYTES_MAX} bytes`)
      return Buffer.concat(chunks)
    },
  })
}
