import express from 'express'
import type { Page } from 'playwright-core'

import type { House } from '../../services/actions/house.ts'
import { createHttpApp } from '../../services/api/app.ts'
import { caseCounts } from '../../services/matches/case-store.ts'
import { cookieName } from '../../services/tenants/caller.ts'
import { openSession } from '../../services/tenants/sign-in.ts'
import { createMember } from '../../services/tenants/store.ts'
import type { Caller } from '../../services/tenants/tenant.ts'
import { createWeb } from '../../web/router.ts'
import { faultsOf, openBrowser, shot } from '../support/browser.ts'
import { followedFind, registered } from '../support/found-case.ts'
import { findPrograms } from '../support/programs.ts'
import { type World, expect, test } from '../support/world.ts'

const { chromium } = await findPrograms()

/** As many as a reviewer should get through in some minutes. */
const CASES = 10
/** The narrowest phone that is still sold. */
const PHONE = { width: 360, height: 740 }

/** The dashboard of an account with cases at as many places, and a session of each of two reviewers in it. */
async function openQueue(world: World) {
  const app = express()
  const url = await world.listen(app)
  const house: House = { ...world.house, config: { ...world.house.config, publicUrl: url } }
  app.use(createHttpApp(house, createWeb(house)))
  const recordingId = await registered(world, 'Monsoon Letters')
  for (let n = 1; n <= CASES; n += 1)
    await followedFind(world, recordingId, { url: `https://host${n}.example/a`, shareOfRecording: n / CASES })
  const { tenantId } = world.owner
  const cookieOf = async (member: Extract<Caller, { kind: 'member' }>['member']) => ({
    name: cookieName(url),
    value: await house.db.system((tx) => openSession(tx, member)),
    url,
  })
  const other = await house.db.system((tx) =>
    createMember(tx, tenantId, { email: 'b@example.org', name: 'B. Sample', roles: ['reviewer'] }),
  )
  if (world.owner.kind !== 'member') throw new Error('no member')
  const counts = () => house.db.tenant(tenantId, caseCounts)
  const cookies = { owner: await cookieOf(world.owner.member), other: await cookieOf(other) }
  return { cookies, counts, at: (path: string) => url + path }
}

/** Confirms the case on the page with nothing but keys: each answer by its first letter, one reason for all. */
async function confirmByKeys(page: Page): Promise<void> {
  if ((await page.locator('#confirm-licensed:focus').count()) === 0) await page.keyboard.press('c')
  for (let question = 0; question < 5; question += 1) {
    await page.keyboard.type('No')
    await page.keyboard.press('Tab')
  }
  await page.keyboard.type('The whole recording, for download')
  await page.keyboard.press('Control+Enter')
}

test.skipIf(!chromium)(
  'ten cases are confirmed without the mouse, one after the other',
  async ({ world }) => {
    const { cookies, counts, at } = await openQueue(world)
    const browser = await openBrowser(chromium ?? '')
    try {
      const page = await browser.page()
      await page.context().addCookies([cookies.owner])
      await page.goto(at('/cases?state=needs_review'))
      // The most urgent first: the one with most of the recording.
      expect(await page.locator('.row-link').first().textContent()).toBe('Monsoon Letters')
      expect(await page.locator('tbody tr').first().textContent()).toContain('100 % of the recording')
      expect(await faultsOf(page)).toEqual([])
      await shot(page, 'queue')
      await page.keyboard.press('j')
      await page.keyboard.press('j')
      await page.keyboard.press('k')
      await page.keyboard.press('Enter')
      await page.getByText('nobody else can decide it').waitFor()
      await page.waitForLoadState('load')
      await page.keyboard.press('c')
      expect(await faultsOf(page)).toEqual([])
      await shot(page, 'review')

      // A colleague who opens the same case sees who has it, and is refused.
      const second = await browser.page()
      await second.context().addCookies([cookies.other])
      await second.goto(page.url())
      await second.getByText('Sample Records Owner is looking at this case').waitFor()

      for (let n = 1; n <= CASES; n += 1) {
        const here = page.url()
        await confirmByKeys(page)
        await page.waitForURL((url) => url.href !== here && !url.searchParams.has('done'))
        await page.waitForLoadState('load')
        expect(await counts()).toMatchObject({ confirmed: n, needsReview: CASES - n })
      }
      expect(await page.getByText('Exceptions of the law').count()).toBe(1)
      await shot(page, 'review-done')
      expect(browser.complaints).toEqual([])
    } finally {
      await browser.close()
    }
  },
)

test.skipIf(!chromium)(
  'several cases are decided together, looked at beforehand, and taken back',
  async ({ world }) => {
    const { cookies, counts, at } = await openQueue(world)
    const browser = await openBrowser(chromium ?? '')
    try {
      const page = await browser.page()
      await page.context().addCookies([cookies.owner])
      await page.goto(at('/cases'))
      await page.waitForLoadState('load')
      for (const key of ['j', 'x', 'j', 'x']) await page.keyboard.press(key)
      await page.getByRole('button', { name: 'Decide the marked ones together' }).click()
      await page.locator('#kind').selectOption('dismissed')
      await page.getByRole('button', { name: 'Show what would happen' }).click()
      await page.locator('#reason-fault').waitFor()
      await page.locator('#reason').selectOption('duplicate')
      await page.getByRole('button', { name: 'Show what would happen' }).click()
      await page.getByText('2 of 2 cases would be dismissed').waitFor()
      expect(await counts()).toMatchObject({ needsReview: CASES, dismissed: 0 })
      expect(await faultsOf(page)).toEqual([])
      await shot(page, 'batch-preview')
      await page.getByRole('button', { name: 'Decide 2 cases' }).click()
      await page.getByText('Decided. If it was wrong').waitFor()
      expect(await counts()).toMatchObject({ dismissed: 2 })
      await page.getByRole('button', { name: 'Take all of it back' }).click()
      await page.getByText('Taken back').waitFor()
      expect(await counts()).toMatchObject({ dismissed: 0, needsReview: CASES })

      // The same list, its forms and a refusal, as a phone without scripts has them.
      const phone = await browser.page({ viewport: PHONE, javaScriptEnabled: false, colorScheme: 'dark' })
      await phone.context().addCookies([cookies.owner])
      await phone.goto(at('/cases'))
      expect(await faultsOf(phone)).toEqual([])
      await shot(phone, 'phone-queue')
      await phone.locator('.row-link').first().click()
      await phone.locator('summary', { hasText: 'Confirm' }).click()
      for (const name of ['licensed', 'fair_use', 'quotation', 'parody', 'de_minor_use'])
        await phone.locator(`#confirm-${name}`).selectOption('no')
      await phone.getByRole('button', { name: 'Confirm the case' }).click()
      await phone.getByText('say why, here once for all').waitFor()
      expect(await phone.locator('#confirm-parody').inputValue()).toBe('no')
      expect(await faultsOf(phone)).toEqual([])
      await shot(phone, 'phone-review')
      await phone.locator('#confirm-why').fill('The whole recording, for download')
      await phone.getByRole('button', { name: 'Confirm the case' }).click()
      await phone.getByText('This is the next case').waitFor()
      await phone.getByRole('link', { name: 'The case before' }).click()
      await phone.locator('summary', { hasText: 'Take back the last decision' }).click()
      await phone.getByRole('button', { name: 'Take it back' }).click()
      await phone.getByText('The decision is taken back').waitFor()
      expect(await counts()).toMatchObject({ confirmed: 0 })
      expect(browser.complaints.filter((text) => !text.includes('status of 400'))).toEqual([])
    } finally {
      await browser.close()
    }
  },
)
