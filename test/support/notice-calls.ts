import { draftNotices } from '../../services/actions/notices.ts'
import type { CaseId } from '../../services/core/ids.ts'
import type { NoticeState } from '../../services/notices/notice-state.ts'
import type { Call } from './api-scene.ts'
import { memberWith } from './api.ts'
import { completeContact, confirmedAt, explanation, planOf, recipientFor } from './noticing.ts'
import type { Account, World } from './world.ts'

/** Notices for the calls of their routes: a plan that becomes signed, one that is dropped, and some that are signed. */
export interface NoticeScene {
  readonly caseId: string
  readonly draftId: string
  readonly unwantedId: string
  /** A draft about two cases, and one of them. */
  readonly longId: string
  readonly surplusCaseId: string
  readonly unapprovedId: string
  readonly askedId: string
  readonly wrongId: string
  /** Of what the check showed. */
  shown: string
}

/** An account's notices in the states that the calls need; what is signed is made up. */
export async function noticeScene(world: World, account: Account): Promise<NoticeScene> {
  const { house } = world
  const own = { ...world, owner: account.caller }
  await completeContact(own)
  await recipientFor(own, 'noticed.example')
  const caseId = await confirmedAt(own, 'https://noticed.example/d/1', 'Noticed')
  const other = await memberWith(world, account, ['reviewer', 'signer'])
  const surplusCaseId = await confirmedAt(own, 'https://noticed.example/d/2', 'Surplus')
  const draft = async (...ids: CaseId[]) => {
    const [notice] = await draftNotices(house, account.caller, planOf(ids))
    if (!notice) throw new Error('no draft')
    return notice.id
  }
  const made = async (state: NoticeState, about = caseId) => {
    const id = await draft(about)
    await house.db.system(
      (tx) => tx.run`
        update notice set state = ${state}, signed_by = ${other.id}, signed_at = now(), approval_needed = true,
               document = '{}', document_text = '{}', document_sha256 = ${'a'.repeat(64)} where id = ${id}`,
    )
    return id
  }
  return {
    caseId,
    draftId: await draft(caseId),
    unwantedId: await draft(caseId),
    longId: await draft(caseId, surplusCaseId),
    surplusCaseId,
    unapprovedId: await made('signed'),
    askedId: await made('info_requested', surplusCaseId),
    wrongId: await made('signed'),
    shown: 'a'.repeat(64),
  }
}

/** Calls about notices that anybody of the account may make. */
export const noticeCalls: Record<string, Call> = {
  draftNotices: {
    path: () => '/v1/notices',
    body: ({ notices }) => ({
      caseIds: [notices.caseId],
      regimes: ['GENERIC'],
      details: { illegalityExplanation: explanation },
    }),
    status: 201,
  },
  listNotices: { path: () => '/v1/notices?state=draft&host=noticed.example', status: 200 },
  getNotice: { path: ({ notices }) => `/v1/notices/${notices.draftId}`, status: 200 },
  editNotice: {
    path: ({ notices }) => `/v1/notices/${notices.draftId}`,
    body: () => ({ regimes: ['EU_DSA_16'] }),
    status: 200,
  },
  renderNotice: { path: ({ notices }) => `/v1/notices/${notices.draftId}/render?format=json`, status: 200 },
  leaveLocationOut: {
    path: ({ notices }) => `/v1/notices/${notices.longId}/locations/${notices.surplusCaseId}`,
    status: 200,
  },
  dropNotice: { path: ({ notices }) => `/v1/notices/${notices.unwantedId}`, status: 200 },
}

/** Calls of a signer; some want a second factor that was shown just before. */
export const signingCalls: Record<string, Call> = {
  // Here, since the calls before change the account: what is signed is what was shown.
  checkNotice: {
    path: ({ notices }) => `/v1/notices/${notices.draftId}/check`,
    status: 200,
    keep: ({ notices }, { shownSha256 }) => (notices.shown = shownSha256),
  },
  signNotices: {
    path: () => '/v1/notices/sign',
    body: ({ notices, account }) => ({
      noticeIds: [notices.draftId],
      signatureText: `/s/ ${account.member.name}`,
      shown: { [notices.draftId]: notices.shown },
      acknowledgedGate: true,
    }),
    status: 200,
  },
  approveNotice: { path: ({ notices }) => `/v1/notices/${notices.unapprovedId}/approve`, status: 200 },
  supplementNotice: {
    path: ({ notices }) => `/v1/notices/${notices.askedId}/supplement`,
    body: () => ({}),
    status: 201,
  },
  retractNotice: {
    path: ({ notices }) => `/v1/notices/${notices.wrongId}/retract`,
    body: () => ({ reason: 'The uploader has a licence' }),
    status: 202,
  },
  retractCase: {
    path: ({ notices }) => `/v1/cases/${notices.caseId}/retract`,
    body: () => ({ reason: 'Not our recording', dismiss: 'false_positive' }),
    status: 202,
  },
}
