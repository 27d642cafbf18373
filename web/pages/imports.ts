import express, { type Router } from 'express'
import { z } from 'zod'

import { applyImport, fixImport, startImport, stopImport } from '../../services/actions/imports.ts'
import { CellFix, ImportOptions } from '../../services/catalog/import/import.ts'
import * as imports from '../../services/catalog/import/store.ts'
import { ImportId } from '../../services/core/ids.ts'
import { Problem } from '../../services/core/problem.ts'
import { withFlash } from '../flash.ts'
import { type Refusal, type Sent, attempt, readForm, textOf } from '../forms.ts'
import { readMultipart } from '../multipart.ts'
import { type Filled, unfilled } from '../parts/fields.ts'
import { PAGE_ROWS, pageOf, readAfter, readNumber } from '../parts/paging.ts'
import { uploadReply } from '../parts/upload.ts'
import { type Page, type Reply, type Visit, type Web, forMembers, found, idOf, wantsData } from '../visit.ts'
import { type ImportRead, readCells, readImport } from './import-data.ts'
import { readCellName } from './import-findings-view.ts'
import { encodings, importFormView } from './import-form-view.ts'
import { type ImportAsked, importLive, importView } from './import-view.ts'
import { importsView } from './imports-view.ts'

const Options = z.object({
  dateOrder: ImportOptions.shape.dateOrder,
  encoding: z.enum(Object.keys(encodings) as [keyof typeof encodings]).optional(),
})

/** Cells that one page of errors can correct: each of its rows names one. */
const Fixes = z.object({ fixes: z.array(CellFix).max(PAGE_ROWS) })

const formPage = ({ house }: Visit, filled: Filled = unfilled, status = 200): Page => ({
  title: 'Import a catalogue',
  section: 'recordings',
  body: importFormView(filled, house.config.FETCH_BYTES_MAX),
  status,
})

/** Files of a form, each an import of its own that begins as a check. */
async function handedIn(visit: Visit): Promise<Reply> {
  const ids: ImportId[] = []
  let sent: Sent = {}
  const { refusal } = await attempt(
    () => sent,
    async () => {
      const { files } = await readMultipart(visit.request, async ({ fileName, fields, source }) => {
        sent = fields
        const options = readForm(Options, { dateOrder: fields['dateOrder'], encoding: fields['encoding'] })
        const given = { fileName, source, dryRun: true, options }
        ids.push((await startImport(visit.house, visit.caller, given)).id)
      })
      if (files === 0) throw new Problem('request/invalid', 'Choose a file first')
    },
  )
  const one = `/recordings/imports/${ids[0]}`
  const all = '/recordings/imports'
  if (wantsData(visit.request)) return uploadReply(refusal, { one, all })
  if (refusal) return formPage(visit, refusal.filled, refusal.status)
  return { redirect: ids.length === 1 ? one : all }
}

async function listPage(visit: Visit): Promise<Page> {
  const after = readAfter(visit.query['after'])
  const { shown, last } = pageOf(
    await visit.tenant((tx) => imports.list(tx, { after, limit: PAGE_ROWS + 1 })),
  )
  const body = importsView({ rows: shown, last, query: visit.query })
  return { title: 'Imports', section: 'recordings', body }
}

const importId = (visit: Visit): ImportId => idOf(ImportId, visit.params['id'], 'import')

async function readOne(visit: Visit): Promise<ImportRead> {
  const place = {
    findingsAfter: readNumber(visit.query['findings']),
    changesAfter: readNumber(visit.query['changes']),
  }
  return found(await readImport(visit, importId(visit), place), 'import')
}

const askedOf = ({ query, form }: Visit, refusal?: Refusal): ImportAsked => ({
  query,
  typed: refusal ? form : {},
  fault: refusal && Object.values(refusal.filled.faults).join('; '),
})

async function onePage(visit: Visit, refusal?: Refusal): Promise<Page> {
  const read = await readOne(visit)
  const body = importView(read, askedOf(visit, refusal))
  return { title: read.about.fileName, section: 'recordings', body, status: refusal?.status ?? 200 }
}

/** Has something done with an import and shows its page again, with why when it could not be done. */
async function act(visit: Visit, work: (id: ImportId) => Promise<unknown>): Promise<Reply> {
  const id = importId(visit)
  const { refusal } = await attempt(
    () => visit.form,
    () => work(id),
  )
  return refusal ? onePage(visit, refusal) : { redirect: `/recordings/imports/${id}` }
}

/** Cells of the form that say something else than the file with the corrections so far. */
async function changedCells(visit: Visit, id: ImportId): Promise<CellFix[]> {
  const sent = Object.keys(visit.form).flatMap((name) => {
    const cell = readCellName(name)
    return cell ? [{ ...cell, value: textOf(visit.form, name) }] : []
  })
  const { about, fixes } = await visit.tenant(async (tx) => ({
    about: found(await imports.find(tx, id), 'import'),
    fixes: await imports.fixesOf(tx, id),
  }))
  const lines = sent.map(({ row }) => row)
  const cells = await readCells(visit.house, about, lines, fixes)
  // Browsers send every line end as CR LF.
  const plain = (text: string): string => text.replaceAll(/\r\n?/g, '\n')
  return sent.flatMap((fix) => {
    const cell = cells.get(fix.row)?.find(({ heading }) => heading === fix.column)
    return cell && plain(cell.value) !== plain(fix.value) ? [{ ...fix, value: plain(fix.value) }] : []
  })
}

/** Keeps the corrections of a page and reads the file again in the way it was read; or goes on to the next page. */
async function corrected(visit: Visit): Promise<Reply> {
  const { house, caller, form } = visit
  const id = importId(visit)
  const next = textOf(form, 'next')
  const { refusal } = await attempt(
    () => form,
    async () => {
      const { fixes } = readForm(Fixes, { fixes: await changedCells(visit, id) })
      if (fixes.length > 0) await fixImport(house, caller, id, fixes)
      if (next) return
      const about = found(await visit.tenant((tx) => imports.find(tx, id)), 'import')
      await applyImport(house, caller, id, { dryRun: about.dryRun })
    },
  )
  if (refusal) return onePage(visit, refusal)
  const href = `/recordings/imports/${id}`
  return { redirect: next ? withFlash(`${href}?findings=${readNumber(next)}`, 'saved') : href }
}

/** Taking in a catalogue from a file: checked first, corrected in place, then kept. */
export function importRoutes(web: Web): Router {
  const router = express.Router()
  router.get(
    '/recordings/import',
    forMembers(web, async (visit) => formPage(visit)),
  )
  router.post('/recordings/import', forMembers(web, handedIn))
  router.get('/recordings/imports', forMembers(web, listPage))
  router.get(
    '/recordings/imports/:id',
    forMembers(web, (visit) => onePage(visit)),
  )
  router.get(
    '/recordings/imports/:id/progress',
    forMembers(web, async (visit) => importLive(await readOne(visit), askedOf(visit))),
  )
  router.post('/recordings/imports/:id/fixes', forMembers(web, corrected))
  router.post(
    '/recordings/imports/:id/check',
    forMembers(web, (visit) =>
      act(visit, (id) => applyImport(visit.house, visit.caller, id, { dryRun: true })),
    ),
  )
  router.post(
    '/recordings/imports/:id/apply',
    forMembers(web, (visit) =>
      act(visit, (id) => applyImport(visit.house, visit.caller, id, { dryRun: false })),
    ),
  )
  router.post(
    '/recordings/imports/:id/stop',
    forMembers(web, (visit) => act(visit, (id) => stopImport(visit.house, visit.caller, id))),
  )
  return router
}
