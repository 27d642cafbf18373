import type { NoticeDocument, Regime, StatementCode } from '../../services/notices/notice.ts'
import type { PlaceFacts, ReadinessSubject, WorkFacts } from '../../services/notices/readiness/subject.ts'
import type { Recipient } from '../../services/recipients/recipient.ts'
import {
  SAMPLE_NOW,
  sampleId,
  sampleNotice,
  samplePlace,
  sampleRecipient,
  sampleRegimes,
  sampleSubject,
  sampleWorkFacts,
} from './notice-samples.ts'

const US: readonly Regime[] = ['US_512C', 'US_512D']
const DAY_MS = 24 * 60 * 60_000

/** One thing that is made wrong, and what has to be said of it under which laws. */
export interface Break {
  readonly rule: string
  readonly code: string
  readonly pointer: string
  readonly regimes?: readonly Regime[]
  readonly document?: (document: NoticeDocument) => void
  /** Of the first location. */
  readonly place?: Partial<PlaceFacts>
  readonly work?: Partial<WorkFacts>
  readonly recipient?: Partial<Recipient>
  readonly format?: ReadinessSubject['format']
}

const ago = (ms: number): Date => new Date(SAMPLE_NOW.getTime() - ms)
const first = <T>(list: readonly T[]): T => list[0]!

const contactMissing = (
  field: 'address' | 'country' | 'phone' | 'email',
  regimes: readonly Regime[],
): Break => ({
  rule: 'R06',
  code: 'contact_incomplete',
  pointer: `/complainant/${field}`,
  regimes,
  document: ({ complainant }) => delete complainant[field],
})

const staleSince = (liveAt: Date | undefined): Break => ({
  rule: 'R04',
  code: 'capture_stale',
  pointer: '/locations/0/observedAt',
  place: { liveAt },
})

const CORE_REGIMES: readonly Regime[] = [...US, 'UK_ECR_22', 'GENERIC']
const statementMissing = (
  rule: string,
  code: string,
  missing: StatementCode,
  regimes: readonly Regime[],
): Break => ({
  rule,
  code,
  pointer: '/statements/texts',
  regimes,
  document: ({ statements }) => {
    statements.texts = statements.texts.filter((text) => text.code !== missing)
  },
})
const rule75Missing = (missing: StatementCode): Break =>
  statementMissing('R12', 'in_rule75_fields_missing', missing, ['IN_RULE_75'])

