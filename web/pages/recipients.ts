import express, { type Router } from 'express'

import * as actions from '../../services/actions/recipients.ts'
import { RecipientId } from '../../services/core/ids.ts'
import { Problem } from '../../services/core/problem.ts'
import { askedInVainAt } from '../../services/notices/asked-store.ts'
import { HostName } from '../../services/recipients/host.ts'
import { NewRecipient, RecipientChange } from '../../services/recipients/new-recipient.ts'
import type { Recipient } from '../../services/recipients/recipient.ts'
import {
  candidatesOfHost,
  hostsLookedUp,
  latestResolution,
} from '../../services/recipients/resolution-store.ts'
import { RecipientState, findRecipient, listRecipients } from '../../services/recipients/store.ts'
import { hasRole } from '../../services/tenants/tenant.ts'
import { withFlash } from '../flash.ts'
import { type Sent, attempt, listOf, readForm, textOf } from '../forms.ts'
import { type Filled, unfilled } from '../parts/fields.ts'
import { PAGE_ROWS, pageOf, readAfter } from '../parts/paging.ts'
import { type Page, type Reply, type Visit, type Web, forMembers, idOf } from '../visit.ts'
import { hostCandidatesView } from './host-candidates-view.ts'
import { recipientView } from './recipient-view.ts'
import { RECIPIENTS_PATH, hostPath } from './recipient-words.ts'
import { recipientsView } from './recipients-view.ts'

/** Hosts shown above the list: those one was at last. */
const HOSTS_SHOWN = 10

const canChange = ({ caller }: Visit): boolean => hasRole(caller, 'owner') || hasRole(caller, 'signer')

const page = (title: string, body: Page['body'], status = 200): Page => ({
  title,
  section: 'recipients',
  body,
  status,
})

/** What the fields of a recipient say; its schema judges that. Numbers that are none stay text, and are refused there. */
function fieldsOf(sent: Sent): Record<string, unknown> {
  const orNull = (name: string): string | null => textOf(sent, name).trim() || null
  const number = (name: string): unknown =>
    /^\d{1,5}$/.test(textOf(sent, name).trim()) ? Number(textOf(sent, name)) : textOf(sent, name)
  return {
    name: textOf(sent, 'name').trim(),
    email: orNull('email'),
    formUrl: orNull('formUrl'),
    country: orNull('country')?.toUpperCase() ?? null,
    languages: listOf(textOf(sent, 'languages').toLowerCase()),
    formats: listOf(textOf(sent, 'formats')),
    urlsMax: number('urlsMax'),
    mailsPerHour: number('mailsPerHour'),
    acknowledgeH: number('acknowledgeH'),
    removeH: number('removeH'),
    sameHost: textOf(sent, 'sameHost') === 'on',
    class: orNull('class'),
    note: orNull('note')?.replaceAll('\r\n', '\n') ?? null,
  }
}

/** Only what a form says otherwise than the entry: who saves a new limit does not vouch for the contact. */
function changeOf(sent: Sent, present: Recipient): RecipientChange {
  const read = readForm(RecipientChange, fieldsOf(sent))
  const changed = Object.entries(read).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(present[name as keyof Recipient]),
  )
  return Object.fromEntries(changed) as RecipientChange
}

async function listPage(
  visit: Visit,
  {
    filled = unfilled,
    hostFilled = unfilled,
    status = 200,
  }: { filled?: Filled; hostFilled?: Filled; status?: number } = {},
): Promise<Page> {
  const state = RecipientState.safeParse(visit.query['state']).data
  const after = readAfter(visit.query['after'])
  const read = await visit.tenant(async (tx) => ({
    list: pageOf(await listRecipients(tx, { state, after, limit: PAGE_ROWS + 1 })),
    hosts: await hostsLookedUp(tx, HOSTS_SHOWN),
  }))
  const body = recipientsView({
    rows: read.list.shown,
    last: read.list.last,
    hosts: read.hosts,
    state,
    query: visit.query,
    canChange: canChange(visit),
    filled,
    hostFilled,
  })
  return page('Recipients', body, status)
}

async function added(visit: Visit): Promise<Reply> {
  const { form } = visit
  const tried = await attempt(
    () => form,
    async () => {
      const named = { role: textOf(form, 'role'), key: textOf(form, 'key'), source: textOf(form, 'source') }
      const given = readForm(NewRecipient, { ...fieldsOf(form), ...named })
      return actions.addRecipient(visit.house, visit.caller, given)
    },
  )
  if (tried.refusal) return listPage(visit, tried.refusal)
  return { redirect: withFlash(`${RECIPIENTS_PATH}/${tried.done.id}`, 'recipient-added') }
}

/** The host in the address of a page. @throws {Problem} row/unknown when it is none. */
function hostOf(visit: Visit): string {
  const host = HostName.safeParse(visit.params['host'])
  if (!host.success) throw new Problem('row/unknown', 'No such host')
  return host.data
}

