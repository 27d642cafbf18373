import type { Recording } from '../catalog/recording.ts'
import { present } from '../core/present.ts'
import type { Case } from '../matches/case.ts'
import type { Recipient } from '../recipients/recipient.ts'
import { summaryOf } from '../reports/find-words.ts'
import { oneLine } from '../reports/one-line.ts'
import { type ReportedFind, evidenceOf } from '../reports/reported-find.ts'
import type { Member, Tenant } from '../tenants/tenant.ts'
import { authorityOf } from './authority.ts'
import {
  type Language,
  type NoticeDetails,
  NoticeDocument,
  type NoticeLocation,
  type NoticeMatch,
  type NoticeParty,
  type NoticeWork,
  type Regime,
} from './notice.ts'

/** As many passages as a notice lists (notice.ts); whoever gets it needs the longest. */
const PASSAGES_MAX = 50
/** Reasons of a review that a notice repeats (notice.ts). */
const REASONS_MAX = 20
/** Finer shares than these nobody can check, and finer ratios nobody measures. */
const SHARE_DECIMALS = 4
const RATIO_DECIMALS = 5
/** Never more certain than it is: a confidence is rounded down. */
const CONFIDENCE_DECIMALS = 6

/** A person's answer that no exception of the law covers the use. */
export interface NoticedReview {
  readonly reviewerName: string
  readonly at: Date
  readonly reasons: readonly string[]
}

/** One case with all that a notice says of it. */
export interface NoticedCase {
  readonly opened: Pick<Case, 'id' | 'number' | 'pageUrl'>
  readonly recording: Recording
  /** The surest first; at least one. */
  readonly finds: readonly ReportedFind[]
  /** Exactly as observed. */
  readonly url: string
  readonly canonicalUrl: string
  /** When somebody looked again and it was still there. */
  readonly seenAgainAt: Date | undefined
  /** The latest review, when it found no exception. */
  readonly review: NoticedReview | undefined
}

/** The wording that a signer will see; it is kept as it was shown. */
export interface StatementTexts {
  /** Name and version of the wording. */
  readonly templates: string
  readonly texts: NoticeDocument['statements']['texts']
}

/** All that a notice is made of. */
export interface NoticeParts {
  readonly number: string
  readonly version: number
  readonly supersedes: NoticeDocument['supersedes']
  readonly issuedAt: Date
  readonly serviceVersion: string
  readonly language: Language
  readonly regimes: readonly Regime[]
  readonly details: NoticeDetails
  readonly tenant: Tenant
  readonly recipient: Recipient
  readonly host: string
  readonly replyTo: string | undefined
  /** In the order of their locations. */
  readonly cases: readonly NoticedCase[]
  readonly statements: StatementTexts
}

const rounded = (value: number, decimals: number): number => Number(value.toFixed(decimals))
const roundedDown = (value: number, decimals: number): number =>
  Math.floor(value * 10 ** decimals) / 10 ** decimals

/** A small probability to its first digit, and never smaller than it is. */
function chance(probability: number): number {
  if (probability <= 0) return 0
  const place = 10 ** Math.floor(Math.log10(probability))
  return Math.min(1, Number((Math.ceil(probability / place - 1e-9) * place).toPrecision(1)))
}

/** The find that a notice tells of: it is the surest, and one says all that the question needs. */
function findOf({ opened, finds }: NoticedCase): ReportedFind {
  const [surest] = finds
  if (!surest) throw new Error(`a case without a find: ${opened.number}`)
  return surest
}

function complainantOf(tenant: Tenant): NoticeParty {
  return {
    name: tenant.name,
    ...present({
      contact: oneLine(tenant.contactName ?? '', 200),
      address: oneLine(tenant.contactAddress ?? '', 500),
      country: tenant.contactCountry,
      phone: tenant.contactPhone,
      email: tenant.contactEmail,
    }),
  }
}

