import { z } from 'zod'

import { ItemId, Sha256, SubmissionId, TenantId } from '../core/ids.ts'
import { StoredProblem, type Transitions } from '../core/stages.ts'

/** The stage names the job that must run next; `compare` waits for the items, which have stages of their own. */
export const SubmissionStage = z.enum(['fetch', 'unpack', 'compare', 'done', 'failed'])
export type SubmissionStage = z.infer<typeof SubmissionStage>
export const ItemStage = z.enum(['fingerprint', 'match', 'done', 'failed'])
export type ItemStage = z.infer<typeof ItemStage>

/** What may follow what: here to the compiler, in core/stages.ts to the row. */
export const submissionTransitions = {
  fetch: ['unpack'],
  unpack: ['compare'],
  compare: ['done'],
} as const satisfies Transitions
export const itemTransitions = {
  fingerprint: ['match'],
  match: ['done', 'fingerprint'],
} as const satisfies Transitions

/** A suspect link or file that somebody asked us to examine. */
export const Submission = z.object({
  id: SubmissionId,
  tenantId: TenantId,
  kind: z.enum(['url', 'file']),
  url: z.string().nullable(),
  fileName: z.string().nullable(),
  note: z.string().nullable(),
  stage: SubmissionStage,
  problem: StoredProblem.nullable(),
  progress: z.number(),
  blobSha256: Sha256.nullable(),
  bytes: z.number().nullable(),
  createdAt: z.date(),
  endedAt: z.date().nullable(),
})
export type Submission = z.infer<typeof Submission>

/** Names and identifiers found inside a suspect file: shown beside the audio evidence, never alone a ground. */
export const SuspectTags = z.object({
  title: z.string().optional(),
  artists: z.array(z.string()).optional(),
  album: z.string().optional(),
  isrc: z.array(z.string()).optional(),
  codec: z.string().optional(),
  container: z.string().optional(),
  bitRate: z.number().optional(),
})
export type SuspectTags = z.infer<typeof SuspectTags>

/** What a suspect was held against: the answer to "nothing found — among what?". */
export const Compared = z.object({
  recordings: z.number(),
  hours: z.number(),
  engineVersion: z.number(),
  /** How sure the search had to be (services/audio/search/decide.ts); not known of older comparisons. */
  falseClaimsPerMillion: z.number().optional(),
  seconds: z.number(),
  at: z.string(),
})
export type Compared = z.infer<typeof Compared>

/** One thing to examine: the file itself or a member of what was unpacked. */
export const Item = z.object({
  id: ItemId,
  tenantId: TenantId,
  submissionId: SubmissionId,
  name: z.string(),
  mediaType: z.string(),
  sha256: Sha256,
  bytes: z.number(),
  stage: ItemStage,
  problem: StoredProblem.nullable(),
  progress: z.number(),
  durationMs: z.number().nullable(),
  /** Decoding broke off after `durationMs`: the rest was not examined. */
  truncated: z.boolean(),
  tags: SuspectTags.nullable(),
  compared: Compared.nullable(),
  mediaHeld: z.boolean(),
})
export type Item = z.infer<typeof Item>

/** The five steps as people follow them, and how far the present one has come. */
export const pipelineSteps = ['fetch', 'unpack', 'fingerprint', 'match', 'done'] as const
export type PipelineStep = (typeof pipelineSteps)[number] | 'failed'

/** Where a submission stands: its own stage, or while items are compared that of the item furthest behind. */
export function standing(
  submission: Submission,
  items: readonly Item[],
): { step: PipelineStep; progress: number } {
  if (submission.stage !== 'compare') return { step: submission.stage, progress: submission.progress }
  const behind =
    items.find(({ stage }) => stage === 'fingerprint') ?? items.find(({ stage }) => stage === 'match')
  const step = behind?.stage === 'fingerprint' ? 'fingerprint' : 'match'
  const shareOf = (item: Item): number => {
    if (item.stage === step) return item.progress
    return item.stage === 'fingerprint' ? 0 : 1
  }
  const progress = items.length === 0 ? 0 : items.reduce((sum, item) => sum + shareOf(item), 0) / items.length
  return { step, progress }
}

/** A URL that is handed in: http or https, of a length that every browser and host takes. */
export const SubmittedUrl = z
  .url({ protocol: /^https?$/, error: 'an http or https address' })
  .max(2048)
  .describe('Address of the suspect file or page')

/** Hosts whose addresses name the file, or its key, after the `#`: without it all their files would be one place. */
const HOSTS_WITH_KEY_IN_FRAGMENT = /^(?:[a-z0-9-]+\.)*mega\.(?:nz|io|co\.nz)$/

/**
 * An address as the key of a location: scheme, host and default port lower-cased and dropped,
 * fragment dropped where it only scrolls. Path and query stay as they are: hosts may tell files apart by either.
 */
export function locationKeyOf(url: string): string {
  const parsed = new URL(url)
  if (!HOSTS_WITH_KEY_IN_FRAGMENT.test(parsed.hostname)) parsed.hash = ''
  return parsed.href
}

/** Whether a program might take a text for an address. */
const LOOKS_LIKE_ADDRESS = /:\/\/|\bwww\./i

/**
 * An address, and every address inside it, that no mail program or browser turns into a link:
 * `hxxps://host[.]example/path`. A plain file name stays as it is.
 */
export const defang = (text: string): string =>
  LOOKS_LIKE_ADDRESS.test(text)
    ? text
        .replaceAll(/http(?=s?(:|%3a))/gi, 'hxxp')
        .replaceAll(/(?<=[\p{L}\p{N}])\.(?=[\p{L}\p{N}])/gu, '[.]')
    : text
