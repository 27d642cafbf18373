import express, { type RequestHandler, type Router } from 'express'

import type { House } from '../services/actions/house.ts'
import { assetRoutes } from './assets.ts'
import { refuseUnkeepable } from './forms.ts'
import { batchRoutes } from './pages/batches.ts'
import { capsuleRoutes } from './pages/capsules.ts'
import { caseLookRoutes } from './pages/case-looks.ts'
import { caseQueueRoutes } from './pages/case-queue.ts'
import { caseRoutes } from './pages/cases.ts'
import { conflictRoutes } from './pages/conflicts.ts'
import { counterNoticeRoutes } from './pages/counter-notices.ts'
import { errorPage, notFoundPage } from './pages/errors.ts'
import { exposureRoutes } from './pages/exposure.ts'
import { figureRoutes } from './pages/figures.ts'
import { importRoutes } from './pages/imports.ts'
import { inboxRoutes } from './pages/inbox.ts'
import { leakRoutes } from './pages/leaks.ts'
import { letterRoutes } from './pages/letters.ts'
import { matchRoutes } from './pages/match.ts'
import { noticeRoutes } from './pages/notices.ts'
import { overviewRoutes } from './pages/overview.ts'
import { privateCheckRoutes } from './pages/private-check.ts'
import { recipientRoutes } from './pages/recipients.ts'
import { recordingRoutes } from './pages/recordings.ts'
import { registerHereRoutes } from './pages/register-here.ts'
import { replyRoutes } from './pages/replies.ts'
import { reportRoutes } from './pages/reports.ts'
import { rightsRoutes } from './pages/rights.ts'
import { settingsRoutes } from './pages/settings.ts'
import { signInRoutes } from './pages/sign-in.ts'
import { submissionRoutes } from './pages/submissions.ts'
import { unsubscribeRoutes } from './pages/unsubscribe.ts'
import { watchRoutes } from './pages/watches.ts'
import type { Web } from './visit.ts'

/** Forms here are text. The longest is a counter-notice: 50,000 characters, each up to nine bytes when it is sent. */
const FORM_BYTES_MAX = '500kb'

/** Scripts, styles and media come from us alone, and no other site may frame us. */
const policy = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "media-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

const pageHeaders: RequestHandler = (_request, response, next) => {
  response.set({
    'content-security-policy': policy,
    'x-content-type-options': 'nosniff',
    // Not `no-referrer`: under it browsers send `Origin: null` with forms, and we could not tell our own.
    'referrer-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  })
  next()
}

const keepableForms: RequestHandler = (request, _response, next) => {
  refuseUnkeepable(request.body)
  next()
}

/**
 * The dashboard: pages, what they load, and the forms they send. Mount it after the API, at the root.
 *
 * @param options.inboxFolder where the built-in mail catcher keeps its mails; without it there is no inbox.
 */
export function createWeb(house: House, options: { inboxFolder?: string } = {}): Router {
  const web: Web = { house, inboxFolder: options.inboxFolder }
  const router = express.Router()
  router.use(assetRoutes())
  router.use(pageHeaders)
  router.use(express.urlencoded({ extended: false, limit: FORM_BYTES_MAX }))
  router.use(keepableForms)
  const pages = [
    signInRoutes,
    unsubscribeRoutes,
    privateCheckRoutes,
    overviewRoutes,
    submissionRoutes,
    batchRoutes,
    watchRoutes,
    registerHereRoutes,
    conflictRoutes,
    rightsRoutes,
    importRoutes,
    recordingRoutes,
    caseQueueRoutes,
    caseLookRoutes,
    caseRoutes,
    capsuleRoutes,
    matchRoutes,
    reportRoutes,
    recipientRoutes,
    noticeRoutes,
    counterNoticeRoutes,
    replyRoutes,
    leakRoutes,
    letterRoutes,
    exposureRoutes,
    figureRoutes,
    settingsRoutes,
    inboxRoutes,
  ]
  for (const routes of pages) router.use(routes(web))
  router.use(notFoundPage)
  router.use(errorPage(web))
  return router
}
