import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

import { type Browser, type BrowserContextOptions, type Page, chromium } from 'playwright-core'

/** Pictures of what the tests saw, for people to look at. */
const screenshotFolder = join(import.meta.dirname, '../../var/screenshots')

/** Nothing but the pages under test may reach for the network, and containers have no GPU and no sandbox. */
const chromiumArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** A browser that remembers what its pages complained about. */
export interface TestBrowser {
  /** A page with storage of its own. `storageState` of another's context carries its session over. */
  page(options?: BrowserContextOptions): Promise<Page>
  /** Errors and warnings of the console, refused resources and exceptions of all pages so far. */
  readonly complaints: readonly string[]
  close(): Promise<void>
}

/** Starts the browser program at a path. */
export async function openBrowser(executablePath: string): Promise<TestBrowser> {
  const browser: Browser = await chromium.launch({ executablePath, args: chromiumArguments })
  const complaints: string[] = []
  return {
    complaints,
    async page(options = {}) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, ...options })
      const page = await context.newPage()
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning')
          complaints.push(`${page.url()}: ${message.text()}`)
      })
      page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`))
      return page
    },
    close: () => browser.close(),
  }
}

/** Saves a picture of the whole page under var/screenshots. */
export async function shot(page: Page, name: string): Promise<void> {
  await mkdir(screenshotFolder, { recursive: true })
  await page.screenshot({ path: join(screenshotFolder, `${name}.png`), fullPage: true })
}

/** A file as a person has it on the disk. */
export interface TextFile {
  readonly name: string
  readonly text: string
}

/** Drops a file on the page, as somebody who drags it there does. */
export async function dropFile(page: Page, file: TextFile): Promise<void> {
  const dataTransfer = await page.evaluateHandle<unknown>(
    `(() => { const dragged = new DataTransfer(); dragged.items.add(new File([${JSON.stringify(file.text)}], ${JSON.stringify(file.name)})); return dragged })()`,
  )
  await page.waitForLoadState('load')
  for (const type of ['dragenter', 'dragover', 'drop'])
    await page.locator('[data-drop]').dispatchEvent(type, { dataTransfer })
}

/** What makes a page hard to use on this screen or with assistive technology; empty when all is well. */
export async function faultsOf(page: Page): Promise<string[]> {
  // A string, because it runs in the page: its names are the browser's, not ours.
  return page.evaluate<string[]>(`(() => {
    const faults = []
    const over = document.documentElement.scrollWidth - innerWidth
    if (over > 0) faults.push('wider than the screen by ' + over + ' px')
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id)
    for (const id of new Set(ids.filter((id, i) => ids.indexOf(id) !== i))) faults.push('two elements are #' + id)
    if (document.querySelectorAll('h1').length !== 1) faults.push('not one h1')
    for (const field of document.querySelectorAll('input:not([type=hidden]), select, textarea'))
      if (!field.labels.length && !field.ariaLabel) faults.push('no label: ' + field.outerHTML)
    for (const button of document.querySelectorAll('button, a[href]'))
      if (!(button.ariaLabel || button.textContent).trim()) faults.push('no name: ' + button.outerHTML)
    for (const list of ['aria-describedby', 'aria-labelledby', 'popovertarget'])
      for (const element of document.querySelectorAll('[' + list + ']'))
        for (const id of element.getAttribute(list).split(' '))
          if (!document.getElementById(id)) faults.push(list + ' names nothing: ' + id)
    if (document.querySelector('[style], style, script:not([src])')) faults.push('inline style or script')
    return faults
  })()`)
}
