import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { registerRecording, uploadAudio } from '../../services/actions/catalogue.ts'
import { submitFile, submitUrl } from '../../services/actions/submissions.ts'
import { NewRecording } from '../../services/catalog/recording.ts'
import * as recordings from '../../services/catalog/store.ts'
import type { Problem, ProblemType } from '../../services/core/problem.ts'
import { startHostileHost } from '../support/hostile-host.ts'
import { disguised, ffmpegPath, piece, upload } from '../support/music.ts'
import { ended, startPipeline, until } from '../support/pipeline.ts'
import { type World, describe, expect, test } from '../support/world.ts'

async function* bytesOf(...chunks: Uint8Array[]): AsyncIterable<Uint8Array> {
  yield* chunks
}

/** A mono 16-bit WAV file of a given sound. */
function wav(seconds: number, sound: (t: number) => number): Buffer {
  const rate = 22_050
  const samples = Int16Array.from({ length: Math.round(seconds * rate) }, (_, i) =>
    Math.round(20_000 * sound(i / rate)),
  )
  const data = Buffer.from(samples.buffer)
  const head = Buffer.alloc(44)
  head.write('RIFF', 0)
  head.writeUInt32LE(36 + data.length, 4)
  head.write('WAVEfmt ', 8)
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(rate, 24)
  head.writeUInt32LE(rate * 2, 28)
  head.writeUInt16LE(2, 32)
  head.writeUInt16LE(16, 34)
  head.write('data', 36)
  head.writeUInt32LE(data.length, 40)
  return Buffer.concat([head, data])
}

const tone = (t: number): number => Math.sin(2 * Math.PI * 440 * t)
/** A tone as a lossy codec leaves it: with noise of its own around it. */
async function lossyTone(): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'earwitness-tone-'))
  const [source, coded] = [join(folder, 'tone.wav'), join(folder, 'tone.mp3')]
  await writeFile(source, wav(20, tone))
  await promisify(execFile)(await ffmpegPath(), ['-v', 'error', '-i', source, coded])
  const bytes = await readFile(coded)
  await rm(folder, { recursive: true })
  return bytes
}

const jpeg = Buffer.concat([
  Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex'),
  randomBytes(2000),
])

/** What is handed in as which name, and the problem that it ends with. */
const badFiles: readonly [
  what: string,
  fileName: string,
  content: () => Promise<Buffer>,
  problem: ProblemType,
][] = [
  ['a text file', 'song.mp3', async () => Buffer.from('This is not a song.\n'.repeat(50)), 'open/nothing'],
  [
    'a web page',
    'song.mp3',
    async () => Buffer.from('<!doctype html><html><body>404</body></html>'),
    'open/nothing',
  ],
  ['a broken JPEG', 'cover.ogg', async () => jpeg, 'image/unreadable'],
  ['a PDF', 'cover.ogg', async () => Buffer.from('%PDF-1.7\n'), 'file/unsupported'],
  [
    'random bytes',
    'noise.mp3',
    async () => Buffer.concat([Buffer.from([0x80, 0x81, 0x07]), randomBytes(50_000)]),
    'audio/undecodable',
  ],
  ['half a second', 'short.wav', async () => wav(0.5, tone), 'audio/too-short'],
  ['silence', 'silence.wav', async () => wav(20, () => 0), 'audio/indistinct'],
  ['a tone', 'tone.wav', async () => wav(20, tone), 'audio/indistinct'],
  ['a tone in MP3', 'tone.mp3', lossyTone, 'audio/indistinct'],
  ['more than the longest audio', 'long.wav', async () => readFile(await piece(1)), 'audio/too-long'],
]

