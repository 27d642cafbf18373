import express from 'express'

import type { House } from '../../services/actions/house.ts'
import { createHttpApp } from '../../services/api/app.ts'
import { cookieName } from '../../services/tenants/caller.ts'
import { openSession } from '../../services/tenants/sign-in.ts'
import { totpCode } from '../../services/tenants/totp.ts'
import { createWeb } from '../../web/router.ts'
import { faultsOf, openBrowser, shot } from '../support/browser.ts'
import { findPrograms } from '../support/programs.ts'
import { type World, expect, test } from '../support/world.ts'

const { chromium } = await findPrograms()

/** The narrowest phone that is still sold. */
const PHONE = { width: 360, height: 740 }

/** The dashboard under a host name, which passkeys need, and a session in it. */
async function openDashboard(world: World) {
  const app = express()
  const url = (await world.listen(app)).replace('127.0.0.1', 'localhost')
  const house: House = { ...world.house, config: { ...world.house.config, publicUrl: url } }
  app.use(createHttpApp(house, createWeb(house)))
  const { member } = await world.account('Secure')
  const token = await house.db.system((tx) => openSession(tx, member))
  return { cookie: { name: cookieName(url), value: token, url }, at: (path: string) => url + path }
}

test.skipIf(!chromium)(
  'an app is set up by its picture, then a passkey is added and used, in a browser',
  async ({ world }) => {
    const { cookie, at } = await openDashboard(world)
    const browser = await openBrowser(chromium ?? '')
    try {
      const page = await browser.page()
      await page.context().addCookies([cookie])
      const device = await page.context().newCDPSession(page)
      await device.send('WebAuthn.enable')
      await device.send('WebAuthn.addVirtualAuthenticator', {
        options: { protocol: 'ctap2', transport: 'usb', automaticPresenceSimulation: true },
      })

      await page.goto(at('/settings/security?then=/cases'))
      expect(await faultsOf(page)).toEqual([])
      await page.getByRole('button', { name: 'Set up an app' }).click()
      const secret = (await page.locator('#secret').innerText()).replaceAll(' ', '')
      expect(await faultsOf(page)).toEqual([])
      await shot(page, 'security-app')
      await page.getByRole('textbox', { name: 'Code' }).fill(totpCode(secret, new Date()))
      await page.getByRole('button', { name: 'Finish' }).click()
      await page.waitForURL(at('/cases'))

      await page.goto(at('/settings/security'))
      await page.getByLabel('Name of the device').fill('My key')
      await page.getByRole('button', { name: 'Add a passkey' }).click()
      await page.getByText('My key', { exact: true }).waitFor()
      await page.goto(at('/settings/security?then=/recordings'))
      await page.getByRole('button', { name: 'Use a passkey' }).click()
      await page.waitForURL(at('/recordings'))

      await page.goto(at('/settings/security'))
      await page.setViewportSize(PHONE)
      expect(await faultsOf(page)).toEqual([])
      await shot(page, 'security-phone')
      for (const path of ['/settings/mail', '/settings/intake', '/settings/notices']) {
        await page.goto(at(path))
        expect(await faultsOf(page), path).toEqual([])
        await shot(page, path.slice(1).replace('/', '-'))
      }
      expect(browser.complaints).toEqual([])
    } finally {
      await browser.close()
    }
  },
)
