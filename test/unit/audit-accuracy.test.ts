import { expect, test } from 'vitest'

import { type InventedRow, type RowKind, inventDump, inventRecordings } from '../../bench/leaks/generator.ts'
import { LeakManifestId, type RecordingId, newId } from '../../services/core/ids.ts'
import { type FoundRow, type LeakFinding, exposureOf } from '../../services/leaks/audit/exposure-of.ts'
import { meantBy, preparePass } from '../../services/leaks/audit/names-pass.ts'
import { WordFilter } from '../../services/leaks/audit/word-filter.ts'
import { fieldPaths } from '../../services/leaks/manifest/fields.ts'
import { type RawRow, readRow } from '../../services/leaks/manifest/read-row.ts'
import type { KeptRow } from '../../services/leaks/rows/row-line.ts'
import { keysOfNames } from '../../services/metadata/compare/name-keys.ts'

const RECORDINGS = 4_000
const ROWS = 100_000

const catalogue = [...inventRecordings(11, RECORDINGS)]
const paths = fieldPaths()
const manifestId = newId(LeakManifestId)

interface Dumped {
  readonly truth: InventedRow
  readonly row: KeptRow
}

const dump: Dumped[] = [...inventDump({ seed: 11, rows: ROWS, catalogue })].map((truth, number) => {
  const row = readRow(truth.track as unknown as RawRow, paths, { row: number + 1, part: 0 })
  if (!row) throw new Error('a row that names nothing')
  return { truth, row: { ...row, number } }
})

/** Rows with each code, as an index has them: the one that says most stands for all, with the highest popularity. */
const byIsrc = new Map<string, { row: KeptRow; popularity: number | undefined }>()
for (const { row } of dump) {
  const before = row.isrc === undefined ? undefined : byIsrc.get(row.isrc)
  if (row.isrc === undefined) continue
  const popularity = Math.max(row.popularity ?? 0, before?.popularity ?? 0)
  const saysMore = before === undefined || (row.status === 'audio' && before.row.status !== 'audio')
  byIsrc.set(row.isrc, { row: saysMore ? row : before.row, popularity })
}
const takenByTrack = new Map(
  dump.flatMap(({ row }) => (row.status === 'audio' ? [[row.trackId, row] as const] : [])),
)

const nameless = dump.filter(({ row }) => row.isrc === undefined)

async function namedRows(): Promise<{ row: Dumped; recording: number; logOdds: number }[]> {
  const pass = await preparePass(
    (async function* () {
      yield catalogue.map((names, number) => ({ id: `${number}` as RecordingId, names, addresses: [] }))
    })(),
  )
  return nameless.flatMap((row) =>
    meantBy(row.row, pass, nameless.length).map(({ recording, logOdds }) => ({ row, recording, logOdds })),
  )
}

function findingOf(number: number, named: readonly FoundRow[]): LeakFinding {
  const names = catalogue[number] ?? expect.fail('no such recording')
  const hit = byIsrc.get(names.isrc)
  const byCode: FoundRow[] =
    hit === undefined
      ? []
      : [
          {
            manifestId,
            batch: 0,
            row: hit.row,
            foundBy: 'isrc',
            record: { popularity: hit.popularity },
            alternatives: hit.row.alternatives.flatMap((id) => {
              const row = takenByTrack.get(id)
              return row ? [{ manifestId, batch: 0, row }] : []
            }),
          },
        ]
  return exposureOf({ keys: keysOfNames(names) }, [...byCode, ...named], [])
}

const truthOf = (kind: RowKind): Map<number, InventedRow> =>
  new Map(
    dump.flatMap(({ truth }) =>
      truth.kind === kind && truth.of !== undefined ? [[truth.of, truth] as const] : [],
    ),
  )

const hasAudio = ({ answer }: LeakFinding): boolean =>
  answer !== undefined && (answer.status === 'audio' || answer.status === 'sibling')

test.for(['identifier', 'sibling', 'alternative'] as const)(
  'each recording that has a row by %s is found, and whether there is audio of it',
  (kind) => {
    const truth = truthOf(kind)
    expect(truth.size).toBeGreaterThan(100)
    for (const [number, { hasAudio: isTaken }] of truth) {
      const finding = findingOf(number, [])
      expect(finding.contradicted).toBe(false)
      expect(finding.answer?.probability).toBeGreaterThan(0.99)
      if (kind !== 'identifier') expect(finding.answer?.status).toBe(kind === 'sibling' ? 'audio' : 'sibling')
      // Another copy that a dump only speaks of is audio for whoever asks.
      expect(hasAudio(finding)).toBe(isTaken || kind === 'alternative')
      expect(finding.answer?.foundBy).toBe(kind === 'alternative' ? 'alternative' : 'isrc')
    }
  },
)

test('of 100 traps with our code on another song 99 are told as such, and not claimed', () => {
  const traps = [...truthOf('wrong-isrc').keys()].map((number) => findingOf(number, []))
  const told = traps.filter(({ answer, contradicted }) => contradicted && answer === undefined)
  expect(traps.length).toBeGreaterThan(100)
  expect(told.length / traps.length).toBeGreaterThanOrEqual(0.99)
})

test('rows without a code are found by names: 95 of 100, and 99 of 100 that are claimed are ours', async () => {
  const claimed = await namedRows()
  const right = claimed.filter(({ row: { truth }, recording }) => truth.of === recording)
  const wanted = truthOf('name-only').size
  expect(wanted).toBeGreaterThan(300)
  expect(right.length / wanted).toBeGreaterThanOrEqual(0.95)
  expect(right.length / claimed.length).toBeGreaterThanOrEqual(0.99)
  const [first] = right
  const found = first ?? expect.fail('nothing was found')
  const { answer } = findingOf(found.recording, [
    { manifestId, batch: 0, row: found.row.row, foundBy: 'names', logOdds: found.logOdds, alternatives: [] },
  ])
  expect(answer).toMatchObject({ foundBy: 'names', status: found.row.row.status, rowsFound: 1 })
  expect(answer?.probability).toBeGreaterThan(0.95)
})

test('words of a few recordings let most other rows be passed over, and none that is claimed', async () => {
  const claimed = await namedRows()
  for (const { row, recording } of claimed) {
    const filter = new WordFilter()
    filter.add(keysOfNames(catalogue[recording] ?? {}))
    expect(filter.mayMean(row.row), row.truth.track.name).toBe(true)
  }
  const few = new WordFilter()
  for (const { recording } of claimed.slice(0, 3)) few.add(keysOfNames(catalogue[recording] ?? {}))
  const left = nameless.filter(({ row }) => few.mayMean(row))
  expect(left.length / nameless.length).toBeLessThan(0.3)
})
