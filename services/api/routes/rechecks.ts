import { z } from 'zod'

import { lookAgain } from '../../actions/rechecks.ts'
import { CaseId, RecheckId } from '../../core/ids.ts'
import { findCase } from '../../matches/case-store.ts'
import { rechecksOf } from '../../matches/recheck-store.ts'
import { Recheck } from '../../matches/recheck.ts'
import { found, oneId } from '../found.ts'
import { route } from '../route.ts'
import { view } from '../schema.ts'

const tag = 'Cases'

const RechecksView = view(
  'Rechecks',
  z.object({
    rechecks: z.array(
      Recheck.omit({ tenantId: true }).describe('What was seen when a location was looked at again'),
    ),
  }),
)
const StartedView = view('StartedRecheck', z.object({ id: RecheckId }))

const start = route({
  id: 'recheckCase',
  method: 'post',
  path: '/v1/cases/:id/rechecks',
  summary: 'Look now whether the copy is still there; a look that is under way counts',
  tag,
  caller: 'any',
  params: oneId(CaseId),
  status: 202,
  answer: StartedView,
  problems: ['row/stage'],
  handle: async ({ house, caller, params }) => ({ id: await lookAgain(house, caller, params.id) }),
})

const listAll = route({
  id: 'listRechecks',
  method: 'get',
  path: '/v1/cases/:id/rechecks',
  summary: 'The looks at a case’s location that are over, the latest first',
  tag,
  caller: 'any',
  params: oneId(CaseId),
  answer: RechecksView,
  handle: ({ house, caller, params }) =>
    house.db.tenant(caller.tenantId, async (tx) => {
      found(await findCase(tx, params.id), 'case')
      return { rechecks: await rechecksOf(tx, params.id) }
    }),
})

export const recheckRoutes = [start, listAll]
