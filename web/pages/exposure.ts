import express, { type Router } from 'express'

import { type AskedScope, startAudit } from '../../services/actions/exposure.ts'
import { counts as catalogCounts } from '../../services/catalog/store.ts'
import type { Tx } from '../../services/core/db.ts'
import { ExposureAuditId, LeakId } from '../../services/core/ids.ts'
import { Problem } from '../../services/core/problem.ts'
import { readAudit, readAudits, readLines } from '../../services/exposure-reading.ts'
import { labelsOf, releasesOf } from '../../services/leaks/audit-list-store.ts'
import { countExposed, listExposures } from '../../services/leaks/exposure-list-store.ts'
import { AuditScope, ISRCS_MAX } from '../../services/leaks/exposure.ts'
import { listLeaks } from '../../services/leaks/leak-store.ts'
import { readIsrcList } from '../../services/leaks/private/isrc-list.ts'
import { knowsUnreleased, toldExposure } from '../../services/unreleased.ts'
import { type Sent, attempt, textOf } from '../forms.ts'
import { statusFilters } from '../parts/exposure.ts'
import { type Filled, unfilled } from '../parts/fields.ts'
import { PAGE_ROWS, numberedPageOf, pageOf, readAfter, readNumber } from '../parts/paging.ts'
import { type Page, type Reply, type Visit, type Web, forMembers, found, idOf } from '../visit.ts'
import { type AuditShown, auditLive, auditView } from './exposure-audit-view.ts'
import { EXPOSURE_PATH, type ExposureFilters, exposureView } from './exposure-view.ts'

/** Labels and releases that can be chosen from; others are asked for on the page of a recording, or by the API. */
const CHOICES_MAX = 200

/** How many recordings the catalogue claims. */
async function claimedOf(tx: Tx): Promise<number> {
  const { recordings, withdrawn } = await catalogCounts(tx)
  return recordings - withdrawn
}

const filtersOf = ({ query }: Visit): ExposureFilters => ({
  leak: LeakId.safeParse(query['leak']).data,
  status: Object.keys(statusFilters).find(
    (name): name is keyof typeof statusFilters => name === query['status'],
  ),
})

async function listPage(visit: Visit, filled: Filled = unfilled, status = 200): Promise<Page> {
  const { caller, query } = visit
  const filters = filtersOf(visit)
  const asked = {
    leakId: LeakId.safeParse(filters.leak).data,
    statuses: filters.status && [filters.status],
  }
  const offset = readNumber(query['after'])
  const read = await visit.tenant(async (tx) => {
    const rows = await listExposures(tx, { ...asked, offset, limit: PAGE_ROWS + 1 })
    const audits = await readAudits(tx, caller, { after: readAfter(query['audits']), limit: PAGE_ROWS + 1 })
    return {
      leaks: await listLeaks(tx),
      recordings: await claimedOf(tx),
      counts: await countExposed(tx),
      rows: rows.slice(0, PAGE_ROWS).map((row) => toldExposure(caller, row)),
      next: rows.length > PAGE_ROWS ? offset + PAGE_ROWS : undefined,
      audits: pageOf(audits),
      labels: await labelsOf(tx, CHOICES_MAX),
      releases: await releasesOf(tx, { isPublicOnly: !knowsUnreleased(caller), rowsMax: CHOICES_MAX }),
    }
  })
  const { audits, ...rest } = read
  const body = exposureView({
    ...rest,
    audits: audits.shown,
    auditsLast: audits.last,
    filters,
    query,
    filled,
  })
  return { title: 'Exposure', section: 'exposure', body, status }
}

/** The codes that were pasted. @throws {Problem} request/invalid naming what is none. */
function codesIn(sent: Sent): readonly string[] {
  const { isrcs, faults, faultCount, isCut } = readIsrcList(textOf(sent, 'isrcs'), ISRCS_MAX)
  const refuse = (detail: string): never => {
    throw new Problem('request/invalid', 'The codes need another look', {
      faults: [{ pointer: '/isrcs', detail }],
    })
  }
  const [first] = faults
  if (first) return refuse(`${faultCount} without an ISRC; the first is line ${first.line}: ${first.text}`)
  if (isCut) return refuse(`more than ${ISRCS_MAX} codes; ask for them in parts`)
  return isrcs.length > 0 ? isrcs : refuse('give at least one ISRC')
}

/** What the form asks for. @throws {Problem} request/invalid. */
function scopeIn(sent: Sent): AskedScope {
  const kind = textOf(sent, 'kind')
  const given = {
    all: () => ({ kind }),
    label: () => ({ kind, label: textOf(sent, 'label') }),
    release: () => ({ kind, releaseId: textOf(sent, 'releaseId') }),
    isrcs: () => ({ kind, isrcs: codesIn(sent) }),
  }[kind]
  const read = AuditScope.safeParse(given?.())
  if (read.success && read.data.kind !== 'recordings') return read.data
  throw new Problem('request/invalid', 'Choose what to ask for', {
    faults: [
      ...(kind === 'label' ? [{ pointer: '/label', detail: 'choose a label' }] : []),
      ...(kind === 'release' ? [{ pointer: '/releaseId', detail: 'choose a release' }] : []),
    ],
  })
}

async function asked(visit: Visit): Promise<Reply> {
  const tried = await attempt(
    () => visit.form,
    async () => startAudit(visit.house, visit.caller, scopeIn(visit.form)),
  )
  if (tried.refusal) return listPage(visit, tried.refusal.filled, tried.refusal.status)
  return { redirect: `${EXPOSURE_PATH}/${tried.done.id}` }
}

async function readOne(visit: Visit): Promise<AuditShown> {
  const { caller, house, query } = visit
  const id = idOf(ExposureAuditId, visit.params['id'], 'audit')
  const audit = found(await visit.tenant((tx) => readAudit(tx, caller, id)), 'audit')
  const after = readNumber(query['lines'])
  const lines =
    audit.resultSha256 === null
      ? []
      : await readLines(house.blobs, caller, audit, { after, limit: PAGE_ROWS + 1 })
  const { shown, next } = numberedPageOf(lines)
  return { audit, lines: shown, next, query }
}

/** What is exposed, and the audits that found it. */
export function exposureRoutes(web: Web): Router {
  const router = express.Router()
  router.get(
    EXPOSURE_PATH,
    forMembers(web, (visit) => listPage(visit)),
  )
  router.post(`${EXPOSURE_PATH}/audits`, forMembers(web, asked))
  router.get(
    `${EXPOSURE_PATH}/:id`,
    forMembers(web, async (visit) => ({
      title: 'Exposure audit',
      section: 'exposure',
      body: auditView(await readOne(visit)),
    })),
  )
  router.get(
    `${EXPOSURE_PATH}/:id/progress`,
    forMembers(web, async (visit) => auditLive(await readOne(visit))),
  )
  return router
}
