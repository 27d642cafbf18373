import { open } from 'node:fs/promises'

import type { Sha256 } from '../services/core/ids.ts'
import { Problem } from '../services/core/problem.ts'
import type { Run } from '../services/core/queue.ts'
import { isSameSite } from '../services/openers/address.ts'
import { OpeningBudget, openingLimits } from '../services/openers/budget.ts'
import type { FoundLink, FoundStream } from '../services/openers/opener.ts'
import { openerOf } from '../services/openers/openers.ts'
import { type Placed, type PlacedFile, type WalkTools, openDeep } from '../services/openers/walk.ts'
import { type DetectedFile, FILE_HEAD_BYTES, detectFileKind } from '../services/submissions/file-kind.ts'
import {
  type NewItem,
  type Opened,
  UNKNOWN_TYPE,
  keepFault,
  keepFinds,
  openedBefore,
  spentBefore,
} from '../services/submissions/opened-store.ts'
import type { Tools } from './tools.ts'
import { type TorrentContents, torrentContents } from './torrent-contents.ts'

/** Items that are written in one transaction; what is found slowly is written after the time below, so that it is seen. */
const BATCH_ROWS = 200
const BATCH_MS = 2_000
/** Pages of its own site that are read for a submitted page: what a person would click on, and no crawl. */
const PAGES_MAX = 20

/** What is opened: bytes in the blob store, and how they were come by. */
export interface Opening {
  readonly of: Opened
  /** What it is called where things lie in it. */
  readonly name: string
  /** Names of what it lies in itself. */
  readonly place: readonly string[]
  readonly sha256: Sha256
  readonly bytes: number
  /** Where it was fetched from, after redirects, and how it was asked for. */
  readonly url?: { readonly asked: string; readonly final: string } | undefined
  /** The page or list that leads to it. */
  readonly pageUrl: string | null
  /** Links to further pages are taken. */
  readonly crawled: boolean
  /** Reads a stream that is served in parts; undefined where its address is to be followed instead. */
  readonly readStream?: ((stream: FoundStream) => Promise<Partial<NewItem>>) | undefined
}

/**
 * What came of opening something: that many things were found in it; or it is itself what is heard or looked at, and
 * nothing was written; or it could not be opened at all.
 */
export type OpeningEnd =
  | { readonly found: number }
  | { readonly itself: DetectedFile }
  | { readonly problem: Problem }

/** What a file is, by its first bytes. */
export async function detectAt(path: string): Promise<DetectedFile> {
  const file = await open(path)
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(FILE_HEAD_BYTES), 0, FILE_HEAD_BYTES, 0)
    return detectFileKind(buffer.subarray(0, bytesRead))
  } finally {
    await file.close()
  }
}

/** Whether a file is heard. */
export const isHeard = ({ kind }: DetectedFile): boolean =>
  kind === 'audio' || kind === 'video' || kind === 'audio-or-video'

/** Whether a file that is handed in or linked by itself may be heard: what bytes do not tell, a decoder may. */
export const mayBeHeard = ({ format }: DetectedFile): boolean => format === 'unknown'

/** Writes files out into the blob store, where those that become items stay; the others are deleted by cron. */
function spoolInto({ blobs, config }: Tools, stored: Map<string, Sha256>): WalkTools['spool'] {
  return async (source, signal) => {
    async function* abortable(): AsyncGenerator<Uint8Array> {
      for await (const chunk of source) {
        signal.throwIfAborted()
        yield chunk
      }
    }
    const { sha256, bytes } = await blobs
      .put(abortable(), { bytesMax: config.FETCH_BYTES_MAX })
      .catch((error: unknown) => {
        if (error instanceof Problem && error.type === 'request/too-large')
          throw new Problem('open/too-large', `The file has more than ${config.FETCH_BYTES_MAX} bytes`)
        throw error
      })
    if (bytes === 0) throw new Problem('file/empty', 'The file has no bytes')
    const path = await blobs.path(sha256)
    if (!path) throw new Error('a file vanished from the blob store within a moment')
    stored.set(path, sha256)
    return { path, bytes, remove: async () => void stored.delete(path) }
  }
}

/** A file that lies inside: heard, looked at, or of use by its name alone. */
function fileItem({ name, bytes, detected }: PlacedFile, sha256: Sha256): NewItem {
  const kind = isHeard(detected) ? 'media' : detected.kind === 'image' ? 'cover' : 'listed'
  return { kind, name, place: [], mediaType: detected.mediaType, sha256, bytes }
}

/** Makes items of what is found in one thing. */
class Finds {
  readonly #opening: Opening
  readonly #stored: ReadonlyMap<string, Sha256>
  #pages = 0
  #followsItself = false
  readonly #torrent: TorrentContents | undefined

  constructor(opening: Opening, stored: ReadonlyMap<string, Sha256>, torrent: TorrentContents | undefined) {
    this.#opening = opening
    this.#stored = stored
    this.#torrent = torrent
  }

  /** @param isKept it was kept before: nothing is asked for again. @returns undefined for what is not followed. */
  async itemOf(placed: Placed, isKept: boolean): Promise<NewItem | undefined> {
    const item = await this.#bare(placed, isKept)
    if (!item) return undefined
    const { place, pageUrl } = this.#opening
    // A playlist that is to be followed for its streams stands where it was handed in.
    const isItself = placed.kind === 'stream' && item.kind === 'link'
    return { pageUrl: pageUrl ?? undefined, ...item, place: isItself ? place : [...place, ...placed.place] }
  }

