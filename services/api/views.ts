import { z } from 'zod'

import { AlertMail } from '../alerts/store.ts'
import { StoredProblem } from '../core/stages.ts'
import { Case, Decision, DecisionKind } from '../matches/case.ts'
import { ExceptionsReview } from '../matches/exceptions-store.ts'
import { Lead } from '../matches/names.ts'
import { RelatedReason } from '../matches/related.ts'
import { CLUES_ARE_CLUES } from '../provenance/clue.ts'
import { ReportHead } from '../reports/store.ts'
import { Capture } from '../submissions/captures.ts'
import { Item, Submission, pipelineSteps } from '../submissions/submission.ts'
import { ApiKey, Member, Tenant } from '../tenants/tenant.ts'
import { MatchView, sharedMeans } from './match-views.ts'
import { AudioCopyView, WhereaboutsView } from './place-views.ts'
import { view } from './schema.ts'

/** What leaves the house, noun by noun. Each view names its columns: a new column is seen when it is put here. */

const problem = StoredProblem.nullable().describe('Why it failed; null unless the stage is `failed`')
const progress = z.number().min(0).max(1).describe('Share of the present step that is done')

const LeadView = view(
  'Lead',
  Lead.describe(
    'A recording that an item may be by its names alone, or whose release has a cover like it; it opens no case',
  ),
)

export const ItemView = view(
  'Item',
  Item.pick({
    id: true,
    name: true,
    mediaType: true,
    stage: true,
    durationMs: true,
    tags: true,
    compared: true,
    mediaHeld: true,
    audioSha256: true,
    clues: true,
  }).extend({
    kind: Item.shape.kind.describe(
      '`link`: an address that is not fetched yet. `media`: it is heard. `cover`: a picture. `container`: it was ' +
        'opened, or could not be. `listed`: only its name is known, or of use',
    ),
    number: Item.shape.number.describe('In the order in which things were found; some may be missing'),
    place: Item.shape.place.describe('Names of what it lies in, outermost first'),
    url: Item.shape.url.describe('Where it was fetched, or is to be; null of what lies in a file'),
    pageUrl: Item.shape.pageUrl.describe('The page or list that leads to its address'),
    sha256: Item.shape.sha256.describe('Of the bytes that were read; null when there are none'),
    bytes: Item.shape.bytes.describe('That were read'),
    read: Item.shape.read.describe(
      'Which bytes of the whole were read; null when all were. With `rest`, the problem why not more could be had',
    ),
    audioSha256: Item.shape.audioSha256.describe(
      'Of its audio alone: the same in copies with other tags; null where that cannot be told',
    ),
    clues: Item.shape.clues.describe(CLUES_ARE_CLUES),
    audioCopies: z
      .array(AudioCopyView)
      .describe('Files in other submissions with the same audio, the latest'),
    truncated: Item.shape.truncated.describe('Only the first `durationMs` could be decoded and examined'),
    problem,
    progress,
    verdict: z
      .enum(['matched', 'nothing_found'])
      .nullable()
      .describe('null while it is examined, when it could not be, and of what is not heard'),
    matches: z.array(MatchView),
    leads: z
      .array(LeadView)
      .describe('Recordings that it may be by its names or its picture, and that were not heard in it'),
  }),
)

export const SubmissionView = view(
  'Submission',
  Submission.pick({
    id: true,
    kind: true,
    url: true,
    fileName: true,
    note: true,
    stage: true,
    bytes: true,
    createdAt: true,
    endedAt: true,
  })
    .extend({
      step: z
        .enum([...pipelineSteps, 'failed'])
        .describe('Where it stands: that of the item furthest behind while items are compared'),
      progress,
      problem,
    })
    .meta({
      examples: [
        {
          id: '0d2f6a53-7d0e-4b7e-9a80-3a2c6d8f4e21',
          kind: 'url',
          url: 'https://host.example/leak.mp3',
          fileName: null,
          note: 'Seen in a forum',
          stage: 'fetch',
          bytes: null,
          createdAt: '2026-01-15T09:30:00.000Z',
          endedAt: null,
          step: 'fetch',
          progress: 0.25,
          problem: null,
        },
      ],
    }),
)
const CaptureView = view(
  'Capture',
  Capture.omit({ headers: true }).describe('What was seen at the address when it was fetched'),
)
export const ItemPageView = view(
  'ItemPage',
  z.object({
    items: z.array(ItemView),
    next: z.number().optional().describe('Give it as `after` for the next page; absent on the last'),
  }),
)
export const SubmissionDetailView = view(
  'SubmissionDetail',
  SubmissionView.extend({
    counts: z
      .object({ all: z.number(), heard: z.number(), recognised: z.number(), failed: z.number() })
      .describe(
        'Its items: all; media and pictures; those in which recordings were found; those that failed',
      ),
    items: z.array(ItemView).describe('The first of them'),
    nextItem: z.number().optional().describe('There are more: give it as `after` to list them'),
    captures: z.array(CaptureView),
  }),
)

