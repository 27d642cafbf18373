import { z } from 'zod'

import { AlertMail } from '../alerts/store.ts'
import { StoredProblem } from '../core/stages.ts'
import { Case, Decision, DecisionKind } from '../matches/case.ts'
import { ExceptionsReview } from '../matches/exceptions-store.ts'
import { Match, Passage } from '../matches/match.ts'
import { Lead } from '../matches/names.ts'
import { ReportHead } from '../reports/store.ts'
import { Capture } from '../submissions/captures.ts'
import { Item, Submission, pipelineSteps } from '../submissions/submission.ts'
import { ApiKey, Member, Tenant } from '../tenants/tenant.ts'
import { view } from './schema.ts'

/** What leaves the house, noun by noun. Each view names its columns: a new column is seen when it is put here. */

const problem = StoredProblem.nullable().describe('Why it failed; null unless the stage is `failed`')
const progress = z.number().min(0).max(1).describe('Share of the present step that is done')

const sharedMeans = 'Every passage is shared with other recordings: nothing tells that this one was copied'

export const PassageView = view(
  'Passage',
  Passage.omit({ points: true }).describe(
    'Where the recording lies in the suspect, in milliseconds; speed and pitch are ratios (1.04: 4 % faster), and ' +
      'lie within ± their errors with 95 %. `sharedWith`: other recordings that have the same audio; where there ' +
      'is one, the passage does not tell which was copied. `excluded`: its part of the recording is not the ' +
      'holder’s own, so it grounds no case',
  ),
)
const PassageWithPoints = view(
  'PassageWithPoints',
  Passage.describe('A passage with the landmarks that were looked for, for a picture'),
)

/** A match with the names a reader needs beside it. */
const NamedMatch = Match.extend({
  recordingTitle: z.string(),
  recordingArtists: z.array(z.string()),
  caseNumber: z.string(),
  caseId: Match.shape.caseId.describe('Its own case, or that of the better match it stands beside'),
  besideId: Match.shape.besideId.describe(
    'The better match in the same item, when that explains all of this audio and more; else null',
  ),
  shared: Match.shape.shared.describe(sharedMeans),
  excluded: Match.shape.excluded.describe('Every passage is excluded: the find grounds no case'),
  confidence: Match.shape.confidence.describe(
    'That the item contains the recording, by audio, names and cover together; never above 0.999999',
  ),
  falseMatchProbability: Match.shape.falseMatchProbability.describe(
    'Chance that a search finds as much in audio that is none of the catalogue',
  ),
  artwork: Match.shape.artwork.describe(
    'How the cover inside the file compares with those of the release; it opens no case',
  ),
  confidenceReasons: Match.shape.confidenceReasons.describe(
    'What the confidence is made of: natural log-odds that add up to its own; null of older matches',
  ),
})
export const MatchView = view('Match', NamedMatch.extend({ passages: z.array(PassageView) }))
export const MatchDetailView = view(
  'MatchDetail',
  NamedMatch.extend({
    suspectName: z.string(),
    suspectDurationMs: z.number().nullable(),
    recordingDurationMs: z.number().nullable(),
    audio: z
      .object({ suspect: z.boolean(), reference: z.boolean() })
      .describe('Whether the audio of a side is held, so that its passages can be heard'),
    passages: z.array(PassageWithPoints),
  }),
)

const LeadView = view(
  'Lead',
  Lead.describe('A recording that an item may be by its names alone; it opens no case'),
)

export const ItemView = view(
  'Item',
  Item.pick({
    id: true,
    name: true,
    mediaType: true,
    sha256: true,
    bytes: true,
    stage: true,
    durationMs: true,
    tags: true,
    compared: true,
    mediaHeld: true,
  }).extend({
    truncated: Item.shape.truncated.describe('Only the first `durationMs` could be decoded and examined'),
    problem,
    progress,
    verdict: z
      .enum(['matched', 'nothing_found'])
      .nullable()
      .describe('null while it is examined, and when it could not be'),
    matches: z.array(MatchView),
    leads: z
      .array(LeadView)
      .describe('Recordings that it may be by its names alone, and that were not heard in it'),
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
export const SubmissionDetailView = view(
  'SubmissionDetail',
  SubmissionView.extend({ items: z.array(ItemView), captures: z.array(CaptureView) }),
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
