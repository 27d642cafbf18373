import { mkdtemp, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'

import { run as identify } from '../../bin/engine/identify.ts'
import { indexFile } from '../../bin/engine/index-folder.ts'
import { run as index } from '../../bin/engine/index.ts'
import { recordedTerminal } from '../support/fake-terminal.ts'
import { disguised, piece, unknownPiece } from '../support/music.ts'

const Made = z.object({
  recordings: z.number(),
  made: z.number(),
  kept: z.number(),
  failed: z.array(z.object({ id: z.string(), problem: z.string() })),
})

const terminal = () =>
  recordedTerminal({
    columns: 200,
    env: { PATH: process.env['PATH'], FFMPEG_PATH: process.env['FFMPEG_PATH'] },
  })

let folder: string
let set: string
let refs: string
let clip: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'earwitness-engine-'))
  set = join(folder, 'index')
  refs = join(folder, 'refs.tsv')
  // 12 s a little faster, pitch and all; its 0:20 is the piece's 0:20.8.
  clip = await disguised(2, 'faster.mp3', [
    '-ss',
    '20',
    '-t',
    '12',
    '-af',
    'aresample=44100,asetrate=45864,aresample=44100',
    '-b:a',
    '128k',
  ])
  const pieces = await Promise.all([1, 2, 3].map((number) => piece(number)))
  const rows = pieces.map((path, place) => `${path}\tPiece\tr${place + 1}`)
  await writeFile(refs, `path\ttitle\tref_id\n${rows.join('\n')}\nnotes.txt\tNotes\tr4\ngone.mp3\tGone\tr5\n`)
  await writeFile(join(folder, 'notes.txt'), 'this is no audio')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function indexed(): Promise<z.infer<typeof Made>> {
  const at = terminal()
  expect(await index(['--refs', refs, '--index', set, '--json'], at)).toBe(1)
  expect(at.errText()).toContain('failed r4')
  return Made.parse(JSON.parse(at.outText()))
}

