import { createHash } from 'node:crypto'

import canonicalize from 'canonicalize'
import { z } from 'zod'

import { isrc, line, milliseconds, probability, sha256, url, utc } from '../core/document-fields.ts'
import { ReportPassage as Passage } from './report-passage.ts'
import { checkReferences } from './report-references.ts'

/** Recipients refuse longer lists; ours are split by recipient and host long before that. */
const LOCATIONS_MAX = 1000
/** One report speaks about one release or a handful of recordings, not about a catalogue. */
const WORKS_MAX = 200
/** A DJ mix or a chopped copy has dozens of passages; hundreds would mean that alignment went wrong. */
const PASSAGES_MAX = 200
/** What a file says about itself in more entries than these is not worth printing. */
const TAGS_MAX = 40

const Party = z
  .strictObject({
    name: line(200).describe('Who sends the report: a company or a person'),
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
      .describe('E.164, for example +912255550100'),
    email: z.email().max(254).optional().describe('Where the recipient may answer'),
  })
  .describe('How to reach the sender')

const Work = z
  .strictObject({
    workId: z.uuid().describe('The recording in the catalogue'),
    title: line(500).describe('Title as registered, in its own script'),
    kind: z.literal('sound_recording').describe('The kind of right this report speaks of'),
    artists: z.array(line(300)).max(100).describe('Main artists in the order of the credit'),
    isrc: isrc().optional().describe('ISO 3901, without hyphens'),
    upc: z
      .string()
      .regex(/^(\d{8}|\d{12,14})$/)
      .optional()
      .describe('GTIN of the release'),
    releaseTitle: line(500).optional().describe('Title of the release it came out on'),
    label: line(300).optional().describe('Label of the release'),
    pLine: line(300).optional().describe('Year and owner of the phonogram right, without the ℗ sign'),
    durationMs: milliseconds().describe('Length of the registered recording in milliseconds'),
    territories: z.array(line(40)).max(300).describe('Where the right is held: ISO codes, or Worldwide'),
  })
  .describe('A protected recording')

const Tls = z
  .strictObject({
    subject: line(500).optional().describe('Subject of the leaf certificate'),
    issuer: line(500).optional().describe('Who issued it'),
    validTo: utc().optional().describe('When it ends'),
    certificateSha256: sha256().optional().describe('SHA-256 of the certificate in DER'),
  })
  .describe('The certificate the host showed')

const Location = z
  .strictObject({
    locationId: z.uuid().describe('The submission or its item'),
    kind: z.enum(['url', 'file']).describe('A public address, or a file that was handed in'),
    url: url().optional().describe('The address exactly as observed; required for kind url'),
    finalUrl: url().optional().describe('Where redirects led, when elsewhere'),
    pageUrl: url().optional().describe('The page that leads to it'),
    fileName: line(500).optional().describe('Name of the file; required for kind file'),
    observedAt: utc().describe('When it was fetched or handed in'),
    address: z.union([z.ipv4(), z.ipv6()]).optional().describe('IP address that answered'),
    httpStatus: z.int().min(100).max(599).optional().describe('Status of the last response'),
    contentType: line(200).optional().describe('Media type the host declared'),
    bytes: z.int().min(0).describe('Length of the file in bytes'),
    durationMs: milliseconds().optional().describe('Length of its audio in milliseconds'),
    truncated: z
      .literal(true)
      .optional()
      .describe('Present when decoding broke off: only the first durationMs was examined'),
    sha256: sha256().describe('SHA-256 of the bytes that were compared'),
    tls: Tls.optional(),
  })
  .describe('Where the suspect copy was')

const Compared = z
  .strictObject({
    recordings: z.int().min(0).describe('Recordings of the catalogue at that time'),
    hours: z.number().min(0).describe('How long they are together'),
    falseClaimsPerMillion: z
      .number()
      .positive()
      .optional()
      .describe('Of a million files that contain none of them, how many the search was allowed to claim'),
    at: utc().describe('When'),
  })
  .describe('What the suspect was compared with')

const Match = z
  .strictObject({
    matchId: z.uuid().describe('The match'),
    workId: z.uuid().describe('Which work'),
    locationId: z.uuid().describe('Which location'),
    confidence: probability().describe('By audio, names and cover together; 1 is certain'),
    falseMatchProbability: probability().describe(
      'Chance that the match as a whole is false, by the audio alone',
    ),
    summary: line(2000).describe('The find in plain words'),
    passages: z.array(Passage).min(1).max(PASSAGES_MAX).describe('In order of suspect time'),
    shareOfRecording: probability().describe('Share of the recording that was found'),
    shareOfSuspect: probability().describe('Share of the suspect that was recognised'),
    identifiers: z
      .strictObject({
        isrcFound: line(40).optional().describe('ISRC written in the file'),
        titleFound: line(500).optional().describe('Title written in the file'),
        artistsFound: z.array(line(300)).max(100).optional().describe('Artists written in the file'),
        tags: z
          .record(line(64), line(500))
          .refine((tags) => Object.keys(tags).length <= TAGS_MAX, `at most ${TAGS_MAX} tags`)
          .optional()
          .describe('Further tags worth showing'),
      })
      .describe('What the suspect file says about itself; it supports the find, it is not its reason'),
    compared: Compared.optional(),
  })
  .describe('One work found at one location')

const Texts = z
  .strictObject({
    goodFaith: line(2000).describe('Full wording of the good-faith statement'),
    accuracy: line(2000).describe('Full wording of the accuracy statement'),
    authority: line(2000).describe('Full wording of the statement of authority'),
  })
  .describe('The wording that was shown to the signatory')

