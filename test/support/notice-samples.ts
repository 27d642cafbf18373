import { MemberId, RecipientId, TenantId } from '../../services/core/ids.ts'
import type { NoticeDocument, NoticeLocation, NoticeMatch, Regime } from '../../services/notices/notice.ts'
import type { PlaceFacts, ReadinessSubject, WorkFacts } from '../../services/notices/readiness/subject.ts'
import { statementTexts } from '../../services/notices/statements/statements.ts'
import type { Recipient } from '../../services/recipients/recipient.ts'

/** The moment at which the samples are looked at: all of them were made shortly before. */
export const SAMPLE_NOW = new Date('2026-11-20T12:00:00.000Z')

export const sampleRegimes: readonly Regime[] = [
  'US_512C',
  'US_512D',
  'EU_DSA_16',
  'UK_ECR_22',
  'IN_RULE_75',
  'GENERIC',
]

/** A uuid that can be told apart by eye: `sampleId(7)` ends in 7. */
export const sampleId = (number: number): string =>
  `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`

const HOST = 'files.sample-hosting.example'
const RIGHTS_HOLDER = 'Sample Records'
const hash = (digit: string): string => digit.repeat(64)

/** The one work of the samples. */
export const sampleWork = {
  workId: sampleId(101),
  kind: 'sound_recording',
  title: 'First Light',
  artists: ['The Samples'],
  rightsHolder: RIGHTS_HOLDER,
  isrc: 'AA6Q72000047',
  gtin: '190295810726',
  releaseTitle: 'Morning Songs',
  label: 'Sample Records',
  pLine: '2020 Sample Records',
  officialUrl: 'https://records.sample-records.example/first-light',
  durationMs: 225_000,
  authority: {
    basis: 'exclusive_licensee',
    documentSha256: hash('a'),
    validFrom: '2020-01-01',
    validTo: '2030-12-31',
    territories: ['Worldwide'],
  },
} as const satisfies NoticeDocument['works'][number]

/** The n-th location of a notice, from 1. */
export const sampleLocation = (number: number): NoticeLocation => ({
  locationId: sampleId(200 + number),
  caseNumber: `EW-2026-${String(number).padStart(6, '0')}`,
  url: `https://${HOST}/d/abc${number}?ref=list`,
  canonicalUrl: `https://${HOST}/d/abc${number}`,
  observedAt: '2026-11-20T10:15:00.000Z',
  address: '192.0.2.10',
  fileName: `First Light ${number}.mp3`,
  mediaType: 'audio/mpeg',
  bytes: 9_437_184,
  sha256: hash('4'),
  uploader: 'sample-uploader',
  workIds: [sampleWork.workId],
  matchIds: [sampleId(300_000 + number)],
})

/** The match at the n-th location. */
export const sampleMatch = (number: number): NoticeMatch => ({
  matchId: sampleId(300_000 + number),
  workId: sampleWork.workId,
  locationId: sampleId(200 + number),
  engineVersion: 1,
  confidence: 0.999,
  falseMatchProbability: 3.2e-10,
  shareOfRecording: 1,
  shareOfCopy: 0.97,
  summary: 'The copy holds the whole recording unchanged.',
  passages: [
    {
      suspectFromMs: 1000,
      suspectToMs: 226_000,
      recordingFromMs: 0,
      recordingToMs: 225_000,
      change: 'none',
      speed: 1,
      pitch: 1,
      falseMatchProbability: 3.2e-10,
    },
  ],
})

const base = {
  schema: 'earwitness/notice/1',
  number: 'EN-2026-000001',
  version: 1,
  issuedAt: '2026-11-20T11:55:00.000Z',
  language: 'en',
  issuer: { service: 'Earwitness', version: '0.1.0', engineVersion: '1' },
  complainant: {
    name: 'Sample Monitoring',
    contact: 'Notices desk',
    address: '1 Sample Road, Mumbai 400001',
    country: 'IN',
    phone: '+912255550100',
    email: 'notices@sample-monitoring.example',
  },
  replyTo: 'notices+abcdefghijklmnopqrst@replies.sample-monitoring.example',
  recipient: {
    recipientId: sampleId(401),
    role: 'hosting',
    name: 'Sample Hosting',
    email: 'abuse@sample-hosting.example',
    country: 'NL',
    source: 'rdap_ip',
    resolvedAt: '2026-11-20T09:00:00.000Z',
  },
  host: HOST,
  works: [sampleWork],
  details: {
    illegalityExplanation:
      'Each file is a full copy of the sound recording named above, offered to the public without a licence of its holder.',
    storage: 'On the servers of Sample Hosting in the Netherlands, at the addresses listed.',
    notes: 'The account that offers the copies is the same for all addresses.',
  },
  evidence: [
    {
      kind: 'suspect_file',
      sha256: hash('4'),
      bytes: 9_437_184,
      mediaType: 'audio/mpeg',
      capturedAt: '2026-11-20T10:15:00.000Z',
      held: true,
    },
    {
      kind: 'match_report',
      sha256: hash('b'),
      bytes: 2048,
      mediaType: 'application/json',
      capturedAt: '2026-11-20T10:16:00.000Z',
      held: true,
    },
  ],
} as const

