import { createReadStream } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

import { compose } from '../../bin/demo/compose.ts'
import { fileInput, runFfmpeg } from '../../bin/demo/ffmpeg.ts'
import { writeWav } from '../../bin/demo/wav.ts'

const CLIP_SECONDS = 12
/** Clips that are cut from one piece: composing takes longer than cutting. */
const CLIPS_PER_PIECE = 20
/** Of one host only a few addresses of an account are at work at once: with one, that would be what is measured. */
const HOSTS = 8

/** Hosts on this machine that offer pages and audio files, and count. */
export interface Site {
  readonly urls: readonly string[]
  /** `127.0.0.1:port` of each host. */
  readonly addresses: readonly string[]
  /** Requests beyond the first of each address: what was cut off is asked for again. */
  askedAgain(): number
  close(): Promise<void>
}

/** Composes audio files that are all different. @returns their paths. */
export async function makeClips(
  ffmpegPath: string,
  folder: string,
  count: number,
  signal: AbortSignal,
): Promise<string[]> {
  for (let piece = 0; piece * CLIPS_PER_PIECE < count; piece++) {
    signal.throwIfAborted()
    const wav = join(folder, `${piece}.wav`)
    await writeWav(wav, compose(`intake ${piece}`, { seconds: CLIP_SECONDS * CLIPS_PER_PIECE }))
    const cut = ['-f', 'segment', '-segment_time', String(CLIP_SECONDS), '-c:a', 'libvorbis', '-b:a', '96k']
    await runFfmpeg({
      ffmpegPath,
      what: 'clips',
      args: [...fileInput(wav), ...cut, join(folder, `${piece}-%03d.ogg`)],
    })
    await rm(wav)
  }
  // Cutting may leave a scrap behind the last clip of a piece.
  const isClip = (name: string): boolean => Number(/-(\d+)\.ogg$/.exec(name)?.[1]) < CLIPS_PER_PIECE
  const names = (await readdir(folder)).filter(isClip).toSorted()
  return names.slice(0, count).map((name) => join(folder, name))
}

/** A small page as of a blog: it names one release by a magnet link, which nobody follows. */
const pageOf = (number: number): string => {
  const hash = number.toString(16).padStart(40, '0')
  const words = 'Some words about the release, as people write them. '.repeat(20)
  return `<!doctype html><html><head><title>Release ${number}</title></head><body><p>${words}</p><a href="magnet:?xt=urn:btih:${hash}&dn=Sample+Artist+-+Release+${number}">get it</a></body></html>`
}

/** Opens the hosts. */
export async function openSite(pages: number, clips: readonly string[]): Promise<Site> {
  const asked = new Map<string, number>()
  const hosts = await Promise.all(Array.from({ length: HOSTS }, () => openHost(clips, asked)))
  const origins = hosts.map(({ address }) => `http://${address}`)
  const at = (path: string, index: number): string => `${origins[index % HOSTS]}${path}`
  const urls = [
    ...Array.from({ length: pages }, (_, index) => at(`/page/${index}`, index)),
    ...clips.map((_, index) => at(`/clip/${index}.ogg`, index)),
  ]
  // Audio among the pages, as it comes.
  const mixed = urls.map((url, index) => ({ url, place: (index * 7919) % urls.length }))
  return {
    urls: mixed.toSorted((a, b) => a.place - b.place).map(({ url }) => url),
    addresses: hosts.map(({ address }) => address),
    askedAgain: () => [...asked.values()].reduce((sum, times) => sum + times - 1, 0),
    async close() {
      await Promise.all(hosts.map(({ server }) => closed(server)))
    },
  }
}

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })

async function openHost(
  clips: readonly string[],
  asked: Map<string, number>,
): Promise<{ readonly server: Server; readonly address: string }> {
  const server = createServer((request, response) => {
    const path = request.url ?? '/'
    const [, kind, number] = /^\/(page|clip)\/(\d+)/.exec(path) ?? []
    const clip = clips[Number(number)]
    if (kind !== undefined) asked.set(path, (asked.get(path) ?? 0) + 1)
    if (kind === 'page') response.setHeader('content-type', 'text/html').end(pageOf(Number(number)))
    else if (kind === 'clip' && clip !== undefined) createReadStream(clip).pipe(response)
    else response.writeHead(404).end()
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return { server, address: `127.0.0.1:${(server.address() as AddressInfo).port}` }
}
