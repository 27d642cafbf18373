import { createHash } from 'node:crypto'

import canonicalize from 'canonicalize'
import { z } from 'zod'

import { ExposureAuditId, LeakId, LetterId, MemberId, TenantId } from '../core/ids.ts'

/** Works that a letter lists; of more it tells how many, and the table of the audit goes with it. */
export const WORKS_MAX = 1_000
/** A letter names a work when its row is so likely to be of it. */
export const WORK_PROBABILITY_MIN = 0.9

/**
 * `rights-reservation`: a reservation against text and data mining. `data-set-removal`: a request to take works out of a
 * data set.
 */
export const LetterKind = z.enum(['rights-reservation', 'data-set-removal'])
export type LetterKind = z.infer<typeof LetterKind>

export const LetterLanguage = z.enum(['en', 'de'])
export type LetterLanguage = z.infer<typeof LetterLanguage>

/** To whom a letter is written. */
export const LetterRecipient = z.strictObject({
  name: z.string().trim().min(1).max(200),
  address: z.string().trim().max(500).nullable().default(null).describe('Postal address, in lines'),
  email: z.email().max(254).nullable().default(null),
})
export type LetterRecipient = z.infer<typeof LetterRecipient>

/** What is chosen of a letter; everything else is filled in. */
export const NewLetter = z.strictObject({
  kind: LetterKind,
  language: LetterLanguage,
  recipient: LetterRecipient,
  auditId: ExposureAuditId.nullable()
    .default(null)
    .describe('The audit whose answers about this leak are listed; without one the letter lists no works'),
})
export type NewLetter = z.infer<typeof NewLetter>

/** A recording as a letter names it. */
export const LetterWork = z.object({
  isrc: z.string().nullable(),
  title: z.string(),
  artists: z.array(z.string()),
  /** Where its row stands in the manifest: `row 17`. */
  place: z.string().nullable(),
})
export type LetterWork = z.infer<typeof LetterWork>

/** Everything that a letter says, in its language. */
const LetterTexts = z.object({
  title: z.string(),
  subject: z.string(),
  salutation: z.string(),
  paragraphs: z.array(z.string()),
  worksIntro: z.string(),
  closing: z.string(),
})
export type LetterTexts = z.infer<typeof LetterTexts>

/** A letter as it is shown before it is signed. */
export const LetterDraft = z.object({
  schema: z.literal('earwitness-letter-1'),
  kind: LetterKind,
  language: LetterLanguage,
  sender: z.object({
    name: z.string(),
    contactName: z.string().nullable(),
    address: z.string().nullable(),
    country: z.string().nullable(),
    phone: z.string().nullable(),
    email: z.string().nullable(),
  }),
  recipient: LetterRecipient,
  leak: z.object({ id: LeakId, name: z.string() }),
  /** Whose answers it lists, and the hash of them as they were kept. */
  audit: z.object({ id: ExposureAuditId, sha256: z.string() }).nullable(),
  works: z.array(LetterWork),
  /** Of which it lists the first. */
  worksTotal: z.number(),
  texts: LetterTexts,
})
export type LetterDraft = z.infer<typeof LetterDraft>

/** A letter as it was signed: it never changes again. */
export const LetterDocument = LetterDraft.extend({
  id: LetterId,
  signature: z.object({
    text: z.string(),
    name: z.string(),
    title: z.string(),
    signedAt: z.iso.datetime(),
    secondFactor: z.enum(['totp', 'passkey']),
  }),
})
export type LetterDocument = z.infer<typeof LetterDocument>

/** A letter that was signed, as a list shows it. */
export const Letter = z.object({
  id: LetterId,
  tenantId: TenantId,
  leakId: LeakId,
  leakName: z.string(),
  auditId: ExposureAuditId.nullable(),
  kind: LetterKind,
  language: LetterLanguage,
  recipient: z.string(),
  sha256: z.string(),
  signedBy: MemberId,
  signedByName: z.string(),
  signedAt: z.date(),
})
export type Letter = z.infer<typeof Letter>

/** SHA-256 of a document as canonical JSON (RFC 8785), lower-case hex. */
function sha256Of(document: unknown): string {
  const text = canonicalize(document)
  if (text === undefined) throw new Error('A letter has no canonical JSON')
  return createHash('sha256').update(text, 'utf8').digest('hex')
}

/** What of a letter a signer was shown: it comes back with the signature. */
export const shownDigest = (draft: LetterDraft): string => sha256Of(LetterDraft.parse(draft))

/** The hash by which a signed letter is known. */
export const letterDigest = (document: LetterDocument): string => sha256Of(LetterDocument.parse(document))
