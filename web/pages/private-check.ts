import express, { type Router } from 'express'

import { isCheckPublic } from '../../services/actions/private-check.ts'
import { callerOf } from '../../services/tenants/caller.ts'
import { plainLayout } from '../parts/layout.ts'
import { type Web, credentialsOf } from '../visit.ts'
import { privateCheckOffView, privateCheckView } from './private-check-view.ts'

/** Asking whether ISRCs are in a leak; for members, and for anybody where the operator opened it. */
export function privateCheckRoutes({ house }: Web): Router {
  const router = express.Router()
  router.get('/private-check', async (request, response) => {
    const caller = await callerOf(house.db, house.config.publicUrl, credentialsOf(request))
    const isOpen = caller !== undefined || isCheckPublic(house)
    const memberName = caller?.kind === 'member' ? caller.member.name : undefined
    const body = isOpen ? privateCheckView(memberName) : privateCheckOffView
    response.set('cache-control', 'no-store').status(isOpen ? 200 : 404)
    response.type('html').send(plainLayout({ title: 'Private check', body }).text)
  })
  return router
}
