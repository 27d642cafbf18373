import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { extname, join } from 'node:path'

import express, { type Response, type Request, type Router } from 'express'

import { bundle, isBundle } from './bundles.ts'

const folder = join(import.meta.dirname, 'assets')

/** A file that is asked for by the hash of its content never changes: a year is the longest that caches honour. */
const CACHE_S = 31_536_000

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

interface Asset {
  readonly type: string
  readonly body: Buffer
  readonly hash: string
}

const assetOf = (name: string, body: Buffer): Asset => ({
  type: types[extname(name)] ?? 'application/octet-stream',
  body,
  hash: createHash('sha256').update(body).digest('hex').slice(0, 12),
})

/** The style sheets in the order in which they build on each other; sent as one. */
const styles = ['base', 'layout', 'parts', 'forms', 'tables', 'pages', 'notices', 'print']

/** Everything the pages load, read once: small enough for memory and the same for all. */
function readAssets(): ReadonlyMap<string, Asset> {
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile())
  const assets = new Map(
    files.map(({ name }) => [name, assetOf(name, readFileSync(join(folder, name)))] as const),
  )
  const style = styles.map((name) => readFileSync(join(folder, 'css', `${name}.css`)))
  assets.set('earwitness.css', assetOf('earwitness.css', Buffer.concat(style)))
  const htmx = createRequire(import.meta.url).resolve('htmx.org/dist/htmx.min.js')
  assets.set('htmx.js', assetOf('htmx.js', readFileSync(htmx)))
  return assets
}

const assets = readAssets()

/** The address of an asset with the hash of its content. @throws {Error} when there is no such asset. */
export function assetUrl(name: string): string {
  const asset = assets.get(name)
  if (!asset) throw new Error(`There is no asset ${name}`)
  return `/assets/${name}?${asset.hash}`
}

/** Sends an asset: for ever when it was asked for by its hash, else to be asked for again. */
function sendAsset(request: Request, response: Response, asset: Asset): void {
  const exact = request.url.endsWith(`?${asset.hash}`)
  response.set({
    'content-type': asset.type,
    'cache-control': exact ? `public, max-age=${CACHE_S}, immutable` : 'no-cache',
    'x-content-type-options': 'nosniff',
    etag: `"${asset.hash}"`,
  })
  if (request.fresh) response.status(304).end()
  else response.send(asset.body)
}

/** Serves `/assets/*`: files, and bundles of what is written in TypeScript. */
export function assetRoutes(): Router {
  const router = express.Router()
  router.get('/assets/:name', async (request, response, next) => {
    const { name } = request.params
    const asset = isBundle(name) ? assetOf(name, await bundle(name)) : assets.get(name)
    if (asset) sendAsset(request, response, asset)
    else next()
  })
  return router
}