describe('a bad file', () => {
  test('ends with a named problem on its row, whatever it is called, and the next one is examined', async ({
    world,
  }) => {
    const pipeline = await startPipeline(world, { env: { AUDIO_DURATION_MAX_S: '45' } })
    try {
      const sent = []
      for (const [what, fileName, content, problem] of badFiles) {
        const { id } = await submitFile(pipeline.house, world.owner, {
          fileName,
          source: bytesOf(await content()),
        })
        sent.push({ what, id, problem })
      }
      const half = await disguised(1, 'thirty.ogg', ['-t', '30', '-c:a', 'libvorbis'])
      const truncated = (await readFile(half)).subarray(0, -20_000)
      const cut = await submitFile(pipeline.house, world.owner, {
        fileName: 'cut.ogg',
        source: bytesOf(truncated),
      })

      const found = []
      for (const { what, id } of sent) found.push({ what, problem: (await ended(world, id)).problem?.type })
      expect(found).toEqual(sent.map(({ what, problem }) => ({ what, problem: `/problems/${problem}` })))
      expect(await ended(world, cut.id)).toMatchObject({ stage: 'done', problem: null })
    } finally {
      await pipeline.close()
    }
  })

  test('that is empty or larger than allowed is refused before a row is made', async ({ world }) => {
    const small = { ...world.house, config: { ...world.house.config, FETCH_BYTES_MAX: 1000 } }
    const refusal = async (source: AsyncIterable<Uint8Array>): Promise<unknown> =>
      submitFile(small, world.owner, { fileName: 'x', source }).catch(
        (error: unknown) => (error as Problem).type,
      )
    expect(await refusal(bytesOf())).toBe('file/empty')
    expect(await refusal(bytesOf(new Uint8Array(600), new Uint8Array(600)))).toBe('request/too-large')
  })

  test('as a reference leaves the recording with the problem and lets another try', async ({ world }) => {
    const pipeline = await startPipeline(world)
    const { house } = pipeline
    const stateOf = (id: Parameters<typeof recordings.find>[1]) =>
      until('the recording to leave index', async () => {
        const found = await house.db.system((tx) => recordings.find(tx, id))
        return found && found.stage !== 'index' ? found : undefined
      })
    try {
      const given = NewRecording.parse({ title: 'One', artists: ['The Samples'] })
      const { recording } = await registerRecording(house, world.owner, given)
      await uploadAudio(house, world.owner, recording.id, bytesOf(wav(20, () => 0)))
      expect(await stateOf(recording.id)).toMatchObject({
        stage: 'failed',
        problem: { type: '/problems/audio/indistinct' },
      })
      await uploadAudio(house, world.owner, recording.id, upload(await piece(1)))
      expect(await stateOf(recording.id)).toMatchObject({
        stage: 'done',
        problem: null,
        hasFingerprint: true,
      })
    } finally {
      await pipeline.close()
    }
  })
})

/** A listener on 127.0.0.1 that nobody may reach; it counts who does. */
async function forbiddenPort(): Promise<{
  port: number
  visits: () => number
  close: () => Promise<unknown>
}> {
  let visits = 0
  const server = createServer((_request, response) => response.end('secret')).on(
    'connection',
    () => (visits += 1),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { port, visits: () => visits, close: () => new Promise((resolve) => server.close(resolve)) }
}

/** How an address that is handed in ends; those whose verdict is 'try again' take a while. */
const endOf = async (world: World, pipeline: Awaited<ReturnType<typeof startPipeline>>, url: string) => {
  const { id } = await submitUrl(pipeline.house, world.owner, { url })
  return (await ended(world, id)).problem?.type.replace('/problems/', '')
}

describe('a bad address', () => {
  test('ends with a named problem, and nothing inside the network is ever touched', async ({ world }) => {
    const host = await startHostileHost()
    const inside = await forbiddenPort()
    const pipeline = await startPipeline(world, {
      env: {
        FETCH_ALLOW_ADDRESSES: host.addresses.join(','),
        FETCH_BYTES_MAX: '2000000',
        FETCH_TIMEOUT_MS: '4000',
        FETCH_IDLE_TIMEOUT_MS: '1000',
      },
    })
    const expected: Record<string, ProblemType> = {
      [`http://127.0.0.1:${inside.port}/`]: 'fetch/forbidden-address',
      [`http://localhost:${inside.port}/`]: 'fetch/forbidden-address',
      [`http://[::1]:${inside.port}/`]: 'fetch/forbidden-address',
      [`http://2130706433:${inside.port}/`]: 'fetch/forbidden-address',
      'http://169.254.169.254/latest/meta-data/': 'fetch/forbidden-address',
      [host.url('/redirect-loopback')]: 'fetch/forbidden-address',
      [host.url('/redirect-metadata')]: 'fetch/forbidden-address',
      [host.url('/redirect-v6')]: 'fetch/forbidden-address',
      [host.url('/redirect-file')]: 'fetch/forbidden-url',
      [host.url('/redirect-loop')]: 'fetch/too-many-redirects',
      [host.url('/endless')]: 'fetch/too-large',
      [host.url('/404')]: 'fetch/refused',
      [host.url('/empty')]: 'fetch/empty',
      [host.url('/shorter-than-told')]: 'fetch/incomplete',
      [host.url('/stall-in-body')]: 'fetch/too-slow',
    }
    try {
      const found = await Promise.all(Object.keys(expected).map((url) => endOf(world, pipeline, url)))
      expect(Object.fromEntries(Object.keys(expected).map((url, i) => [url, found[i]]))).toEqual(expected)
      expect(inside.visits()).toBe(0)
    } finally {
      await pipeline.close()
      await Promise.all([host.close(), inside.close()])
    }
  })
})
