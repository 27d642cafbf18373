import { z } from 'zod'

import { ItemId, Sha256, SubmissionId, TenantId } from '../core/ids.ts'
import { StoredProblem, type Transitions } from '../core/stages.ts'
import { SaidUploader } from '../metadata/claims/said-uploader.ts'
import { PLACE_SEPARATOR } from '../openers/place.ts'
import { Clue } from '../provenance/clue.ts'
import { PartsRead } from './parts-read.ts'

/**
 * The stage names the job that must run next; `queued` waits for its turn among the account's others, `compare` for the
 * items, which have stages of their own.
 */
export const SubmissionStage = z.enum(['queued', 'fetch', 'unpack', 'compare', 'done', 'failed'])
export type SubmissionStage = z.infer<typeof SubmissionStage>
export const ItemStage = z.enum(['follow', 'fingerprint', 'match', 'done', 'failed'])
export type ItemStage = z.infer<typeof ItemStage>

/** What may follow what: here to the compiler, in core/stages.ts to the row. */
export const submissionTransitions = {
  queued: ['fetch'],
  fetch: ['unpack'],
  unpack: ['compare'],
  compare: ['done'],
} as const satisfies Transitions
export const itemTransitions = {
  follow: ['fingerprint', 'match', 'done'],
  fingerprint: ['match', 'follow'],
  match: ['done', 'fingerprint', 'follow'],
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
  /** By which an address is known again (canonical-url.ts); null of a file. */
  urlKey: z.string().nullable(),
  /** What was handed in together with it, and the watched place where it was found. */
  batchId: z.uuid().nullable(),
  watchId: z.uuid().nullable(),
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

/**
 * What an item is. `link`: an address that is not fetched yet, or that robots may not ask for. `media`: it is heard.
 * `cover`: a picture, compared with registered covers. `container`: it was opened, and what is in it are items of their
 * own. `listed`: only named, as in a torrent.
 */
export const ItemKind = z.enum(['media', 'cover', 'container', 'listed', 'link'])
export type ItemKind = z.infer<typeof ItemKind>

/** What an address is expected to lead to, by the page or list that names it; as `LinkRole` of services/openers. */
export const ItemRole = z.enum(['media', 'stream', 'cover', 'list', 'page', 'unknown'])
export type ItemRole = z.infer<typeof ItemRole>

/** One thing in a submission: the file itself, or what was found in it, however deep. */
export const Item = z.object({
  id: ItemId,
  tenantId: TenantId,
  submissionId: SubmissionId,
  /** The followed item in which it was found; null of what the submission itself holds. */
  parentId: ItemId.nullable(),
  kind: ItemKind,
  /** In the submission, in the order in which it was found. */
  number: z.number(),
  name: z.string(),
  /** Names of what it lies in, outermost first. */
  place: z.array(z.string()),
  /** Where it was fetched, or is to be; null of what lies in a file. */
  url: z.string().nullable(),
  /** The page or list that leads to its address. */
  pageUrl: z.string().nullable(),
  role: ItemRole.nullable(),
  /** Who put it there, as the page says that leads to its address. */
  saidUploader: SaidUploader.nullable(),
  mediaType: z.string(),
  /** Null until it is fetched, and of what is only named. */
  sha256: Sha256.nullable(),
  bytes: z.number().nullable(),
  /** Which bytes were read, when not all were. */
  read: PartsRead.nullable(),
  stage: ItemStage,
  problem: StoredProblem.nullable(),
  progress: z.number(),
  durationMs: z.number().nullable(),
  /** Decoding broke off after `durationMs`: the rest was not examined. */
  truncated: z.boolean(),
  tags: SuspectTags.nullable(),
  compared: Compared.nullable(),
  mediaHeld: z.boolean(),
  /** Of its audio alone, without tags: copies of one file that were tagged anew have the same. */
  audioSha256: Sha256.nullable(),
  /** Of where it comes from; null when nobody looked. */
  clues: z.array(Clue).nullable(),
})
export type Item = z.infer<typeof Item>

/** An item whose bytes were had: what recordings are found in. */
export const MediaItem = Item.extend({ sha256: Sha256, bytes: z.number() })
export type MediaItem = z.infer<typeof MediaItem>

/** An item with all that it lies in: `album.zip › 03 - Title.mp3`. */
export const placedName = ({ place, name }: Pick<Item, 'place' | 'name'>): string =>
  [...place, name].join(PLACE_SEPARATOR)

/** The steps as people follow them; `queued` and `follow` are not there for every submission. */
export const pipelineSteps = ['queued', 'fetch', 'unpack', 'follow', 'fingerprint', 'match', 'done'] as const
export type PipelineStep = (typeof pipelineSteps)[number] | 'failed'

/** How many items of a submission are at a stage, and the sum of how far each has come there. */
export const ItemStanding = z.object({ stage: ItemStage, items: z.number(), progress: z.number() })
export type ItemStanding = z.infer<typeof ItemStanding>

/** Where a submission stands: its own stage, or while items are compared that of the item furthest behind. */
export function standing(
  submission: Pick<Submission, 'stage' | 'progress'>,
  items: readonly ItemStanding[],
): { step: PipelineStep; progress: number } {
  if (submission.stage !== 'compare') return { step: submission.stage, progress: submission.progress }
  const behind = (['follow', 'fingerprint', 'match'] as const).find((each) =>
    items.some(({ stage }) => stage === each),
  )
  const step = behind ?? 'match'
  const all = items.reduce((sum, { items: count }) => sum + count, 0)
  const share = items.reduce(
    (sum, { stage, items: count, progress }) => sum + (stage === step ? progress : count),
    0,
  )
  return { step, progress: all === 0 ? 0 : share / all }
}

/** A URL that is handed in: http or https, of a length that every browser and host takes. */
export const SubmittedUrl = z
  .url({ protocol: /^https?$/, error: 'an http or https address' })
  .max(2048)
  .describe('Address of the suspect file or page')

/** A magnet link: it names a torrent, and is opened as a text that lists it. */
export const MagnetLink = z
  .string()
  .regex(/^magnet:\?\S+$/i, 'a magnet link')
  .max(8192)

/** Whatever may be handed in as a link. */
export const SuspectLink = z
  .union([SubmittedUrl, MagnetLink], { error: 'an http or https address, or a magnet link' })
  .describe('Address of the suspect file, page or list, or a magnet link')

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
