import { chmod, copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { run } from '../../bin/demo/demo.ts'
import { ReportDocument } from '../../services/reports/report.ts'
import { recordedTerminal } from '../support/fake-terminal.ts'
import { piece } from '../support/music.ts'

/** Starting a service of its own, seven suspects, a mail and a report: half a minute on two cores. */
const PATIENCE_MS = 240_000

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'earwitness-demo-'))
  await chmod(folder, 0o755) // As root, PostgreSQL runs as another user, who must get in.
  await mkdir(join(folder, 'music'))
  for (const number of [1, 2, 3]) {
    await copyFile(await piece(number), join(folder, 'music', `The Samples - Piece ${number}.wav`))
  }
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** The demo's JSON, as far as the test looks at it. */
interface Told {
  readonly right: boolean
  readonly wrong: readonly string[]
  readonly registered: readonly { title: string; by: string; created: boolean }[]
  readonly suspects: readonly { name: string; faults: readonly string[] }[]
  readonly mail: { subject: string; to: string; text: string }
  readonly report: { number: string; files: { pdf: string; json: string; text: string } }
  readonly leak: {
    readonly manifests: readonly { rows: number; stage: string }[]
    readonly audited: readonly { title: string; place: string; line?: { status: string; foundBy: string } }[]
    readonly files: readonly string[]
  }
}

async function demo(): Promise<Told> {
  const terminal = recordedTerminal({
    env: { ...process.env, DATABASE_URL: 'postgres://nobody@127.0.0.1:1/real' },
  })
  const places = ['--music', join(folder, 'music'), '--data', join(folder, 'data')]
  const args = [...places, '--leak-rows', '20000', '--json']
  expect(await run(args, terminal), terminal.errText()).toBe(0)
  return JSON.parse(terminal.outText()) as Told
}

describe('the demo', () => {
  test(
    'shows the main job with every verdict right, again and again, and touches no real database',
    async () => {
      const first = await demo()
      expect(first).toMatchObject({ right: true, wrong: [] })
      expect(first.registered).toEqual([
        expect.objectContaining({ title: 'Piece 1', by: 'local', created: true }),
        expect.objectContaining({ title: 'Piece 2', by: 'upload', created: true }),
      ])
      expect(first.suspects.map(({ name }) => name)).toContain('never-registered')
      expect(first.mail.subject).toContain('Found: ')
      expect(first.mail.text).toContain('hxxp://127[.]0[.]0[.]1')
      const { pdf, json, text } = first.report.files
      expect((await readFile(pdf)).subarray(0, 5).toString()).toBe('%PDF-')
      expect(ReportDocument.parse(JSON.parse(await readFile(json, 'utf8')))).toMatchObject({
        number: first.report.number,
      })
      expect(await readFile(text, 'utf8')).toContain(first.report.number)

      expect(first.leak.manifests.map(({ rows }) => rows)).toEqual([20_000, 1_000])
      // Files without tags tell no ISRC: only names can tell of them.
      expect(first.leak.audited).toMatchObject([
        { title: 'Piece 1', place: 'names', line: { status: 'audio', foundBy: 'names' } },
        { title: 'Piece 2', place: 'names', line: { status: 'audio', foundBy: 'names' } },
      ])
      for (const path of first.leak.files) expect((await readFile(path)).length).toBeGreaterThan(100)

      const second = await demo()
      expect(second).toMatchObject({ right: true, wrong: [] })
      expect(second.registered.map(({ created }) => created)).toEqual([false, false])
      expect(second.mail.subject).not.toBe(first.mail.subject)
    },
    PATIENCE_MS,
  )

  test('ends with the usage for what it does not know', async () => {
    const terminal = recordedTerminal()
    expect(await run(['--musik', 'x'], terminal)).toBe(2)
    expect(await run(['x'], terminal)).toBe(2)
    const none = recordedTerminal()
    expect(await run(['--music', join(folder, 'none'), '--data', join(folder, 'data')], none)).toBe(2)
    expect(none.errText()).toContain('there is no such file')
  })
})
