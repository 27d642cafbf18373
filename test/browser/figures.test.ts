import express from 'express'

import type { House } from '../../services/actions/house.ts'
import { createHttpApp } from '../../services/api/app.ts'
import { cookieName } from '../../services/tenants/caller.ts'
import { openSession } from '../../services/tenants/sign-in.ts'
import { createWeb } from '../../web/router.ts'
import { faultsOf, openBrowser, shot } from '../support/browser.ts'
import { foundCase } from '../support/found-case.ts'
import { madeNotice } from '../support/made-notice.ts'
import { recipientFor } from '../support/noticing.ts'
import { findPrograms } from '../support/programs.ts'
import { type World, expect, test } from '../support/world.ts'

const { chromium } = await findPrograms()

const sizes = [
  { width: 1280, height: 860 },
  { width: 900, height: 700 },
  { width: 360, height: 740 },
]

/** The dashboard of an account that sent two notices, and a session in it. */
async function openDashboard(world: World) {
  const { owner } = world
  if (owner.kind !== 'member') throw new Error('no member')
  const app = express()
  const url = await world.listen(app)
  const house: House = { ...world.house, config: { ...world.house.config, publicUrl: url } }
  app.use(createHttpApp(house, createWeb(house)))
  const caseIds = [
    await foundCase(world, { title: 'Monsoon Letters', url: 'https://files.hoster.example/1' }),
  ]
  for (const host of ['files.hoster.example', 'a-rather-long-name-of-a-network.example'])
    await madeNotice(world, { recipientId: await recipientFor(world, host), caseIds, sentAt: new Date() })
  const token = await house.db.system((tx) => openSession(tx, owner.member))
  return { cookie: { name: cookieName(url), value: token, url }, at: (path: string) => url + path, caseIds }
}

test.skipIf(!chromium)('figures and looks fit every screen', async ({ world }) => {
  if (!chromium) throw new Error('no browser')
  const { cookie, at, caseIds } = await openDashboard(world)
  const browser = await openBrowser(chromium)
  try {
    for (const viewport of sizes) {
      const page = await browser.page({ viewport })
      await page.context().addCookies([cookie])
      for (const path of ['/figures', `/cases/${caseIds[0]}`]) {
        await page.goto(at(path))
        expect(await faultsOf(page), `${path} at ${viewport.width}`).toEqual([])
      }
      await page.goto(at('/figures'))
      await shot(page, `figures-${viewport.width}`)
    }
    expect(browser.complaints).toEqual([])
  } finally {
    await browser.close()
  }
})
