import { z } from 'zod'

import { CASES_MAX } from '../../actions/notices.ts'
import { retractEverywhere, retractNotice } from '../../actions/retract-notice.ts'
import { NOTICES_MAX, approveNotice, signNotices } from '../../actions/sign-notices.ts'
import { supplementNotice } from '../../actions/supplement-notice.ts'
import { CaseId, NoticeId, RecipientId } from '../../core/ids.ts'
import { DismissReason } from '../../matches/case.ts'
import { oneId } from '../found.ts'
import { NoticeView, NoticesView } from '../notice-views.ts'
import { json, route } from '../route.ts'
import { request } from '../schema.ts'

const tag = 'Notices'

const Signature = request(
  'NoticeSignature',
  z
    .strictObject({
      noticeIds: z.array(NoticeId).min(1).max(NOTICES_MAX),
      signatureText: z.string().trim().min(1).max(220).describe('/s/ and the name of the signer'),
      shown: z
        .record(NoticeId, z.string().regex(/^[0-9a-f]{64}$/))
        .describe('By notice: the `shownSha256` of what the signer read'),
      acknowledgedGate: z.literal(true).describe('The signer read how many locations are likely to be wrong'),
    })
    .meta({
      examples: [
        {
          noticeIds: ['0d2f6a53-7d0e-4b7e-9a80-3a2c6d8f4e21'],
          signatureText: '/s/ A. Signer',
          shown: { '0d2f6a53-7d0e-4b7e-9a80-3a2c6d8f4e21': 'a'.repeat(64) },
          acknowledgedGate: true,
        },
      ],
    }),
)

const caseIds = z.array(CaseId).min(1).max(CASES_MAX).optional().describe('Left out: all of the notice')

const NewRetraction = request(
  'NewRetraction',
  z
    .strictObject({
      reason: z.string().trim().min(1).max(1_000).describe('In words that the recipient may read'),
      cases: z
        .discriminatedUnion('to', [
          z.strictObject({ to: z.literal('needs_review'), caseIds }),
          z.strictObject({ to: z.literal('dismissed'), reason: DismissReason, caseIds }),
        ])
        .optional()
        .describe('What becomes of its cases; left out, all are looked at again'),
    })
    .meta({ examples: [{ reason: 'The uploader has a licence' }] }),
)

const CaseRetraction = request(
  'CaseRetraction',
  z
    .strictObject({
      reason: z.string().trim().min(1).max(1_000).describe('In words that the recipients may read'),
      dismiss: DismissReason.optional().describe('Left out, the case is looked at again'),
    })
    .meta({ examples: [{ reason: 'Not our recording', dismiss: 'false_positive' }] }),
)

const sign = route({
  id: 'signNotices',
  method: 'post',
  path: '/v1/notices/sign',
  summary:
    'Sign notices, all or none: by a signer in person who has just shown a second factor, never by key',
  tag,
  caller: { role: 'signer' },
  body: json(Signature),
  answer: NoticesView,
  problems: [
    'auth/second-factor',
    'row/unknown',
    'row/stage',
    'notice/not-ready',
    'notice/duplicate',
    'notice/paused',
  ],
  handle: async ({ house, caller, body }) => ({ items: await signNotices(house, caller, body) }),
})

const approve = route({
  id: 'approveNotice',
  method: 'post',
  path: '/v1/notices/:id/approve',
  summary: 'Approve of a notice that another signer signed, where two have to look',
  tag,
  caller: { role: 'signer' },
  params: oneId(NoticeId),
  answer: NoticeView,
  problems: ['auth/second-factor', 'row/stage', 'notice/paused'],
  handle: ({ house, caller, params }) => approveNotice(house, caller, params.id),
})

const supplement = route({
  id: 'supplementNotice',
  method: 'post',
  path: '/v1/notices/:id/supplement',
  summary: 'Draft the next version of a notice that was asked about, refused or not delivered',
  tag,
  caller: 'any',
  params: oneId(NoticeId),
  body: json(
    request(
      'NoticeSupplement',
      z
        .strictObject({ recipientId: RecipientId.optional().describe('Somebody else to ask') })
        .meta({ examples: [{}] }),
    ),
  ),
  status: 201,
  answer: NoticeView,
  problems: ['row/stage'],
  idempotent: true,
  handle: ({ house, caller, params, body }) => supplementNotice(house, caller, params.id, body),
})

const retract = route({
  id: 'retractNotice',
  method: 'post',
  path: '/v1/notices/:id/retract',
  summary: 'Take a signed notice back: everybody who got it or a copy is told',
  tag,
  caller: { role: 'signer' },
  params: oneId(NoticeId),
  body: json(NewRetraction),
  status: 202,
  answer: NoticeView,
  problems: ['row/stage'],
  idempotent: true,
  handle: ({ house, caller, params, body }) => retractNotice(house, caller, params.id, body),
})

const retractCase = route({
  id: 'retractCase',
  method: 'post',
  path: '/v1/cases/:id/retract',
  summary: 'Take a case back from every notice that was signed for it; everybody who got one is told',
  tag,
  caller: { role: 'signer' },
  params: oneId(CaseId),
  body: json(CaseRetraction),
  status: 202,
  answer: NoticesView,
  idempotent: true,
  handle: async ({ house, caller, params, body: { reason, dismiss } }) => ({
    items: await retractEverywhere(house, caller, params.id, {
      reason,
      ...(dismiss && { cases: { to: 'dismissed', reason: dismiss } }),
    }),
  }),
})

export const noticeSigningRoutes = [sign, approve, supplement, retract, retractCase]
