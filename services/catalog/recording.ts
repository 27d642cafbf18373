import { z } from 'zod'

import { RecordingId, ReleaseId, Sha256, TenantId } from '../core/ids.ts'
import { StoredProblem, type Transitions } from '../core/stages.ts'
import { parseIsrc, parseUpc } from '../metadata/identifiers/identifiers.ts'
import { artistsKey, nameKey } from '../metadata/normalise.ts'
import { NewRight, RIGHTS_MAX, RecordingRight } from './rights.ts'

/** `index`: uploaded audio waits for its fingerprint. `registered`: names only. `done`: recognisable. */
export const RecordingStage = z.enum(['index', 'registered', 'done', 'failed'])
export type RecordingStage = z.infer<typeof RecordingStage>

export const recordingTransitions = { index: ['done'] } as const satisfies Transitions

/** What is done about a copy: `block` opens a case, `monitor` only counts it, `allow` lets it be. */
export const RecordingPolicy = z.enum(['block', 'monitor', 'allow'])
export type RecordingPolicy = z.infer<typeof RecordingPolicy>

/** A recording that is protected. Times in milliseconds. */
export const Recording = z.object({
  id: RecordingId,
  tenantId: TenantId,
  title: z.string(),
  version: z.string().nullable(),
  artists: z.array(z.string()),
  featured: z.array(z.string()),
  isrc: z.string().nullable(),
  iswc: z.string().nullable(),
  durationMs: z.number().nullable(),
  rightsHolder: z.string(),
  pLine: z.string().nullable(),
  language: z.string().nullable(),
  genre: z.string().nullable(),
  explicit: z.boolean().nullable(),
  /** The holder's own number. */
  ownId: z.string().nullable(),
  policy: RecordingPolicy,
  /** Addresses and channels where it may be found, by the holder's leave. */
  authorised: z.array(z.string()),
  /** By its holder's own word: then nothing may be demanded for it. */
  publicDomain: z.boolean(),
  /** Of the US Copyright Office. */
  registrationNumber: z.string().nullable(),
  /** Where it is to be had lawfully, so that a recipient can compare. */
  officialUrl: z.string().nullable(),
  /** None means the whole, worldwide. */
  rights: z.array(RecordingRight),
  /** Where rights are held on the day it is read; see `territoriesHeld`. */
  territories: z.array(z.string()),
  releaseId: ReleaseId.nullable(),
  releaseTitle: z.string().nullable(),
  label: z.string().nullable(),
  upc: z.string().nullable(),
  grid: z.string().nullable(),
  catalogNumber: z.string().nullable(),
  cLine: z.string().nullable(),
  stage: RecordingStage,
  problem: StoredProblem.nullable(),
  progress: z.number(),
  audioSha256: Sha256.nullable(),
  audioHeld: z.boolean(),
  hasFingerprint: z.boolean(),
  /** Since when the holder no longer claims it: it is not matched any more. */
  withdrawnAt: z.date().nullable(),
  /** Until then it is unreleased; see embargo.ts. It may have passed. */
  embargoUntil: z.date().nullable(),
  /** Another account claims it as well, today and somewhere where this one does; see conflicts.ts. */
  disputed: z.boolean(),
  createdAt: z.date(),
})
export type Recording = z.infer<typeof Recording>

const isrc = z
  .string()
  .max(40)
  .transform((text, context) => {
    const code = parseIsrc(text)
    if (code === undefined)
      context.addIssue({
        code: 'custom',
        message: 'not an ISRC: two letters, three letters or digits, seven digits, e.g. AA-6Q7-20-00047',
      })
    return code ?? z.NEVER
  })
const upc = z
  .string()
  .max(40)
  .transform((text, context) => {
    const code = parseUpc(text)
    if (code === undefined)
      context.addIssue({
        code: 'custom',
        message: 'not a UPC or EAN: 8, 12, 13 or 14 digits of which the last is the check digit',
      })
    return code ?? z.NEVER
  })
const territory = z.string().regex(/^(Worldwide|[A-Z]{2})$/, 'Worldwide or a two-letter country code')