export const CaseView = view(
  'Case',
  Case.pick({
    id: true,
    number: true,
    recordingId: true,
    recordingTitle: true,
    recordingArtists: true,
    location: true,
    pageUrl: true,
    state: true,
    confidence: true,
    falseMatchProbability: true,
    priority: true,
    priorityReasons: true,
    quarantinedAt: true,
    assignedTo: true,
    assignedName: true,
    assignedUntil: true,
    openedAt: true,
    lastSeenAt: true,
  })
    .extend({
      priority: Case.shape.priority.describe(
        'How urgent it is by the harm of the copy, 0 … 1; not by its age',
      ),
      priorityReasons: Case.shape.priorityReasons.describe('What the priority is made of'),
      quarantinedAt: Case.shape.quarantinedAt.describe(
        'Since when it waits in quarantine, because its recording was suddenly found everywhere; else null',
      ),
      assignedTo: Case.shape.assignedTo.describe(
        'The member who looks at it, so that nobody else decides; else null',
      ),
      state: Case.shape.state.describe(
        'Set aside, so that nobody has to look: `allowed` by the allow-list or the recording’s policy, `monitored` ' +
          'by its policy, `excluded` because only excluded parts were found',
      ),
      shared: Case.shape.shared.describe(sharedMeans),
    })
    .describe('One recording at one location, for a person to decide about'),
)
export const RelatedCasesView = view(
  'RelatedCases',
  z.object({
    items: z.array(
      CaseView.extend({
        reasons: z
          .array(RelatedReason)
          .describe('Why it belongs together with the case asked about, the strongest first'),
      }),
    ),
  }),
)
const DecisionView = view('Decision', Decision)
export const ExceptionsReviewView = view(
  'ExceptionsReview',
  ExceptionsReview.describe('What a person answered about the exceptions of the law; the latest one counts'),
)
const MailView = view(
  'AlertMail',
  AlertMail.pick({ messageId: true, recipient: true, subject: true, sentAt: true }),
)
export const ReportView = view(
  'Report',
  ReportHead.describe('A report as it was issued; a correction is a new version'),
)
export const ReportDetailView = view(
  'ReportDetail',
  ReportView.extend({
    document: z
      .record(z.string(), z.unknown())
      .describe('The report itself: /schemas/takedown-report-1.json describes it'),
  }),
)
export const CaseDetailView = view(
  'CaseDetail',
  CaseView.extend({
    allowedDecisions: z
      .array(DecisionKind)
      .describe(
        'What may be decided in this state; `allowed` by an entry of the allow-list that names the case',
      ),
    undoable: z
      .number()
      .nullable()
      .describe('The number of the decision that can be taken back now; null when there is none'),
    decisions: z.array(DecisionView),
    exceptionsReviews: z.array(ExceptionsReviewView).describe('Newest first'),
    place: WhereaboutsView,
    matches: z.array(MatchView),
    mails: z.array(MailView),
    reports: z.array(ReportView),
  }),
)

export const AccountView = view(
  'Account',
  Tenant.pick({
    id: true,
    name: true,
    contactName: true,
    contactAddress: true,
    contactCountry: true,
    contactPhone: true,
    contactEmail: true,
    keepReferenceAudio: true,
    keepSuspectAudio: true,
    alertsOn: true,
    falseClaimsPerMillion: true,
    ownDomains: true,
    secondApproverAbove: true,
    lumenSharing: true,
    noticesPausedAt: true,
    noticesPausedWhy: true,
  }).describe('A rights holder; the contact stands on reports as the complainant'),
)
export const MemberView = view(
  'Member',
  Member.pick({
    id: true,
    email: true,
    name: true,
    title: true,
    roles: true,
    getsAlerts: true,
    createdAt: true,
    disabledAt: true,
    hasPassword: true,
  }),
)
export const ApiKeyView = view(
  'ApiKey',
  ApiKey.pick({ id: true, name: true, hint: true, createdAt: true, lastUsedAt: true, revokedAt: true }),
)
