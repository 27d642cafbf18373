import express from 'express'
import type { Page } from 'playwright-core'

import { decideCase } from '../../services/actions/cases.ts'
import type { House } from '../../services/actions/house.ts'
import { createHttpApp } from '../../services/api/app.ts'
import type { CaseId } from '../../services/core/ids.ts'
import { cookieName } from '../../services/tenants/caller.ts'
import { openSession } from '../../services/tenants/sign-in.ts'
import { createWeb } from '../../web/router.ts'
import { seed } from '../support/api.ts'
import { faultsOf, openBrowser, shot } from '../support/browser.ts'
import { findPrograms } from '../support/programs.ts'
import { type World, expect, test } from '../support/world.ts'

const { chromium } = await findPrograms()

/** The narrowest phone that is still sold. */
const PHONE = { width: 360, height: 740 }

/** The dashboard of an account with a case at an address, and a session in it. */
async function openDashboard(world: World) {
  const app = express()
  const url = await world.listen(app)
  const house: House = { ...world.house, config: { ...world.house.config, publicUrl: url } }
  app.use(createHttpApp(house, createWeb(house)))
  const account = await world.account('Allowing')
  const { caseId, recordingId } = await seed(world, account)
  const address = 'https://shop.example/songs/a.mp3'
  const token = await house.db.system(async (tx) => {
    await tx.run`update case_file set location_key = ${address}, location = ${address} where id = ${caseId}`
    return openSession(tx, account.member)
  })
  const cookie = { name: cookieName(url), value: token, url }
  return { house, account, caseId: caseId as CaseId, recordingId, cookie, at: (path: string) => url + path }
}

/** Presses Tab until the element has the focus, as somebody without a mouse does. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    if (await page.locator(selector).evaluate((element) => element.matches(':focus'))) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`${selector} cannot be reached with the Tab key`)
}

test.skipIf(!chromium)(
  'a place is allowed from its case and taken back, by keyboard and on a phone without scripts',
  async ({ world }) => {
    const { house, account, caseId, recordingId, cookie, at } = await openDashboard(world)
    const browser = await openBrowser(chromium ?? '')
    try {
      const page = await browser.page()
      await page.context().addCookies([cookie])
      await page.goto(at(`/cases/${caseId}`))
      await tabTo(page, 'summary:has-text("This is allowed here")')
      await page.keyboard.press('Enter')
      await tabTo(page, 'select[name=value]')
      await page.keyboard.type('shop.example (a domain')
      await tabTo(page, '#allow-reason')
      await page.keyboard.type('Our own shop')
      expect(await faultsOf(page)).toEqual([])
      await shot(page, 'case-allow')
      await tabTo(page, 'button:has-text("Allow and close the case")')
      await page.keyboard.press('Enter')
      await page.getByText('closed as allowed').waitFor()
      await page.goto(at('/cases?state=allowed'))
      expect(await page.locator('.row-link').count()).toBe(1)

      // The list, its test and its form, as a phone without scripts has them.
      const phone = await browser.page({ viewport: PHONE, javaScriptEnabled: false })
      await phone.context().addCookies([cookie])
      await phone.goto(at('/settings/allow-list'))
      await phone.locator('#test-address').fill('https://cdn.shop.example/b.mp3')
      await phone.getByRole('button', { name: 'Test' }).click()
      await phone.getByText('is allowed for some recordings only').waitFor()
      await phone.locator('select[name=kind]').selectOption('domain')
      await phone.locator('input[name=value]').fill('co.uk')
      await phone.locator('#allow-reason').fill('Everything')
      await phone.getByRole('button', { name: 'Allow', exact: true }).click()
      expect(await phone.locator('#value-fault').textContent()).toContain('ending that many domains share')
      expect(await phone.locator('#allow-reason').inputValue()).toBe('Everything')
      await phone.getByRole('row', { name: 'Our own shop' }).getByRole('button', { name: 'End' }).click()
      await phone.getByRole('dialog').getByRole('button', { name: 'End leave' }).click()
      await phone.getByText('Nothing is allowed yet').waitFor()
      await phone.goto(at('/settings/allow-list?state=ended'))
      expect(await phone.getByRole('row', { name: 'Our own shop' }).count()).toBe(1)

      // A part of the recording that is not ours.
      await phone.goto(at(`/recordings/${recordingId}`))
      await phone.locator('summary', { hasText: 'Exclude a part' }).click()
      await phone.getByLabel('From (part 1)').fill('0:02')
      await phone.getByLabel('To (part 1)').fill('0:04.5')
      await phone.getByLabel('What it is (part 1)').fill('A sample of another recording')
      await phone.getByRole('button', { name: 'Save excluded parts' }).click()
      await phone.locator('summary', { hasText: 'Excluded parts (1)' }).waitFor()

      await decideCase(house, account.caller, caseId, { kind: 'reopened' })
      const narrow = await browser.page({ viewport: PHONE, colorScheme: 'dark' })
      await narrow.context().addCookies([cookie])
      const paths = ['/settings/allow-list', '/settings/allow-list?state=ended', `/recordings/${recordingId}`]
      for (const path of [...paths, `/settings/allow-list?recording=${recordingId}`, `/cases/${caseId}`]) {
        await narrow.goto(at(path))
        // Whatever can be unfolded, at once; those that share a name close each other.
        await narrow.evaluate(
          `for (const each of document.querySelectorAll('main details')) { each.removeAttribute('name'); each.open = true }`,
        )
        expect({ path, faults: await faultsOf(narrow) }).toEqual({ path, faults: [] })
        await shot(
          narrow,
          `phone-dark${path.replace(/[0-9a-f-]{24,}/, '-one').replaceAll(/[^a-z]+/g, '-')}-allow`,
        )
      }
      expect(browser.complaints.filter((text) => !text.includes('status of 400'))).toEqual([])
    } finally {
      await browser.close()
    }
  },
)
