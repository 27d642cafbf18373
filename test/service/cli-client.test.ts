import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

import { z } from 'zod'

import { run as fingerprint } from '../../bin/client/fingerprint.ts'
import { run as register } from '../../bin/client/register.ts'
import { run as retry } from '../../bin/client/retry.ts'
import { run as submit } from '../../bin/client/submit.ts'
import { decodeFingerprint } from '../../services/audio/fingerprint/fingerprint.ts'
import { serveApi } from '../support/api.ts'
import { type RecordedTerminal, recordedTerminal } from '../support/fake-terminal.ts'
import { disguised, piece, unknownPiece } from '../support/music.ts'
import { startPipeline } from '../support/pipeline.ts'
import { type World, describe, expect, test } from '../support/world.ts'

/** A terminal whose environment knows a service that runs, and keeps its journal in the world's folder. */
async function connected(world: World): Promise<() => RecordedTerminal> {
  const { url } = await serveApi(world)
  const { key } = await world.account('Command line')
  const env = {
    PATH: process.env['PATH'],
    FFMPEG_PATH: process.env['FFMPEG_PATH'],
    EARWITNESS_SERVER: url,
    EARWITNESS_KEY: key,
    XDG_STATE_HOME: join(world.folder, 'state'),
  }
  return () => recordedTerminal({ env })
}

/** A folder with two recordings and a file that is none. */
async function catalogueFolder(world: World): Promise<string> {
  const folder = join(world.folder, 'catalogue')
  await mkdir(folder)
  await copyFile(await piece(1), join(folder, 'The Samples - Piece 1.wav'))
  await copyFile(await piece(2), join(folder, 'The Samples - Piece 2.wav'))
  await writeFile(join(folder, 'The Samples - Broken.mp3'), 'this is no audio')
  return folder
}

/** How a reference came to be, and whether any audio did. */
const Kept = z.object({ madeBy: z.string(), audioSha256: z.string().nullable() })

const lines = (text: string): string[] => text.split('\n').filter(Boolean)

