import express, { type Express, type RequestHandler, type Router } from 'express'
import helmet from 'helmet'

import type { House } from '../actions/house.ts'
import { Problem, problemOf, problemTypes } from '../core/problem.ts'
import { noticeJsonSchema } from '../notices/notice.ts'
import { reportJsonSchema } from '../reports/report.ts'
import { cookieName } from '../tenants/caller.ts'
import { healthRoutes } from './health.ts'
import { type LimitOptions, createLimits, limitDefaults } from './limits.ts'
import { openApiOf } from './openapi.ts'
import { docsPage, problemPage, sendPage } from './pages.ts'
import { answerProblems, unknownMethod, unknownPath } from './problems.ts'
import { labelled, logRequests } from './request-log.ts'
import { routes } from './routes.ts'
import { serve } from './serve.ts'

/** Answers belong to one account: no cache between us and the caller may keep them. */
const noStore: RequestHandler = (_request, response, next) => {
  response.setHeader('Cache-Control', 'no-store')
  next()
}

/** Headers for answers that are data: nothing in them may run, load or be framed. */
const dataHeaders = (publicUrl: string): RequestHandler =>
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"], 'base-uri': ["'none'"] },
    },
    strictTransportSecurity: publicUrl.startsWith('https:'),
  })

/** The API under /v1: every declared route, the methods each path takes, and problems for everything else. */
export function createApi(house: House, limits: Partial<LimitOptions> = {}): Router {
  const router = express.Router()
  const limiting = createLimits({ ...limitDefaults, ...limits })
  router.use('/v1', logRequests(house.log), dataHeaders(house.config.publicUrl), noStore)
  for (const route of routes) router[route.method](route.path, ...serve(route, house, limiting))
  for (const path of new Set(routes.map(({ path }) => path))) {
    const methods = routes.filter((route) => route.path === path).map(({ method }) => method.toUpperCase())
    const allowed = methods.includes('GET') ? [...methods, 'HEAD'] : methods
    router.all(path, labelled(path), unknownMethod(allowed))
  }
  router.use('/v1', unknownPath)
  router.use('/v1', answerProblems)
  return router
}

/** What the API says about itself, for people and for machines. */
function aboutRoutes({ config }: House): Router {
  const router = express.Router()
  const document = openApiOf(routes, config.publicUrl, cookieName(config.publicUrl))
  const page = docsPage(document)
  router.get('/openapi.json', labelled('/openapi.json'), (_request, response) => {
    response.json(document)
  })
  router.get('/docs', labelled('/docs'), (_request, response) => sendPage(response, 'Earwitness API', page))
  router.get('/schemas/takedown-report-1.json', labelled('/schemas'), (_request, response) => {
    response.type('application/schema+json').send(JSON.stringify(reportJsonSchema()))
  })
  router.get('/schemas/notice-1.json', labelled('/schemas'), (_request, response) => {
    response.type('application/schema+json').send(JSON.stringify(noticeJsonSchema()))
  })
  router.get('/problems/*type', labelled('/problems'), (request, response) => {
    const given = (request.params['type'] as unknown as string[]).join('/')
    const type = problemTypes.find((known) => known === given)
    if (!type) throw new Problem('request/unknown-path', `There is no problem of the type ${given}`)
    response.vary('Accept')
    if (request.accepts(['json', 'html']) === 'html')
      sendPage(response, problemOf(type).title, problemPage(type))
    else response.json({ type: `/problems/${type}`, ...problemOf(type) })
  })
  return router
}

/**
 * Everything that is served: the API and what it says about itself, what the operator asks, and the dashboard.
 *
 * @param web    the dashboard's routes; without them only the API is served.
 * @param limits other than the ordinary ones, for tests.
 */
export function createHttpApp(house: House, web?: Router, limits: Partial<LimitOptions> = {}): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  // One proxy, the one that the operator says is there: an address that a caller claims is not believed.
  app.set('trust proxy', house.config.TRUST_PROXY ? 1 : false)
  app.use(logRequests(house.log))
  app.use(createApi(house, limits))
  const about = express.Router()
  about.use(
    ['/openapi.json', '/docs', '/schemas', '/problems', '/healthz', '/readyz', '/metrics'],
    dataHeaders(house.config.publicUrl),
  )
  about.use(healthRoutes(house), aboutRoutes(house))
  app.use(about)
  if (web) app.use(web)
  app.use(dataHeaders(house.config.publicUrl), unknownPath)
  app.use(answerProblems)
  return app
}
