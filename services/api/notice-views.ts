import { z } from 'zod'

import { Notice, NoticeLocationRow } from '../notices/notice-row.ts'
import { NoticeEvent, NoticeEventKind } from '../notices/notice-state.ts'
import { OpenPoint } from '../notices/notice.ts'
import { view } from './schema.ts'

/** What leaves the house of notices. The address that answers go to stands in the document, not its bare token. */

export const NoticeView = view(
  'Notice',
  Notice.pick({
    id: true,
    number: true,
    version: true,
    supersedes: true,
    recipientId: true,
    recipientName: true,
    host: true,
    regimes: true,
    language: true,
    format: true,
    details: true,
    checkedAt: true,
    documentSha256: true,
    signedBy: true,
    signedAt: true,
    approvedBy: true,
    approvedAt: true,
    sentAt: true,
    acknowledgedAt: true,
    endedAt: true,
    dueAt: true,
    reminders: true,
    repliesRefused: true,
    createdAt: true,
  })
    .extend({
      state: Notice.shape.state.describe('The fold of its events'),
      approvalNeeded: Notice.shape.approvalNeeded.describe(
        'A second signer has to approve before it is sent',
      ),
      locations: Notice.shape.locations.describe('How many cases it is about'),
    })
    .describe('One demand to one recipient about copies at one host'),
)

/** What one act made or signed. */
export const NoticesView = view('Notices', z.object({ items: z.array(NoticeView) }))

const LocationView = view(
  'NoticeLocation',
  NoticeLocationRow.omit({ noticeId: true, recipientId: true }).extend({
    url: NoticeLocationRow.shape.url.describe('Exactly as observed'),
    canonicalUrl: NoticeLocationRow.shape.canonicalUrl.describe('By which duplicates are told'),
    besideId: NoticeLocationRow.shape.besideId.describe(
      'The row of another case at the same address, which is demanded once',
    ),
    live: NoticeLocationRow.shape.live.describe('Demanded, and not answered for good or taken back'),
    outcome: NoticeLocationRow.shape.outcome.describe('What became of it; null while nothing is known'),
  }),
)

const GateView = view(
  'NoticeGate',
  z
    .object({
      count: z.number().describe('Locations'),
      expectedWrong: z.number().describe('How many of them are likely to be wrong'),
      interval: z.array(z.number()).length(2).describe('Wrong locations, 95 %'),
      chanceOfNone: z.number().describe('Probability that not one is wrong'),
      stops: z.array(z.object({ code: z.string(), pointer: z.string(), todo: z.string() })),
      words: z.string(),
    })
    .describe('The estimate before signing; a stop forbids to sign'),
)

const StatementsView = view(
  'NoticeStatements',
  z
    .object({
      status: z.enum(['open', 'made']),
      templates: z.string(),
      texts: z.array(z.object({ code: z.string(), text: z.string() })),
      note: z.string().describe('The wording is a draft that your lawyer has to approve'),
    })
    .describe('The statements in full'),
)

export const NoticeDetailView = view(
  'NoticeDetail',
  NoticeView.extend({
    items: z.array(LocationView).describe('Its locations, in the order of the document'),
    events: z.array(view('NoticeEvent', NoticeEvent)),
    allowedEvents: z.array(NoticeEventKind).describe('What can happen next, besides a comment'),
    openPoints: z
      .array(view('NoticeOpenPoint', OpenPoint))
      .describe('Everything that keeps it from being signed now; empty once it is signed'),
    gate: GateView.nullable().describe('Null once it is signed'),
    statements: StatementsView,
    approvalObstacle: z
      .string()
      .nullable()
      .describe('Why nobody of the account can approve of it, and what to do; null where somebody can'),
    shownSha256: z
      .string()
      .nullable()
      .describe(
        'Send it back with the signature: of recipient, law, works, locations, words and statements as they are shown here; ' +
          'null of a notice that was dropped',
      ),
    document: z
      .record(z.string(), z.unknown())
      .describe('What was signed, or would be now: /schemas/notice-1.json describes it'),
  }),
)