describe('the command line', () => {
  test('registers a folder by fingerprints made here, and submits copies that are then found', async ({
    world,
  }) => {
    const terminalOf = await connected(world)
    const folder = await catalogueFolder(world)

    const first = terminalOf()
    expect(await register([folder, '--rights-holder', 'Sample Records'], first)).toBe(1)
    expect(lines(first.outText())).toHaveLength(2)
    expect(first.errText()).toMatch(/Broken\.mp3 +No audio could be decoded/)
    expect(first.errText()).toContain(
      '2 registered, 0 known to the service, 0 passed over as done before, 1 failed',
    )
    const kept = await world.house.db.system(
      (tx) =>
        tx.all(
          Kept,
        )`select f.made_by, r.audio_sha256 from reference f join recording r on r.id = f.recording_id`,
    )
    expect(kept).toEqual([1, 2].map(() => ({ madeBy: 'local', audioSha256: null })))

    const second = terminalOf()
    expect(await register([folder, '--rights-holder', 'Sample Records'], second)).toBe(1)
    expect(lines(second.outText())).toEqual(lines(first.outText()))
    expect(second.errText()).toContain(
      '0 registered, 0 known to the service, 2 passed over as done before, 1 failed',
    )

    const again = terminalOf()
    expect(await register([folder, '--rights-holder', 'Sample Records', '--again'], again)).toBe(1)
    expect(again.errText()).toContain('0 registered, 2 known to the service')

    const pipeline = await startPipeline(world)
    try {
      const copy = await disguised(2, 'cli.ogg', ['-ss', '20', '-t', '20'])
      const terminal = terminalOf()
      expect(await submit([copy, await unknownPiece(), '--wait'], terminal)).toBe(0)
      expect(lines(terminal.outText())).toHaveLength(2)
      expect(terminal.errText()).toMatch(
        /2-cli\.ogg +matched +Piece 2 – The Samples +0:00–0:(19|20) +as the original/,
      )
      expect(terminal.errText()).toMatch(/stranger\.wav +nothing found/)
    } finally {
      await pipeline.close()
    }
  })

  test('says which submission failed and why, and sets it back to work', async ({ world }) => {
    const terminalOf = await connected(world)
    const broken = join(world.folder, 'broken.flac')
    await writeFile(broken, Buffer.alloc(5_000))
    const pipeline = await startPipeline(world)
    try {
      const terminal = terminalOf()
      expect(await submit([broken, '--wait', '--json'], terminal)).toBe(1)
      const [answer] = JSON.parse(terminal.outText()) as { id: string; stage: string }[]
      expect(answer).toMatchObject({
        stage: 'failed',
        fileName: 'broken.flac',
        items: [{ stage: 'failed', problem: { title: 'No audio could be decoded' } }],
      })

      const second = terminalOf()
      expect(await retry([answer!.id], second)).toBe(0)
      expect(second.outText()).toBe(`${answer!.id}\n`)
      const third = terminalOf()
      expect(await retry(['no-id'], third)).toBe(1)
      expect(third.errText()).toMatch(/not set back.* no-id: /)
    } finally {
      await pipeline.close()
    }
  })

  test('a dry run needs no service and sends nothing', async ({ world }) => {
    const folder = await catalogueFolder(world)
    const terminal = recordedTerminal({
      env: { EARWITNESS_SERVER: 'http://127.0.0.1:9', EARWITNESS_KEY: 'x' },
    })
    expect(await register([folder, '--dry-run', '--json'], terminal)).toBe(0)
    expect(JSON.parse(terminal.outText())).toMatchObject([
      { recording: { title: 'Broken', artists: ['The Samples'] } },
      { recording: { title: 'Piece 1' } },
      { recording: { title: 'Piece 2' } },
    ])
  })

  test('fingerprints without any service; the binary form reads back', async ({ world }) => {
    const folder = await catalogueFolder(world)
    const out = join(world.folder, 'fingerprints')
    const terminal = recordedTerminal({
      env: { PATH: process.env['PATH'], FFMPEG_PATH: process.env['FFMPEG_PATH'] },
    })
    expect(await fingerprint([folder, '--out', out, '--threads', '1'], terminal)).toBe(1)
    expect(terminal.errText()).toMatch(/failed .*Broken\.mp3: No audio could be decoded/)
    const paths = lines(terminal.outText())
    expect(paths).toEqual(['1', '2'].map((number) => join(out, `The Samples - Piece ${number}.ewfp`)))
    expect(decodeFingerprint(await readFile(paths[0]!))).toMatchObject({
      kind: 'reference',
      durationMs: 60_000,
    })
  })

  test('a run that is interrupted keeps what is done and ends with 130', async ({ world }) => {
    const terminalOf = await connected(world)
    const terminal = terminalOf()
    const running = register([await catalogueFolder(world)], terminal)
    terminal.controller.abort(new Error('interrupted'))
    expect(await running).toBe(130)
    expect(terminal.errText()).toMatch(/Interrupted\. .*goes on where it stopped/)
  })
})

