import type { ClaimReading } from '../../services/metadata/claims/claimed-names.ts'
import { scoreNames } from '../../services/metadata/compare/compare-names.ts'
import { type NameKeys, keysOfNames } from '../../services/metadata/compare/name-keys.ts'
import { ACCEPTED_PROBABILITY } from '../../services/metadata/compare/name-weights.ts'
import { identifyNames, prepareReadings } from '../../services/metadata/lookup/identify-names.ts'
import { type NamesIndex, buildNamesIndex } from '../../services/metadata/lookup/names-index.ts'
import { NameRows } from '../../services/metadata/lookup/names-rows.ts'
import { latinKey } from '../../services/metadata/normalise.ts'
import { type Figure, atLeast, atMost, plain } from '../figures.ts'
import { cpuMs } from '../machine.ts'
import { randomNumbers } from '../synthetic.ts'
import { degradations } from './degradations.ts'
import { type InventedRecording, inventCatalogue } from './material.ts'
import { testWording } from './words.ts'

const SPEED_SEED = 4
/** Another catalogue: its claims mean none of the recordings. */
const STRANGERS_SEED = 5
const STRANGERS = 2_000
/** Recordings that claims are made of. */
const SAMPLES = 4_000
/** Candidates compared with a claim, at most: as `identifyNames` does. */
const CANDIDATES = 16
/** Best of so many: other work on the machine can only make a speed look worse. */
const TRIALS = 5

/**
 * A comparison is one recording scored for a claim, with its share of looking the claim up and of reading the
 * recording's names; a claim has some. Claims are in keys already: making them is measured apart.
 */
const COMPARISONS_PER_SECOND_MIN = 100_000
const KEYS_PER_SECOND_MIN = 200_000
/** A lookup with all its comparisons against splitting the line of such a claim into fields. */
const LOOKUP_RATIO_MAX = 80
const FOUND_MIN = 0.97
const STRANGERS_ACCEPTED_MAX = 0.01

/** What the names are held against, and claims about some of them. */
interface Material {
  readonly rows: NameRows
  readonly index: NamesIndex
  readonly buildMs: number
  readonly claims: readonly { readonly row: number; readonly readings: readonly ClaimReading[] }[]
  readonly sampled: readonly InventedRecording[]
}

function makeMaterial(size: number): Material {
  const random = randomNumbers(SPEED_SEED)
  const rows = new NameRows()
  const sampled: InventedRecording[] = []
  const sampledRows: number[] = []
  const every = Math.max(1, Math.floor(size / SAMPLES))
  for (const recording of inventCatalogue(random, testWording, size)) {
    const row = rows.add(keysOfNames(recording))
    if (row % every !== 0) continue
    sampled.push(recording)
    sampledRows.push(row)
  }
  const before = cpuMs()
  const index = buildNamesIndex(rows)
  const buildMs = cpuMs() - before
  const spoiler = { random, wording: testWording, catalogue: sampled }
  const kinds = Object.values(degradations)
  const claims = sampled.map((recording, at) => ({
    row: sampledRows[at]!,
    readings: kinds[at % kinds.length]!(spoiler, recording),
  }))
  return { rows, index, buildMs, claims, sampled }
}

/** CPU seconds of the quickest of some runs. */
function secondsOf(work: () => number): number {
  let best = Number.POSITIVE_INFINITY
  for (let trial = 0; trial < TRIALS; trial++) {
    const before = cpuMs()
    // Used, or the compiler would leave the work out.
    if (work() < 0) throw new Error('Counts are not negative')
    best = Math.min(best, cpuMs() - before)
  }
  return best / 1_000
}

/** Each claim is looked up and all its candidates are compared. @returns how many comparisons there were. */
function lookUp({ rows, index }: Material, claims: readonly NameKeys[]): number {
  let comparisons = 0
  for (const claim of claims) {
    for (const row of index.lookup(claim, CANDIDATES)) {
      const { logOdds } = scoreNames(claim, rows.keysOf(row), rows.size)
      // Asked, so that the compiler cannot leave the score out.
      if (!Number.isNaN(logOdds)) comparisons += 1
    }
  }
  return comparisons
}

