import { draftNotices } from '../../services/actions/notices.ts'
import { resolveHosts } from '../../services/actions/recipients.ts'
import { CaseId, RecipientId } from '../../services/core/ids.ts'
import { Problem } from '../../services/core/problem.ts'
import { listCases } from '../../services/matches/case-store.ts'
import type { Case } from '../../services/matches/case.ts'
import { askedInVain } from '../../services/notices/asked-store.ts'
import { plannedCases } from '../../services/notices/counts-store.ts'
import { Language, NoticeDetails, Regime } from '../../services/notices/notice.ts'
import { HostName, hostNameOf } from '../../services/recipients/host.ts'
import { NoticeFormat } from '../../services/recipients/recipient.ts'
import { candidatesOfHost, latestResolution } from '../../services/recipients/resolution-store.ts'
import { withFlash } from '../flash.ts'
import { type Sent, attempt, readForm, refused, textOf } from '../forms.ts'
import { type Filled, unfilled } from '../parts/fields.ts'
import type { Page, Reply, Visit } from '../visit.ts'
import { type HostGroup, prepareView, recipientField } from './notice-new-view.ts'
import { NOTICES_PATH } from './notices-view.ts'

/** A form is read up to a thousand fields, and nobody looks through more boxes than this at once. */
const CASES_SHOWN = 500

/** What was sent under a name, each for itself. */
export const listedIn = (sent: Sent, name: string): string[] => {
  const value = sent[name]
  return value === undefined ? [] : typeof value === 'string' ? [value] : [...value]
}

const regimesTicked = Regime.array().min(1, 'tick the law by which removal is demanded, or the plain request')

const Plan = NoticeDetails.extend({
  regimes: regimesTicked,
  language: Language,
  format: NoticeFormat.optional(),
})

/** Browsers end lines with two characters; documents have one. */
const plainLines = (text: string): string => text.replaceAll('\r\n', '\n').trim()

/** What both forms say of a notice: by which laws, in which language and form, with which words. */
export function wordsOf(sent: Sent) {
  const { regimes, language, format, ...details } = readForm(Plan, {
    regimes: listedIn(sent, 'regimes'),
    language: textOf(sent, 'language'),
    format: textOf(sent, 'format'),
    illegalityExplanation: plainLines(textOf(sent, 'illegalityExplanation')),
    storage: textOf(sent, 'storage').trim(),
    notes: plainLines(textOf(sent, 'notes')),
  })
  return { regimes, language, format, details }
}

/** The host of a case; undefined where nobody can be asked, because it is about a file that was handed in. */
const hostOf = ({ location }: Case): string | undefined =>
  URL.canParse(location) ? hostNameOf(new URL(location).hostname) : undefined

/** Cases that wait for a notice, those that came back or were escalated first. */
async function waitingCases(visit: Visit): Promise<Case[]> {
  return visit.tenant(async (tx) => {
    const found: Case[] = []
    for (const state of ['restored', 'escalated', 'confirmed'] as const)
      found.push(...(await listCases(tx, { state, limit: CASES_SHOWN + 1 })))
    return found
  })
}

async function groupsOf(visit: Visit, cases: readonly Case[]): Promise<HostGroup[]> {
  const byHost = new Map<string, Case[]>()
  for (const opened of cases) {
    const host = hostOf(opened)
    if (host !== undefined) byHost.set(host, [...(byHost.get(host) ?? []), opened])
  }
  const { tenantId } = visit.caller
  return visit.tenant(async (tx) => {
    const groups: HostGroup[] = []
    for (const [host, there] of byHost) {
      const lookUp = await latestResolution(tx, tenantId, host)
      const candidates = await candidatesOfHost(tx, tenantId, host)
      const asked = await askedInVain(
        tx,
        there.map(({ id }) => id),
      )
      groups.push({ host, cases: there, candidates, asked, isBeingLookedUp: lookUp?.stage === 'resolve' })
    }
    return groups
  })
}

/** The page that prepares notices, as it was sent where it comes back. */
export async function preparePage(visit: Visit, filled?: Filled, status = 200): Promise<Page> {
  const all = await waitingCases(visit)
  const shown = all.slice(0, CASES_SHOWN)
  const planned = await visit.tenant((tx) =>
    plannedCases(
      tx,
      shown.map(({ id }) => id),
    ),
  )
  const body = prepareView({
    groups: await groupsOf(visit, shown),
    planned: new Map(planned.map((each) => [each.caseId, each])),
    placeless: shown.filter((opened) => hostOf(opened) === undefined).length,
    isCut: all.length > shown.length,
    filled: filled ?? unfilled,
    isFirstTime: filled === undefined,
  })
  return { title: 'Prepare notices', section: 'notices', body, status }
}

/** The form as it was sent, to be shown again; nothing of it is wrong. */
const asSent = (sent: Sent): Filled => ({ ...refused(sent, new Problem('request/invalid', '')), faults: {} })

/** Who was chosen for each host. */
function recipientsIn(sent: Sent): Record<string, RecipientId> {
  const prefix = recipientField('')
  return Object.fromEntries(
    Object.keys(sent)
      .filter((name) => name.startsWith(prefix))
      .flatMap((name) => {
        const id = RecipientId.safeParse(textOf(sent, name)).data
        return id ? [[name.slice(prefix.length), id] as const] : []
      }),
  )
}

/** A host that nobody is known for is told beside its field, as the page calls it. */
function inWordsOfPage(problem: Problem): Problem {
  if (problem.type !== 'recipient/unknown') return problem
  const faults = problem.faults.map(({ pointer, detail }) => ({
    pointer: `/${recipientField(pointer.split('/').at(-1)?.replaceAll('~1', '/').replaceAll('~0', '~') ?? '')}`,
    detail,
  }))
  return new Problem('recipient/unknown', problem.message, { faults })
}

async function draft(visit: Visit) {
  const caseIds = CaseId.array().safeParse(listedIn(visit.form, 'caseIds')).data ?? []
  const words = wordsOf(visit.form)
  if (caseIds.length === 0) {
    const faults = [{ pointer: '/caseIds', detail: 'tick the cases that the notices are about' }]
    throw new Problem('request/invalid', 'No case is ticked', { faults })
  }
  const plan = { caseIds, recipientByHost: recipientsIn(visit.form), ...words }
  return draftNotices(visit.house, visit.caller, plan).catch((error: unknown) => {
    throw error instanceof Problem ? inWordsOfPage(error) : error
  })
}

/** Drafts notices, or looks a host up when that button was pressed; nothing that was typed is lost. */
export async function prepared(visit: Visit): Promise<Reply> {
  if (visit.form['again'] !== undefined) return preparePage(visit, asSent(visit.form))
  const host = HostName.safeParse(textOf(visit.form, 'lookUp')).data
  if (host) {
    await resolveHosts(visit.house, visit.caller, [host])
    return preparePage(visit, asSent(visit.form))
  }
  const { done, refusal } = {
    done: [],
    refusal: undefined,
    ...(await attempt(
      () => visit.form,
      () => draft(visit),
    )),
  }
  if (refusal) return preparePage(visit, refusal.filled, refusal.status)
  const [first, ...others] = done
  const isOne = first !== undefined && others.length === 0
  return {
    redirect: isOne
      ? withFlash(`${NOTICES_PATH}/${first.id}`, 'notice-drafted')
      : withFlash(`${NOTICES_PATH}?state=draft`, 'notices-drafted'),
  }
}
