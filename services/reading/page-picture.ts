import { setTimeout as sleep } from 'node:timers/promises'

import { type Browser, type BrowserContext, type Page, type Route, chromium } from 'playwright-core'

import type { FetchedHead } from '../core/fetched.ts'
import type { Sha256 } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import type { SafeFetch } from '../core/safe-fetch.ts'
import type { ReadingTools } from './reading-tools.ts'

/** What one picture may cost, the browser's start included. Usual pages have fewer pictures and are quicker. */
const REQUESTS_MAX = 60
const BYTES_MAX = 20 * 1024 * 1024
const TIMEOUT_MS = 20_000
/** As wide as a usual screen; longer than this nobody looks at, and the picture stays below some megabytes. */
const WIDTH_PX = 1_280
const HEIGHT_PX_MIN = 800
const HEIGHT_PX_MAX = 8_000
const PICTURE_BYTES_MAX = 30 * 1024 * 1024

/** Nobody listens on the port of the discard service (RFC 863): whatever gets past the interception ends there. */
const DEAD_PROXY = 'http://127.0.0.1:9'

/** Nothing leaves the browser: neither what pages ask for nor what browsers do by themselves. */
const PROGRAM_ARGUMENTS = [
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--no-pings',
  '--dns-prefetch-disable',
  '--host-resolver-rules=MAP * ~NOTFOUND',
  '--force-webrtc-ip-handling-policy=disable_non_proxied_udp',
  '--disable-features=NetworkPrediction,Prerender2,SpeculationRulesPrefetchFuture,DnsOverHttps,AsyncDns,Translate',
]

/** What makes a page look as it does. Scripts are off: they are what differs from visit to visit, and what attacks. */
const SHOWN: ReadonlySet<string> = new Set(['document', 'stylesheet', 'image', 'font'])

/**
 * The picture of a page as a browser shows it, in the blob store. The browser has no network: the page itself is what was
 * stored, and whatever it asks for is answered by safe fetch within limits, or not at all.
 *
 * @returns undefined when the operator has no browser, or when it fails: a picture is a courtesy beside the bytes.
 */
export async function pictureOf(
  tools: ReadingTools,
  fetched: FetchedHead,
  sha256: Sha256,
  signal: AbortSignal,
): Promise<Sha256 | undefined> {
  const { config, blobs, log } = tools
  const program = config.CHROMIUM_PATH
  const stored = program === undefined ? undefined : await blobs.read(sha256)
  if (program === undefined || !stored) return undefined
  const body = Buffer.concat(await stored.toArray())
  const page = { url: fetched.finalUrl, contentType: fetched.headers['content-type'] ?? 'text/html', body }
  try {
    const picture = await shoot(program, page, tools.safeFetch, signal)
    const kept = await blobs.put(piece(picture), { bytesMax: PICTURE_BYTES_MAX })
    return kept.sha256
  } catch (error) {
    signal.throwIfAborted()
    log.warn({ err: error }, 'no picture of the page could be taken')
    return undefined
  }
}

async function* piece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

interface StoredPage {
  readonly url: string
  readonly contentType: string
  readonly body: Buffer
}

async function shoot(
  program: string,
  stored: StoredPage,
  safeFetch: SafeFetch,
  signal: AbortSignal,
): Promise<Buffer> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)])
  const browser = await startBrowser(program)
  const close = (): void => void browser.close().catch(() => undefined)
  deadline.addEventListener('abort', close, { once: true })
  try {
    deadline.throwIfAborted()
    const context = await browser.newContext({
      viewport: { width: WIDTH_PX, height: HEIGHT_PX_MIN },
      javaScriptEnabled: false,
      serviceWorkers: 'block',
      acceptDownloads: false,
      proxy: { server: DEAD_PROXY, bypass: '<-loopback>' },
    })
    const page = await context.newPage()
    const answers = await answerRequests(context, page, stored, safeFetch, deadline)
    await page.goto(stored.url, { waitUntil: 'load', timeout: TIMEOUT_MS })
    const picture = await pictureOfAll(page)
    answers.rethrow()
    return picture
  } finally {
    deadline.removeEventListener('abort', close)
    await browser.close()
  }
}