/** What is given to register a recording. Identifiers are normalised while they are checked. */
export const NewRecording = z.object({
  title: z
    .string()
    .trim()
    .min(1)
    .max(500)
    .refine((text) => nameKey(text) !== '', 'needs a letter or a digit')
    .describe('Title without version words'),
  version: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .optional()
    .describe('What tells it from others of the same title, e.g. Live in Delhi'),
  artists: z.array(z.string().trim().min(1).max(300)).min(1).max(50).describe('Main artists, in order'),
  isrc: isrc.optional().describe('ISRC, with or without hyphens'),
  durationMs: z
    .int()
    .positive()
    .max(86_400_000)
    .optional()
    .describe('Duration in milliseconds; found from the audio when not given'),
  rightsHolder: z
    .string()
    .trim()
    .min(1)
    .max(300)
    .optional()
    .describe('Owner or exclusive licensee of the recording; the account when not given'),
  pLine: z.string().trim().min(1).max(300).optional().describe('(P) line, e.g. 2020 Example Records'),
  embargoUntil: z.iso
    .datetime({ offset: true })
    .transform((text) => new Date(text))
    .optional()
    .describe('Until then it is unreleased; of one that is known already nothing is changed'),
  territories: z
    .array(territory)
    .min(1)
    .max(250)
    .default(['Worldwide'])
    .describe('Where the rights are held'),
  release: z
    .object({
      title: z.string().trim().min(1).max(500),
      upc: upc.optional(),
      label: z.string().trim().min(1).max(300).optional(),
      releaseDate: z.iso.date().optional(),
    })
    .optional(),
})
export type NewRecording = z.infer<typeof NewRecording>
/** What a caller writes: identifiers in any spelling, defaults left out. */
export type NewRecordingInput = z.input<typeof NewRecording>

const text = (lengthMax: number) => z.string().trim().min(1).max(lengthMax)
const people = z.array(text(300)).max(50)

/** What of a recording can be corrected; null takes a value away. */
export const RecordingEdit = z
  .strictObject({
    title: NewRecording.shape.title,
    version: text(200).nullable(),
    artists: NewRecording.shape.artists,
    featured: people.describe('Featured artists, in order'),
    isrc: isrc.nullable(),
    iswc: z
      .string()
      .regex(/^T\d{10}$/, 'T and ten digits')
      .nullable(),
    rightsHolder: text(300),
    pLine: text(300).nullable(),
    language: text(35).nullable().describe('BCP 47, e.g. hi'),
    genre: text(100).nullable(),
    explicit: z.boolean().nullable(),
    ownId: text(200).nullable().describe('Your own number of it'),
    policy: RecordingPolicy.describe(
      '`block`: a copy opens a case. `monitor`: it is only counted. `allow`: it may be',
    ),
    authorised: z
      .array(text(2_048))
      .max(200)
      .describe('Addresses and channels where it may be found, by your leave'),
    publicDomain: z.boolean().describe('It is in the public domain: nothing is demanded for it any more'),
    registrationNumber: text(60).nullable().describe('Registration number of the US Copyright Office'),
    officialUrl: z
      .url({ protocol: /^https?$/ })
      .max(2_048)
      .nullable()
      .describe('Where it is to be had lawfully'),
    rights: z.array(NewRight).max(RIGHTS_MAX).describe('Replaces all; an empty list: the whole, worldwide'),
  })
  .partial()
export type RecordingEdit = z.infer<typeof RecordingEdit>

/** Title, version and artists without regard to case, width, accents and order: the key of a recording that has no ISRC. */
export const recordingNameKey = (recording: Pick<NewRecording, 'title' | 'version' | 'artists'>): string =>
  `${nameKey(recording.title)}|${nameKey(recording.version ?? '')}|${artistsKey(recording.artists)}`

/** What a search looks into: title, version, artists, and identifiers as typed. */
export const searchKey = (recording: Pick<Recording, 'title' | 'version' | 'artists' | 'isrc'>): string =>
  nameKey([recording.title, recording.version ?? '', ...recording.artists, recording.isrc ?? ''].join(' '))
