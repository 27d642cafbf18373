import { type ChildProcess, spawn } from 'node:child_process'
import { readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterEach, describe, expect, test } from 'vitest'
import { z } from 'zod'

import { freePort } from '../../bin/service/ports.ts'
import { piece } from '../support/music.ts'
import { until } from '../support/pipeline.ts'

const program = fileURLToPath(new URL('../../bin/earwitness.mjs', import.meta.url))
const Local = z.object({ server: z.url(), key: z.string() })
const Submitted = z.object({ id: z.string() })
const Shown = z.object({ stage: z.string(), items: z.array(z.object({ verdict: z.string().nullish() })) })

/** A started `earwitness start`, and what it has said. */
interface Started {
  readonly child: ChildProcess
  said(): string
}

const started: ChildProcess[] = []
const folders: string[] = []

afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    child.kill('SIGINT')
    await new Promise((resolve) => child.once('exit', resolve))
  }
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

function dataFolder(): string {
  // Not a folder of mkdtemp itself, which is closed to the user that PostgreSQL runs as under root.
  const folder = join(tmpdir(), `earwitness-e2e-${process.pid}-${folders.length}-${Date.now()}`)
  folders.push(folder)
  return folder
}

function start(dataDir: string, port: number, name = 'start'): Started {
  const env = {
    ...process.env,
    DATA_DIR: dataDir,
    HTTP_PORT: String(port),
    ALERT_MERGE_S: '1',
    DATABASE_URL: '',
    REDIS_URL: '',
  }
  const child = spawn(process.execPath, [program, name], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  started.push(child)
  let said = ''
  child.stdout.on('data', (data: Buffer) => (said += data.toString()))
  child.stderr.on('data', (data: Buffer) => (said += data.toString()))
  return { child, said: () => said }
}

/** Waits until a service can be used. */
async function ready(service: Started, dataDir: string): Promise<z.infer<typeof Local>> {
  await until('the service to start', async () => {
    if (service.child.exitCode !== null) throw new Error(`it ended: ${service.said()}`)
    return service.said().includes('Ctrl-C stops it')
  })
  return Local.parse(JSON.parse(await readFile(join(dataDir, 'local.json'), 'utf8')))
}

const exited = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => (child.exitCode !== null ? resolve(child.exitCode) : child.once('exit', resolve)))

/** Processes whose environment names the folder: the parts of the service and its database. */
async function processesOf(dataDir: string): Promise<string[]> {
  const own = []
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const text = await Promise.all(
      ['environ', 'cmdline'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')),
    )
    if (text.some((each) => each.includes(dataDir)) && Number(pid) !== process.pid) own.push(pid)
  }
  return own
}

describe('earwitness start', () => {
  test('loses nothing when it is killed in the middle of its work, and goes on at the next start', async () => {
    const [dataDir, port] = [dataFolder(), await freePort()]
    const first = start(dataDir, port)
    const { server, key } = await ready(first, dataDir)
    const headers = { authorization: `Bearer ${key}` }
    const audio = await readFile(await piece(1))
    const post = async (
      path: string,
      body: string | Buffer<ArrayBuffer>,
      type: string,
    ): Promise<{ id: string }> => {
      const response = await fetch(server + path, {
        method: 'POST',
        body,
        headers: { ...headers, 'content-type': type },
      })
      return Submitted.parse(await response.json())
    }
    const { id: recording } = await post(
      '/v1/recordings',
      JSON.stringify({ title: 'Piece 1', artists: ['The Samples'] }),
      'application/json',
    )
    await fetch(`${server}/v1/recordings/${recording}/audio`, {
      method: 'PUT',
      body: audio,
      headers: { ...headers, 'content-type': 'application/octet-stream' },
    })
    const ids = []
    for (let i = 0; i < 4; i += 1) {
      // Other bytes each time, so that each is decoded.
      const file = Buffer.concat([audio, Buffer.from([i])])
      ids.push((await post(`/v1/submissions/file?fileName=${i}.wav`, file, 'application/octet-stream')).id)
    }
    first.child.kill('SIGKILL')
    await exited(first.child)

    const second = start(dataDir, port)
    await ready(second, dataDir)
    for (const id of ids) {
      const shown = await until(`submission ${id}`, async () => {
        const response = await fetch(`${server}/v1/submissions/${id}`, { headers })
        const found = Shown.parse(await response.json())
        return ['done', 'failed'].includes(found.stage) && found
      })
      expect(shown).toMatchObject({ stage: 'done' })
    }
  }, 300_000)

  test('refuses a second start on the same folder, and stops with Ctrl-C leaving no process behind', async () => {
    const [dataDir, port] = [dataFolder(), await freePort()]
    const first = start(dataDir, port)
    await ready(first, dataDir)
    const second = start(dataDir, await freePort())
    expect(await exited(second.child)).toBe(1)
    expect(second.said()).toContain('is running on')

    first.child.kill('SIGINT')
    expect(await exited(first.child)).toBe(0)
    if (process.platform === 'linux') expect(await processesOf(dataDir)).toEqual([])
  }, 200_000)

  test('says which port is taken, and what to set', async () => {
    const [dataDir, other, port] = [dataFolder(), dataFolder(), await freePort()]
    const first = start(dataDir, port)
    await ready(first, dataDir)
    const second = start(other, port)
    expect(await exited(second.child)).toBe(1)
    expect(second.said()).toContain('HTTP_PORT')
  }, 200_000)
})