const recipientOf = (recipient: Recipient): NoticeDocument['recipient'] => ({
  recipientId: recipient.id,
  role: recipient.role,
  name: recipient.name,
  ...present({ email: recipient.email, formUrl: recipient.formUrl, country: recipient.country }),
  source: recipient.source,
  resolvedAt: recipient.resolvedAt.toISOString(),
})

function workOf(recording: Recording, { issuedAt, recipient }: NoticeParts): NoticeWork {
  const day = issuedAt.toISOString().slice(0, 10)
  return {
    workId: recording.id,
    kind: 'sound_recording',
    title: recording.version ? `${recording.title} (${recording.version})` : recording.title,
    artists: recording.artists,
    rightsHolder: recording.rightsHolder,
    ...present({
      isrc: recording.isrc,
      iswc: recording.iswc,
      gtin: recording.upc,
      releaseTitle: recording.releaseTitle,
      label: recording.label,
      pLine: recording.pLine,
      officialUrl: recording.officialUrl,
      registrationNumber: recording.registrationNumber,
      durationMs: recording.durationMs,
    }),
    authority: authorityOf(recording.rights, day, recipient.country ?? undefined),
  }
}

/** When the copy was last seen: at the latest fetch, or when somebody looked again. */
function observedAt({ finds, seenAgainAt }: NoticedCase): Date {
  const seen = finds.map(({ capture, submission }) => capture?.startedAt ?? submission.createdAt)
  const times = [...seen, ...(seenAgainAt ? [seenAgainAt] : [])].map((moment) => moment.getTime())
  return new Date(Math.max(...times))
}

/** Cases at one address are one location, named by the first of them. */
function locationOf(cases: readonly [NoticedCase, ...NoticedCase[]]): NoticeLocation {
  const [first] = cases
  const { item, capture } = findOf(first)
  const seenAt = Math.max(...cases.map((one) => observedAt(one).getTime()))
  return {
    locationId: first.opened.id,
    caseNumber: first.opened.number,
    url: first.url,
    canonicalUrl: first.canonicalUrl,
    observedAt: new Date(seenAt).toISOString(),
    ...present({
      pageUrl: first.opened.pageUrl,
      address: capture?.address,
      fileName: oneLine(item.name),
      mediaType: oneLine(item.mediaType, 200),
    }),
    bytes: item.bytes,
    sha256: item.sha256,
    workIds: [...new Set(cases.map(({ recording }) => recording.id))],
    matchIds: cases.map((one) => findOf(one).match.id),
  }
}

const lengthOf = ({ suspectFromMs, suspectToMs }: ReportedFind['passages'][number]): number =>
  suspectToMs - suspectFromMs
/** Times are whole milliseconds from the start; an interpolated one may fall just before it. */
const wholeMs = (ms: number): number => Math.max(0, Math.round(ms))

function matchOf(one: NoticedCase, locationId: string): NoticeMatch {
  const find = findOf(one)
  const { match, passages } = find
  return {
    matchId: match.id,
    workId: one.recording.id,
    locationId,
    engineVersion: match.engineVersion,
    confidence: roundedDown(match.confidence, CONFIDENCE_DECIMALS),
    falseMatchProbability: chance(match.falseMatchProbability),
    shareOfRecording: rounded(match.shareOfRecording, SHARE_DECIMALS),
    shareOfCopy: rounded(match.shareOfSuspect, SHARE_DECIMALS),
    summary: summaryOf(find, one.recording),
    passages: passages
      // What lies in excluded parts of the recording is not the holder's: nothing is demanded for it.
      .filter(({ excluded }) => !excluded)
      .toSorted((a, b) => lengthOf(b) - lengthOf(a))
      .slice(0, PASSAGES_MAX)
      .map((passage) => ({
        suspectFromMs: wholeMs(passage.suspectFromMs),
        suspectToMs: wholeMs(passage.suspectToMs),
        recordingFromMs: wholeMs(passage.referenceFromMs),
        recordingToMs: wholeMs(passage.referenceToMs),
        change: passage.change,
        speed: rounded(passage.speed, RATIO_DECIMALS),
        pitch: rounded(passage.pitch, RATIO_DECIMALS),
        falseMatchProbability: chance(passage.falseMatchProbability),
      })),
  }
}

