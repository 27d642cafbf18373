import { z } from 'zod'

import {
  AlertId,
  CapsuleId,
  DeliveryId,
  ExposureAuditId,
  ImportId,
  ItemId,
  LeakManifestId,
  RecheckId,
  RecordingId,
  RescanId,
  ResolutionId,
  SubmissionId,
  WatchReadId,
} from './core/ids.ts'
import type { Job } from './core/queue.ts'
import { TRIES_MAX } from './core/stages.ts'

/** A job carries one id and nothing else: the row is the truth, and a payload never grows stale. */
export interface OneRow<Id extends string> {
  readonly id: Id
}

function job<Schema extends z.ZodType<string>>(
  name: string,
  id: Schema,
  patience: Pick<Job<unknown>, 'attemptsMax' | 'backoffMs' | 'concurrency'>,
): Job<OneRow<z.output<Schema>>> {
  if (patience.attemptsMax >= TRIES_MAX) throw new Error(`${name}: an ordinary retry would look like poison`)
  const payload = z.object({ id }) as unknown as z.ZodType<OneRow<z.output<Schema>>>
  return { name, payload, key: (given) => `${name}-${given.id}`, ...patience }
}

/** The pipeline on one page. Network steps are patient, arithmetic is not. */
export const jobs = {
  /** The URL into the blob store, with a record of what was seen. */
  fetch: job('fetch', SubmissionId, { attemptsMax: 4, backoffMs: 4_000, concurrency: 8 }),
  /** What it is: an item for each thing in it. */
  unpack: job('unpack', SubmissionId, { attemptsMax: 3, backoffMs: 1_000, concurrency: 4 }),
  /** An address that was found inside, or the rest of a file that was read in part: fetched, and opened in its turn. */
  follow: job('follow', ItemId, { attemptsMax: 4, backoffMs: 4_000, concurrency: 8 }),
  /** Decode and fingerprint in one streaming pass. */
  fingerprint: job('fingerprint', ItemId, { attemptsMax: 2, backoffMs: 1_000, concurrency: 4 }),
  /** The fingerprint against the catalogue: passages, confidence, case. */
  match: job('match', ItemId, { attemptsMax: 2, backoffMs: 1_000, concurrency: 8 }),
  /** Uploaded reference audio into its fingerprint. */
  index: job('index', RecordingId, { attemptsMax: 2, backoffMs: 1_000, concurrency: 2 }),
  /** A file of a catalogue into its rows; two at once, because the database is the bottleneck. */
  import: job('import', ImportId, { attemptsMax: 3, backoffMs: 2_000, concurrency: 2 }),
  /** New recordings against all that was examined before; one at a time, since it can wait and suspects of today cannot. */
  rescan: job('rescan', RescanId, { attemptsMax: 2, backoffMs: 5_000, concurrency: 1 }),
  /** Who may be asked about a host; registries throttle, and ask to come again in a minute. */
  resolve: job('resolve', ResolutionId, { attemptsMax: 5, backoffMs: 20_000, concurrency: 4 }),
  /** One alert to each member who wants it; a mail server may be away, or ask to come again, for an hour. */
  notify: job('notify', AlertId, { attemptsMax: 7, backoffMs: 60_000, concurrency: 4 }),
  /** One message of a signed notice, at most once; as patient with a mail server as alerts are. */
  send: job('send', DeliveryId, { attemptsMax: 7, backoffMs: 60_000, concurrency: 4 }),
  /** Whether a copy is still at its location; a host that does not answer is an answer, too. */
  recheck: job('recheck', RecheckId, { attemptsMax: 3, backoffMs: 30_000, concurrency: 4 }),
  /** A watched place once more; what is new there is handed in. A host may be away for some minutes. */
  watch: job('watch', WatchReadId, { attemptsMax: 3, backoffMs: 60_000, concurrency: 4 }),
  /** A leak's manifest into its packed index; one at a time, because the disk is the bottleneck. */
  manifest: job('manifest', LeakManifestId, { attemptsMax: 3, backoffMs: 10_000, concurrency: 1 }),
  /** A part of a catalogue asked for in all leaks. */
  audit: job('audit', ExposureAuditId, { attemptsMax: 3, backoffMs: 10_000, concurrency: 1 }),
  /** An evidence capsule into the blob store; media are cut for it, and an authority may be asked for a time stamp. */
  capsule: job('capsule', CapsuleId, { attemptsMax: 5, backoffMs: 10_000, concurrency: 2 }),
} as const

export type JobName = keyof typeof jobs
