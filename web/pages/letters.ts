import express, { type Router } from 'express'

import { type LetterPreview, previewLetter, signLetter } from '../../services/actions/letters.ts'
import { secondFactorOf } from '../../services/actions/second-factor.ts'
import { LeakId } from '../../services/core/ids.ts'
import { Problem } from '../../services/core/problem.ts'
import { readAudits } from '../../services/exposure-reading.ts'
import { findLeak } from '../../services/leaks/leak-store.ts'
import { NewLetter } from '../../services/letters/letter.ts'
import { hasRole } from '../../services/tenants/tenant.ts'
import { withFlash } from '../flash.ts'
import { type Sent, attempt, refused, textOf } from '../forms.ts'
import { type Filled, unfilled } from '../parts/fields.ts'
import { type Page, type Reply, type Visit, type Web, forMembers, found, idOf } from '../visit.ts'
import { LEAKS_PATH } from './leaks-view.ts'
import { letterView } from './letters-view.ts'

/** Audits that can be chosen for a letter: the newest of those that ended. */
const AUDITS_OFFERED = 50
const names = ['kind', 'language', 'recipientName', 'recipientAddress', 'recipientEmail', 'auditId'] as const

const leakId = (visit: Visit): LeakId => idOf(LeakId, visit.params['id'], 'leak')

/** What was chosen, by the names of the fields. */
const chosenIn = (sent: Sent): Record<string, string> =>
  Object.fromEntries(
    names.map((name) => [name, textOf(sent, name)] as const).filter(([, value]) => value !== ''),
  )

/** The address of the page with what was chosen: who has to show a second factor comes back to it. */
const pathOf = (id: LeakId, sent: Sent): string =>
  `${LEAKS_PATH}/${id}/letter?${new URLSearchParams(chosenIn(sent)).toString()}`

const fieldNames: Readonly<Record<string, string>> = {
  'recipient/name': 'recipientName',
  'recipient/address': 'recipientAddress',
  'recipient/email': 'recipientEmail',
}

/** The letter that a form asks for. @throws {Problem} request/invalid with a fault for each wrong field. */
function letterIn(sent: Sent): NewLetter {
  const read = NewLetter.safeParse({
    kind: textOf(sent, 'kind'),
    language: textOf(sent, 'language'),
    recipient: {
      name: textOf(sent, 'recipientName'),
      // Browsers send every line end as CR LF, some of them only from fields that are shown.
      address: textOf(sent, 'recipientAddress').replaceAll(/\r\n?/g, '\n').trim() || null,
      email: textOf(sent, 'recipientEmail').trim() || null,
    },
    auditId: textOf(sent, 'auditId') || null,
  })
  if (read.success) return read.data
  const faults = read.error.issues.map(({ path, message }) => {
    const at = path.join('/')
    return { pointer: `/${fieldNames[at] ?? at}`, detail: message }
  })
  throw new Problem('request/invalid', 'Some fields need another look', { faults })
}

async function page(
  visit: Visit,
  sent: Sent,
  filled: Filled,
  preview?: LetterPreview,
  status = 200,
): Promise<Page> {
  const id = leakId(visit)
  const read = await visit.tenant(async (tx) => ({
    leak: found(await findLeak(tx, id), 'leak'),
    audits: await readAudits(tx, visit.caller, { stage: 'done', limit: AUDITS_OFFERED }),
  }))
  const body = letterView({
    leak: read.leak,
    audits: read.audits.filter(({ counts }) => (counts?.listed ?? 0) > 0),
    preview,
    canSign: hasRole(visit.caller, 'signer'),
    factor: await secondFactorOf(visit.house, visit.caller),
    memberName: visit.caller.member.name,
    path: pathOf(id, sent),
    filled,
  })
  return { title: 'Write a letter', section: 'exposure', body, status }
}

/** The form; with what was chosen also how the letter reads. */
async function shownPage(visit: Visit, sent: Sent, problem?: Problem): Promise<Page> {
  const isChosen = textOf(sent, 'kind') !== ''
  if (!isChosen) return page(visit, sent, unfilled)
  const tried = await attempt(
    () => sent,
    async () => previewLetter(visit.house, visit.caller, leakId(visit), letterIn(sent)),
  )
  if (tried.refusal) return page(visit, sent, tried.refusal.filled, undefined, tried.refusal.status)
  const filled = problem ? refused(sent, problem) : { values: chosenIn(sent), faults: {} }
  return page(visit, sent, filled, tried.done, problem?.status ?? 200)
}

/** Signs; whoever has to show a second factor again is led there and back. */
async function signed(visit: Visit): Promise<Reply> {
  const { form, house, caller } = visit
  const id = leakId(visit)
  try {
    await signLetter(house, caller, id, letterIn(form), {
      signatureText: textOf(form, 'signatureText'),
      shown: textOf(form, 'shown'),
    })
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    if (error.type === 'auth/second-factor')
      return { redirect: `/settings/security?then=${encodeURIComponent(pathOf(id, form))}` }
    if (![400, 409].includes(error.status)) throw error
    return shownPage(visit, form, error)
  }
  return { redirect: withFlash(`${LEAKS_PATH}/${id}`, 'letter-signed') }
}

/** Letters about a leak. */
export function letterRoutes(web: Web): Router {
  const router = express.Router()
  router.get(
    `${LEAKS_PATH}/:id/letter`,
    forMembers(web, (visit) => shownPage(visit, visit.query)),
  )
  router.post(`${LEAKS_PATH}/:id/letter`, forMembers(web, signed))
  return router
}
