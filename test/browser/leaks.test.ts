import { readFile } from 'node:fs/promises'

import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type TestBrowser, dropFile, faultsOf, openBrowser, shot } from '../support/browser.ts'
import { findPrograms } from '../support/programs.ts'
import { type Stage, openStage } from '../support/stage.ts'

const { chromium } = await findPrograms()

/** A job's turn on a busy machine. */
const PATIENCE_MS = 60_000
const PHONE = { width: 360, height: 740 }
const LONG_NAME = `Sample dump ${'with a very long name '.repeat(7)}`.trim()

const isrcOf = (number: number): string => `AA6Q7${String(number).padStart(7, '0')}`

/** Some hundred invented rows: ours are rows 10, 20 and 30, of which the last was told of only; row 40 is damaged. */
function manifestText(): string {
  const rows = Array.from({ length: 400 }, (_, index) => {
    const row = index + 1
    if (row === 40) return '{"name": "half a'
    return JSON.stringify({
      isrc: row % 10 === 0 && row <= 30 ? isrcOf(row / 10) : isrcOf(1_000 + row),
      track_id: `invented${row}`,
      name: row % 10 === 0 && row <= 30 ? `Song ${row / 10}` : `Invented ${row}`,
      artists: ['The Sample Band'],
      popularity: row === 20 ? 20 : 80,
      status: row === 30 ? 'metadata' : 'success',
      fetched_at: '2025-07-01T00:00:00Z',
    })
  })
  return `${rows.join('\n')}\n`
}

