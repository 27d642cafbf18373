import { createHash } from 'node:crypto'

import canonicalize from 'canonicalize'

import type { Recording } from '../catalog/recording.ts'
import type { RecordingId } from '../core/ids.ts'
import { present } from '../core/present.ts'
import type { Match, PicturedPassage } from '../matches/match.ts'
import { shownPassages } from '../matches/picture.ts'
import type { SharedRecording } from '../matches/shared.ts'
import type { MediaItem, Submission, SuspectTags } from '../submissions/submission.ts'
import { comparisonOf, sharedWithOf, summaryOf } from './find-words.ts'
import { oneLine } from './one-line.ts'
import type { ReportDocument, ReportLocation, ReportMatch } from './report.ts'

/** As many passages as a report lists (report.ts); more would mean that alignment went wrong. */
const PASSAGES_MAX = 200

/** What was seen at an address, as far as a report tells it. */
export interface SeenAt {
  readonly requestedUrl: string
  readonly finalUrl: string
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly address: string
  readonly startedAt: Date
  readonly tls: Readonly<Record<string, unknown>> | null
}

/** One find, with what it was found in. */
export interface ReportedFind {
  readonly match: Match
  readonly passages: readonly PicturedPassage[]
  readonly item: MediaItem
  readonly submission: Submission
  readonly capture: SeenAt | undefined
}

/** What was found, in finds that share a report. */
export interface FoundOf {
  readonly recording: Recording
  /** The other recordings that passages are shared with, by their ids. */
  readonly sharing: ReadonlyMap<RecordingId, SharedRecording>
}

/** A stranger's text as the report's schema wants it: one line of bounded length. */
const textOf = (value: unknown, charactersMax?: number): string | undefined =>
  typeof value === 'string' ? oneLine(value, charactersMax) : undefined
const first = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value[0] : value

function tlsOf(tls: SeenAt['tls']): ReportLocation['tls'] {
  if (!tls) return undefined
  return present({
    subject: textOf(tls['subject']),
    issuer: textOf(tls['issuer']),
    validTo: typeof tls['validTo'] === 'string' ? new Date(tls['validTo']).toISOString() : undefined,
    certificateSha256: textOf(tls['fingerprint256'])?.replaceAll(':', '').toLowerCase(),
  })
}

function locationOf({ item, submission, capture }: ReportedFind): ReportLocation {
  // What was found inside lies at an address of its own, or at that of what it lies in: where it was asked for.
  const url = capture?.requestedUrl ?? submission.url
  return {
    locationId: item.id,
    kind: url === null ? 'file' : 'url',
    observedAt: (capture?.startedAt ?? submission.createdAt).toISOString(),
    bytes: item.bytes,
    sha256: item.sha256,
    ...present({
      url,
      finalUrl: capture && capture.finalUrl !== url ? capture.finalUrl : undefined,
      pageUrl: url === null ? undefined : item.pageUrl,
      fileName: url === null || item.place.length > 0 ? textOf(item.name) : undefined,
      address: capture?.address,
      httpStatus: capture?.status,
      contentType: textOf(first(capture?.headers['content-type']), 200),
      durationMs: item.durationMs,
      truncated: item.truncated ? (true as const) : undefined,
      tls: tlsOf(capture?.tls ?? null),
    }),
  }
}

/** Finds with the same file are one location; the report lists each place once. */
export function uniqueLocations(finds: readonly ReportedFind[]): ReportLocation[] {
  const locations = new Map(finds.map((find) => [find.item.id, locationOf(find)]))
  return [...locations.values()]
}

function identifiersOf(tags: SuspectTags | null): ReportMatch['identifiers'] {
  return present({
    isrcFound: tags?.isrc?.[0],
    titleFound: textOf(tags?.title),
    artistsFound: tags?.artists
      ?.map((artist) => textOf(artist, 300))
      .filter((artist) => artist !== undefined),
    tags:
      tags &&
      present({ album: textOf(tags.album), codec: textOf(tags.codec), container: textOf(tags.container) }),
  })
}

/**
 * A passage without what only reviewers need; the earliest points first, as the picture draws them.
 *
 * @param sharing names of the recordings that it is shared with.
 * @param drawn   whether the report has a picture of it with its spectrograms.
 */
function reportedPassage(
  passage: PicturedPassage,
  sharing: FoundOf['sharing'],
  drawn: boolean,
): ReportMatch['passages'][number] {
  const {
    bits: _bits,
    threshold: _threshold,
    sharedWith: _sharedWith,
    excluded,
    speedError,
    pitchError,
    points,
    sketches,
    ...told
  } = passage
  const inOrder = points.toSorted((a, b) => a.suspectMs - b.suspectMs)
  return {
    ...told,
    ...present({
      speedError,
      pitchError,
      sharedWith: sharedWithOf(passage, sharing),
      excluded: excluded ? (true as const) : undefined,
    }),
    points: inOrder.map((point) => ({
      ...point,
      suspectMs: atLeastZero(point.suspectMs),
      referenceMs: atLeastZero(point.referenceMs),
    })),
    ...(drawn &&
      present({
        suspectSketch: base64Of(sketches?.suspect),
        referenceSketch: base64Of(sketches?.reference),
      })),
  }
}

const base64Of = (bytes: Uint8Array | undefined): string | undefined =>
  bytes && Buffer.from(bytes).toString('base64')

/** Times are whole milliseconds from the start; an interpolated one may fall just before it. */
const atLeastZero = (ms: number): number => Math.max(0, Math.round(ms))

/** The match of a find, with its passages and the picture's material. */
export function matchOf(find: ReportedFind, { recording, sharing }: FoundOf): ReportMatch {
  const { match, passages, item } = find
  const listed = passages.slice(0, PASSAGES_MAX)
  const drawn = new Set(shownPassages(listed).map(({ number }) => number))
  return {
    matchId: match.id,
    workId: recording.id,
    locationId: item.id,
    confidence: match.confidence,
    falseMatchProbability: match.falseMatchProbability,
    summary: summaryOf(find, recording),
    passages: listed.map((passage, index) => reportedPassage(passage, sharing, drawn.has(index + 1))),
    shareOfRecording: match.shareOfRecording,
    shareOfSuspect: match.shareOfSuspect,
    identifiers: identifiersOf(item.tags),
    ...present({ compared: comparisonOf(item) }),
  }
}

/** What supports a find: the file's bytes, and what its host answered as canonical JSON (RFC 8785). */
export function evidenceOf({
  item,
  submission,
  capture,
}: Omit<ReportedFind, 'match' | 'passages'>): ReportDocument['evidence'] {
  const capturedAt = (capture?.startedAt ?? submission.createdAt).toISOString()
  const file = {
    kind: 'suspect_file',
    held: item.mediaHeld,
    sha256: item.sha256,
    bytes: item.bytes,
    mediaType: item.mediaType,
    capturedAt,
  }
  if (!capture) return [file]
  const headers = Buffer.from(canonicalize(capture.headers) ?? '')
  const sha256 = createHash('sha256').update(headers).digest('hex')
  return [
    file,
    {
      kind: 'http_headers',
      held: true,
      sha256,
      bytes: headers.length,
      mediaType: 'application/json',
      capturedAt,
    },
  ]
}
