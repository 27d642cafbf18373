import express, { type Router } from 'express'

import { type Web, forMembers } from '../visit.ts'
import { registerHereView } from './register-here-view.ts'

/** Registering recordings whose audio stays on the visitor's own computer. */
export function registerHereRoutes(web: Web): Router {
  const router = express.Router()
  router.get(
    '/recordings/here',
    forMembers(web, async () => ({
      title: 'Register on this computer',
      section: 'recordings',
      body: registerHereView(),
    })),
  )
  return router
}
