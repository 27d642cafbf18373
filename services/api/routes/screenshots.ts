import { z } from 'zod'

import { addScreenshot, openScreenshot, shownScreenshots } from '../../actions/screenshots.ts'
import { CaseId, ScreenshotId } from '../../core/ids.ts'
import { SCREENSHOTS_MAX, Screenshot, ScreenshotFacts } from '../../evidence/screenshot.ts'
import { oneId } from '../found.ts'
import { Reply, file, fileOf, route } from '../route.ts'
import { view } from '../schema.ts'

const tag = 'Evidence'

const ScreenshotView = view(
  'Screenshot',
  Screenshot.describe('A picture of what was seen at an address of a case; it is never changed or deleted'),
)

const ScreenshotsView = view('Screenshots', z.object({ screenshots: z.array(ScreenshotView) }))

const add = route({
  id: 'addScreenshot',
  method: 'post',
  path: '/v1/cases/:id/screenshots',
  summary: `Add a picture (PNG or JPEG) of an address of the case, for its evidence; a case holds ${SCREENSHOTS_MAX}`,
  tag,
  caller: 'member',
  params: oneId(CaseId),
  body: file(ScreenshotFacts),
  status: 201,
  answer: ScreenshotView,
  problems: ['file/empty', 'image/unreadable', 'image/too-large', 'row/stage', 'request/conflict'],
  idempotent: true,
  handle: ({ house, caller, params, body: { fields, source } }) =>
    addScreenshot(house, caller, params.id, { ...fields, content: source }),
})

const listAll = route({
  id: 'listScreenshots',
  method: 'get',
  path: '/v1/cases/:id/screenshots',
  summary: 'The screenshots of a case, in the order in which they were added',
  tag,
  caller: 'any',
  params: oneId(CaseId),
  answer: ScreenshotsView,
  handle: ({ house, caller, params }) =>
    house.db.tenant(caller.tenantId, async (tx) => ({
      screenshots: await shownScreenshots(tx, caller, params.id),
    })),
})

/** Somebody else made the file: whatever a browser might take it for, nothing in it runs. */
const STRICT_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"

const picture = route({
  id: 'getScreenshotPicture',
  method: 'get',
  path: '/v1/screenshots/:id/picture',
  summary: 'The picture itself, as it was handed in',
  tag,
  caller: 'any',
  params: oneId(ScreenshotId),
  answer: fileOf('image/png', 'image/jpeg'),
  problems: ['file/gone'],
  async handle({ house, caller, params }) {
    const { path, mediaType } = await openScreenshot(house, caller, params.id)
    return new Reply({ body: { path }, mediaType }, { headers: { 'Content-Security-Policy': STRICT_POLICY } })
  },
})

export const screenshotRoutes = [add, listAll, picture]
