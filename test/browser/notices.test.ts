import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

import express from 'express'
import type { Page } from 'playwright-core'

import type { House } from '../../services/actions/house.ts'
import { createHttpApp } from '../../services/api/app.ts'
import { cookieName } from '../../services/tenants/caller.ts'
import { createWeb } from '../../web/router.ts'
import { faultsOf, openBrowser, shot } from '../support/browser.ts'
import { completeContact, confirmedAt, explanation, recipientFor } from '../support/noticing.ts'
import { findPrograms } from '../support/programs.ts'
import { type SignerSession, signerSession } from '../support/signing.ts'
import { type World, expect, test } from '../support/world.ts'

const { chromium } = await findPrograms()

/** The narrowest phone that is still sold. */
const PHONE = { width: 360, height: 740 }
/** More than any page here has to tab through. */
const TABS_MAX = 150
/** Where pictures for the documents go; only when somebody asks for new ones: `TEST_PICTURES=docs/pictures`. */
const picturesFolder = process.env['TEST_PICTURES']

/** What a reader of the documents looks at: the upper part of a long page. */
const PICTURE = { x: 0, y: 0, width: 1280, height: 1960 }

const HOSTS = ['files.hoster.example', 'cdn.mirror.example', 'share.lockers.example']

/** The dashboard of an account with confirmed cases at several hosts, whose postal address is not known yet. */
async function openDashboard(world: World) {
  const app = express()
  const url = await world.listen(app)
  const house: House = { ...world.house, config: { ...world.house.config, publicUrl: url } }
  app.use(createHttpApp(house, createWeb(house)))
  const here = { ...world, house }
  for (const host of HOSTS) await recipientFor(here, host)
  for (const [index, title] of ['First Light', 'Monsoon', 'Night Train', 'Seven Bridges'].entries())
    await confirmedAt(here, `https://${HOSTS[index % 3]}/d/${index + 1}/song.mp3`, title, 0.985)
  await completeContact(here)
  const signer = await signerSession(here, 'A. Sample', { roles: ['owner', 'reviewer', 'signer'] })
  await house.db.system(async (tx) => {
    await tx.run`update tenant set contact_address = null where id = ${world.owner.tenantId}`
    await tx.run`update member set first_signed_at = now() where id = ${signer.caller.member.id}`
  })
  await signer.age(60)
  const cookie = { name: cookieName(url), value: signer.cookie.split('=')[1] ?? '', url }
  return { house, signer, cookie, at: (path: string) => url + path }
}

/** The last of the codes that count at once: it is good for longest, however slow the machine is. */
const lastingCode = (signer: SignerSession): string =>
  [signer.totp(), signer.totp(), signer.totp()].at(-1) ?? ''

/** Presses Tab until the element has the focus, as somebody without a mouse does. */
async function tabTo(page: Page, selector: string): Promise<void> {
  const element = page.locator(selector)
  for (let presses = 0; presses < TABS_MAX; presses += 1) {
    if (await element.evaluate((each) => each.matches(':focus'))) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`${selector} cannot be reached with the Tab key`)
}

/** Goes to what a link or a button leads to, by keyboard. */
async function press(page: Page, selector: string): Promise<void> {
  await tabTo(page, selector)
  await page.keyboard.press('Enter')
}

async function tick(page: Page, selector: string): Promise<void> {
  await tabTo(page, selector)
  await page.keyboard.press('Space')
}

async function type(page: Page, selector: string, text: string): Promise<void> {
  await tabTo(page, selector)
  await page.keyboard.type(text)
}

/** A picture for the tests and, when asked for, one for the documents. */
async function picture(page: Page, name: string): Promise<void> {
  await shot(page, `notices-${name}`)
  if (!picturesFolder) return
  await page.evaluate('scrollTo(0, 0)')
  await mkdir(picturesFolder, { recursive: true })
  await page.screenshot({ path: join(picturesFolder, `${name}.png`), fullPage: true, clip: PICTURE })
}

