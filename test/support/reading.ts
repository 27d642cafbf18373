import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { type FingerprintPool, createFingerprintPool } from '../../services/audio/fingerprint/pool.ts'
import { type ReferenceIndex, createReferenceIndex } from '../../services/audio/index/reference-index.ts'
import { type Blobs, openBlobs } from '../../services/core/blobs.ts'
import { openLog } from '../../services/core/log.ts'
import { createSafeFetch } from '../../services/core/safe-fetch.ts'
import type { ReadingTools } from '../../services/reading/reading-tools.ts'
import { extract, ffmpegPath, music, transcode, writeWav } from './audio.ts'
import { fetchLimits } from './fetching.ts'

/** Long enough that parts are less than a third of it. */
export const SECONDS = 120
const STEREO = ['-ar', '44100', '-ac', '2']

/** How a host answers a request for one of its files. */
export type Answering = (request: IncomingMessage, response: ServerResponse, file: Buffer) => unknown

/** Serves a file with parts of it, as hosts do. */
export const honest: Answering = (request, response, file) => {
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? []
  response.setHeader('accept-ranges', 'bytes')
  response.setHeader('etag', '"1"')
  if (from === undefined) return response.setHeader('content-length', file.length).end(file)
  return response
    .writeHead(206, { 'content-range': `bytes ${from}-${to}/${file.length}` })
    .end(file.subarray(Number(from), Number(to) + 1))
}

/** Hosts with whom parts come to nothing. */
export const unhelpful: Readonly<Record<string, Answering>> = {
  'gives no parts': (_request, response, file) => response.setHeader('content-length', file.length).end(file),
  'says it gives parts and does not': (_request, response, file) =>
    response.setHeader('accept-ranges', 'bytes').setHeader('content-length', file.length).end(file),
  'does not say how long it is': (_request, response, file) => {
    response.setHeader('accept-ranges', 'bytes').write(file)
    response.end()
  },
  'sends parts of something else': (request, response, file) => {
    if (request.headers.range === undefined) return honest(request, response, file)
    return honest(request, response, Buffer.concat([file, file]))
  },
  'has no parts after all': (request, response, file) =>
    request.headers.range === undefined ? honest(request, response, file) : response.writeHead(416).end(),
  'sends rubbish from the middle': (request, response, file) =>
    honest(request, response, request.headers.range === undefined ? file : Buffer.alloc(file.length, 7)),
}

/** How the piece is encoded; Ogg pages and FLAC frames are cut where they lie, the others to the millisecond. */
export const formats: Readonly<
  Record<string, { readonly args: readonly string[]; readonly from?: string; readonly exact?: boolean }>
> = {
  'cbr.mp3': { args: ['-b:a', '128k', ...STEREO] },
  'vbr.mp3': { args: ['-q:a', '2', ...STEREO] },
  'vorbis.ogg': { args: ['-c:a', 'libvorbis', '-b:a', '160k', ...STEREO], exact: true },
  'opus.opus': { args: ['-c:a', 'libopus', '-b:a', '96k', '-ac', '2'], exact: true },
  'last.m4a': { args: ['-c:a', 'aac', '-b:a', '128k', ...STEREO], exact: true },
  'first.m4a': { from: 'last.m4a', args: ['-c', 'copy', '-movflags', '+faststart'], exact: true },
  'bare.aac': { from: 'last.m4a', args: ['-c', 'copy'] },
  'lossless.flac': { args: STEREO, exact: true },
  'plain.wav': { args: STEREO, exact: true },
}

/** A host on 127.0.0.1 that offers a piece in many forms, and what reads from it. */
export interface Reading {
  readonly folder: string
  readonly blobs: Blobs
  readonly pool: FingerprintPool
  readonly tools: ReadingTools
  /** Knows the piece, as `piece` of the owner `us`. */
  readonly index: ReferenceIndex
  /** What the host offers by name, and how it answers for each; honestly when that is not said. */
  readonly files: Map<string, Buffer>
  readonly answering: Map<string, Answering>
  readonly requests: { readonly path: string; readonly range: string | undefined }[]
  url(name: string): string
  close(): Promise<void>
}

/** Makes the piece and starts the host. @param names of `formats` that are offered. */
export async function openReading(names: readonly string[]): Promise<Reading> {
  const files = new Map<string, Buffer>()
  const answering = new Map<string, Answering>()
  const requests: { path: string; range: string | undefined }[] = []
  const host = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '/').slice(1)
    requests.push({ path, range: request.headers.range })
    const file = files.get(path)
    if (!file) response.writeHead(404).end()
    else (answering.get(path) ?? honest)(request, response, file)
  })
  await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve))
  const address = `127.0.0.1:${(host.address() as AddressInfo).port}`
  const folder = await mkdtemp(join(tmpdir(), 'earwitness-reading-'))
  const blobs = await openBlobs(join(folder, 'blobs'))
  const pool = createFingerprintPool({ threads: 2, ffmpegPath })
  const index = createReferenceIndex()
  await makePiece(folder, names, index, files)
  return {
    folder,
    blobs,
    pool,
    index,
    files,
    answering,
    requests,
    tools: {
      blobs,
      safeFetch: createSafeFetch({
        ...fetchLimits,
        bytesMax: 64 << 20,
        timeoutMs: 30_000,
        idleTimeoutMs: 10_000,
        allowAddresses: [address],
      }),
      config: { FETCH_BYTES_MAX: 64 << 20, CHROMIUM_PATH: undefined },
      log: openLog('test', 'silent'),
    },
    url: (name) => `http://${address}/${encodeURIComponent(name)}`,
    async close() {
      host.closeAllConnections()
      host.close()
      await pool.close()
      await rm(folder, { recursive: true })
    },
  }
}

async function makePiece(
  folder: string,
  names: readonly string[],
  index: ReferenceIndex,
  files: Map<string, Buffer>,
): Promise<void> {
  const piece = music(11, SECONDS)
  index.add('piece', 'us', extract(piece).reference)
  const wav = join(folder, 'piece.wav')
  await writeWav(wav, piece)
  for (const name of names) {
    const { args = [], from } = formats[name] ?? {}
    const source = from === undefined ? wav : join(folder, from)
    files.set(name, await readFile(await transcode(source, join(folder, name), ...args)))
  }
}
