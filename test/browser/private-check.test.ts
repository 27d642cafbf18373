import { readFile } from 'node:fs/promises'

import type { Page, Request } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'

import { createHttpApp } from '../../services/api/app.ts'
import { createWeb } from '../../web/router.ts'
import { type TestBrowser, faultsOf, openBrowser, shot } from '../support/browser.ts'
import { listedIsrc, listedLeak } from '../support/checkable-leak.ts'
import { findPrograms } from '../support/programs.ts'
import { expectOnlyPrefixes } from '../support/told-by-check.ts'
import { type World, describe, expect, test } from '../support/world.ts'

const { chromium } = await findPrograms()

/** The site as the operator opened it to visitors, or not. */
const serve = (world: World, check: 'public' | 'off'): Promise<string> => {
  const { house } = world
  const opened = { ...house, config: { ...house.config, PRIVATE_CHECK: check } }
  return world.listen(createHttpApp(opened, createWeb(opened)))
}

/** What a page sent since it was loaded, but for what it is made of. */
async function recorded(page: Page): Promise<Request[]> {
  const requests: Request[] = []
  await page.waitForLoadState('networkidle')
  page.on('request', (request) => requests.push(request))
  return requests
}

const asSent = (requests: readonly Request[]) =>
  requests.map((request) => ({
    method: request.method(),
    url: request.url().replace(/^https?:\/\/[^/]+/, ''),
    headers: request.headers(),
    body: request.postData() ?? '',
  }))

describe.skipIf(!chromium)('the private check in a browser', () => {
  let browser: TestBrowser
  beforeAll(async () => {
    browser = await openBrowser(chromium ?? '')
  })
  afterAll(() => browser.close())

  test('tells a visitor what is in a leak, and the service nothing but prefixes', async ({ world }) => {
    const rows = Array.from({ length: 3_000 }, (_, number) => ({
      isrc: listedIsrc(number * 2),
      popularity: number % 101,
    }))
    await listedLeak(world, { name: 'Sample dump', tenantId: null, publicCheck: true, rows })
    const url = await serve(world, 'public')
    const page = await browser.page()
    await page.goto(`${url}/private-check`)
    const requests = await recorded(page)
    expect(await faultsOf(page)).toEqual([])
    const asked = [listedIsrc(0), listedIsrc(1), listedIsrc(120)]
    await page.getByLabel('ISRCs, one in a line').fill(`${asked.join('\n')}\nno code`)
    await page.getByRole('button', { name: 'Check' }).click()
    await page
      .getByText('2 of 3 ISRCs are in the one leak; of 2 there is audio, of 1 in a published batch.')
      .waitFor()
    expect(await page.getByText('Line 4 has no ISRC: no code').count()).toBe(1)
    const cells = await page.locator('tbody tr').last().locator('td').allTextContents()
    expect(cells).toEqual([
      'AA-6Q7-00-00120',
      'Sample dump',
      'audio',
      'Vorbis 160 kbit/s',
      '60',
      'Popular',
      '2026-03-01',
    ])
    expectOnlyPrefixes(asSent(requests), asked)

    await page.getByLabel('Show').selectOption('clear')
    expect(await page.locator('tbody tr').count()).toBe(1)
    const before = requests.length
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save as CSV' }).click(),
    ])
    expect(await readFile(await download.path(), 'utf8')).toContain('AA-6Q7-00-00001,no,')
    expect(requests.slice(before).filter((request) => !request.url().startsWith('blob:'))).toEqual([])
    expect(await faultsOf(page)).toEqual([])
    await shot(page, 'private-check')

    requests.length = 0
    const many = Array.from({ length: 10_000 }, (_, number) => listedIsrc(number))
    const list = { name: 'list.csv', mimeType: 'text/csv', buffer: Buffer.from(`isrc\n${many.join('\n')}`) }
    await page.locator('#isrc-file').setInputFiles(list)
    await page.getByText('list.csv was read here; it was not sent.').waitFor()
    await page.getByRole('button', { name: 'Check' }).click()
    await page.getByText('3,000 of 10,000 ISRCs').waitFor()
    expect(requests.length).toBeLessThan(25)
    expectOnlyPrefixes(asSent(requests), many)
    await page.context().close()
    expect(browser.complaints).toEqual([])
  })

  test('is closed to visitors where it is off, says so without scripts, and fits a phone', async ({
    world,
  }) => {
    const url = await serve(world, 'off')
    const closed = await browser.page()
    expect((await closed.goto(`${url}/private-check`))?.status()).toBe(404)
    await closed.getByRole('heading', { name: 'The private check is off' }).waitFor()
    await closed.context().close()
    const open = await serve(world, 'public')
    const plain = await browser.page({ javaScriptEnabled: false })
    await plain.goto(`${open}/private-check`)
    expect(await plain.locator('noscript').textContent()).toContain('This needs scripts')
    expect(await plain.getByRole('button', { name: 'Check' }).isVisible()).toBe(false)
    await plain.context().close()
    const phone = await browser.page({ viewport: { width: 360, height: 740 } })
    await phone.goto(`${open}/private-check`)
    await phone.getByLabel('ISRCs, one in a line').fill(listedIsrc(1))
    await phone.getByRole('button', { name: 'Check' }).click()
    await phone.getByText('There is no leak that can be asked here yet.').waitFor()
    expect(await faultsOf(phone)).toEqual([])
    await shot(phone, 'private-check-phone')
    await phone.context().close()
  })
})
