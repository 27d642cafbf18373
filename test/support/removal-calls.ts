import { registerCounterNotice } from '../../services/actions/counter-notices.ts'
import type { CaseId, CounterNoticeId, NoticeId } from '../../services/core/ids.ts'
import type { Call } from './api-scene.ts'
import { after, confirmedAt, recipientFor, signedAbout } from './noticing.ts'
import { signerSession } from './signing.ts'
import type { Account, World } from './world.ts'

/** A notice that was sent, with the case that it is about, and a counter-notice to another one. */
export interface RemovalCallScene {
  readonly noticeId: NoticeId
  readonly caseId: CaseId
  readonly counterId: CounterNoticeId
}

/** What a counter-notice says. */
const said = {
  receivedOn: '2026-11-20',
  sender: 'the uploader',
  text: 'This is my own recording.',
  reason: 'owner' as const,
  checks: {
    signature: true,
    material_and_location: true,
    perjury_statement: true,
    name_address_phone: true,
    jurisdiction_consent: true,
  },
}

/** An account's notices as the calls about counter-notices need them. */
export async function removalCallScene(world: World, account: Account): Promise<RemovalCallScene> {
  const own = { ...world, owner: account.caller }
  await recipientFor(own, 'countered.example')
  const { caller } = await signerSession(own, 'A Further Signer', { tenantId: account.tenant.id })
  const sent = async (path: string) => {
    const caseId = await confirmedAt(own, `https://countered.example/${path}`)
    const [notice] = await signedAbout(own, caller, [caseId])
    if (!notice) throw new Error('no notice')
    await after(own, notice, 'queued', 'sent')
    return { noticeId: notice.id, caseId }
  }
  const [open, other] = [await sent('open'), await sent('other')]
  const given = { ...said, caseId: other.caseId }
  const { id: counterId } = await registerCounterNotice(world.house, caller, other.noticeId, given)
  return { ...open, counterId }
}

/** Calls about counter-notices. */
export const removalCalls: Record<string, Call> = {
  registerCounterNotice: {
    path: (s) => `/v1/notices/${s.removal.noticeId}/counter-notices`,
    body: (s) => ({ ...said, caseId: s.removal.caseId }),
    status: 201,
  },
  listCounterNotices: { path: (s) => `/v1/notices/${s.removal.noticeId}/counter-notices`, status: 200 },
  listOpenCounterNotices: { path: () => '/v1/counter-notices', status: 200 },
  answerCounterNotice: {
    path: (s) => `/v1/counter-notices/${s.removal.counterId}/answer`,
    body: () => ({ answer: 'accepted', comment: 'It may stay' }),
    status: 204,
  },
}
