import { approvalAhead } from '../../services/actions/approval.ts'
import { checkNotice } from '../../services/actions/notices.ts'
import { secondFactorOf } from '../../services/actions/second-factor.ts'
import { NOTICES_MAX, approveNotice, signNotices } from '../../services/actions/sign-notices.ts'
import { NoticeId } from '../../services/core/ids.ts'
import { type Fault, Problem } from '../../services/core/problem.ts'
import { isUnsigned } from '../../services/notices/notice-state.ts'
import { combineGates } from '../../services/notices/readiness/gate.ts'
import { shownDigest } from '../../services/notices/shown.ts'
import { noticeSettingsOf } from '../../services/tenants/signing-store.ts'
import { hasRole } from '../../services/tenants/tenant.ts'
import { withFlash } from '../flash.ts'
import { refused, textOf } from '../forms.ts'
import { type Filled, unfilled } from '../parts/fields.ts'
import { type Page, type Reply, type Visit, found } from '../visit.ts'
import { approveView } from './notice-approve-view.ts'
import { listedIn } from './notice-new.ts'
import { type Signable, signView } from './notice-sign-view.ts'
import { noticeId, readNotice } from './notice.ts'
import { NOTICES_PATH, noticeName } from './notices-view.ts'

const readIds = (texts: readonly string[]): NoticeId[] => {
  const ids = texts
    .flatMap((text) => text.split(','))
    .flatMap((text) => NoticeId.safeParse(text.trim()).data ?? [])
  return [...new Set(ids)]
}

/** The notices that an address names: `?ids=a,b`, or `?ids=a&ids=b` as a form of boxes sends it. */
export const idsInQuery = ({ request }: Visit): NoticeId[] =>
  readIds(new URL(request.originalUrl, 'http://localhost').searchParams.getAll('ids'))

/** The notices that a form names, in the same ways. */
export const idsInForm = ({ form }: Visit): NoticeId[] => readIds(listedIn(form, 'ids'))

/** The page that does something with several notices. */
export const pathWith = (page: 'sign' | 'send', ids: readonly NoticeId[]): string =>
  `${NOTICES_PATH}/${page}?ids=${ids.join(',')}`

/** @throws {Problem} request/invalid when none is named, or more than a person reads. */
export function someOf(ids: readonly NoticeId[]): readonly NoticeId[] {
  if (ids.length === 0) throw new Problem('request/invalid', 'Choose at least one notice in the list first')
  if (ids.length > NOTICES_MAX)
    throw new Problem('request/invalid', `At most ${NOTICES_MAX} notices can be handled at once`)
  return ids
}

/** @throws {Problem} row/unknown, row/stage when one is signed or dropped already. */
async function signablesOf(visit: Visit, ids: readonly NoticeId[]): Promise<Signable[]> {
  const signables: Signable[] = []
  for (const id of ids) {
    const read = await readNotice(visit, id)
    const { notice, checked, document } = read
    if (!checked || !document)
      throw new Problem(
        'row/stage',
        `Notice ${noticeName(notice)} is ${notice.state.replaceAll('_', ' ')} already`,
      )
    signables.push({ ...read, checked, document, digest: shownDigest(document, notice.format) })
  }
  return signables
}

async function signPage(
  visit: Visit,
  ids: readonly NoticeId[],
  {
    filled = unfilled,
    faults = [],
    status = 200,
  }: { filled?: Filled; faults?: readonly Fault[]; status?: number } = {},
): Promise<Page> {
  const signables = await signablesOf(visit, someOf(ids))
  const locations = signables.reduce((sum, { document }) => sum + document.locations.length, 0)
  const { settings, nobodyApproves } = await visit.tenant(async (tx) => ({
    settings: await noticeSettingsOf(tx, visit.caller.tenantId),
    nobodyApproves: await approvalAhead(tx, visit.caller, locations),
  }))
  const body = signView({
    signables,
    gate: combineGates(signables.map(({ checked }) => checked.gate)),
    memberName: visit.caller.member.name,
    canSign: hasRole(visit.caller, 'signer'),
    factor: await secondFactorOf(visit.house, visit.caller),
    pausedWhy: settings.noticesPausedWhy,
    nobodyApproves,
    path: pathWith('sign', ids),
    filled,
    faults,
  })
  return { title: 'Sign notices', section: 'notices', body, status }
}

