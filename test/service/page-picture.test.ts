import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { type AddressInfo, type Socket, createServer as createListener } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type Blobs, openBlobs } from '../../services/core/blobs.ts'
import { openLog } from '../../services/core/log.ts'
import { createSafeFetch } from '../../services/core/safe-fetch.ts'
import { readAddress } from '../../services/reading/read-address.ts'
import type { ReadingTools } from '../../services/reading/reading-tools.ts'
import { openBrowser } from '../support/browser.ts'
import { fetchLimits } from '../support/fetching.ts'

/** A browser that this machine has; without one nothing can be shown here. */
const program = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
)

/** Every way that a page may reach for an address, with scripts or without. */
const reachingFor = (target: string): string => `<!doctype html><html><head>
<meta http-equiv="refresh" content="0;url=http://${target}/refresh">
<link rel="dns-prefetch" href="//${target}"><link rel="preconnect" href="http://${target}">
<link rel="prefetch" href="http://${target}/prefetch"><link rel="preload" as="image" href="http://${target}/preload">
<link rel="stylesheet" href="http://${target}/sheet.css"><link rel="icon" href="http://${target}/icon.png">
<link rel="manifest" href="http://${target}/manifest"><script src="http://${target}/script.js"></script>
<style>@import url(http://${target}/imported.css); body { background: url(http://${target}/background.png) }
@font-face { font-family: x; src: url(http://${target}/font.woff2) } p { font-family: x }</style></head><body>
<p>Sample page</p><img src="http://${target}/image.png"><img src="/redirect-inside">
<picture><source srcset="http://${target}/source.png"><img></picture>
<iframe src="http://${target}/frame"></iframe><iframe srcdoc="<img src='http://${target}/inner.png'>"></iframe>
<object data="http://${target}/object"></object><embed src="http://${target}/embed">
<video src="http://${target}/video" poster="http://${target}/poster.png" autoplay></video>
<audio src="http://${target}/audio" autoplay></audio><svg><image href="http://${target}/svg.png"/></svg>
<a href="http://${target}/" ping="http://${target}/ping">x</a>
<script>fetch('http://${target}/fetch'); new WebSocket('ws://${target}/socket'); new EventSource('http://${target}/events')
navigator.sendBeacon('http://${target}/beacon'); navigator.serviceWorker.register('/worker.js')
const peer = new RTCPeerConnection({ iceServers: [{ urls: 'turn:${target}?transport=tcp', username: 'a', credential: 'b' }] })
peer.createDataChannel('x'); peer.createOffer().then((offer) => peer.setLocalDescription(offer))
open('http://${target}/popup'); location = 'http://${target}/location'</script></body></html>`

describe.skipIf(program === undefined)('the picture of a page', () => {
  const pages = new Map<string, string>()
  const asked: string[] = []
  const reached: Socket[] = []
  const host = createServer((request, response) => {
    asked.push(request.url ?? '')
    if (request.url === '/redirect-inside')
      return response.writeHead(302, { location: `http://${inside}/` }).end()
    if (request.url === '/style.css')
      return response.setHeader('content-type', 'text/css').end('p { color: red }')
    const page = pages.get(request.url ?? '')
    if (page === undefined) return response.writeHead(404).end()
    return response.setHeader('content-type', 'text/html; charset=utf-8').end(page)
  })
  /** Stands for the private network: whoever connects was let through. */
  const listener = createListener((socket) => reached.push(socket.destroy()))
  let inside = ''
  let address = ''
  let folder = ''
  let blobs: Blobs
  let tools: ReadingTools

  beforeAll(async () => {
    await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve))
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
    address = `127.0.0.1:${(host.address() as AddressInfo).port}`
    inside = `127.0.0.1:${(listener.address() as AddressInfo).port}`
    folder = await mkdtemp(join(tmpdir(), 'earwitness-picture-'))
    blobs = await openBlobs(folder)
    tools = {
      blobs,
      safeFetch: createSafeFetch({ ...fetchLimits, timeoutMs: 10_000, allowAddresses: [address] }),
      config: { FETCH_BYTES_MAX: 1 << 20, CHROMIUM_PATH: program },
      log: openLog('test', 'silent'),
    }
  })
  afterAll(async () => {
    host.closeAllConnections()
    host.close()
    listener.close()
    await rm(folder, { recursive: true })
  })

  const read = async (path: string, page: string) => {
    pages.set(path, page)
    const { signal } = new AbortController()
    const { capture } = await readAddress(tools, `http://${address}${path}`, { whole: false, signal })
    const { pictureSha256 } = capture
    return pictureSha256 ? readFile((await blobs.path(pictureSha256))!) : undefined
  }

  test('shows it as it was stored, with what it looks like, and asks for it once', async () => {
    const picture = await read('/plain', '<!doctype html><link rel="stylesheet" href="/style.css"><p>Sample')
    expect(await sharp(picture).metadata()).toMatchObject({ format: 'png', width: 1280, height: 800 })
    expect(asked.filter((path) => path === '/plain')).toHaveLength(1)
    const { channels } = await sharp(picture).stats()
    expect(channels[0]!.mean).toBeGreaterThan(channels[1]!.mean) // The text is red: the sheet was there.
  })

  test('is as high as the page, up to a bound', async () => {
    const picture = await read('/high', '<!doctype html><div style="height: 3000px">High</div>')
    expect((await sharp(picture).metadata()).height).toBeGreaterThan(3000)
    const bounded = await read('/endless', '<!doctype html><div style="height: 300000px">Endless</div>')
    expect((await sharp(bounded).metadata()).height).toBe(8000)
  })

  test('reaches no private address, however the page tries', async () => {
    const picture = await read('/reaching', reachingFor(inside))
    expect(picture?.subarray(1, 4).toString()).toBe('PNG')
    expect(asked).toContain('/redirect-inside')
    expect(reached).toHaveLength(0)

    // Any other browser is let through: what was not reached could have been.
    const browser = await openBrowser(program!)
    const page = await browser.page()
    await page.goto(`http://${address}/reaching`, { waitUntil: 'commit' }).catch(() => undefined)
    await expect.poll(() => reached.length, { timeout: 10_000 }).toBeGreaterThan(0)
    await browser.close()
  })

  test('asks for no more than a picture is worth', async () => {
    const before = asked.length
    const images = Array.from({ length: 200 }, (_, index) => `<img src="/image-${index}">`).join('')
    await read('/many', `<!doctype html>${images}`)
    expect(asked.length - before).toBeLessThanOrEqual(61)
  })

  test('is left out where there is no working browser, and the page is kept all the same', async () => {
    pages.set('/kept', '<!doctype html><p>Kept')
    const { signal } = new AbortController()
    const without = { ...tools, config: { ...tools.config, CHROMIUM_PATH: '/bin/false' } }
    const { capture } = await readAddress(without, `http://${address}/kept`, { whole: false, signal })
    expect(capture.bodyHeld).toBe(true)
    expect(capture).not.toHaveProperty('pictureSha256')
  })
})
