import { readFile } from 'node:fs/promises'

import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type TestBrowser, type TextFile, dropFile, faultsOf, openBrowser, shot } from '../support/browser.ts'
import { message43, testHeader } from '../support/ern.ts'
import { findPrograms } from '../support/programs.ts'
import { type Stage, openStage } from '../support/stage.ts'

const { chromium } = await findPrograms()

/** A job's turn on a busy machine. */
const PATIENCE_MS = 60_000
const PHONE = { width: 360, height: 740 }

/** A sheet of ten recordings, of which row 4 has a wrong ISRC, row 6 no title, and row 9 a territory that is none. */
function sheetOfTen(): string {
  const rows = Array.from({ length: 10 }, (_, index) => {
    const row = index + 2
    const title = row === 6 ? '' : `Song number ${row}`
    const isrc = row === 4 ? 'AA6Q7-20-X' : `AA6Q720000${String(row).padStart(2, '0')}`
    return `${title},The Sample Band,${isrc},${row === 9 ? 'Atlantis' : 'Worldwide'}`
  })
  return ['Track Title,Primary Artist,ISRC,Territories', ...rows, ''].join('\n')
}

const entityBomb = `<?xml version="1.0"?>
<!DOCTYPE bomb [
  <!ENTITY a "boom">
  <!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
  <!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">
]>
<bomb>&c;</bomb>`

const asFile = ({ name, text }: TextFile) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(text) })