// One story: each test goes on where the one before it stopped.
describe.skipIf(!chromium)('am I in the leak?', () => {
  let stage: Stage
  let browser: TestBrowser
  let page: Page
  const at = (path: string): string => `${stage.service.url}${path}`

  /** Registers three songs and one that is in no leak, all of one label. */
  async function registerSongs(): Promise<void> {
    const rows = [1, 2, 3, 4].map((number) => ({
      title: `Song ${number}`,
      artists: ['The Sample Band'],
      isrc: isrcOf(number),
      release: { title: 'Sample Album', label: 'Sample Records' },
    }))
    const answer = await fetch(at('/v1/recordings/batch'), {
      method: 'POST',
      headers: { authorization: `Bearer ${stage.service.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ rows }),
    })
    expect(answer.status).toBe(200)
  }

  beforeAll(async () => {
    stage = await openStage()
    browser = await openBrowser(chromium ?? '')
    page = await browser.page()
    page.setDefaultTimeout(PATIENCE_MS)
    await registerSongs()
    await page.goto(stage.service.signInUrl)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { level: 1 }).waitFor()
  })
  afterAll(async () => {
    await browser.close()
    await stage.close()
  })

  test('a leak is added with why its list may be held, and with its parts', async () => {
    await page.getByRole('link', { name: 'Exposure' }).click()
    await page.getByText('There is nothing to ask yet').waitFor()
    await page.getByRole('link', { name: 'See the leaks' }).click()
    await page.getByText('Fill in the form').click()
    await page.getByLabel('Name', { exact: true }).fill(LONG_NAME)
    await page.getByLabel('Why its manifests may be held').fill('Given to us for a check')
    await page.getByRole('button', { name: 'Add the leak' }).click()
    await page.getByText('The leak is noted').waitFor()
    await page.getByText('Say in which parts it is published').click()
    const part = page.getByRole('group', { name: 'Part 1' })
    await part.getByLabel('Name').fill('Most popular')
    await part.getByLabel('Popularity from').fill('60')
    await part.getByLabel('Popularity to').fill('100')
    await part.getByLabel('Published on').fill('2026-01-15')
    await page.getByRole('button', { name: 'Save the parts' }).click()
    await page.getByText('Published', { exact: true }).first().waitFor()
    expect(await faultsOf(page)).toEqual([])
  })

  test('a manifest that is dropped is read while one looks on, and what could not be read is told', async () => {
    await dropFile(page, { name: 'invented.jsonl', text: manifestText() })
    await page.getByText('invented.jsonl,').waitFor()
    await page.getByRole('button', { name: 'Add the manifest' }).click()
    await page.getByRole('heading', { name: 'invented.jsonl' }).waitFor()
    // It renews itself until it was read.
    await page.getByText('Can be asked').waitFor()
    await page.getByText('1 row could not be read').click()
    await page.getByText(/row 40:/).waitFor()
    expect(await page.locator('#manifests').textContent()).toMatch(/399 ISRCs/)
    expect(await faultsOf(page)).toEqual([])
    await shot(page, 'leak')
  })

  test('what is in it is found by itself, and an audit says how exposed it is', async () => {
    await page.goto(at('/exposure'))
    await page.getByRole('button', { name: 'Ask for the label' }).click()
    await page.getByText('choose a label').first().waitFor()
    await page.getByLabel('A label').selectOption('Sample Records')
    await page.getByRole('button', { name: 'Ask for the label' }).click()
    await page
      .getByRole('heading', { level: 2, name: /3 recordings of 4 found, 2 with audio, 1 published/ })
      .waitFor()
    const lines = page.locator('#lines tbody tr')
    expect(await lines.count()).toBe(3)
    expect(await lines.nth(0).textContent()).toMatch(/Song 1.*Audio.*Most popular/s)
    expect(await lines.nth(2).textContent()).toMatch(/Song 3.*Metadata only/s)
    await lines.nth(0).locator('summary').click()
    await lines.nth(0).getByText('row 10 of manifest').waitFor()
    expect(await faultsOf(page)).toEqual([])
    await shot(page, 'exposure-audit')
  })

  test('its report is a PDF, its lines are a table', async () => {
    const save = async (name: string) => {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name }).click(),
      ])
      return readFile(await download.path())
    }
    expect((await save('Report (PDF)')).subarray(0, 5).toString()).toBe('%PDF-')
    const table = (await save('All lines (CSV)')).toString('utf8').trimEnd().split('\r\n')
    expect(table).toHaveLength(4)
    expect(table[1]).toContain('AA6Q70000001')
  })

  test('the recording says in which leaks it is, and codes can be asked for that are not registered', async () => {
    await page.goto(at('/exposure'))
    expect(await faultsOf(page)).toEqual([])
    await shot(page, 'exposure')
    await page.locator('#now').getByRole('link', { name: 'Song 1' }).click()
    await page.getByRole('heading', { name: 'In leaks' }).waitFor()
    expect(await page.locator('#leaks').textContent()).toContain(LONG_NAME)
    await page.getByText('1 change of these answers').click()
    await page.locator('#leaks').getByText('just now').last().waitFor()
    await page.goto(at('/exposure'))
    await page.getByLabel('ISRCs').fill(`${isrcOf(1_001)}\n${isrcOf(9_999)}`)
    await page.getByRole('button', { name: 'Ask for these codes' }).click()
    await page.getByRole('heading', { level: 2, name: /1 recording of 2 found/ }).waitFor()
  })

  test('every page fits a phone, and nothing complains', async () => {
    const audit = page.url()
    const phone = await browser.page({ viewport: PHONE, storageState: await page.context().storageState() })
    for (const path of [audit, at('/exposure'), at('/leaks')]) {
      await phone.goto(path)
      expect(await faultsOf(phone), path).toEqual([])
    }
    await phone.getByRole('link', { name: LONG_NAME }).click()
    await phone.getByRole('link', { name: 'Write a letter' }).waitFor()
    expect(await faultsOf(phone)).toEqual([])
    await shot(phone, 'leak-phone')
    await phone.getByRole('link', { name: 'Write a letter' }).click()
    await phone.getByLabel('To whom').fill('Sample AI')
    await phone.getByRole('button', { name: 'Preview the letter' }).click()
    await phone.getByRole('heading', { name: 'How it reads' }).waitFor()
    expect(await faultsOf(phone)).toEqual([])
    await shot(phone, 'letter-phone')
    // The one form that was sent without what it asks for.
    expect(browser.complaints.filter((each) => !each.includes('/exposure/audits: '))).toEqual([])
  })
})
