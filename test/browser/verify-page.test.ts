import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { expect, test } from 'vitest'

import { verifyPage } from '../../services/evidence/verify-page.ts'
import { openBrowser, shot } from '../support/browser.ts'
import { sampleBytes } from '../support/capsule.ts'
import { findPrograms } from '../support/programs.ts'

const { chromium } = await findPrograms()

test('the page asks the network for nothing and runs no script but its own', async () => {
  const page = String(await verifyPage())
  expect(page).toContain(`default-src 'none'; script-src 'sha256-`)
  expect(page).not.toMatch(/<(?:script|link|img|iframe)[^>]+(?:src|href)=/)
})

test.skipIf(!chromium)('a capsule is verified in a browser, from a file, off-line', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'earwitness-verify-'))
  const browser = await openBrowser(chromium ?? '')
  try {
    const page = await browser.page()
    await page.context().setOffline(true)
    const [html, good, bad] = ['verify.html', 'good.zip', 'bad.zip'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ]
    const bytes = await sampleBytes(new TextEncoder().encode('a token'))
    await writeFile(html, await verifyPage())
    await writeFile(good, bytes)
    const changed = Buffer.from(bytes)
    changed[changed.indexOf('{"passages"') + 3]! ^= 1
    await writeFile(bad, changed)

    await page.goto(pathToFileURL(html).href)
    const verdict = page.locator('#verdict')
    await page.setInputFiles('#capsule', good)
    await page.locator('#verdict.good').waitFor()
    expect(await verdict.textContent()).toContain('Evidence about case EW-2026-000001 of Sample Records')
    expect(await page.locator('tr.bad').count()).toBe(0)
    expect(await page.locator('tr.open').textContent()).toContain('not checked')
    await shot(page, 'capsule-holds')

    await page.setInputFiles('#capsule', bad)
    await page.locator('#verdict.bad').waitFor()
    expect(await verdict.textContent()).toContain('match-report.json')
    expect(await page.locator('tr.bad td:nth-child(2)').allTextContents()).toEqual([
      'Archive',
      'match-report.json',
    ])
    await shot(page, 'capsule-does-not-hold')

    await page.fill('#known', 'f'.repeat(64))
    await page.setInputFiles('#capsule', good)
    await page.locator('tr.bad:has-text("Manifest")').waitFor()
    await page.setInputFiles('#capsule', html)
    await page.locator('#verdict.bad:has-text("Archive")').waitFor()
    expect(browser.complaints).toEqual([])
  } finally {
    await browser.close()
    await rm(folder, { recursive: true, force: true })
  }
})