/** Everything that can be wrong with a notice, each alone; by name. */
export const breaks: Readonly<Record<string, Break>> = {
  'R01 a work without any identifier': {
    rule: 'R01',
    code: 'work_not_identified',
    pointer: '/works/0',
    document: ({ works }) => {
      delete first(works).isrc
      delete first(works).pLine
    },
  },
  'R02 the front page of a site': {
    rule: 'R02',
    code: 'location_not_specific',
    pointer: '/locations/0/url',
    document: ({ host, locations }) => (first(locations).url = `https://${host}/`),
  },
  'R03 a case that nobody confirmed': {
    rule: 'R03',
    code: 'match_missing',
    pointer: '/locations/0',
    place: { caseState: 'needs_review' },
  },
  'R03 a claim without a match': {
    rule: 'R03',
    code: 'match_missing',
    pointer: '/locations/0/matchIds',
    document: ({ matches }) => matches.splice(0, 1),
  },
  'R04 seen three days and a minute ago': staleSince(ago(3 * DAY_MS + 60_000)),
  'R04 gone at the last look': staleSince(undefined),
  'R05 on the allow-list': {
    rule: 'R05',
    code: 'authorised_use',
    pointer: '/locations/0',
    place: { bar: 'allowed by the entry “Sample channel”' },
  },
  'R06 no mail address': contactMissing('email', sampleRegimes),
  'R06 no phone': contactMissing('phone', [...US, 'IN_RULE_75']),
  'R06 no postal address': contactMissing('address', [...US, 'IN_RULE_75', 'UK_ECR_22']),
  'R06 no country': contactMissing('country', [...US, 'IN_RULE_75', 'UK_ECR_22']),
  'R07 a right that ended yesterday': {
    rule: 'R07',
    code: 'authority_expired',
    pointer: '/works/0/authority/validTo',
    document: ({ works }) => (first(works).authority.validTo = '2026-11-19'),
  },
  'R07 a right that begins tomorrow': {
    rule: 'R07',
    code: 'authority_expired',
    pointer: '/works/0/authority/validFrom',
    document: ({ works }) => (first(works).authority.validFrom = '2026-11-21'),
  },
  'R07 a work that another account claims': {
    rule: 'R07',
    code: 'authority_scope',
    pointer: '/works/0/authority',
    work: { disputed: true },
  },
  'R09 no good faith': statementMissing('R09', 'statement_missing', 'good_faith', CORE_REGIMES),
  'R09 no statement of accuracy': statementMissing('R09', 'statement_missing', 'accuracy', CORE_REGIMES),
  'R09 no authority': statementMissing('R09', 'statement_missing', 'authority', CORE_REGIMES),
  'R10 no review of exceptions': {
    rule: 'R10',
    code: 'exceptions_review_missing',
    pointer: '/locations/0',
    regimes: [...US, 'EU_DSA_16'],
    place: { review: undefined },
  },
  'R10 a review older than the match': {
    rule: 'R10',
    code: 'exceptions_review_missing',
    pointer: '/locations/0',
    regimes: [...US, 'EU_DSA_16'],
    place: { review: { at: ago(DAY_MS), outcome: 'not_excepted' } },
  },
  'R10 an exception that applies': {
    rule: 'R10',
    code: 'exceptions_review_missing',
    pointer: '/locations/0',
    place: { review: { at: SAMPLE_NOW, outcome: 'excepted' } },
  },
  'R11 no explanation': {
    rule: 'R11',
    code: 'dsa_fields_missing',
    pointer: '/details/illegalityExplanation',
    regimes: ['EU_DSA_16'],
    document: ({ details }) => delete details.illegalityExplanation,
  },
  'R11 an explanation of 39 letters and many spaces': {
    rule: 'R11',
    code: 'dsa_fields_missing',
    pointer: '/details/illegalityExplanation',
    regimes: ['EU_DSA_16'],
    document: ({ details }) => (details.illegalityExplanation = `${'x'.repeat(39)}      `),
  },
  'R11 no bona fide statement': statementMissing('R11', 'dsa_fields_missing', 'dsa_bona_fide', ['EU_DSA_16']),
  'R12 an agent complains': {
    rule: 'R12',
    code: 'in_rule75_fields_missing',
    pointer: '/works/0/authority/basis',
    regimes: ['IN_RULE_75'],
    document: ({ works }) => (first(works).authority.basis = 'agent'),
  },
  'R12 not said where the copies are stored': {
    rule: 'R12',
    code: 'in_rule75_fields_missing',
    pointer: '/details/storage',
    regimes: ['IN_RULE_75'],
    document: ({ details }) => delete details.storage,
  },
  'R12 no undertaking to sue': rule75Missing('in_suit_undertaking_21d'),
  'R12 no word on section 52': rule75Missing('in_not_s52'),
  'R13 demanded of the same recipient already': {
    rule: 'R13',
    code: 'duplicate_notice',
    pointer: '/locations/0/url',
    place: { demandedIn: 'EN-2026-000099' },
  },
  'R13 the same address twice in one notice': {
    rule: 'R13',
    code: 'duplicate_notice',
    pointer: '/locations/1/url',
    document: ({ locations }) => (locations[1]!.canonicalUrl = first(locations).canonicalUrl),
  },
  'R14 looked up 31 days ago by machine': {
    rule: 'R14',
    code: 'recipient_stale',
    pointer: '/recipient/resolvedAt',
    recipient: { resolvedAt: ago(31 * DAY_MS) },
  },
  'R14 looked up 91 days ago by a person': {
    rule: 'R14',
    code: 'recipient_stale',
    pointer: '/recipient/resolvedAt',
    recipient: { source: 'manual', resolvedAt: ago(91 * DAY_MS) },
  },
  'R14 an address that nobody confirmed': {
    rule: 'R14',
    code: 'recipient_stale',
    pointer: '/recipient/source',
    recipient: { source: 'rfc2142', confirmedBy: null },
  },
  'R14 a paused recipient': {
    rule: 'R14',
    code: 'recipient_paused',
    pointer: '/recipient',
    recipient: { pausedAt: SAMPLE_NOW, pausedWhy: 'too many mails came back' },
  },
  'R14 a recipient that ignores notices': {
    rule: 'R14',
    code: 'recipient_unsuitable',
    pointer: '/recipient',
    recipient: { class: 'non_compliant' },
  },
  'R14 a mail without an address': {
    rule: 'R14',
    code: 'recipient_unreachable',
    pointer: '/recipient',
    recipient: { email: null, formUrl: 'https://sample-hosting.example/abuse' },
  },
  'R15 more than the recipient takes': {
    rule: 'R15',
    code: 'batch_too_large',
    pointer: '/locations',
    recipient: { urlsMax: 1 },
  },
  'R15 two hosts': {
    rule: 'R15',
    code: 'mixed_hosts',
    pointer: '/locations/1/url',
    document: ({ locations }) => (locations[1]!.url = 'https://other.sample-hosting.example/d/abc2'),
  },
  'R15 a language it does not read': {
    rule: 'R15',
    code: 'language_not_accepted',
    pointer: '/language',
    recipient: { languages: ['ja'] },
  },
  'R15 a format it does not take': {
    rule: 'R15',
    code: 'format_not_accepted',
    pointer: '/recipient',
    format: 'acns-mail',
  },
  'R16 evidence that changed': {
    rule: 'R16',
    code: 'evidence_tampered',
    pointer: '/locations/0',
    place: { tampered: ['suspect_file'] },
  },
  'R17 held in Japan only': {
    rule: 'R17',
    code: 'territory_not_owned',
    pointer: '/works/0/authority/territories',
    regimes: sampleRegimes.filter((regime) => regime !== 'GENERIC'),
    document: ({ works }) => (first(works).authority.territories = ['JP']),
  },
  'R17 held nowhere': {
    rule: 'R17',
    code: 'territory_not_owned',
    pointer: '/works/0/authority/territories',
    document: ({ works }) => (first(works).authority.territories = []),
  },
}

/** The sample with one or several things made wrong. */
export function broken(regimes: readonly Regime[], all: readonly Break[]): ReadinessSubject {
  const document = sampleNotice({ regimes: [...regimes] })
  for (const each of all) each.document?.(document)
  const merged = <T>(part: (each: Break) => Partial<T> | undefined): Partial<T> =>
    Object.assign({}, ...all.map((each) => part(each) ?? {})) as Partial<T>
  const subject = sampleSubject({ document })
  const places = new Map(subject.places)
  places.set(
    sampleId(201),
    samplePlace(
      sampleId(201),
      merged<PlaceFacts>(({ place }) => place),
    ),
  )
  const workFacts = sampleWorkFacts(
    sampleId(101),
    merged<WorkFacts>(({ work }) => work),
  )
  const format = all.find((each) => each.format)?.format ?? subject.format
  const recipient = sampleRecipient(merged<Recipient>((each) => each.recipient))
  return { ...subject, places, works: new Map([[sampleId(101), workFacts]]), format, recipient }
}
