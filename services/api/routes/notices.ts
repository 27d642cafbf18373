import { z } from 'zod'

import { approvalObstacle } from '../../actions/approval.ts'
import type { House } from '../../actions/house.ts'
import { leaveOut } from '../../actions/leave-out.ts'
import {
  CASES_MAX,
  type CheckedNotice,
  checkNotice,
  draftNotices,
  dropDraft,
  editNotice,
  lookAtNotice,
} from '../../actions/notices.ts'
import { renderingOf } from '../../actions/render-notice.ts'
import { CaseId, NoticeId, RecipientId } from '../../core/ids.ts'
import { locationsOf } from '../../notices/locations-store.ts'
import type { Notice } from '../../notices/notice-row.ts'
import { NoticeState, allowedEvents } from '../../notices/notice-state.ts'
import { Language, NoticeDetails, type NoticeDocument, Regime } from '../../notices/notice.ts'
import { renderFormats } from '../../notices/render/render.ts'
import { shownDigest } from '../../notices/shown.ts'
import { wordingNote } from '../../notices/statements/statements.ts'
import { eventsOf, findSigned, listNotices } from '../../notices/store.ts'
import { HostName } from '../../recipients/host.ts'
import { NoticeFormat } from '../../recipients/recipient.ts'
import type { Caller } from '../../tenants/tenant.ts'
import { oneId } from '../found.ts'
import { NoticeDetailView, NoticeView, NoticesView } from '../notice-views.ts'
import { listOf, pageOf, pageQuery } from '../page.ts'
import { fileOf, json, route } from '../route.ts'
import { request } from '../schema.ts'

const tag = 'Notices'

const regimes = z.array(Regime).min(1).max(Regime.options.length).describe('By which law removal is demanded')

const NewNotices = request(
  'NewNotices',
  z
    .strictObject({
      caseIds: z.array(CaseId).min(1).max(CASES_MAX).describe('Confirmed, restored or escalated cases'),
      recipientByHost: z
        .record(HostName, RecipientId)
        .optional()
        .describe('Who is asked about which host; for others the best known candidate'),
      regimes,
      language: Language.default('en'),
      format: NoticeFormat.optional().describe('Left out: the best that each recipient takes'),
      details: NoticeDetails.default({}),
    })
    .meta({
      examples: [
        {
          caseIds: ['0d2f6a53-7d0e-4b7e-9a80-3a2c6d8f4e21'],
          regimes: ['US_512C', 'EU_DSA_16'],
          details: {
            illegalityExplanation:
              'The file is a full copy of the sound recording, offered to the public without a licence of its holder.',
          },
        },
      ],
    }),
)

const NoticeEdit = request(
  'NoticeEdit',
  z
    .strictObject({
      recipientId: RecipientId.optional(),
      regimes: regimes.optional(),
      language: Language.optional(),
      format: NoticeFormat.optional(),
      details: NoticeDetails.optional().describe('Replaces all of it'),
    })
    .meta({ examples: [{ regimes: ['GENERIC'] }] }),
)

/** A notice with everything that its page shows. */
async function detailOf(
  { db }: House,
  { tenantId }: Caller,
  notice: Notice,
  checked: Pick<CheckedNotice, 'subject' | 'openPoints' | 'gate'> | undefined,
) {
  return db.tenant(tenantId, async (tx) => {
    const signed = checked ? undefined : await findSigned(tx, notice.id)
    const document: NoticeDocument | undefined = checked?.subject.document ?? signed?.document
    const statements = document?.statements ?? { status: 'open' as const, templates: '', texts: [] }
    return {
      ...notice,
      items: await locationsOf(tx, notice.id),
      events: await eventsOf(tx, notice.id),
      allowedEvents: allowedEvents(notice.state, notice.signedAt !== null),
      openPoints: [...(checked?.openPoints ?? [])],
      gate: checked
        ? { ...checked.gate, interval: [...checked.gate.interval], stops: [...checked.gate.stops] }
        : null,
      statements: {
        ...statements,
        note: wordingNote(notice.language),
      },
      approvalObstacle: (await approvalObstacle(tx, notice)) ?? null,
      shownSha256: document ? shownDigest(document, notice.format) : null,
      document: document ?? {},
    }
  })
}

/** A notice as it stands, with what is open of it now. */
async function detail(house: House, caller: Caller, id: NoticeId) {
  const { notice, checked } = await lookAtNotice(house, caller, id)
  return detailOf(house, caller, notice, checked)
}