/** Secrets of this process are none of the browser's business. Root has no sandbox in Chromium. */
const startBrowser = (program: string): Promise<Browser> =>
  chromium.launch({
    executablePath: program,
    args: PROGRAM_ARGUMENTS,
    chromiumSandbox: process.getuid?.() !== 0,
    proxy: { server: DEAD_PROXY, bypass: '<-loopback>' },
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8' },
    timeout: TIMEOUT_MS,
  })

/** The page as high as it is, within bounds. */
async function pictureOfAll(page: Page): Promise<Buffer> {
  const height = await page.evaluate<number>('document.documentElement.scrollHeight')
  await page.setViewportSize({
    width: WIDTH_PX,
    height: Math.max(HEIGHT_PX_MIN, Math.min(HEIGHT_PX_MAX, Math.ceil(height) || 0)),
  })
  await sleep(SETTLE_MS)
  return page.screenshot({ type: 'png', animations: 'disabled', timeout: TIMEOUT_MS })
}

/** Pictures that are loaded when they come into sight begin to load now. */
const SETTLE_MS = 300

/**
 * Answers what a page asks for, within limits; everything else is refused.
 *
 * @returns what throws again what went wrong in an answer, if it was no fault of the page's.
 */
async function answerRequests(
  context: BrowserContext,
  page: Page,
  stored: StoredPage,
  safeFetch: SafeFetch,
  signal: AbortSignal,
): Promise<{ rethrow(): void }> {
  let failure: unknown
  let requests = 0
  let bytesLeft = BYTES_MAX
  let isShown = false
  await context.route('**/*', async (route) => {
    const request = route.request()
    const isMain = request.isNavigationRequest() && request.frame() === page.mainFrame()
    if (isMain && !isShown) {
      isShown = true
      return route.fulfill({ status: 200, contentType: stored.contentType, body: stored.body })
    }
    requests += 1
    // A page that sends its visitors on is shown all the same: what was fetched is what it is evidence of.
    if (isMain || request.method() !== 'GET' || !SHOWN.has(request.resourceType()) || requests > REQUESTS_MAX)
      return route.abort('aborted')
    const spend = (bytes: number): void => {
      bytesLeft -= bytes
      if (bytesLeft < 0)
        throw new Problem('fetch/too-large', 'The page loads more than a picture of it is worth')
    }
    // Nobody awaits this: an error that is thrown here would end the process.
    return answer(route, safeFetch, spend, signal).catch((error: unknown) => void (failure ??= error))
  })
  await context.routeWebSocket(/.*/, (socket) => void socket.close())
  return {
    rethrow() {
      if (failure !== undefined) throw failure
    },
  }
}

async function answer(
  route: Route,
  safeFetch: SafeFetch,
  spend: (bytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  try {
    const { kept, headers } = await safeFetch.get(route.request().url(), {
      signal,
      async sink(body) {
        const chunks: Uint8Array[] = []
        for await (const chunk of body) {
          spend(chunk.length)
          chunks.push(chunk)
        }
        return Buffer.concat(chunks)
      },
    })
    const allowed = headers['access-control-allow-origin']
    await route.fulfill({
      status: 200,
      body: kept,
      headers: {
        'content-type': headers['content-type'] ?? 'application/octet-stream',
        ...(allowed !== undefined && { 'access-control-allow-origin': allowed }),
      },
    })
  } catch (error) {
    // What a page cannot have is missing in the picture, as in any browser; a closed browser asks for nothing more.
    if (!(error instanceof Problem) && !signal.aborted) throw error
    await route.abort('failed').catch(() => undefined)
  }
}
