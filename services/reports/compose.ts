import { createHash } from 'node:crypto'

import canonicalize from 'canonicalize'

import type { Conflict } from '../catalog/conflicts.ts'
import type { Recording } from '../catalog/recording.ts'
import type { RecordingId } from '../core/ids.ts'
import type { Case } from '../matches/case.ts'
import type { Match, PicturedPassage } from '../matches/match.ts'
import { shownPassages } from '../matches/picture.ts'
import type { SharedRecording } from '../matches/shared.ts'
import type { Item, Submission, SuspectTags } from '../submissions/submission.ts'
import type { Member, Tenant } from '../tenants/tenant.ts'
import { comparisonOf, sharedWithOf, summaryOf } from './find-words.ts'
import { oneLine } from './one-line.ts'
import type { ReportDocument, ReportLocation, ReportMatch } from './report.ts'
import { standingPoints } from './standing-points.ts'
import { type Barred, barPoints, openPoints, statementTexts } from './statements.ts'

/** As many passages as a report lists (report.ts); more would mean that alignment went wrong. */
const PASSAGES_MAX = 200

/** What was seen at an address, as far as a report tells it. */
export interface SeenAt {
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
  readonly item: Item
  readonly submission: Submission
  readonly capture: SeenAt | undefined
}

/** What a signer declares; all three or none. */
export interface MadeStatements {
  readonly signer: Member
  readonly signatureText: string
  readonly signedAt: Date
}

/** All that a report is made of. */
export interface ReportParts {
  readonly opened: Case
  readonly recording: Recording
  readonly finds: readonly ReportedFind[]
  /** The other recordings that passages are shared with, by their ids. */
  readonly sharing: ReadonlyMap<RecordingId, SharedRecording>
  /** Other accounts' claims to the recording that have not ended. */
  readonly conflicts: readonly Conflict[]
  readonly tenant: Tenant
  readonly version: number
  readonly issuedAt: Date
  readonly serviceVersion: string
  readonly made: MadeStatements | undefined
  /** Set when nothing may be demanded at present: the copy is allowed, or the recording no longer claimed. */
  readonly bar?: Barred | undefined
}

/** Drops what is not there, so that a document has no empty fields. */
const present = <T extends Record<string, unknown>>(fields: T) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined)) as {
    [Key in keyof T]: NonNullable<T[Key]>
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
  return {
    locationId: item.id,
    kind: submission.kind,
    observedAt: (capture?.startedAt ?? submission.createdAt).toISOString(),
    bytes: item.bytes,
    sha256: item.sha256,
    ...present({
      url: submission.url,
      finalUrl: capture && capture.finalUrl !== submission.url ? capture.finalUrl : undefined,
      fileName: submission.kind === 'file' ? textOf(item.name) : undefined,
      address: capture?.address,
      httpStatus: capture?.status,
      contentType: textOf(first(capture?.headers['content-type']), 200),
      durationMs: item.durationMs,
      truncated: item.truncated ? (true as const) : undefined,
      tls: tlsOf(capture?.tls ?? null),
    }),
  }
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
  sharing: ReportParts['sharing'],
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

function matchOf(find: ReportedFind, { recording, sharing }: ReportParts): ReportMatch {
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
function evidenceOf({ item, submission, capture }: ReportedFind): ReportDocument['evidence'] {
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

function statementsOf(made: MadeStatements | undefined, holder: string): ReportDocument['statements'] {
  const texts = statementTexts(holder)
  if (!made) return { status: 'open', texts }
  const { signer, signatureText, signedAt } = made
  return {
    status: 'made',
    goodFaith: true,
    accuracy: true,
    authorityUnderPenaltyOfPerjury: true,
    signatory: {
      name: signer.name,
      title: signer.title || 'Authorised signatory',
      memberId: signer.id,
      signatureText,
      signedAt: signedAt.toISOString(),
    },
    texts,
  }
}

function workOf(recording: Recording): ReportDocument['works'][number] {
  return {
    workId: recording.id,
    title: recording.version ? `${recording.title} (${recording.version})` : recording.title,
    kind: 'sound_recording',
    artists: recording.artists,
    durationMs: recording.durationMs ?? 0,
    territories: recording.territories,
    ...present({
      isrc: recording.isrc,
      upc: recording.upc,
      releaseTitle: recording.releaseTitle,
      label: recording.label,
      pLine: recording.pLine,
    }),
  }
}

/** Finds with the same file are one location; the report lists each place once. */
function uniqueLocations(finds: readonly ReportedFind[]): ReportLocation[] {
  const locations = new Map(finds.map((find) => [find.item.id, locationOf(find)]))
  return [...locations.values()]
}

/** Composes a case's report. Pure: the same parts give the same document. */
export function composeReport(parts: ReportParts): ReportDocument {
  const { opened, recording, finds, tenant, version } = parts
  const unchecked: Omit<ReportDocument, 'openPoints'> = {
    schema: 'earwitness/takedown-report/1',
    number: opened.number,
    version,
    ...(version > 1 && { supersedes: { version: version - 1 } }),
    issuedAt: parts.issuedAt.toISOString(),
    caseId: opened.id,
    language: 'en',
    issuer: {
      service: 'Earwitness',
      version: parts.serviceVersion,
      engineVersion: String(finds[0]?.match.engineVersion ?? 0),
    },
    complainant: {
      name: tenant.contactName ?? tenant.name,
      ...present({
        address: tenant.contactAddress,
        country: tenant.contactCountry,
        phone: tenant.contactPhone,
        email: tenant.contactEmail,
      }),
    },
    rightsHolder: { name: recording.rightsHolder },
    works: [workOf(recording)],
    locations: uniqueLocations(finds),
    matches: finds.map((find) => matchOf(find, parts)),
    statements: statementsOf(parts.made, recording.rightsHolder),
    evidence: finds.flatMap(evidenceOf),
  }
  const { conflicts, issuedAt, made } = parts
  const standing = standingPoints({ recording, conflicts, issuedAt, signed: made !== undefined })
  return { ...unchecked, openPoints: [...barPoints(parts.bar), ...standing, ...openPoints(unchecked)] }
}