test.skipIf(!chromium)(
  'notices are prepared, mended, signed with a second factor and sent, by keyboard alone',
  async ({ world }) => {
    const { house, signer, cookie, at } = await openDashboard(world)
    const browser = await openBrowser(chromium ?? '')
    try {
      const page = await browser.page()
      await page.context().addCookies([cookie])

      // From an empty list to three drafts.
      await page.goto(at('/notices'))
      await page.getByText('No notices yet').waitFor()
      await press(page, 'main .empty a:has-text("Prepare notices")')
      await page.getByRole('heading', { name: 'Prepare notices' }).waitFor()
      expect(await page.getByRole('checkbox', { name: 'Monsoon' }).isChecked()).toBe(true)
      await tick(page, '#regime-US_512C')
      await tick(page, '#regime-EU_DSA_16')
      await type(page, '#illegalityExplanation', explanation)
      expect(await faultsOf(page)).toEqual([])
      await shot(page, 'notices-prepare')
      await press(page, 'button.button-primary:has-text("Draft the notices")')
      await page.getByText('The notices are drafted').waitFor()
      expect(await page.getByRole('row', { name: /\bDraft\b/ }).count()).toBe(3)

      // What is missing, and the way to mend it.
      await press(page, `.row-link >> nth=0`)
      await press(page, 'button:has-text("Check") >> nth=0')
      await page.getByText('The notice is checked').waitFor()
      const checklist = page.getByRole('region', { name: 'Checklist' })
      expect(await checklist.getByText('1 point open, of 17 rules').count()).toBe(1)
      expect(
        await checklist.getByRole('listitem').filter({ hasText: 'The sender can be reached' }).count(),
      ).toBe(1)
      expect(await faultsOf(page)).toEqual([])
      await picture(page, 'checklist')
      const noticeUrl = page.url()
      await press(page, '#checklist a:has-text("Complete your contact in the settings")')
      await page.waitForURL('**/settings#contactAddress')
      await type(page, '#contactAddress', '1 Sample Road, Mumbai 400001')
      await page.keyboard.press('Enter')
      await page.getByText('Saved.').waitFor()
      await page.goto(noticeUrl)
      await press(page, 'button:has-text("Check") >> nth=0')
      await page.getByText('Every rule holds').waitFor()

      // All of them are signed at once.
      await page.goto(at('/notices'))
      for (const index of [0, 1, 2]) await tick(page, `input.row-tick >> nth=${index}`)
      await press(page, 'button:has-text("Check the chosen")')
      await page.getByText('The notices are checked').waitFor()
      const factorLink = 'a:has-text("Show your second factor")'
      expect(await page.getByRole('textbox', { name: 'Signature' }).count()).toBe(0)
      await press(page, factorLink)
      await type(page, '#confirm-code', lastingCode(signer))
      await page.keyboard.press('Enter')
      await page.waitForURL('**/notices/sign?ids=*')
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('Sign 3 notices')
      expect(await page.locator('#statements dd[lang=en]').count()).toBeGreaterThan(4)
      await picture(page, 'signing')
      await tick(page, '#acknowledged')
      await type(page, '#signatureText', '/s/ A. Other')
      await page.keyboard.press('Enter')
      await page.getByRole('alert').getByRole('link', { name: 'Signature' }).waitFor()
      expect(
        await page
          .getByRole('checkbox', { name: /I have read it: of these 4 locations about 0\.\d+ are expected/ })
          .isChecked(),
      ).toBe(true)
      await tabTo(page, '#signatureText')
      await page.keyboard.press('ControlOrMeta+A')
      await page.keyboard.type('/s/ A. Sample')
      expect(await faultsOf(page)).toEqual([])
      await press(page, 'button:has-text("Sign 3 notices")')
      await page.getByText('Signed. Nothing was sent yet.').waitFor()
      const states = await house.db.tenant(
        world.owner.tenantId,
        (tx) => tx.run`
        select from notice where state = 'signed' and signed_by = ${signer.caller.member.id}`,
      )
      expect(states).toBe(3)

      await press(page, 'button:has-text("Send 3 notices now")')
      await page.getByText('The notices are on their way').waitFor()
      expect(await page.getByRole('row', { name: 'Being sent' }).count()).toBe(3)

      const pages = [
        noticeUrl,
        `${noticeUrl}/preview`,
        page.url(),
        ...['/notices', '/notices/new', '/replies'].map(at),
      ]
      await looksWellOnAPhone(browser, cookie, pages)
      expect(browser.complaints.filter((text) => !text.includes('status of 400'))).toEqual([])
    } finally {
      await browser.close()
    }
  },
)

async function looksWellOnAPhone(
  browser: Awaited<ReturnType<typeof openBrowser>>,
  cookie: { name: string; value: string; url: string },
  urls: readonly string[],
): Promise<void> {
  const phone = await browser.page({ viewport: PHONE, colorScheme: 'dark' })
  await phone.context().addCookies([cookie])
  for (const [index, url] of urls.entries()) {
    await phone.goto(url)
    expect({ url, faults: await faultsOf(phone) }).toEqual({ url, faults: [] })
    await shot(phone, `notices-phone-dark-${index}`)
  }
}
