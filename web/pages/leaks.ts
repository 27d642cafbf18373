import express, { type Router } from 'express'

import { addLeak, changeLeak, removeLeak } from '../../services/actions/leaks.ts'
import { ManifestWords, addManifest } from '../../services/actions/manifests.ts'
import { LeakId } from '../../services/core/ids.ts'
import { Problem } from '../../services/core/problem.ts'
import { countByLeak } from '../../services/leaks/exposure-list-store.ts'
import { findLeak, pageLeaks } from '../../services/leaks/leak-store.ts'
import { LeakChange, NewLeak } from '../../services/leaks/leak.ts'
import { listManifests } from '../../services/leaks/manifest-store.ts'
import { listLetters } from '../../services/letters/store.ts'
import { hasRole } from '../../services/tenants/tenant.ts'
import { withFlash } from '../flash.ts'
import { type Sent, attempt, readForm, textOf } from '../forms.ts'
import { readMultipart } from '../multipart.ts'
import { type Filled, unfilled } from '../parts/fields.ts'
import { PAGE_ROWS, pageOf, readAfter } from '../parts/paging.ts'
import { uploadReply } from '../parts/upload.ts'
import { type Page, type Reply, type Visit, type Web, forMembers, found, idOf, wantsData } from '../visit.ts'
import { batchesIn } from './leak-batches-view.ts'
import { type LeakForm, leakView } from './leak-view.ts'
import { LEAKS_PATH, leaksView } from './leaks-view.ts'

/** Letters about a leak that its page shows; the others are in the API. */
const LETTERS_SHOWN = 50

async function listPage(visit: Visit, filled: Filled = unfilled, status = 200): Promise<Page> {
  const after = readAfter(visit.query['after'])
  const read = await visit.tenant(async (tx) => ({
    page: pageOf(await pageLeaks(tx, { after, limit: PAGE_ROWS + 1 })),
    exposed: await countByLeak(tx),
  }))
  const body = leaksView({
    rows: read.page.shown,
    last: read.page.last,
    exposed: read.exposed,
    query: visit.query,
    canAdd: hasRole(visit.caller, 'owner'),
    filled,
  })
  return { title: 'Leaks', section: 'exposure', body, status }
}

const leakId = (visit: Visit): LeakId => idOf(LeakId, visit.params['id'], 'leak')
const hrefOf = (id: LeakId): string => `${LEAKS_PATH}/${id}`

async function onePage(visit: Visit, form?: LeakForm, status = 200): Promise<Page> {
  const id = leakId(visit)
  const read = await visit.tenant(async (tx) => ({
    leak: found(await findLeak(tx, id), 'leak'),
    manifests: await listManifests(tx, id),
    letters: await listLetters(tx, { leakId: id, limit: LETTERS_SHOWN }),
    exposed: await countByLeak(tx),
  }))
  const body = leakView({
    ...read,
    exposed: read.exposed.get(id) ?? 0,
    canChange: hasRole(visit.caller, 'owner') && read.leak.tenantId === visit.caller.tenantId,
    bytesMax: visit.house.config.MANIFEST_BYTES_MAX,
    form,
  })
  return { title: read.leak.name, section: 'exposure', body, status }
}

async function added(visit: Visit): Promise<Reply> {
  const tried = await attempt(
    () => visit.form,
    async () => addLeak(visit.house, visit.caller, readForm(NewLeak, visit.form)),
  )
  if (tried.refusal) return listPage(visit, tried.refusal.filled, tried.refusal.status)
  return { redirect: withFlash(hrefOf(tried.done.id), 'leak-added') }
}

/** What a form of the page says; a day that was emptied is not known any more. */
const factsIn = (sent: Sent): unknown => ({
  name: textOf(sent, 'name'),
  takenOn: textOf(sent, 'takenOn') || null,
  announcedOn: textOf(sent, 'announcedOn') || null,
  note: textOf(sent, 'note'),
})

/** Changes a leak by one of the forms of its page. */
async function changed(visit: Visit, name: 'facts' | 'batches', given: unknown): Promise<Reply> {
  const id = leakId(visit)
  const { refusal } = await attempt(
    () => visit.form,
    async () => {
      const read = LeakChange.safeParse(given)
      if (!read.success) throw formProblem(name, read.error.issues)
      await changeLeak(visit.house, visit.caller, id, read.data)
    },
  )
  if (refusal) return onePage(visit, { name, filled: refusal.filled }, refusal.status)
  return { redirect: withFlash(hrefOf(id), 'saved') }
}

/** What is wrong with a form, beside its fields; of batches above them, by the number of the part. */
function formProblem(
  name: 'facts' | 'batches',
  issues: readonly { path: PropertyKey[]; message: string }[],
): Problem {
  if (name === 'facts') {
    const faults = issues.map(({ path, message }) => ({ pointer: `/${path.join('/')}`, detail: message }))
    return new Problem('request/invalid', 'Some fields need another look', { faults })
  }
  const told = issues.map(({ path: [, index], message }) =>
    typeof index === 'number' ? `line ${index + 1}: ${message}` : message,
  )
  return new Problem('request/invalid', `The parts need another look: ${[...new Set(told)].join('; ')}`)
}

/** Files of a form, together one manifest. */
async function uploaded(visit: Visit): Promise<Reply> {
  const id = leakId(visit)
  let sent: Sent = {}
  const { refusal } = await attempt(
    () => sent,
    () =>
      addManifest(visit.house, visit.caller, id, async (take) => {
        const { fields } = await readMultipart(
          visit.request,
          async ({ fileName, fields: before, source }) => {
            sent = before
            readForm(ManifestWords, before)
            await take({ fileName, source })
          },
        )
        sent = fields
        return readForm(ManifestWords, fields)
      }),
  )
  const href = withFlash(hrefOf(id), 'manifest-added')
  if (wantsData(visit.request)) return uploadReply(refusal, { one: href, all: href })
  if (refusal) return onePage(visit, { name: 'upload', filled: refusal.filled }, refusal.status)
  return { redirect: href }
}

/** Leaks: the list, each with its manifests and parts. */
export function leakRoutes(web: Web): Router {
  const router = express.Router()
  router.get(
    LEAKS_PATH,
    forMembers(web, (visit) => listPage(visit)),
  )
  router.post(LEAKS_PATH, forMembers(web, added))
  router.get(
    `${LEAKS_PATH}/:id`,
    forMembers(web, (visit) => onePage(visit)),
  )
  router.post(
    `${LEAKS_PATH}/:id`,
    forMembers(web, (visit) => changed(visit, 'facts', factsIn(visit.form))),
  )
  router.post(
    `${LEAKS_PATH}/:id/batches`,
    forMembers(web, (visit) => changed(visit, 'batches', { batches: batchesIn(visit.form) })),
  )
  router.post(`${LEAKS_PATH}/:id/manifests`, forMembers(web, uploaded))
  router.post(
    `${LEAKS_PATH}/:id/remove`,
    forMembers(web, async (visit) => {
      await removeLeak(visit.house, visit.caller, leakId(visit))
      return { redirect: withFlash(LEAKS_PATH, 'leak-removed') }
    }),
  )
  return router
}
