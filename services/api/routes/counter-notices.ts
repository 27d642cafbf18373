import { z } from 'zod'

import { answerCounterNotice, registerCounterNotice } from '../../actions/counter-notices.ts'
import { CaseId, CounterNoticeId, NoticeId } from '../../core/ids.ts'
import {
  CounterAnswer,
  CounterChecks,
  CounterNotice,
  CounterReason,
} from '../../notices/clocks/counter-notice.ts'
import { counterNoticesOf, openCounterNotices } from '../../notices/counter-store.ts'
import { findNotice } from '../../notices/store.ts'
import { found, oneId } from '../found.ts'
import { json, nothing, route } from '../route.ts'
import { request, view } from '../schema.ts'

const tag = 'Counter-notices'

/** Open ones of an account: more than this wait only where something went very wrong. */
const OPEN_MAX = 200

const CounterNoticeView = view('CounterNotice', CounterNotice)
const CounterNoticesView = view('CounterNotices', z.object({ counterNotices: z.array(CounterNoticeView) }))

const NewCounterNotice = request(
  'NewCounterNotice',
  z.strictObject({
    caseId: CaseId.describe('The location that it is about, by its case'),
    receivedOn: z.iso.date().describe('Day on which the provider received it'),
    sender: z.string().trim().min(1).max(500).describe('Who sent it, as far as it says'),
    text: z.string().trim().min(1).max(50_000).describe('Its wording'),
    reason: CounterReason,
    checks: CounterChecks.describe('Which elements of 17 U.S.C. 512(g)(3) it has'),
  }),
)

const NewCounterAnswer = request(
  'NewCounterAnswer',
  z.strictObject({
    answer: CounterAnswer,
    docket: z.string().trim().min(1).max(200).optional().describe('Of the court, with action_filed'),
    filedOn: z.iso
      .date()
      .optional()
      .describe('With action_filed: when, if not today; one that was filed in time can be recorded later'),
    comment: z.string().trim().min(1).max(5_000),
  }),
)

const register = route({
  id: 'registerCounterNotice',
  method: 'post',
  path: '/v1/notices/:id/counter-notices',
  summary: 'Register a counter-notice about one location of a notice',
  tag,
  caller: 'member',
  params: oneId(NoticeId),
  body: json(NewCounterNotice),
  status: 201,
  answer: CounterNoticeView,
  problems: ['auth/forbidden', 'row/stage', 'request/conflict'],
  handle: ({ house, caller, params, body }) => registerCounterNotice(house, caller, params.id, body),
})

const listOfNotice = route({
  id: 'listCounterNotices',
  method: 'get',
  path: '/v1/notices/:id/counter-notices',
  summary: 'The counter-notices to a notice, oldest first',
  tag,
  caller: 'any',
  params: oneId(NoticeId),
  answer: CounterNoticesView,
  handle: ({ house, caller, params }) =>
    house.db.tenant(caller.tenantId, async (tx) => {
      const notice = found(await findNotice(tx, params.id), 'notice')
      return { counterNotices: await counterNoticesOf(tx, notice.id) }
    }),
})

const listOpen = route({
  id: 'listOpenCounterNotices',
  method: 'get',
  path: '/v1/counter-notices',
  summary: 'Counter-notices that wait for an answer, the most urgent first',
  tag,
  caller: 'any',
  answer: CounterNoticesView,
  handle: async ({ house, caller }) => ({
    counterNotices: await house.db.tenant(caller.tenantId, (tx) => openCounterNotices(tx, OPEN_MAX)),
  }),
})

const answer = route({
  id: 'answerCounterNotice',
  method: 'post',
  path: '/v1/counter-notices/:id/answer',
  summary: 'Answer a counter-notice: retract, accept, or name the action that was filed',
  tag,
  caller: { role: 'signer' },
  params: oneId(CounterNoticeId),
  body: json(NewCounterAnswer),
  answer: nothing,
  problems: ['row/stage', 'request/conflict'],
  handle: ({ house, caller, params, body }) => answerCounterNotice(house, caller, params.id, body),
})

export const counterNoticeRoutes = [register, listOfNotice, listOpen, answer]