/** What changes a sample: top-level fields of the document, and how many locations it has. */
export type SampleNoticeChanges = Partial<NoticeDocument> & { readonly locationCount?: number }

/**
 * A notice that nobody has signed yet, valid by its schema, about two locations unless told otherwise; with what every
 * regime asks for. Statements are those of its regimes and language.
 */
export function sampleNotice({ locationCount = 2, ...changes }: SampleNoticeChanges = {}): NoticeDocument {
  const numbers = Array.from({ length: locationCount }, (_, index) => index + 1)
  const { regimes = ['US_512C', 'EU_DSA_16'], language = base.language } = changes
  const statements = statementTexts({ regimes, language, rightsHolder: RIGHTS_HOLDER, host: HOST })
  return structuredClone({
    ...base,
    regimes,
    works: [...base.works],
    locations: numbers.map(sampleLocation),
    matches: numbers.map(sampleMatch),
    exceptions: numbers.map((number) => ({
      locationId: sampleId(200 + number),
      reviewer: 'Sample Reviewer',
      at: '2026-11-20T11:00:00.000Z',
      outcome: 'not_excepted' as const,
      reasons: ['The whole recording is offered for download, without comment and without other content.'],
    })),
    evidence: [...base.evidence],
    statements: { status: 'open' as const, ...statements },
    ...changes,
  }) as NoticeDocument
}

/** The same with its statements made, as it is frozen and sent. */
export function signedSampleNotice(changes: SampleNoticeChanges = {}): NoticeDocument {
  const notice = sampleNotice(changes)
  return {
    ...notice,
    statements: {
      ...notice.statements,
      status: 'made',
      signatory: {
        name: 'Sample Signer',
        title: 'Authorised agent',
        memberId: sampleId(7),
        signatureText: '/s/ Sample Signer',
        signedAt: '2026-11-20T11:58:00.000Z',
        secondFactor: 'totp',
      },
    },
  }
}

/** The host of the samples as a recipient: found by RDAP three hours ago, takes everything by mail. */
export const sampleRecipient = (changes: Partial<Recipient> = {}): Recipient => ({
  id: RecipientId.parse(sampleId(401)),
  tenantId: TenantId.parse(sampleId(1)),
  role: 'hosting',
  key: 'sample-hosting.example',
  name: 'Sample Hosting',
  email: 'abuse@sample-hosting.example',
  formUrl: null,
  country: 'NL',
  source: 'rdap_ip',
  formats: ['xarf-mail', 'mail'],
  languages: ['en', 'de', 'fr', 'es', 'hi', 'ja'],
  sameHost: true,
  urlsMax: 250,
  mailsPerHour: 30,
  acknowledgeH: 48,
  removeH: 72,
  class: null,
  note: null,
  resolvedAt: new Date('2026-11-20T09:00:00.000Z'),
  confirmedBy: MemberId.parse(sampleId(7)),
  pausedAt: null,
  pausedWhy: null,
  createdAt: new Date('2026-11-20T09:00:00.000Z'),
  ...changes,
})

/** What is known of a location about which nothing is wrong. */
export const samplePlace = (locationId: string, changes: Partial<PlaceFacts> = {}): PlaceFacts => ({
  locationId,
  caseState: 'confirmed',
  liveAt: new Date('2026-11-20T10:15:00.000Z'),
  matchedAt: new Date('2026-11-20T10:16:00.000Z'),
  review: { at: new Date('2026-11-20T11:00:00.000Z'), outcome: 'not_excepted' },
  bar: undefined,
  demandedIn: undefined,
  tampered: [],
  secondLook: false,
  ...changes,
})

/** What is known of a work about which nothing is wrong. */
export const sampleWorkFacts = (workId: string, changes: Partial<WorkFacts> = {}): WorkFacts => ({
  workId,
  publicDomain: false,
  indistinct: false,
  disputed: false,
  ...changes,
})

/** A notice that is ready to be signed under all its regimes; facts are made for whatever its document names. */
export function sampleSubject(changes: Partial<ReadinessSubject> = {}): ReadinessSubject {
  const { document = sampleNotice() } = changes
  return {
    document,
    recipient: sampleRecipient(),
    format: 'mail',
    places: new Map(document.locations.map(({ locationId }) => [locationId, samplePlace(locationId)])),
    works: new Map(document.works.map(({ workId }) => [workId, sampleWorkFacts(workId)])),
    ownDomains: ['sample-records.example'],
    now: SAMPLE_NOW,
    ...changes,
  }
}
