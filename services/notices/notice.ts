import { createHash } from 'node:crypto'

import canonicalize from 'canonicalize'
import { z } from 'zod'

import { isrc, line, milliseconds, probability, sha256, url, utc } from '../core/document-fields.ts'

/** Recipients refuse longer lists (Cloudflare's limit is 250); batches are cut to the recipient's own limit. */
export const LOCATIONS_MAX = 1000
/** A notice speaks about one host's copies of a release or a handful, not about a catalogue. */
const WORKS_MAX = 1000
const PASSAGES_MAX = 50
/** Long enough for what a person explains, short enough to be read. */
const EXPLANATION_CHARACTERS_MAX = 4000
/** Article 16(2)(a) of the DSA wants a substantiated explanation: a few words are none. */
export const EXPLANATION_CHARACTERS_MIN = 40

/** By which law removal is demanded; which statements and fields each needs is in readiness/ and statements/. */
export const Regime = z.enum(['US_512C', 'US_512D', 'EU_DSA_16', 'UK_ECR_22', 'IN_RULE_75', 'GENERIC'])
export type Regime = z.infer<typeof Regime>

export const Language = z.enum(['en', 'de', 'fr', 'es', 'hi', 'ja'])
export type Language = z.infer<typeof Language>

export const StatementCode = z.enum([
  'good_faith',
  'accuracy',
  'authority',
  'dsa_bona_fide',
  'in_not_s52',
  'in_suit_undertaking_21d',
])
export type StatementCode = z.infer<typeof StatementCode>

/** Several lines of text: no control characters but the end of a line. */
const lines = (charactersMax: number) =>
  z
    .string()
    .min(1)
    .max(charactersMax)
    .regex(/^(?:[^\p{Cc}\p{Cs}]|\n)*$/u, 'must be well-formed text')

/** What a person writes for a notice before it is signed; nothing in it is made up by the machine. */
export const NoticeDetails = z.strictObject({
  illegalityExplanation: lines(EXPLANATION_CHARACTERS_MAX)
    .optional()
    .describe('Why the copies are unlawful, in own words; the DSA asks for it'),
  storage: line(500)
    .optional()
    .describe('Where the copies are kept, as far as known; Indian rule 75 asks for it'),
  notes: lines(EXPLANATION_CHARACTERS_MAX).optional().describe('Anything else the recipient should know'),
})
export type NoticeDetails = z.infer<typeof NoticeDetails>

const Party = z.strictObject({
  name: line(200).describe('A company or a person'),
  contact: line(200).optional().describe('The person to ask for'),
  address: line(500).optional().describe('Postal address without the country'),
  country: z
    .string()
    .regex(/^[A-Z]{2}$/)
    .optional()
    .describe('ISO 3166-1 alpha-2'),
  phone: z
    .string()
    .regex(/^\+[1-9]\d{6,14}$/)
    .optional()
    .describe('E.164'),
  email: z.email().max(254).optional().describe('Where an answer may be sent'),
})

const Authority = z.strictObject({
  basis: z.enum(['owner', 'exclusive_licensee', 'agent']).describe('By what right the sender acts'),
  documentSha256: sha256().optional().describe('SHA-256 of the mandate or licence on file'),
  validFrom: z.iso.date().optional().describe('First day'),
  validTo: z.iso.date().optional().describe('Last day'),
  territories: z.array(line(40)).max(300).describe('ISO codes, or Worldwide'),
})

const Recipient = z.strictObject({
  recipientId: z.uuid().describe('The entry in the sender’s list of recipients'),
  role: z
    .enum([
      'platform',
      'designated_agent',
      'hosting',
      'network',
      'cdn',
      'registrar',
      'registry',
      'search_engine',
    ])
    .describe('Why this recipient can act'),
  name: line(200).describe('Who is asked to act'),
  email: z.email().max(254).optional().describe('Where notices go'),
  formUrl: url().optional().describe('Form for notices'),
  country: z
    .string()
    .regex(/^[A-Z]{2}$/)
    .optional()
    .describe('ISO 3166-1 alpha-2'),
  source: line(60).describe('How the recipient was found'),
  resolvedAt: utc().describe('When'),
})

