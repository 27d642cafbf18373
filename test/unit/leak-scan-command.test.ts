import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { main } from '../../bin/earwitness.ts'
import { recordedTerminal } from '../support/fake-terminal.ts'

let folder: string
const at = (name: string): string => join(folder, name)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'earwitness-leak-scan-'))
  await writeFile(
    at('catalogue.csv'),
    [
      'title,artist,isrc,duration',
      'First Song,The Samples,AA-6Q7-20-00001,3:20',
      'Second Song,The Samples,AA6Q72000002,2:10',
      'Third Song,The Samples,,4:00',
      ',nobody,AA6Q72000009,1:00',
    ].join('\n'),
  )
  const rows = [
    { name: 'First Song', artists: ['The Samples'], isrc: 'AA6Q72000001', popularity: 7, status: 'metadata' },
    { name: 'first song', artists: ['The Samples'], isrc: 'AA6Q72000001', popularity: 40, status: 'success' },
    { name: 'Quite another tune', artists: ['Somebody'], isrc: 'AA6Q72000002', duration_ms: 55_000 },
    { name: 'Third Song', artists: ['The Samples'], duration_ms: 240_000, popularity: 12 },
  ]
  await writeFile(at('manifest.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function scan(...argv: string[]) {
  const terminal = recordedTerminal()
  const code = await main(['leak', 'scan', ...argv], terminal)
  return { code, out: terminal.outText(), err: terminal.errText() }
}

test('earwitness leak scan tells what is in a manifest, how fast, and how long the largest would take', async () => {
  const given = ['--catalogue', at('catalogue.csv'), at('manifest.jsonl'), '--threads', '1']
  const { code, out, err } = await scan(...given)
  expect(code, err).toBe(3)
  expect(out).toMatch(/AA-6Q7-20-00001 +First Song +The Samples +isrc +audio/)
  expect(out).not.toContain('Second Song')
  expect(err).toContain('catalogue, line 5')
  expect(err).toContain('1 of 3 recordings are in 4 rows')
  expect(err).toContain('1 row has the ISRC of a recording on another song')
  expect(err).toMatch(/rows a second on 1 thread; at this rate 256 million rows take \d/)

  const named = JSON.parse((await scan(...given, '--names', '--json')).out)
  expect(named.summary).toMatchObject({ rows: 4, recordings: 2, contradicted: 1, threads: 1 })
  expect(named.summary.projected).toMatchObject({ rows: 256_000_000, seconds: expect.any(Number) })
  expect(named.findings).toEqual([
    expect.objectContaining({ isrc: 'AA6Q72000001', how: 'audio', popularity: 40, rows: 2, row: 2 }),
    expect.objectContaining({ title: 'Third Song', found_by: 'names', row: 4 }),
  ])
  expect((await scan(...given, '--out', at('found.csv'))).out).toBe('')
  expect((await readFile(at('found.csv'), 'utf8')).split('\r\n')).toHaveLength(3)
})

test('earwitness leak says how it is called', async () => {
  const terminal = recordedTerminal()
  expect(await main(['leak', '--help'], terminal)).toBe(0)
  expect(terminal.outText()).toMatch(/ check .*\n(.*\n)*  scan /)
  for (const argv of [
    [],
    ['nothing'],
    ['scan'],
    ['scan', at('manifest.jsonl')],
    ['scan', '--catalogue', 'x'],
  ])
    expect(await main(['leak', ...argv], recordedTerminal()), argv.join(' ')).toBe(2)
  const { code, err } = await scan('--catalogue', at('manifest.jsonl'), at('manifest.jsonl'))
  expect([code, err]).toEqual([2, expect.stringContaining('has no recording that can be read')])
  expect((await scan('--catalogue', at('catalogue.csv'), at('gone.jsonl'))).code).toBe(1)
})