describe('a service that is busy, away or another one', () => {
  /** A service that gives these answers in turn, the last one for ever. */
  async function answering(
    ...answers: readonly (readonly [status: number, headers: Record<string, string>, body: string])[]
  ): Promise<{ url: string; asked: () => number; keys: Set<string>; close: () => Promise<void> }> {
    let asked = 0
    const keys = new Set<string>()
    const server = createServer((request, response) => {
      keys.add(String(request.headers['idempotency-key']))
      const [status, headers, body] = answers[Math.min(asked++, answers.length - 1)] ?? [500, {}, '']
      request.resume()
      response.writeHead(status, headers).end(body)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      asked: () => asked,
      keys,
      close: () => new Promise((resolve) => server.close(() => resolve())),
    }
  }
  const json = { 'content-type': 'application/json' }
  const accepted = JSON.stringify({ id: '0d2f6a53-7d0e-4b7e-9a80-3a2c6d8f4e21', stage: 'fetch' })
  const tooMany = JSON.stringify({ title: 'Too many requests', status: 429 })
  const call = (url: string) => {
    const terminal = recordedTerminal({ env: { EARWITNESS_SERVER: url, EARWITNESS_KEY: 'ewk_test' } })
    return { terminal, ended: submit(['https://host.example/leak.mp3'], terminal) }
  }

  test('is asked again, with the same idempotency key', async () => {
    const service = await answering(
      [429, { ...json, 'retry-after': '1' }, tooMany],
      [503, {}, 'nginx'],
      [202, json, accepted],
    )
    const { terminal, ended } = call(service.url)
    expect(await ended).toBe(0)
    expect(service.asked()).toBe(3)
    expect(service.keys.size).toBe(1)
    expect(terminal.outText()).toBe('0d2f6a53-7d0e-4b7e-9a80-3a2c6d8f4e21\n')
    await service.close()
  })

  test('is not asked again when it refuses: its reason and faults are told', async () => {
    const refusal = JSON.stringify({
      type: '/problems/request/invalid',
      title: 'The request does not fit its schema',
      detail: 'One fault',
      faults: [{ pointer: '/url', detail: 'an http or https address' }],
    })
    const service = await answering([400, json, refusal])
    const { terminal, ended } = call(service.url)
    expect(await ended).toBe(1)
    expect(service.asked()).toBe(1)
    expect(terminal.errText()).toContain('One fault; /url: an http or https address')
    await service.close()
  })

  test.each([
    ['a web server that is no Earwitness', [404, {}, '<html>'] as const, 'status 404'],
    ['an answer of another form', [202, json, '{"ok":true}'] as const, 'has a form that is not known here'],
  ])('%s is told at once', async (_, answer, expected) => {
    const service = await answering([answer[0], answer[1], answer[2]])
    const { terminal, ended } = call(service.url)
    expect(await ended).toBe(1)
    expect(service.asked()).toBe(1)
    expect(terminal.errText()).toContain(expected)
    await service.close()
  })

  test('nobody there is told within seconds', async () => {
    const service = await answering([200, {}, ''])
    await service.close()
    const { terminal, ended } = call(service.url)
    expect(await ended).toBe(1)
    expect(terminal.errText()).toContain('is the service running?')
  })
})

describe('where the service is', () => {
  const submitOne = (terminal: RecordedTerminal, ...options: string[]) =>
    submit(['https://host.example/leak.mp3', ...options], terminal)

  test('is read from what `earwitness start` noted; the noted key goes to no other server', async ({
    world,
  }) => {
    const { url } = await serveApi(world)
    const { key } = await world.account('Noted')
    await writeFile(join(world.folder, 'local.json'), JSON.stringify({ server: url, key, databaseUrl: 'x' }))
    const noted = recordedTerminal({ env: { DATA_DIR: world.folder } })
    expect(await submitOne(noted)).toBe(0)
    const elsewhere = recordedTerminal({ env: { DATA_DIR: world.folder } })
    expect(await submitOne(elsewhere, '--server', 'https://elsewhere.example')).toBe(2)
    expect(elsewhere.errText()).toContain('No API key for https://elsewhere.example')
  })

  test('is asked for when nobody knows it, and must be an address', async ({ world }) => {
    const terminal = recordedTerminal({ env: { DATA_DIR: world.folder } })
    expect(await submitOne(terminal)).toBe(2)
    expect(terminal.errText()).toContain('earwitness start')
    const wrong = recordedTerminal({ env: { DATA_DIR: world.folder } })
    expect(await submitOne(wrong, '--server', 'localhost:8080', '--key', 'x')).toBe(2)
    expect(wrong.errText()).toContain('not an http or https address')
  })
})
