import { readFile } from 'node:fs/promises'

import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type TestBrowser, faultsOf, openBrowser, shot } from '../support/browser.ts'
import { disguised, piece, unknownPiece } from '../support/music.ts'
import { findPrograms } from '../support/programs.ts'
import { type Stage, openStage } from '../support/stage.ts'

const { chromium } = await findPrograms()

/** Fetching, decoding and matching on two busy cores. */
const PATIENCE_MS = 90_000
/** The narrowest phone that is still sold. */
const PHONE = { width: 360, height: 740 }

const found = /1 recording of yours found/

/** Presses Tab until the element has the focus, as somebody without a mouse does. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 40; presses += 1) {
    if (await page.locator(selector).evaluate((element) => element.matches(':focus'))) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`${selector} cannot be reached with the Tab key`)
}

// One story: each test goes on where the one before it stopped.
describe.skipIf(!chromium)('the dashboard in a browser', () => {
  let stage: Stage
  let browser: TestBrowser
  let page: Page
  let at: (path: string) => string

  beforeAll(async () => {
    stage = await openStage()
    browser = await openBrowser(chromium ?? '')
    page = await browser.page()
    page.setDefaultTimeout(PATIENCE_MS)
    at = (path) => `${stage.service.url}${path}`
  })
  afterAll(async () => {
    await browser.close()
    await stage.close()
  })

  test('asks strangers to sign in, and brings them back to where they wanted to go', async () => {
    await page.goto(at('/cases?state=confirmed'))
    expect(page.url()).toBe(at('/sign-in?next=%2Fcases%3Fstate%3Dconfirmed'))
    await shot(page, 'sign-in')
  })

  test('a link signs in once, by a button and not by being opened, and a password is chosen', async () => {
    await page.goto(stage.service.signInUrl)
    await page.goto(stage.service.signInUrl)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByLabel('New password').fill('seven bridges at night')
    await page.getByLabel('Once more').fill('seven bridges at night')
    await page.getByRole('button', { name: 'Set password' }).click()
    await page.getByRole('heading', { name: 'First steps' }).waitFor()
    await shot(page, 'overview-empty')
    const other = await browser.page()
    await other.goto(stage.service.signInUrl)
    expect(await other.getByRole('heading', { level: 1 }).textContent()).toContain('no longer good')
    await other.context().close()
  })

  test('a recording is registered by its audio, and the page tells when it is recognisable', async () => {
    await page.goto(at('/settings'))
    await page.getByLabel('Hold the audio of recordings').check()
    await page.getByLabel('Hold suspect files').check()
    await page.getByRole('button', { name: 'Save switches' }).click()
    await page.goto(at('/recordings'))
    await page.locator('#title').fill('Sample Piece – Morning')
    await page.getByLabel('Main artists').fill('The Samples')
    await page.locator('#isrc').fill('aa-6q7-26-00001')
    await page.locator('#recording-file').setInputFiles(await piece(1))
    await page.getByRole('button', { name: 'Register' }).click()
    await page.getByText('copies of it are recognised').waitFor()
    expect(await page.getByText('AA-6Q7-26-00001').count()).toBe(1)
    await shot(page, 'recording')
  })

  test('a refused form comes back as it was filled, with what is wrong beside the field', async () => {
    await page.goto(at('/recordings?register=1'))
    await page.locator('#title').fill('Another Piece')
    await page.getByLabel('Main artists').fill('The Samples')
    await page.locator('#isrc').fill('not a code')
    await page.getByRole('button', { name: 'Register' }).click()
    const field = page.locator('#isrc')
    expect(await field.getAttribute('aria-invalid')).toBe('true')
    expect(await field.inputValue()).toBe('not a code')
  })

  test('a link is handed in by keyboard alone and followed to its match', async () => {
    await page.goto(at('/submissions'))
    await tabTo(page, '#url')
    await page.keyboard.type(stage.suspectUrl)
    await page.keyboard.press('Enter')
    await page.locator('[aria-current=step]').waitFor()
    await shot(page, 'submission-at-work')
    await page.getByRole('heading', { name: found }).waitFor()
    expect(await page.locator('main a[href^="http://127"]').count()).toBe(0)
    expect(await page.getByText('hxxp://127[.]0[.]0[.]1').count()).toBeGreaterThan(0)
    await shot(page, 'submission-found')
  })

  test('a file without any of the recordings is told apart, with what it was compared to', async () => {
    await page.goto(at('/submissions'))
    await page.locator('#suspect-file').setInputFiles(await unknownPiece())
    await page.getByRole('button', { name: 'Examine files' }).click()
    await page.getByRole('heading', { name: 'Nothing of yours found' }).waitFor()
    expect(await page.getByText(/Compared with 1 recording/).count()).toBe(1)
  })

  test('works without scripts', async () => {
    const storageState = await page.context().storageState()
    const plain = await browser.page({ javaScriptEnabled: false, storageState })
    await plain.goto(at('/submissions'))
    await plain
      .locator('#suspect-file')
      .setInputFiles(await disguised(1, 'quiet.mp3', ['-ss', '5', '-t', '20']))
    await plain.getByRole('button', { name: 'Examine files' }).click()
    await expect
      .poll(
        async () => {
          await plain.reload()
          return plain.getByRole('heading', { name: found }).count()
        },
        { timeout: PATIENCE_MS, interval: 1_000 },
      )
      .toBe(1)
    await plain.context().close()
  })

  test('the match page shows where they meet and lets both sides be heard', async () => {
    await page.goto(at('/cases?state=needs_review'))
    await page.locator('.row-link').last().click()
    await page.getByRole('link', { name: 'Look and listen' }).click()
    expect(await page.locator('svg.alignment .alignment-heard circle').count()).toBeGreaterThan(20)
    // The page is read while its script still comes; a key that is pressed before would be heard by nobody.
    await page.waitForLoadState('load')
    await page.keyboard.press('a')
    const time = (side: string): Promise<number> =>
      page.evaluate<number>(`document.querySelector('audio[data-side=${side}]').currentTime`)
    await expect.poll(() => time('suspect'), { timeout: PATIENCE_MS }).toBeGreaterThan(0.5)
    await page.keyboard.press('b')
    await expect.poll(() => time('reference'), { timeout: PATIENCE_MS }).toBeGreaterThan(0.5)
    await page.keyboard.press(' ')
    await shot(page, 'match')
  })

  test('a case is confirmed and its signed report downloaded', async () => {
    await page.getByRole('link', { name: 'Decide' }).click()
    const address = page.url().split('?')[0] ?? ''
    await page.locator('summary', { hasText: 'Confirm' }).click()
    for (const name of ['licensed', 'fair_use', 'quotation', 'parody', 'de_minor_use'])
      await page.locator(`#confirm-${name}`).selectOption('no')
    await page.locator('#confirm-why').fill('The whole recording, for download')
    await page.getByRole('button', { name: 'Confirm the case' }).click()
    // Where others wait, the next one opens.
    await page.getByRole('status').first().waitFor()
    await page.goto(address)
    await page.locator('summary', { hasText: 'Sign and issue' }).click()
    for (const name of ['goodFaith', 'accuracy', 'authority'])
      await page.locator(`#statement-${name}`).check()
    await page.getByLabel('Signature').fill('/s/ Owner')
    await page.getByRole('button', { name: 'Sign and issue the report' }).click()
    await page.getByText('Signed', { exact: true }).waitFor()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: /as pdf/ }).click(),
    ])
    const pdf = await readFile(await download.path())
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
    expect(download.suggestedFilename()).toMatch(/^EW-\d{4}-\d{6}-v1\.pdf$/)
    await shot(page, 'case-reported')
  })

  test('the alert mail is in the inbox and leads to the case', async () => {
    await expect
      .poll(
        async () => {
          await page.goto(at('/inbox'))
          return page.locator('.row-link').count()
        },
        { timeout: PATIENCE_MS, interval: 1_000 },
      )
      .toBeGreaterThan(0)
    await page.locator('.row-link').last().click()
    await page.frameLocator('iframe').getByText('Sample Piece – Morning').first().waitFor()
    expect(await page.locator('pre').textContent()).toContain(at('/cases/'))
    await shot(page, 'mail')
  })

  test('a key is shown once and revoked only after a question', async () => {
    await page.goto(at('/settings/keys'))
    await page.getByLabel('Name').fill('release pipeline')
    await page.getByRole('button', { name: 'Make key' }).click()
    const secret = (await page.locator('#secret').textContent()) ?? ''
    expect(secret).toMatch(/^ewk_/)
    await page.goto(at('/settings/keys'))
    expect(await page.content()).not.toContain(secret)
    await page.getByRole('row', { name: 'release pipeline' }).getByRole('button', { name: 'Revoke' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke key' }).click()
    expect(await page.getByRole('row', { name: 'release pipeline' }).textContent()).toContain('Revoked')
    const refused = await fetch(at('/v1/recordings'), { headers: { authorization: `Bearer ${secret}` } })
    expect(refused.status).toBe(401)
  })

  test('every page fits a phone, names its fields and stays within its policy', async () => {
    const storageState = await page.context().storageState()
    const phone = await browser.page({ viewport: PHONE, colorScheme: 'dark', storageState })
    const paths = ['/', '/submissions', '/cases', '/recordings?register=1', '/reports', '/inbox', '/settings']
    paths.push('/settings/members', '/settings/keys', '/settings/password')
    paths.push('/settings/allow-list?test=https://example.com/a', '/settings/allow-list?state=ended')
    for (const list of ['/submissions', '/cases', '/recordings', '/inbox']) {
      await phone.goto(at(list))
      paths.push((await phone.locator('.row-link').first().getAttribute('href')) ?? '')
    }
    await phone.goto(at(paths.find((path) => path.startsWith('/cases/')) ?? ''))
    paths.push((await phone.locator('#finds h3 a').first().getAttribute('href')) ?? '')
    const faults: Record<string, string[]> = {}
    for (const path of paths) {
      await phone.goto(at(path))
      const here = await faultsOf(phone)
      if (here.length > 0) faults[path] = here
      await shot(phone, `phone-dark${path.replace(/\/[0-9a-f-]{24,}/, '-one').replaceAll(/[^a-z]+/g, '-')}`)
    }
    expect(faults).toEqual({})
    await phone.context().close()
  })

  test('the menu opens on a phone and closes with Escape', async () => {
    const storageState = await page.context().storageState()
    const phone = await browser.page({ viewport: PHONE, storageState })
    await phone.goto(at('/'))
    expect(await phone.getByRole('link', { name: 'Reports' }).isVisible()).toBe(false)
    await phone.getByRole('button', { name: 'Menu' }).click()
    expect(await phone.getByRole('link', { name: 'Reports' }).isVisible()).toBe(true)
    await phone.keyboard.press('Escape')
    expect(await phone.getByRole('link', { name: 'Reports' }).isVisible()).toBe(false)
    await phone.context().close()
  })

  test('the chosen colours stay', async () => {
    await page.goto(at('/'))
    const ground = (): Promise<string> =>
      page.evaluate<string>('getComputedStyle(document.body).backgroundColor')
    const light = await ground()
    await page.getByRole('button', { name: 'Dark colours' }).click()
    await page.reload()
    expect(await ground()).not.toBe(light)
    await shot(page, 'overview-dark')
  })

  test('signing out ends the session', async () => {
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByText('You are signed out').waitFor()
    await page.goto(at('/cases'))
    expect(page.url()).toContain('/sign-in')
  })

  test('no page complained on the console', () => {
    // Browsers report refused answers themselves; those that the tests asked for are not faults.
    const asked = /status of (400|410)/
    expect(browser.complaints.filter((text) => !asked.test(text))).toEqual([])
  })
})