const draft = route({
  id: 'draftNotices',
  method: 'post',
  path: '/v1/notices',
  summary: 'Draft notices about cases: one for each recipient and host',
  tag,
  caller: 'any',
  body: json(NewNotices),
  status: 201,
  answer: NoticesView,
  problems: ['row/stage', 'recipient/unknown'],
  idempotent: true,
  handle: async ({ house, caller, body }) => ({ items: await draftNotices(house, caller, body) }),
})

const listAll = route({
  id: 'listNotices',
  method: 'get',
  path: '/v1/notices',
  summary: 'Notices, newest first',
  tag,
  caller: 'any',
  query: z.strictObject({
    ...pageQuery,
    state: NoticeState.optional(),
    recipientId: RecipientId.optional(),
    host: HostName.optional(),
  }),
  answer: listOf('NoticeList', NoticeView),
  async handle({ house, caller, query: { cursor: after, limit, ...filters } }) {
    const asked = { ...filters, after, limit: limit + 1 }
    const rows = await house.db.tenant(caller.tenantId, (tx) => listNotices(tx, asked))
    return pageOf(rows, limit, ({ createdAt }) => createdAt)
  },
})

const getOne = route({
  id: 'getNotice',
  method: 'get',
  path: '/v1/notices/:id',
  summary: 'A notice with its locations and events; of a draft what would be sent, and what is open of it',
  tag,
  caller: 'any',
  params: oneId(NoticeId),
  answer: NoticeDetailView,
  handle: ({ house, caller, params }) => detail(house, caller, params.id),
})

const edit = route({
  id: 'editNotice',
  method: 'patch',
  path: '/v1/notices/:id',
  summary: 'Change a notice that is not signed; it has to be checked again',
  tag,
  caller: 'any',
  params: oneId(NoticeId),
  body: json(NoticeEdit),
  answer: NoticeDetailView,
  problems: ['row/stage'],
  async handle({ house, caller, params, body }) {
    await editNotice(house, caller, params.id, body)
    return detail(house, caller, params.id)
  },
})

const leave = route({
  id: 'leaveLocationOut',
  method: 'delete',
  path: '/v1/notices/:id/locations/:caseId',
  summary: 'Take a case out of a notice that is not signed; it has to be checked again',
  tag,
  caller: 'any',
  params: z.object({ id: NoticeId, caseId: CaseId }),
  answer: NoticeDetailView,
  problems: ['row/stage'],
  async handle({ house, caller, params }) {
    await leaveOut(house, caller, params.id, params.caseId)
    return detail(house, caller, params.id)
  },
})

const drop = route({
  id: 'dropNotice',
  method: 'delete',
  path: '/v1/notices/:id',
  summary: 'Give up a notice that is not signed; it stays in the list as closed',
  tag,
  caller: 'any',
  params: oneId(NoticeId),
  answer: NoticeView,
  problems: ['row/stage'],
  handle: ({ house, caller, params }) => dropDraft(house, caller, params.id),
})

const check = route({
  id: 'checkNotice',
  method: 'post',
  path: '/v1/notices/:id/check',
  summary: 'Check whether a notice is ready: everything that is open, at once',
  tag,
  caller: 'any',
  params: oneId(NoticeId),
  answer: NoticeDetailView,
  problems: ['row/stage'],
  async handle({ house, caller, params }) {
    const checked = await checkNotice(house, caller, params.id)
    return detailOf(house, caller, checked.notice, checked)
  },
})

const render = route({
  id: 'renderNotice',
  method: 'get',
  path: '/v1/notices/:id/render',
  summary: 'A notice in a form that recipients take; unsigned, only those that people read',
  tag,
  caller: 'any',
  params: oneId(NoticeId),
  query: z.strictObject({
    format: z
      .string()
      .max(40)
      .default('text')
      .describe(`One of: ${renderFormats.join(', ')}`),
  }),
  answer: fileOf(
    'application/json',
    'text/plain',
    'application/pdf',
    'application/xml',
    'text/csv',
    'application/zip',
  ),
  problems: ['request/not-acceptable', 'row/stage'],
  handle: ({ house, caller, params, query }) => renderingOf(house, caller, params.id, query.format),
})

export const noticeRoutes = [draft, listAll, getOne, edit, leave, drop, check, render]
