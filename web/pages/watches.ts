import express, { type Router } from 'express'

import {
  editWatch,
  endWatch,
  pauseWatch,
  readWatch,
  resumeWatch,
  startWatch,
} from '../../services/actions/watches.ts'
import { WatchId } from '../../services/core/ids.ts'
import { rowsOf } from '../../services/submissions/batch-store.ts'
import { listWatches, readsOf } from '../../services/watches/store.ts'
import { NewWatch, WatchChange, WatchState } from '../../services/watches/watch.ts'
import { type Flash, withFlash } from '../flash.ts'
import { type Sent, attempt, readForm, textOf } from '../forms.ts'
import { type Filled, unfilled } from '../parts/fields.ts'
import { PAGE_ROWS, pageOf, readAfter } from '../parts/paging.ts'
import { type Page, type Reply, type Visit, type Web, forMembers, found, idOf } from '../visit.ts'
import { WATCHES_PATH, watchView, watchesView } from './watches-view.ts'

/** Reads that the page of a watch lists; the API has the others. */
const READS_SHOWN = 20

/** What a form says, with its number as a number and its tick as a yes or no. */
const fieldsOf = (sent: Sent): Record<string, unknown> => ({
  ...sent,
  everyH: Number(textOf(sent, 'everyH') || 24),
})

async function listPage(visit: Visit, filled: Filled = unfilled, status = 200): Promise<Page> {
  const state = WatchState.safeParse(visit.query['state']).data
  const after = readAfter(visit.query['after'])
  const { shown, last } = pageOf(
    await visit.tenant((tx) => listWatches(tx, { state, after, limit: PAGE_ROWS + 1 })),
  )
  const body = watchesView({ rows: shown, last, state, query: visit.query, filled })
  return { title: 'Watches', section: 'submissions', body, status }
}

async function made(visit: Visit): Promise<Reply> {
  const { takesFirst, ...fields } = fieldsOf(visit.form)
  const tried = await attempt(
    () => visit.form,
    async () =>
      startWatch(
        visit.house,
        visit.caller,
        readForm(NewWatch, { ...fields, takesFirst: takesFirst === 'on' }),
      ),
  )
  if (tried.refusal) return listPage(visit, tried.refusal.filled, tried.refusal.status)
  return { redirect: withFlash(`${WATCHES_PATH}/${tried.done.id}`, 'watch-made') }
}

const watchId = (visit: Visit): WatchId => idOf(WatchId, visit.params['id'], 'watch')

async function onePage(visit: Visit, filled: Filled = unfilled, status = 200): Promise<Page> {
  const id = watchId(visit)
  const after = readAfter(visit.query['after'])
  const read = await visit.tenant(async (tx) => ({
    watch: found((await listWatches(tx, { id, limit: 1 }))[0], 'watch'),
    reads: await readsOf(tx, id, { limit: READS_SHOWN }),
    page: pageOf(await rowsOf(tx, { watchId: id }, { after, limit: PAGE_ROWS + 1 })),
  }))
  const { watch, reads, page } = read
  const body = watchView({ watch, reads, rows: page.shown, last: page.last, query: visit.query, filled })
  return { title: watch.name, section: 'submissions', body, status }
}

async function changed(visit: Visit): Promise<Reply> {
  const id = watchId(visit)
  const { refusal } = await attempt(
    () => visit.form,
    async () => editWatch(visit.house, visit.caller, id, readForm(WatchChange, fieldsOf(visit.form))),
  )
  if (refusal) return onePage(visit, refusal.filled, refusal.status)
  return { redirect: withFlash(`${WATCHES_PATH}/${id}`, 'watch-changed') }
}

const acts = {
  reads: [readWatch, 'watch-read'],
  pause: [pauseWatch, 'watch-paused'],
  resume: [resumeWatch, 'watch-resumed'],
  end: [endWatch, 'watch-ended'],
} as const satisfies Record<string, readonly [typeof readWatch | typeof pauseWatch, Flash]>

/** Watching places, and following what appears there. */
export function watchRoutes(web: Web): Router {
  const router = express.Router()
  router.get(
    WATCHES_PATH,
    forMembers(web, (visit) => listPage(visit)),
  )
  router.post(WATCHES_PATH, forMembers(web, made))
  router.get(
    `${WATCHES_PATH}/:id`,
    forMembers(web, (visit) => onePage(visit)),
  )
  router.post(`${WATCHES_PATH}/:id`, forMembers(web, changed))
  for (const [path, [act, flash]] of Object.entries(acts))
    router.post(
      `${WATCHES_PATH}/:id/${path}`,
      forMembers(web, async (visit) => {
        const id = watchId(visit)
        await act(visit.house, visit.caller, id)
        return { redirect: withFlash(`${WATCHES_PATH}/${id}`, flash) }
      }),
    )
  return router
}
