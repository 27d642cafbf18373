import sharp from 'sharp'

import { keepScreenshotIn } from '../../services/actions/screenshots.ts'
import { type CaseId, RecordingId, type ScreenshotId } from '../../services/core/ids.ts'
import { actorOf } from '../../services/tenants/tenant.ts'
import type { Call } from './api-scene.ts'
import { findAt } from './found-case.ts'
import type { Account, World } from './world.ts'

/** The page that pictures of the scene are of. */
const PAGE = 'https://host.example/page'

/** A case at an address, and a picture of it. */
export interface ScreenshotScene {
  readonly caseId: CaseId
  readonly id: ScreenshotId
}

/** A plain picture as PNG; another colour is another file. */
export const pngOf = (background: string, width = 40, height = 30): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background } })
    .png()
    .toBuffer()

const PICTURE = await pngOf('#204060')

/** A form with a picture, as a browser sends it. */
export function screenshotForm(words: Readonly<Record<string, string>>, picture: Uint8Array): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(words)) form.set(name, value)
  form.set('file', new Blob([new Uint8Array(picture)]), 'page.png')
  return form
}

/** Calls of the routes of screenshots. */
export const screenshotCalls: Record<string, Call> = {
  addScreenshot: {
    path: (s) => `/v1/cases/${s.screenshot.caseId}/screenshots`,
    body: () => screenshotForm({ address: PAGE, takenAt: '2026-01-02T03:04:05Z' }, PICTURE),
    status: 201,
  },
  listScreenshots: { path: (s) => `/v1/cases/${s.screenshot.caseId}/screenshots`, status: 200 },
  getScreenshotPicture: {
    path: (s) => `/v1/screenshots/${s.screenshot.id}/picture`,
    status: 200,
    type: 'image/png',
  },
}

/** A case of an account at an address, with a picture that the built-in browser took. */
export async function screenshotScene(
  world: World,
  { tenant, caller }: Account,
  recordingId: string,
): Promise<ScreenshotScene> {
  const { house } = world
  async function* content() {
    yield await pngOf('#602040')
  }
  const stored = await house.blobs.put(content(), { bytesMax: 10_000 })
  const found = await findAt({ ...world, owner: caller }, RecordingId.parse(recordingId), { url: PAGE })
  const about = { id: found.id, tenantId: tenant.id }
  const picture = { mediaType: 'image/png', width: 40, height: 30, ...stored } as const
  const taken = { source: 'browser', address: PAGE, takenAt: new Date(), takenBy: actorOf(caller) } as const
  const { id } = await house.db.system((tx) =>
    keepScreenshotIn(tx, about, { ...taken, ...picture, note: null }),
  )
  return { caseId: found.id, id }
}
