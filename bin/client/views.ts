import { z } from 'zod'

import { ItemKind, pipelineSteps } from '../../services/submissions/submission.ts'

/** What the commands read of the service's answers; fields they have no use for are dropped. */

/** Why something failed, as the service says it. */
export const ProblemView = z.object({
  type: z.string().optional(),
  title: z.string(),
  detail: z.string().optional(),
})
export type ProblemView = z.infer<typeof ProblemView>

/** The account that a key belongs to. */
export const AccountView = z.object({ id: z.uuid() })
export type AccountView = z.infer<typeof AccountView>

/** A registered recording. `done`: it can be recognised. */
export const RecordingView = z.object({
  id: z.uuid(),
  title: z.string(),
  stage: z.enum(['index', 'registered', 'done', 'failed']),
  progress: z.number(),
  problem: ProblemView.nullish(),
})
export type RecordingView = z.infer<typeof RecordingView>

/** The answer to a registration: `created` is false when the recording was known. */
export const RegisteredView = RecordingView.extend({ created: z.boolean() })
export type RegisteredView = z.infer<typeof RegisteredView>

/** Where a recording lies in a suspect; times in milliseconds, speed and pitch as ratios (1.04: faster, higher). */
export const PassageView = z.object({
  suspectFromMs: z.number(),
  suspectToMs: z.number(),
  referenceFromMs: z.number(),
  referenceToMs: z.number(),
  speed: z.number(),
  pitch: z.number(),
  speedError: z.number().nullish(),
  pitchError: z.number().nullish(),
  change: z.enum(['none', 'speed', 'pitch', 'tempo']),
  /** Other recordings that have the same audio. */
  sharedWith: z.array(z.uuid()).optional(),
})
export type PassageView = z.infer<typeof PassageView>

/** One recording found in one item. Confidence and shares are 0 … 1. */
export const MatchView = z.object({
  id: z.uuid(),
  recordingId: z.uuid(),
  recordingTitle: z.string(),
  recordingArtists: z.array(z.string()),
  caseId: z.uuid(),
  caseNumber: z.string(),
  /** The better match that this one stands beside: it is no find of its own. */
  besideId: z.uuid().nullish(),
  /** All its audio is in other recordings too: nothing tells that this one was copied. */
  shared: z.boolean().optional(),
  confidence: z.number(),
  falseMatchProbability: z.number(),
  shareOfRecording: z.number(),
  shareOfSuspect: z.number(),
  passages: z.array(PassageView),
})
export type MatchView = z.infer<typeof MatchView>

/** One thing in a submission: the file itself, or what was found in it, however deep. */
export const ItemView = z.object({
  id: z.uuid(),
  kind: ItemKind,
  /** Names of what it lies in, outermost first. */
  place: z.array(z.string()),
  name: z.string(),
  stage: z.enum(['follow', 'fingerprint', 'match', 'done', 'failed']),
  progress: z.number(),
  problem: ProblemView.nullish(),
  durationMs: z.number().nullish(),
  verdict: z.enum(['matched', 'nothing_found']).nullish(),
  matches: z.array(MatchView),
})
export type ItemView = z.infer<typeof ItemView>

/** What was handed in, where it stands and what came of it. */
export const SubmissionView = z.object({
  id: z.uuid(),
  kind: z.enum(['url', 'file']),
  url: z.string().nullish(),
  fileName: z.string().nullish(),
  stage: z.enum(['queued', 'fetch', 'unpack', 'compare', 'done', 'failed']),
  step: z.enum([...pipelineSteps, 'failed']),
  progress: z.number(),
  problem: ProblemView.nullish(),
  createdAt: z.coerce.date(),
  endedAt: z.coerce.date().nullish(),
  /** Its items: all, files, those in which something was found, and those that failed. */
  counts: z
    .object({ all: z.number(), heard: z.number(), recognised: z.number(), failed: z.number() })
    .optional(),
  items: z.array(ItemView),
  /** There are more items, after this number. */
  nextItem: z.number().optional(),
})
export type SubmissionView = z.infer<typeof SubmissionView>

/** Further items of a submission. */
export const ItemPage = z.object({ items: z.array(ItemView), next: z.number().optional() })

/** The answer to handing something in or to trying it again. */
export const AcceptedView = SubmissionView.pick({ id: true, stage: true })
export type AcceptedView = z.infer<typeof AcceptedView>

/** A frozen report. */
export const ReportView = z.object({ id: z.uuid(), number: z.string(), version: z.number() })
export type ReportView = z.infer<typeof ReportView>

/** A catalogue's file that is taken in, and what became of its rows so far. */
export const ImportView = z.object({
  id: z.uuid(),
  kind: z.string(),
  fileName: z.string(),
  dryRun: z.boolean(),
  stage: z.enum(['import', 'done', 'failed']),
  progress: z.number(),
  problem: ProblemView.nullish(),
  facts: z.object({ test: z.boolean() }).nullish(),
  sameAs: z.uuid().nullish(),
  rows: z.number(),
  created: z.number(),
  updated: z.number(),
  unchanged: z.number(),
  purged: z.number(),
  errors: z.number(),
  warnings: z.number(),
})
export type ImportView = z.infer<typeof ImportView>

/** What was wrong with a row or odd about it. */
export const ImportErrorView = z.object({
  row: z.number(),
  column: z.string(),
  code: z.string(),
  message: z.string(),
  severity: z.enum(['error', 'warning']),
})
export type ImportErrorView = z.infer<typeof ImportErrorView>

/** An RFC 9457 answer. */
export const ProblemAnswer = ProblemView.extend({
  faults: z.array(z.object({ pointer: z.string(), detail: z.string() })).default([]),
})
export type ProblemAnswer = z.infer<typeof ProblemAnswer>

/** Addresses that were handed in together, and how far they are. */
export const BatchView = z.object({
  id: z.uuid(),
  given: z.number(),
  duplicates: z.number(),
  refused: z.array(z.object({ line: z.number(), text: z.string(), why: z.string() })),
  total: z.number(),
  ended: z.number(),
  counts: z.object({ found: z.number(), nothing: z.number(), failed: z.number() }),
})
export type BatchView = z.infer<typeof BatchView>

/** The leaks that can be asked by the private check, and their manifests. */
export const CheckableLeaksView = z.object({
  items: z.array(
    z.object({
      id: z.uuid(),
      name: z.string(),
      kind: z.string(),
      takenOn: z.string().nullable(),
      announcedOn: z.string().nullable(),
      batches: z.array(
        z.object({
          number: z.number(),
          name: z.string(),
          popularityFrom: z.number().nullable(),
          popularityTo: z.number().nullable(),
          publishedOn: z.string().nullable(),
        }),
      ),
      manifestIds: z.array(z.uuid()),
    }),
  ),
})
export type CheckableLeaksView = z.infer<typeof CheckableLeaksView>