const Signatory = z
  .strictObject({
    name: line(200).describe('The person'),
    title: line(200).describe('Their function'),
    memberId: z.uuid().describe('Their account'),
    signatureText: line(220)
      .regex(/^\/s\/ .{2,}$/)
      .describe('Electronic signature as typed: /s/ and the name'),
    signedAt: utc().describe('When'),
  })
  .describe('Who made the statements: always a person')

const Statements = z
  .discriminatedUnion('status', [
    z.strictObject({
      status: z.literal('open').describe('Nobody has made the statements yet'),
      texts: Texts,
    }),
    z.strictObject({
      status: z.literal('made').describe('All three were made by the signatory'),
      goodFaith: z.literal(true).describe('Good-faith belief that the use is not authorised'),
      accuracy: z.literal(true).describe('The information is accurate'),
      authorityUnderPenaltyOfPerjury: z.literal(true).describe('Authorised to act for the right holder'),
      signatory: Signatory,
      texts: Texts,
    }),
  ])
  .describe('Statements only a person can make')

const Recipient = z
  .strictObject({
    name: line(200).describe('Who is asked to act'),
    role: line(60).describe('Such as hosting, platform, designated agent, search engine'),
    email: z.email().max(254).optional().describe('Where notices go'),
    formUrl: url().optional().describe('Form for notices'),
  })
  .describe('To whom the report is addressed')

const Evidence = z
  .strictObject({
    kind: line(60).describe('Such as suspect_file, http_headers, match_report'),
    held: z.boolean().describe('Whether the item itself is kept, or only known by its hash'),
    sha256: sha256().describe('SHA-256 of the stored item'),
    bytes: z.int().min(0).describe('Its length'),
    mediaType: line(200).describe('Its media type'),
    capturedAt: utc().describe('When it was captured'),
  })
  .describe('A stored item that supports the report')

/** One thing that keeps a report from being sent. */
export const OpenPoint = z
  .strictObject({
    code: z
      .enum([
        'contact_incomplete',
        'work_not_identified',
        'location_not_specific',
        'match_missing',
        'statement_missing',
        'recipient_missing',
        'use_allowed',
        'right_not_in_force',
        'ownership_disputed',
        'work_unreleased',
      ])
      .describe('For machines'),
    pointer: z
      .string()
      .regex(/^(\/[^/]+)*$/)
      .max(200)
      .describe('RFC 6901 pointer into this document'),
    todo: line(500).describe('What a person should do'),
  })
  .describe('What is still to be done')
export type OpenPoint = z.infer<typeof OpenPoint>

/**
 * A takedown report, version 1 of its format: everything a recipient, a lawyer or a court needs, in one
 * document that refers to nothing outside. It is frozen when issued; a correction is a new version.
 */
export const ReportDocument = z
  .strictObject({
    schema: z.literal('earwitness/takedown-report/1').describe('Name and version of this format'),
    number: z
      .string()
      .regex(/^EW-\d{4}-\d{6}$/)
      .describe('Number of the report, the same in all versions'),
    version: z.int().min(1).describe('1, then one more for every correction'),
    supersedes: z
      .strictObject({ version: z.int().min(1).describe('The version this one replaces') })
      .optional()
      .describe('Present from version 2'),
    issuedAt: utc().describe('When this version was frozen'),
    caseId: z.uuid().describe('The case it was made from'),
    language: z.literal('en').describe('Language of the wording'),
    issuer: z
      .strictObject({
        service: z.literal('Earwitness').describe('What made the report'),
        version: line(60).describe('Its version'),
        engineVersion: line(60).describe('Version of the matching engine'),
      })
      .describe('The software'),
    complainant: Party,
    rightsHolder: z.strictObject({ name: line(200).describe('Name') }).describe('Who holds the rights'),
    recipient: Recipient.optional(),
    works: z.array(Work).min(1).max(WORKS_MAX).describe('What was copied'),
    locations: z.array(Location).min(1).max(LOCATIONS_MAX).describe('Where the copies were'),
    matches: z.array(Match).min(1).max(LOCATIONS_MAX).describe('What was found where'),
    statements: Statements,
    evidence: z.array(Evidence).max(5000).describe('What is kept, with its hashes'),
    openPoints: z.array(OpenPoint).max(2000).describe('Empty when the report is ready to be sent'),
  })
  .superRefine(checkReferences)
export type ReportDocument = z.infer<typeof ReportDocument>
export type ReportMatch = ReportDocument['matches'][number]
export type { ReportPassage } from './report-passage.ts'
export type ReportLocation = ReportDocument['locations'][number]
export type ReportWork = ReportDocument['works'][number]

/** The format as JSON Schema 2020-12; what JSON Schema cannot say is in report-references.ts. */
export function reportJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(ReportDocument, { target: 'draft-2020-12' })
  return { $schema, $id: '/schemas/takedown-report-1.json', title: 'Earwitness takedown report', ...schema }
}

/**
 * Freezes a document: its canonical JSON (RFC 8785: one spelling, whatever the order of keys) and the
 * SHA-256 of that text in UTF-8, lower-case hex. The hash is what is signed, printed and compared.
 *
 * @throws {z.ZodError} when the document does not fit its schema: nothing else may be frozen.
 */
export function freezeReport(document: ReportDocument): { canonicalJson: string; sha256: string } {
  const canonicalJson = canonicalize(ReportDocument.parse(document))
  if (canonicalJson === undefined) throw new Error('A report has no canonical JSON')
  return { canonicalJson, sha256: createHash('sha256').update(canonicalJson, 'utf8').digest('hex') }
}