const Work = z.strictObject({
  workId: z.uuid().describe('The recording in the catalogue'),
  kind: z.literal('sound_recording').describe('The kind of right this notice speaks of'),
  title: line(500).describe('Title as registered, in its own script'),
  artists: z.array(line(300)).max(100).describe('Main artists in the order of the credit'),
  rightsHolder: line(300).describe('Who holds the right in the recording'),
  isrc: isrc().optional().describe('ISO 3901, without hyphens'),
  iswc: z
    .string()
    .regex(/^T\d{10}$/)
    .optional()
    .describe('ISO 15707, without separators'),
  gtin: z
    .string()
    .regex(/^\d{8,14}$/)
    .optional()
    .describe('UPC or EAN of the release'),
  releaseTitle: line(500).optional().describe('Release it came out on'),
  label: line(300).optional().describe('Label of the release'),
  pLine: line(300).optional().describe('Year and owner of the phonogram right, without the ℗ sign'),
  officialUrl: url().optional().describe('Where it can lawfully be heard'),
  registrationNumber: line(60).optional().describe('US Copyright Office'),
  durationMs: milliseconds().optional().describe('Length in milliseconds'),
  authority: Authority.describe('The right under which this work is claimed'),
})

const Location = z.strictObject({
  locationId: z.uuid().describe('The case'),
  caseNumber: z
    .string()
    .regex(/^EW-\d{4}-\d{6}$/)
    .describe('Number of the case'),
  url: line(2048).describe('The address exactly as observed'),
  canonicalUrl: line(2048).describe('The same in the form by which duplicates are told'),
  pageUrl: url().optional().describe('The page that leads to it'),
  observedAt: utc().describe('When it was last seen there'),
  address: z.union([z.ipv4(), z.ipv6()]).optional().describe('IP address of the host that answered'),
  fileName: line(500).optional().describe('Name of the file'),
  mediaType: line(200).optional().describe('Media type'),
  bytes: z.int().min(0).optional().describe('Length of the file'),
  sha256: sha256().optional().describe('SHA-256 of the file'),
  uploader: line(300).optional().describe('Account that offers it, as the platform shows it'),
  workIds: z.array(z.uuid()).min(1).max(WORKS_MAX).describe('What was found there'),
  matchIds: z.array(z.uuid()).min(1).max(WORKS_MAX).describe('By which matches'),
})

const Passage = z.strictObject({
  suspectFromMs: milliseconds().describe('In the copy'),
  suspectToMs: milliseconds(),
  recordingFromMs: milliseconds().describe('In the recording'),
  recordingToMs: milliseconds(),
  change: z.enum(['none', 'speed', 'pitch', 'tempo']).describe('How the copy differs'),
  speed: z.number().positive().describe('1.04: 4 % faster'),
  pitch: z.number().positive().describe('Ratio of frequencies'),
  falseMatchProbability: probability(),
})

const Match = z.strictObject({
  matchId: z.uuid().describe('The match'),
  workId: z.uuid().describe('Which work'),
  locationId: z.uuid().describe('Which location'),
  engineVersion: z.int().describe('Version of the matching engine'),
  confidence: probability().describe('By audio, names and cover together; 1 is certain'),
  falseMatchProbability: probability().describe('By the audio alone'),
  shareOfRecording: probability(),
  shareOfCopy: probability(),
  summary: line(2000).describe('The find in plain words'),
  passages: z.array(Passage).max(PASSAGES_MAX).describe('Where recording and copy meet; the longest first'),
})

const ExceptionsReview = z.strictObject({
  locationId: z.uuid().describe('Which location'),
  reviewer: line(200).describe('Who considered the exceptions of the law'),
  at: utc().describe('When'),
  outcome: z.literal('not_excepted'),
  reasons: z.array(line(2000)).max(20).describe('What was considered and why it does not apply'),
})

const StatementText = z.strictObject({
  code: StatementCode,
  text: lines(2000).describe('Wording as it was shown'),
})