export const signingPage = (visit: Visit): Promise<Page> => signPage(visit, idsInQuery(visit))

/** What was shown of each notice, as the page sent it along. */
const shownIn = (visit: Visit): Record<string, string> =>
  Object.fromEntries(
    listedIn(visit.form, 'shown').flatMap((text) => {
      const [id, digest] = text.split(' ')
      return id && digest ? [[id, digest] as const] : []
    }),
  )

/** Faults that belong to fields of the page; all others are about the notices. */
const isOfField = ({ pointer }: Fault): boolean => pointer === '/signatureText' || pointer === '/acknowledged'

/** Signs; whoever has to show a second factor again is led there and back. */
export async function signed(visit: Visit): Promise<Reply> {
  const { house, caller, form } = visit
  const ids = someOf(idsInForm(visit))
  try {
    if (textOf(form, 'acknowledged') !== 'on')
      throw new Problem('request/invalid', 'One thing is missing', {
        faults: [{ pointer: '/acknowledged', detail: 'read it, and tick it' }],
      })
    await signNotices(house, caller, {
      noticeIds: ids,
      signatureText: textOf(form, 'signatureText').trim(),
      shown: shownIn(visit),
      acknowledgedGate: true,
    })
  } catch (error) {
    return signingRefused(visit, ids, error)
  }
  return { redirect: withFlash(pathWith('send', ids), 'notices-signed') }
}

async function signingRefused(visit: Visit, ids: readonly NoticeId[], error: unknown): Promise<Reply> {
  if (!(error instanceof Problem)) throw error
  if (error.type === 'auth/second-factor') return toSecondFactor(pathWith('sign', ids))
  if (![400, 409, 422].includes(error.status) || error.type === 'row/stage') throw error
  const ofFields = error.faults.filter(isOfField)
  const faults = error.faults.filter((fault) => !isOfField(fault))
  const told = new Problem(error.type, error.message, { faults: ofFields })
  return signPage(visit, ids, { filled: refused(visit.form, told), faults, status: error.status })
}

/** Where a second factor is shown, and from where the visitor comes back. */
const toSecondFactor = (path: string): Reply => ({
  redirect: `/settings/security?then=${encodeURIComponent(path)}`,
})

/** Checks notices, and shows together what is open of them. */
export async function checkedAll(visit: Visit): Promise<Reply> {
  const ids = someOf(idsInForm(visit))
  for (const id of ids) {
    const { notice } = await readNotice(visit, id)
    if (isUnsigned(notice.state)) await checkNotice(visit.house, visit.caller, id)
  }
  return { redirect: withFlash(pathWith('sign', ids), 'notices-checked') }
}

/** What a second signer reads before they approve. */
export async function approvePage(visit: Visit): Promise<Page> {
  const read = await readNotice(visit, noticeId(visit))
  const body = approveView({
    read,
    document: found(read.document, 'signed notice'),
    caller: visit.caller,
    factor: await secondFactorOf(visit.house, visit.caller),
  })
  return { title: `Approve ${noticeName(read.notice)}`, section: 'notices', body }
}

export async function approved(visit: Visit): Promise<Reply> {
  const id = noticeId(visit)
  try {
    await approveNotice(visit.house, visit.caller, id)
  } catch (error) {
    if (error instanceof Problem && error.type === 'auth/second-factor')
      return toSecondFactor(`${NOTICES_PATH}/${id}/approve`)
    throw error
  }
  return { redirect: withFlash(`${NOTICES_PATH}/${id}`, 'notice-approved') }
}