describe('the engine on the command line', () => {
  test('makes an index of what can be read, and keeps what has not changed', async () => {
    const first = await indexed()
    expect(first).toMatchObject({ recordings: 3, made: 3, kept: 0 })
    expect(first.failed.map(({ id }) => id).sort()).toEqual(['r4', 'r5'])
    const bytes = await readFile(indexFile(set))

    expect(await indexed()).toMatchObject({ recordings: 3, made: 0, kept: 3 })
    expect(await readFile(indexFile(set))).toEqual(bytes)

    // A file that was touched is read again; its recording is the same.
    await writeFile(join(folder, 'copy.wav'), await readFile(await piece(1)))
    await writeFile(refs, (await readFile(refs, 'utf8')).replace(await piece(1), 'copy.wav'))
    expect(await indexed()).toMatchObject({ recordings: 3, made: 1, kept: 2 })
    await utimes(join(folder, 'copy.wav'), 1, 1)
    expect(await indexed()).toMatchObject({ recordings: 3, made: 1, kept: 2 })

    // A file that cannot be seen is told of, but its recording stays.
    await rm(join(folder, 'copy.wav'))
    const last = await indexed()
    expect(last).toMatchObject({ recordings: 3, made: 0, kept: 3 })
    expect(last.failed.map(({ id }) => id).sort()).toEqual(['r1', 'r4', 'r5'])
  })

  test('writes a table of what queries are', async () => {
    const queries = join(folder, 'queries.tsv')
    const out = join(folder, 'out', 'found.tsv')
    const rows = [
      ['stranger', await unknownPiece()],
      ['clip', clip],
      ['text', 'notes.txt'],
      ['gone', 'gone.mp3'],
    ]
    await writeFile(queries, `query_id\tpath\n${rows.map((row) => row.join('\t')).join('\n')}\n`)
    const at = terminal()
    expect(await identify(['--index', set, '--queries', queries, '--out', out], at)).toBe(1)
    expect(at.errText()).toMatch(/failed \S*notes\.txt: No audio could be decoded/)
    expect(at.errText()).toMatch(/failed \S*gone\.mp3: /)
    expect(await readdir(join(folder, 'out'))).toEqual(['found.tsv'])

    const [header, ...lines] = (await readFile(out, 'utf8')).replace(/\n$/, '').split('\n')
    expect(header).toBe(
      'query_id ref_id_or_NONE score query_start_s query_end_s ref_start_s ref_end_s speed pitch change false_match_probability speed_error pitch_error shared_with'.replaceAll(
        ' ',
        '\t',
      ),
    )
    const cells = lines.map((line) => line.split('\t'))
    expect(cells.map(([id, reference]) => [id, reference])).toEqual([
      ['stranger', 'NONE'],
      ['clip', 'r2'],
      ['text', 'NONE'],
      ['gone', 'NONE'],
    ])
    expect(cells.map((row) => row.length)).toEqual([14, 14, 14, 14])
    const [
      ,
      ,
      score,
      queryFrom,
      queryTo,
      from,
      to,
      speed,
      pitch,
      change,
      chance,
      speedError,
      pitchError,
      shared,
    ] = cells[1] ?? []
    expect(Number(score)).toBeGreaterThan(0)
    expect(Number(queryTo) - Number(queryFrom)).toBeGreaterThan(9)
    expect(Math.abs(Number(from) - 20.8 - 1.04 * Number(queryFrom))).toBeLessThan(0.05)
    expect(Number(to)).toBeGreaterThan(29)
    expect(Number(speed)).toBeCloseTo(1.04, 2)
    expect(Number(pitch)).toBeCloseTo(1.04, 2)
    expect(change).toBe('speed')
    expect(Number(chance)).toBeLessThan(0.001)
    expect(Math.abs(Number(speed) - 1.04)).toBeLessThan(2 * Number(speedError))
    expect(Number(pitchError)).toBeGreaterThan(0)
    expect(shared).toBe('')
  })

  test('tells people what files are', async () => {
    const at = terminal()
    expect(await identify(['--index', set, clip, await unknownPiece()], at)).toBe(0)
    const [, , first = '', second = ''] = at.outText().split('\n')
    expect(first).toMatch(
      /faster\.mp3 +r2 +0:00 – 0:1\d +0:2\d – 0:3\d +sped up by 4\.\d+ % ± 0\.\d+ +[> ]*99/,
    )
    expect(second).toMatch(/stranger\.wav +nothing found/)

    const json = terminal()
    expect(await identify(['--index', set, clip, '--json'], json)).toBe(0)
    expect(JSON.parse(json.outText())).toMatchObject([
      { file: clip, passages: [{ referenceId: 'r2', change: 'speed' }] },
    ])
  })

  test('draws what it finds', async () => {
    const at = terminal()
    const pictures = join(folder, 'pictures')
    const stranger = await unknownPiece()
    expect(await identify(['--index', set, clip, stranger, '--pictures', pictures], at)).toBe(0)
    expect(await readdir(pictures)).toEqual(['2-faster-1.svg'])
    const svg = await readFile(join(pictures, '2-faster-1.svg'), 'utf8')
    expect(svg).toMatch(/>0:00 – 0:1\d of 2-faster\.mp3 is 0:2\d – 0:3\d of r2</)
    expect(svg).toMatch(/it plays 4\.0\d % ± 0\.\d+ faster and higher/)
    // The spectrograms of both.
    expect(svg.match(/class="[^"]*cells/g)).toHaveLength(2)
  })

  test('can be broken off, and leaves no half table', async () => {
    const at = terminal()
    at.controller.abort(new Error('interrupted'))
    const out = join(folder, 'never.tsv')
    expect(await identify(['--index', set, '--queries', join(folder, 'queries.tsv'), '--out', out], at)).toBe(
      130,
    )
    expect(await readdir(folder)).not.toContain('never.tsv')
    expect(await index(['--refs', refs, '--index', join(folder, 'other')], at)).toBe(130)
    expect(at.errText()).toContain('the same command goes on from there')
  })

  test.each([
    [['clip.mp3'], 'Give --index'],
    [['--index', 'x'], 'Which files?'],
    [['--index', 'x', '--queries', 'q.tsv'], '--queries and --out belong together'],
    [['--index', '/nowhere', import.meta.filename], '/nowhere holds no index'],
    [['--index', '/nowhere', '/dev/null'], '/dev/null: there are no audio files'],
    [['--index', 'x', 'a.mp3', '--false-claims', '1001'], 'give a number from 1 to 1000'],
  ])('says how it goes when called as %j', async (argv, message) => {
    const at = terminal()
    expect(await identify(argv, at)).toBe(2)
    expect(at.errText()).toContain(message)
  })
})