const Statements = z.discriminatedUnion('status', [
  z.strictObject({
    status: z.literal('open').describe('Nobody has made the statements yet'),
    templates: line(100).describe('Name and version of the wording'),
    texts: z.array(StatementText).min(1),
  }),
  z.strictObject({
    status: z.literal('made').describe('All were made by the signatory'),
    templates: line(100).describe('Name and version of the wording'),
    texts: z.array(StatementText).min(1),
    signatory: z
      .strictObject({
        name: line(200).describe('The person'),
        title: line(200).optional().describe('Their function'),
        memberId: z.uuid().describe('Their account'),
        signatureText: line(220)
          .regex(/^\/s\/ .{2,}$/)
          .describe('Electronic signature as typed: /s/ and the name'),
        signedAt: utc().describe('When'),
        secondFactor: z
          .enum(['totp', 'passkey'])
          .describe('How they proved who they are, beside the password'),
      })
      .describe('Who made the statements: always a person'),
  }),
])

const Evidence = z.strictObject({
  kind: line(60).describe('Such as suspect_file, capture, match_report'),
  sha256: sha256(),
  bytes: z.int().min(0),
  mediaType: line(200),
  capturedAt: utc(),
  held: z.boolean().describe('Whether the item itself is kept, or only known by its hash'),
})

/**
 * The canonical notice, version 1 of its format: every form in which a recipient gets it is rendered from this one
 * document, which refers to nothing outside. It is frozen when it is signed; a correction is a new version.
 */
export const NoticeDocument = z.strictObject({
  schema: z.literal('earwitness/notice/1').describe('Name and version of this format'),
  number: z
    .string()
    .regex(/^EN-\d{4}-\d{6}$/)
    .describe('Number of the notice, the same in all versions'),
  version: z.int().min(1).describe('1, then one more for every correction'),
  supersedes: z
    .strictObject({ version: z.int().min(1), documentSha256: sha256() })
    .optional()
    .describe('The signed version that this one replaces'),
  issuedAt: utc().describe('When it was composed'),
  language: Language,
  regimes: z.array(Regime).min(1).max(6).describe('By which law removal is demanded'),
  issuer: z.strictObject({
    service: z.literal('Earwitness'),
    version: line(60),
    engineVersion: line(60),
  }),
  complainant: Party.describe('Who sends the notice'),
  replyTo: z.email().max(254).optional().describe('The address that answers to this notice go to'),
  recipient: Recipient,
  host: line(253).describe('The host whose copies it is about'),
  works: z.array(Work).min(1).max(WORKS_MAX),
  locations: z.array(Location).min(1).max(LOCATIONS_MAX),
  matches: z
    .array(Match)
    .min(1)
    .max(LOCATIONS_MAX * 2),
  exceptions: z.array(ExceptionsReview).max(LOCATIONS_MAX),
  details: NoticeDetails,
  statements: Statements,
  evidence: z.array(Evidence).max(LOCATIONS_MAX * 5),
})
export type NoticeDocument = z.infer<typeof NoticeDocument>
export type NoticeWork = NoticeDocument['works'][number]
export type NoticeLocation = NoticeDocument['locations'][number]
export type NoticeMatch = NoticeDocument['matches'][number]
export type NoticeParty = z.infer<typeof Party>

/** The format as JSON Schema 2020-12, published by the service. */
export function noticeJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(NoticeDocument, { target: 'draft-2020-12' })
  return { $schema, $id: '/schemas/notice-1.json', title: 'Earwitness notice', ...schema }
}

/**
 * Freezes a document: its canonical JSON (RFC 8785) and the SHA-256 of that text in UTF-8, lower-case hex.
 *
 * @throws {z.ZodError} when the document does not fit its schema: nothing else may be signed.
 */
export function freezeNotice(document: NoticeDocument): { text: string; sha256: string } {
  const text = canonicalize(NoticeDocument.parse(document))
  if (text === undefined) throw new Error('A notice has no canonical JSON')
  return { text, sha256: createHash('sha256').update(text, 'utf8').digest('hex') }
}

/** One thing that keeps a notice from being signed. */
export const OpenPoint = z.strictObject({
  rule: z
    .string()
    .regex(/^R\d\d$/)
    .describe('Number of the rule'),
  code: z.string().describe('For machines'),
  pointer: z.string().describe('RFC 6901 pointer into the notice'),
  todo: line(500).describe('What a person should do'),
})
export type OpenPoint = z.infer<typeof OpenPoint>