// One story: each test goes on where the one before it stopped.
describe.skipIf(!chromium)('importing a catalogue', () => {
  let stage: Stage
  let browser: TestBrowser
  let page: Page
  const at = (path: string): string => `${stage.service.url}${path}`

  /** The titles in the catalogue. */
  const titles = async (): Promise<string[]> => {
    const answer = await page.request.get(at('/v1/recordings?limit=100'))
    const { items } = (await answer.json()) as { items: { title: string }[] }
    return items.map(({ title }) => title).toSorted()
  }
  /** Chooses a file and hands it in. */
  const handIn = async (file: TextFile): Promise<void> => {
    await page.goto(at('/recordings/import'))
    await page.locator('#catalogue-file').setInputFiles(asFile(file))
    await page.getByRole('button', { name: 'Check the file' }).click()
  }
  const verdict = (text: string | RegExp): Promise<void> =>
    page.getByRole('heading', { level: 2, name: text }).waitFor()

  beforeAll(async () => {
    stage = await openStage()
    browser = await openBrowser(chromium ?? '')
    page = await browser.page()
    page.setDefaultTimeout(PATIENCE_MS)
    await page.goto(stage.service.signInUrl)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { level: 1 }).waitFor()
  })
  afterAll(async () => {
    await browser.close()
    await stage.close()
  })

  test('begins at the recordings, with what is understood and a template', async () => {
    await page.goto(at('/recordings/imports'))
    await page.getByText('No imports yet').waitFor()
    await page.goto(at('/recordings'))
    await page.getByRole('link', { name: 'Import a catalogue' }).click()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Template' }).click(),
    ])
    expect(await readFile(await download.path(), 'utf8')).toMatch(/^title,artist,/)
    await shot(page, 'import-form')
  })

  test('a dragged sheet is checked: what is wrong is named row by row, and nothing is kept', async () => {
    await dropFile(page, { name: 'ten.csv', text: sheetOfTen() })
    await page.getByText('ten.csv,').waitFor()
    await page.getByRole('button', { name: 'Check the file' }).click()
    await verdict('7 recordings can be imported, 3 rows need a correction')
    const rows = page.locator('#findings tbody tr')
    expect(await rows.count()).toBe(3)
    expect(await rows.nth(0).textContent()).toMatch(/Row\s+4.*ISRC.*"AA6Q7-20-X"/s)
    expect(await rows.nth(1).textContent()).toMatch(/Row\s+6.*Track Title/s)
    expect(await rows.nth(2).textContent()).toMatch(/Row\s+9.*Territories.*"Atlantis"/s)
    expect(await page.getByLabel('ISRC of row 4').inputValue()).toBe('AA6Q7-20-X')
    expect(await titles()).toEqual([])
    expect(await faultsOf(page)).toEqual([])
    await shot(page, 'import-checked')
  })

  test('the errors can be downloaded as a table', async () => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download as CSV' }).click(),
    ])
    const lines = (await readFile(await download.path(), 'utf8')).trimEnd().split('\r\n')
    expect(lines[0]).toBe('row,column,code,message')
    expect(lines.slice(1).map((line) => line.split(',').slice(0, 3).join(' '))).toEqual([
      '4 ISRC identifier-malformed',
      '6 Track Title missing',
      '9 Territories unknown-value',
    ])
  })

  test('the rows are corrected in place, checked again and imported', async () => {
    await page.getByLabel('ISRC of row 4').fill('AA-6Q7-20-00004')
    await page.getByLabel('Track Title of row 6').fill('Found again')
    await page.getByLabel('Territories of row 9').fill('DE|Lemuria')
    await page.getByRole('button', { name: 'Save and check again' }).click()
    await verdict('9 recordings can be imported, 1 row needs a correction')
    expect(await page.getByText('"Lemuria" is no territory').count()).toBe(1)
    await page.getByLabel('Territories of row 9').fill('DE|IN')
    await page.getByLabel('Territories of row 9').press('Enter')
    await verdict('10 recordings can be imported')
    await page.getByText('3 corrected cells').click()
    expect(await page.getByText('Row 6, Track Title: “Found again”').isVisible()).toBe(true)
    expect(await titles()).toEqual([])
    await page.getByRole('button', { name: 'Import 10 recordings' }).click()
    await verdict('10 recordings imported')
    const kept = await titles()
    expect(kept).toHaveLength(10)
    expect(kept).toContain('Found again')
    await shot(page, 'imported')
  })

  test('the same sheet with another title shows what would change, from what to what', async () => {
    const text = sheetOfTen().replace('Song number 2,', 'Song number two,').split('\n').slice(0, 3).join('\n')
    await handIn({ name: 'again.csv', text })
    await verdict('1 recording can be imported')
    expect(await page.locator('#changes tbody tr').textContent()).toMatch(
      /Title: Song number 2.*Song number two/s,
    )
    await shot(page, 'import-changes')
  })

  test('a message with an entity bomb is refused with its line', async () => {
    await handIn({ name: 'bomb.xml', text: entityBomb })
    await verdict('Nothing of it can be taken in')
    expect(await page.getByText(/Line 2: .*entities are not accepted/).count()).toBe(1)
    expect(await page.getByRole('button', { name: /^Import/ }).count()).toBe(0)
  })

  test('a test message is checked and cannot be imported; a known one leads to the first', async () => {
    await handIn({ name: 'test.xml', text: message43({ header: testHeader }) })
    await verdict(/A test message/)
    expect(await page.getByRole('button', { name: /^Import/ }).count()).toBe(0)
    await handIn({ name: 'live.xml', text: message43() })
    await page.getByRole('button', { name: 'Import 1 recording' }).click()
    await verdict('1 recording imported')
    const first = page.url()
    await handIn({ name: 'live-again.xml', text: message43() })
    await verdict('This message was imported before')
    await page.getByRole('link', { name: 'See the first import' }).click()
    expect(page.url()).toBe(first)
  })

  test('what is no catalogue comes back with why', async () => {
    await handIn({ name: 'sheet.xlsx', text: 'PK\u0003\u0004 and so on' })
    await page
      .getByText(/save the sheet as CSV/)
      .first()
      .waitFor()
    expect(page.url()).toBe(at('/recordings/import'))
  })

  test('works without scripts', async () => {
    const storageState = await page.context().storageState()
    const plain = await browser.page({ javaScriptEnabled: false, storageState })
    const untilSays = (text: string): Promise<void> =>
      expect
        .poll(
          async () => {
            await plain.goto(plain.url())
            return plain.getByRole('heading', { level: 2, name: text }).count()
          },
          { timeout: PATIENCE_MS, interval: 500 },
        )
        .toBe(1)
    await plain.goto(at('/recordings/import'))
    const text = 'title,artist,isrc\nWithout a script,The Sample Band,not one\n'
    await plain.locator('#catalogue-file').setInputFiles(asFile({ name: 'plain.csv', text }))
    await plain.getByRole('button', { name: 'Check the file' }).click()
    await untilSays('Nothing of it can be taken in')
    await plain.getByLabel('isrc of row 2').fill('AA6Q72000099')
    await plain.getByRole('button', { name: 'Save and check again' }).click()
    await untilSays('1 recording can be imported')
    await plain.getByRole('button', { name: 'Import 1 recording' }).click()
    await untilSays('1 recording imported')
    await plain.context().close()
    expect(await titles()).toContain('Without a script')
  })

  test('every page fits a phone and names its fields; none complained', async () => {
    await handIn({ name: 'ten.csv', text: sheetOfTen() })
    await verdict(/3 rows need a correction/)
    const storageState = await page.context().storageState()
    const phone = await browser.page({ viewport: PHONE, colorScheme: 'dark', storageState })
    const faults: Record<string, string[]> = {}
    for (const path of ['/recordings/import', '/recordings/imports', new URL(page.url()).pathname]) {
      await phone.goto(at(path))
      const here = await faultsOf(phone)
      if (here.length > 0) faults[path] = here
      await shot(phone, `phone-dark-import-${path.length > 30 ? 'one' : path.slice(12)}`)
    }
    expect(faults).toEqual({})
    await phone.context().close()
    // Browsers report refused answers themselves; the one that the tests asked for is no fault.
    expect(browser.complaints.filter((text) => !/status of 422/.test(text))).toEqual([])
  })
})