const reviewsOf = ({ review }: NoticedCase, locationId: string): NoticeDocument['exceptions'] =>
  review
    ? [
        {
          locationId,
          reviewer: review.reviewerName,
          at: review.at.toISOString(),
          outcome: 'not_excepted',
          reasons: review.reasons
            .map((reason) => oneLine(reason, 2000))
            .filter((reason) => reason !== undefined)
            .slice(0, REASONS_MAX),
        },
      ]
    : []

/** The cases by their addresses, in the order of the first of each. */
function groupsOf(cases: readonly NoticedCase[]): [NoticedCase, ...NoticedCase[]][] {
  const groups = new Map<string, [NoticedCase, ...NoticedCase[]]>()
  for (const one of cases) {
    const group = groups.get(one.canonicalUrl)
    if (group) group.push(one)
    else groups.set(one.canonicalUrl, [one])
  }
  return [...groups.values()]
}

/** What is kept is listed once, although several works were found in the same file. */
function evidenceFor(cases: readonly NoticedCase[]): NoticeDocument['evidence'] {
  const items = cases.flatMap((one) => evidenceOf(findOf(one)))
  return [...new Map(items.map((item) => [`${item.kind} ${item.sha256} ${item.capturedAt}`, item])).values()]
}

/**
 * Composes a notice with its statements open. Pure: the same parts give the same document.
 *
 * @throws {z.ZodError} when something does not fit the format, which nothing that is kept should bring about.
 */
export function composeNotice(parts: NoticeParts): NoticeDocument {
  const groups = groupsOf(parts.cases)
  const works = new Map(parts.cases.map(({ recording }) => [recording.id, recording]))
  const engine = Math.max(...parts.cases.map((one) => findOf(one).match.engineVersion))
  return NoticeDocument.parse({
    schema: 'earwitness/notice/1',
    number: parts.number,
    version: parts.version,
    ...present({ supersedes: parts.supersedes, replyTo: parts.replyTo }),
    issuedAt: parts.issuedAt.toISOString(),
    language: parts.language,
    regimes: [...parts.regimes],
    issuer: { service: 'Earwitness', version: parts.serviceVersion, engineVersion: String(engine) },
    complainant: complainantOf(parts.tenant),
    recipient: recipientOf(parts.recipient),
    host: parts.host,
    works: [...works.values()].map((recording) => workOf(recording, parts)),
    locations: groups.map(locationOf),
    matches: groups.flatMap((group) => group.map((one) => matchOf(one, group[0].opened.id))),
    exceptions: groups.flatMap((group) => group.flatMap((one) => reviewsOf(one, group[0].opened.id))),
    details: parts.details,
    statements: { status: 'open', templates: parts.statements.templates, texts: parts.statements.texts },
    evidence: evidenceFor(parts.cases),
  } satisfies NoticeDocument)
}

/** Who signs, and how they proved who they are. */
export interface MadeSignature {
  readonly signer: Pick<Member, 'id' | 'name' | 'title'>
  /** `/s/` and the name. */
  readonly signatureText: string
  readonly signedAt: Date
  readonly secondFactor: 'totp' | 'passkey'
}

/** The document with its statements made; their wording stays as it was shown. */
export const withSignature = (document: NoticeDocument, made: MadeSignature): NoticeDocument => ({
  ...document,
  statements: {
    status: 'made',
    templates: document.statements.templates,
    texts: document.statements.texts,
    signatory: {
      name: made.signer.name,
      ...present({ title: oneLine(made.signer.title, 200) }),
      memberId: made.signer.id,
      signatureText: made.signatureText,
      signedAt: made.signedAt.toISOString(),
      secondFactor: made.secondFactor,
    },
  },
})