const SPLITS = 20

function splitLines(text: string): number {
  let fields = 0
  for (let count = 0; count < SPLITS; count++) {
    for (const line of text.split('\n')) fields += line.split('\t').length
  }
  return fields
}

function lookupFigures(material: Material): Figure[] {
  const first = material.claims.flatMap(({ readings }) => readings.slice(0, 1))
  const keys = first.map(({ names }) => keysOfNames(names))
  const text = first
    .map(({ names }) =>
      [names.title, names.artists?.join('; '), names.isrc, names.upc, names.durationMs].join('\t'),
    )
    .join('\n')
  let comparisons = 0
  const seconds = secondsOf(() => (comparisons = lookUp(material, keys))) / keys.length
  const lineSeconds = secondsOf(() => splitLines(text)) / SPLITS / keys.length
  const keySeconds =
    secondsOf(() => first.reduce((sum, { names }) => sum + keysOfNames(names).title.length, 0)) / keys.length
  const titles = first.map(({ names }) => names.title ?? '')
  const latinSeconds =
    secondsOf(() => titles.reduce((sum, title) => sum + latinKey(title).length, 0)) / titles.length
  return [
    plain('candidates compared with a claim, mean', comparisons / keys.length, ''),
    plain('claims looked up and compared, a CPU second', 1 / seconds, ''),
    atLeast(
      'comparisons with their lookup, a CPU second',
      comparisons / keys.length / seconds,
      '',
      COMPARISONS_PER_SECOND_MIN,
    ),
    atMost(
      'looking up and comparing against splitting the line',
      seconds / lineSeconds,
      '×',
      LOOKUP_RATIO_MAX,
    ),
    plain('lines split, a CPU second', 1 / lineSeconds, ''),
    atLeast('Latin keys, a CPU second', 1 / latinSeconds, '', KEYS_PER_SECOND_MIN),
    plain('names made ready against splitting the line', keySeconds / lineSeconds, '×'),
  ]
}

/** How often the right recording is found among so many, and how often one is found that is not there. */
function foundFigures({ rows, index, claims }: Material): Figure[] {
  const catalogue = { rows, index }
  let [blocked, first] = [0, 0]
  for (const { row, readings } of claims) {
    if (prepareReadings(readings).some(({ keys }) => index.lookup(keys, CANDIDATES).includes(row)))
      blocked += 1
    if (identifyNames(readings, catalogue, 1)[0]?.row === row) first += 1
  }
  const random = randomNumbers(STRANGERS_SEED)
  const strangers = [...inventCatalogue(random, testWording, STRANGERS)]
  const spoiler = { random, wording: testWording, catalogue: strangers }
  const kinds = Object.entries(degradations).filter(([kind]) => kind !== 'wrong ISRC')
  const accepted = strangers.filter((recording, at) => {
    const readings = kinds[at % kinds.length]![1](spoiler, recording).map((reading) => ({
      ...reading,
      names: { ...reading.names, isrc: undefined, upc: undefined },
    }))
    return (identifyNames(readings, catalogue, 1)[0]?.comparison.probability ?? 0) >= ACCEPTED_PROBABILITY
  }).length
  return [
    atLeast('right recording among the candidates', blocked / claims.length, '', FOUND_MIN),
    plain('right recording found first', first / claims.length, ''),
    atMost('strangers accepted', accepted / strangers.length, '', STRANGERS_ACCEPTED_MAX),
  ]
}

/** Speed and memory among so many recordings, and whether the right ones are still found. */
export function speedFigures(size: number): Figure[] {
  const material = makeMaterial(size)
  const at = `${size / 1_000}k`
  const { rows, index, buildMs } = material
  return [
    plain('index', index.bytes / size, 'bytes a recording'),
    plain('names', rows.bytes / size, 'bytes a recording'),
    plain('building the index, CPU', (buildMs * 1_000) / size, 'µs a recording'),
    ...lookupFigures(material),
    ...foundFigures(material),
  ].map((figure) => ({ ...figure, name: `${at}: ${figure.name}` }))
}
