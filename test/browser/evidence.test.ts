import express from 'express'

import type { House } from '../../services/actions/house.ts'
import { createHttpApp } from '../../services/api/app.ts'
import { Problem } from '../../services/core/problem.ts'
import { capsulesOf, stages } from '../../services/evidence/store.ts'
import { cookieName } from '../../services/tenants/caller.ts'
import { createWeb } from '../../web/router.ts'
import { faultsOf, openBrowser, shot } from '../support/browser.ts'
import { after, completeContact, confirmedAt, recipientFor, signedAbout } from '../support/noticing.ts'
import { findPrograms } from '../support/programs.ts'
import { pngOf } from '../support/screenshot-calls.ts'
import { signerSession } from '../support/signing.ts'
import { type World, expect, test } from '../support/world.ts'

const { chromium } = await findPrograms()

/** The narrowest phone that is still sold. */
const PHONE = { width: 360, height: 740 }

/** A notice about two copies that was sent, and the dashboard in which its signer is signed in. */
async function sentNotice(world: World) {
  const app = express()
  const url = await world.listen(app)
  const house: House = { ...world.house, config: { ...world.house.config, publicUrl: url } }
  app.use(createHttpApp(house, createWeb(house)))
  const here = { ...world, house }
  await completeContact(here)
  await recipientFor(here, 'files.hoster.example')
  const signer = await signerSession(here, 'A. Sample')
  const caseId = await confirmedAt(here, 'https://files.hoster.example/d/1/song.mp3')
  const other = await confirmedAt(here, 'https://files.hoster.example/d/2/song.mp3', 'Monsoon')
  const [notice] = await signedAbout(here, signer.caller, [caseId, other])
  if (!notice) throw new Error('nothing was signed')
  await after(here, notice, 'queued', 'sent')
  const cookie = { name: cookieName(url), value: signer.cookie.split('=')[1] ?? '', url }
  return { house, caseId, notice, cookie, at: (path: string) => url + path }
}

test.skipIf(chromium === undefined)(
  'a capsule shows how it gets on without a reload, and a counter-notice is registered and read on a phone',
  async ({ world }) => {
    const { house, caseId, notice, cookie, at } = await sentNotice(world)
    const browser = await openBrowser(chromium ?? '')
    try {
      const page = await browser.page({ viewport: PHONE })
      await page.context().addCookies([cookie])
      await page.goto(at(`/cases/${caseId}`))
      await page.click('#evidence button')
      await page.waitForSelector('#evidence progress')
      expect(await faultsOf(page)).toEqual([])
      const [capsule] = await house.db.system((tx) => capsulesOf(tx, { caseId }, 1))
      if (!capsule) throw new Error('no capsule')
      const broken = new Problem('evidence/tampered', 'The suspect has another SHA-256 than was recorded')
      await house.db.system((tx) => stages.fail(tx, capsule.id, 'capsule', broken))
      await page.waitForSelector('#evidence .notice-bad')
      expect(await page.locator('#evidence progress').count()).toBe(0)
      await shot(page, 'evidence-phone')

      await page.goto(at(`/notices/${notice.id}`))
      expect(await faultsOf(page)).toEqual([])
      await page.click('#counter-notices a.button')
      expect(await faultsOf(page)).toEqual([])
      await page.selectOption('#caseId', caseId)
      await page.fill('#receivedOn', '2020-01-06')
      await page.selectOption('#reason', 'fair_use')
      await page.fill('#sender', 'U. Sample')
      await page.fill('#text', 'It is a quotation.')
      await page.check('#signature')
      await shot(page, 'counter-notice-form-phone')
      await page.click('main form .button-primary')
      await page.waitForSelector('#elements .points')
      expect(await faultsOf(page)).toEqual([])
      await page.click('#answer summary >> nth=2')
      await shot(page, 'counter-notice-phone')
      await page.goto(at('/counter-notices'))
      expect(await faultsOf(page)).toEqual([])
      expect(browser.complaints).toEqual([])
    } finally {
      await browser.close()
    }
  },
  60_000,
)

test.skipIf(chromium === undefined)(
  'a screenshot is added on a phone, and is seen on the page of its case',
  async ({ world }) => {
    const { caseId, cookie, at } = await sentNotice(world)
    const browser = await openBrowser(chromium ?? '')
    try {
      const page = await browser.page({ viewport: PHONE })
      await page.context().addCookies([cookie])
      await page.goto(at(`/cases/${caseId}`))
      await page.click('#screenshots summary')
      expect(await faultsOf(page)).toEqual([])
      await page.fill('#screenshot-taken', '2026-01-02 03:04')
      await page.fill('#screenshot-note', 'The page that offers it')
      const picture = { name: 'page.png', mimeType: 'image/png', buffer: await pngOf('#204060', 800, 1_600) }
      await page.setInputFiles('#screenshot-file', picture)
      await shot(page, 'screenshot-form')
      await page.click('#screenshots button')
      await page.waitForURL(/done=screenshot-added/)
      await page.locator('#screenshots img').scrollIntoViewIfNeeded()
      await page.waitForFunction(`document.querySelector('#screenshots img').naturalWidth === 800`)
      expect(await faultsOf(page)).toEqual([])
      await shot(page, 'screenshots')
      expect(browser.complaints).toEqual([])
    } finally {
      await browser.close()
    }
  },
)
