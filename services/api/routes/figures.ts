import { z } from 'zod'

import { figureFormats, figuresFile, yearlyFile } from '../../figures/document.ts'
import { periodOf, yearOf } from '../../figures/figures.ts'
import { figuresOf, yearlyTable } from '../../figures/store.ts'
import { fileOf, route } from '../route.ts'

const tag = 'Figures'

const format = z.enum(figureFormats).default('json')
/** The first year in which notices could be sent by this service, and the last that a date can name. */
const YEAR_MIN = 2020
const YEAR_MAX = 9998

const ofPeriod = route({
  id: 'getFigures',
  method: 'get',
  path: '/v1/figures',
  summary:
    'What became of the notices that were sent in a period: by recipient and all in all, with times in hours, refusals by ' +
    'reason, the precision of reviewed cases and the class that the figures suggest',
  tag,
  caller: 'any',
  query: z.strictObject({
    from: z.iso.date().optional().describe('First day, in UTC; left out: 90 days before the end'),
    to: z.iso.date().optional().describe('Last day, counted in; left out: today'),
    format,
  }),
  answer: fileOf('application/json', 'text/csv'),
  problems: ['request/invalid'],
  async handle({ house, caller, query }) {
    const period = periodOf(query)
    const figures = await house.db.tenant(caller.tenantId, (tx) => figuresOf(tx, caller.tenantId, period))
    return figuresFile(figures, query.format)
  },
})

const ofYear = route({
  id: 'getYearlyFigures',
  method: 'get',
  path: '/v1/figures/yearly',
  summary: 'Notices of a calendar year by provider, type of content and action taken (DSA, Art. 22(3))',
  tag,
  caller: 'any',
  query: z.strictObject({
    year: z.coerce.number().int().min(YEAR_MIN).max(YEAR_MAX).describe('Calendar year, in UTC'),
    format,
  }),
  answer: fileOf('application/json', 'text/csv'),
  async handle({ house, caller, query: { year, format: wanted } }) {
    const rows = await house.db.tenant(caller.tenantId, (tx) =>
      yearlyTable(tx, caller.tenantId, yearOf(year)),
    )
    return yearlyFile(year, rows, wanted)
  },
})

export const figureRoutes = [ofPeriod, ofYear]