async function lookedUp(visit: Visit): Promise<Reply> {
  const given = textOf(visit.form, 'host').trim()
  // People paste addresses: the host in one is what they mean.
  const host = HostName.safeParse(URL.canParse(given) ? new URL(given).hostname : given)
  if (!host.success) {
    const fault = host.error.issues[0]?.message ?? 'not a host'
    return listPage(visit, { hostFilled: { values: { host: given }, faults: { host: fault } }, status: 400 })
  }
  await actions.resolveHosts(visit.house, visit.caller, [host.data])
  return { redirect: withFlash(hostPath(host.data), 'host-asked') }
}

async function hostPage(visit: Visit): Promise<Page> {
  const host = hostOf(visit)
  const { tenantId } = visit.caller
  const read = await visit.tenant(async (tx) => ({
    lookUp: await latestResolution(tx, tenantId, host),
    candidates: await candidatesOfHost(tx, tenantId, host),
    asked: new Set((await askedInVainAt(tx, host)).map(({ recipientId }) => recipientId)),
  }))
  return page(host, hostCandidatesView({ host, ...read, canConfirm: canChange(visit) }))
}

const idIn = (visit: Visit): RecipientId => idOf(RecipientId, visit.params['id'], 'recipient')

async function present(visit: Visit): Promise<Recipient> {
  const recipient = await visit.tenant((tx) => findRecipient(tx, idIn(visit)))
  if (!recipient) throw new Problem('row/unknown', 'No such recipient')
  return recipient
}

async function onePage(
  visit: Visit,
  {
    filled,
    pauseFilled = unfilled,
    status = 200,
  }: { filled?: Filled; pauseFilled?: Filled; status?: number } = {},
): Promise<Page> {
  const recipient = await present(visit)
  const body = recipientView({ recipient, canChange: canChange(visit), filled, pauseFilled })
  return page(recipient.name, body, status)
}

async function changed(visit: Visit): Promise<Reply> {
  const recipient = await present(visit)
  const { refusal } = await attempt(
    () => visit.form,
    async () =>
      actions.changeRecipient(visit.house, visit.caller, recipient.id, changeOf(visit.form, recipient)),
  )
  if (refusal) return onePage(visit, refusal)
  return { redirect: withFlash(`${RECIPIENTS_PATH}/${recipient.id}`, 'saved') }
}

async function paused(visit: Visit): Promise<Reply> {
  const id = idIn(visit)
  const { refusal } = await attempt(
    () => visit.form,
    () => actions.pauseRecipient(visit.house, visit.caller, id, textOf(visit.form, 'why')),
  )
  if (refusal) return onePage(visit, { pauseFilled: refusal.filled, status: refusal.status })
  return { redirect: withFlash(`${RECIPIENTS_PATH}/${id}`, 'recipient-paused') }
}

async function chosen(visit: Visit): Promise<Reply> {
  const host = hostOf(visit)
  const id = idOf(RecipientId, textOf(visit.form, 'recipientId'), 'recipient')
  await actions.chooseRecipient(visit.house, visit.caller, host, id)
  return { redirect: withFlash(hostPath(host), 'recipient-chosen') }
}

async function resolved(visit: Visit): Promise<Reply> {
  const host = hostOf(visit)
  await actions.resolveHosts(visit.house, visit.caller, [host])
  return { redirect: withFlash(hostPath(host), 'host-asked') }
}

async function confirmed(visit: Visit): Promise<Reply> {
  const { id } = await actions.confirmRecipient(visit.house, visit.caller, idIn(visit))
  return { redirect: withFlash(`${RECIPIENTS_PATH}/${id}`, 'recipient-confirmed') }
}

async function resumed(visit: Visit): Promise<Reply> {
  const { id } = await actions.resumeRecipient(visit.house, visit.caller, idIn(visit))
  return { redirect: withFlash(`${RECIPIENTS_PATH}/${id}`, 'recipient-resumed') }
}

/** Those who can remove copies, and who may be asked about a host. */
export function recipientRoutes(web: Web): Router {
  const router = express.Router()
  const members = (handle: (visit: Visit) => Promise<Reply>) => forMembers(web, handle)
  router.get(
    RECIPIENTS_PATH,
    members((visit) => listPage(visit)),
  )
  router.post(RECIPIENTS_PATH, members(added))
  router.post(`${RECIPIENTS_PATH}/look-up`, members(lookedUp))
  router.get(`${RECIPIENTS_PATH}/hosts/:host`, members(hostPage))
  router.post(`${RECIPIENTS_PATH}/hosts/:host/resolve`, members(resolved))
  router.post(`${RECIPIENTS_PATH}/hosts/:host/choose`, members(chosen))
  router.get(
    `${RECIPIENTS_PATH}/:id`,
    members((visit) => onePage(visit)),
  )
  router.post(`${RECIPIENTS_PATH}/:id`, members(changed))
  router.post(`${RECIPIENTS_PATH}/:id/confirm`, members(confirmed))
  router.post(`${RECIPIENTS_PATH}/:id/pause`, members(paused))
  router.post(`${RECIPIENTS_PATH}/:id/resume`, members(resumed))
  return router
}
