import express, { type Router } from 'express'
import { z } from 'zod'

import { Problem } from '../../services/core/problem.ts'
import { type Period, periodOf, yearOf } from '../../services/figures/figures.ts'
import { figuresOf, yearlyTable } from '../../services/figures/store.ts'
import { findTenant } from '../../services/tenants/store.ts'
import { refused } from '../forms.ts'
import { type Filled, unfilled } from '../parts/fields.ts'
import { type Page, type Visit, type Web, forMembers } from '../visit.ts'
import { FIGURES_PATH, figuresView } from './figures-view.ts'

const Day = z.iso.date()

/** The period that was asked for; where that is none, the usual one and what is wrong. */
function asked({ query }: Visit): { period: Period; filled: Filled; status: number } {
  const sent = { from: query['from'] ?? '', to: query['to'] ?? '' }
  const days = { from: Day.safeParse(sent.from).data, to: Day.safeParse(sent.to).data }
  try {
    for (const name of ['from', 'to'] as const)
      if (sent[name] !== '' && days[name] === undefined)
        throw new Problem('request/invalid', 'That is no period that can be told of', {
          faults: [{ pointer: `/${name}`, detail: 'is no date' }],
        })
    return { period: periodOf(days), filled: unfilled, status: 200 }
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return { period: periodOf({}), filled: refused(sent, error), status: error.status }
  }
}

async function figuresPage(visit: Visit): Promise<Page> {
  const { period, filled, status } = asked(visit)
  const thisYear = new Date().getUTCFullYear()
  const given = z.coerce.number().int().min(2020).max(thisYear).safeParse(visit.query['year'])
  const year = given.data ?? thisYear
  const { tenantId } = visit.caller
  const read = await visit.tenant(async (tx) => ({
    figures: await figuresOf(tx, tenantId, period),
    yearly: await yearlyTable(tx, tenantId, yearOf(year)),
    pausedWhy: (await findTenant(tx, tenantId))?.noticesPausedWhy ?? undefined,
  }))
  const body = figuresView({ ...read, year, thisYear, filled })
  return { title: 'Figures', section: 'figures', body, status }
}

/** How what was demanded fared: by period, by recipient, by year. */
export function figureRoutes(web: Web): Router {
  const router = express.Router()
  router.get(FIGURES_PATH, forMembers(web, figuresPage))
  return router
}