  async #bare(placed: Placed, isKept: boolean): Promise<NewItem | undefined> {
    const { name } = placed
    switch (placed.kind) {
      case 'file':
        return fileItem(placed, this.#stored.get(placed.path) ?? this.#opening.sha256)
      case 'link':
        return this.#link(placed)
      case 'listed':
        return {
          kind: 'listed',
          name,
          place: [],
          mediaType: UNKNOWN_TYPE,
          bytes: placed.bytes,
          durationMs: placed.durationMs,
          ...(isKept ? {} : await this.#torrent?.read(name)),
        }
      case 'stream':
        return this.#stream(placed, isKept)
      case 'fault':
        // A text without addresses is no failure: it may still be named like a recording.
        if (placed.problem.type === 'open/nothing')
          return { kind: 'listed', name, place: [], mediaType: UNKNOWN_TYPE }
        return { kind: 'container', name, place: [], mediaType: UNKNOWN_TYPE, problem: placed.problem }
    }
  }

  #link({ name, url, role: expected, forwards, by }: FoundLink): NewItem | undefined {
    const { url: own, crawled } = this.#opening
    // A browser goes on there by itself: what was handed in is that page as well, wherever it is.
    const role = expected === 'page' && forwards && crawled ? 'unknown' : expected
    if (role === 'page') {
      const isNear = own === undefined || isSameSite(url, own.final)
      if (!crawled || !isNear || this.#pages >= PAGES_MAX) return undefined
      this.#pages += 1
    }
    if (url === own?.final || url === own?.asked) return undefined
    const pageUrl = own?.final
    return { kind: 'link', name, place: [], mediaType: UNKNOWN_TYPE, url, pageUrl, role, saidUploader: by }
  }

  async #stream(stream: FoundStream, isKept: boolean): Promise<NewItem | undefined> {
    const { readStream, url } = this.#opening
    const { name } = stream
    if (!readStream) {
      // Its manifest is read again where things are fetched, once for all streams in it.
      if (!url || this.#followsItself) return undefined
      this.#followsItself = true
      return {
        kind: 'link',
        name: this.#opening.name,
        place: [],
        mediaType: UNKNOWN_TYPE,
        url: url.asked,
        role: 'stream',
      }
    }
    const item: NewItem = { kind: 'media', name, place: [], mediaType: UNKNOWN_TYPE, url: url?.asked }
    if (isKept) return item
    try {
      return { ...item, ...(await readStream(stream)) }
    } catch (error) {
      if (!(error instanceof Problem) || error.retry) throw error
      return { ...item, problem: error }
    }
  }
}

/**
 * Opens something and makes items of all that is in it, however deep, while it goes on. Safe to run twice: what a try
 * before this one has kept is passed over. One bad thing is a failed item and spoils no other.
 *
 * @throws {Problem} file/gone, and what is worth another try. The reason of the signal.
 */
export async function openInto(tools: Tools, opening: Opening, run: Run): Promise<OpeningEnd> {
  const { db, blobs, ffmpegPath } = tools
  const { of, name, sha256, bytes, url } = opening
  const path = await blobs.path(sha256)
  if (!path) throw new Problem('file/gone', 'The file was deleted after it was examined; hand it in again')
  const { kept, spent } = await db.system(async (tx) => ({
    kept: await openedBefore(tx, of),
    spent: await spentBefore(tx, of),
  }))
  const stored = new Map<string, Sha256>()
  const torrent = await torrentContents(tools, { path, bytes, detected: await detectAt(path) }, run)
  const finds = new Finds(opening, stored, torrent)
  const walkTools: WalkTools = {
    detect: detectAt,
    opener: (detected) => openerOf(detected, { ffmpegPath }),
    spool: spoolInto(tools, stored),
  }
  const budget = new OpeningBudget(openingLimits, { ...spent, depth: opening.place.length })
  const source = { name, path: torrent?.path ?? path, bytes, url: url?.final }

  let batch: NewItem[] = []
  let found = 0
  let unpackedBytes = 0
  let writtenAt = performance.now()
  const write = async (): Promise<boolean> => {
    const written = batch
    batch = []
    writtenAt = performance.now()
    if (written.length === 0) return false
    return (await db.system((tx) => keepFinds(tx, of, found - written.length, written))).full
  }
  try {
    for await (const placed of openDeep(source, budget, walkTools, run.signal)) {
      const isItself = placed.place.length === 0 && found === 0
      if (isItself && placed.kind === 'fault') return { problem: placed.problem }
      if (isItself && placed.kind === 'file') return { itself: placed.detected }
      if (placed.kind === 'file') unpackedBytes += placed.bytes
      // Music is hardly compressed: what has come out tells how much of it has been read.
      await run.progress(Math.min(0.99, unpackedBytes / Math.max(1, bytes)))
      const item = await finds.itemOf(placed, found < kept)
      if (!item) continue
      found += 1
      if (found <= kept) continue
      batch.push(item)
      if (batch.length < BATCH_ROWS && performance.now() - writtenAt < BATCH_MS) continue
      if (await write()) return cutOff()
    }
    return (await write()) ? cutOff() : { found }
  } finally {
    await torrent?.close()
  }

  async function cutOff(): Promise<OpeningEnd> {
    const problem = new Problem(
      'open/too-many',
      `A submission has at most ${openingLimits.itemsMax} items; what else is inside was left out`,
    )
    await db.system((tx) => keepFault(tx, of, { name, place: opening.place, problem }))
    return { found }
  }
}
