import { createProgress } from '../bin/progress.ts'
import { type Terminal, readArguments } from '../bin/terminal.ts'
import { probabilityOf } from '../services/metadata/compare/compare-names.ts'
import {
  ACCEPTED_PROBABILITY,
  FITTED_RECORDINGS,
  PRIOR_LOG_ODDS,
} from '../services/metadata/compare/name-weights.ts'
import { prepareReadings, scoreReading } from '../services/metadata/lookup/identify-names.ts'
import { type Figure, atLeast, atMost, plain } from './figures.ts'
import { fitTable, fitWeights } from './names/fit.ts'
import { type LabelledPair, type Trial, makePairs, makeStrangers, makeTrial } from './names/pairs.ts'
import { speedFigures } from './names/speed.ts'
import { fitWording, testWording } from './names/words.ts'

const usage = `
Usage: npm run bench -- metadata [--json] [options]

Holds spoiled names against an invented catalogue of 20,000 recordings and tells how often the right ones are
accepted and others are not, then measures the speed among 1,000,000. Every name is invented.

  --fit               print the table of services/metadata/compare/name-weights.ts, fitted on another catalogue, and stop
  --recordings COUNT  size of the catalogue for the speed; else 1000000. 0 leaves the speed out
  --misses COUNT      tell so many wrong decisions of each kind`

const SPEED_RECORDINGS_DEFAULT = '1000000'

/** Weights are fitted on one seed and wording; what is reported comes from others. */
const FIT_SEED = 1
const TEST_SEED = 2

const RECALL_MIN = 0.97
const PRECISION_MIN = 0.99
const WRONG_ISRC_MIN = 0.99
const PAIRS_MIN = 5_000
/** Between what was said and what came true, averaged over ten classes of probability. */
const CALIBRATION_ERROR_MAX = 0.02
const CALIBRATION_CLASSES = 10

interface Decided extends LabelledPair {
  readonly probability: number
  readonly accepted: boolean
}

function decide(pairs: readonly LabelledPair[], { rows }: Trial): Decided[] {
  return pairs.map((pair) => {
    const ours = rows.keysOf(pair.row)
    const scores = prepareReadings(pair.readings).map(
      (reading) => scoreReading(reading, ours, rows.size).logOdds,
    )
    const probability = scores.length === 0 ? 0 : probabilityOf(Math.max(...scores))
    return { ...pair, probability, accepted: probability >= ACCEPTED_PROBABILITY }
  })
}

const share = (some: number, all: number): number => (all === 0 ? 1 : some / all)

function recallAndPrecision(decided: readonly Decided[]): { recall: number; precision: number } {
  const count = (same: boolean, accepted: boolean): number =>
    decided.filter((pair) => pair.same === same && pair.accepted === accepted).length
  const right = count(true, true)
  return {
    recall: share(right, right + count(true, false)),
    precision: share(right, right + count(false, true)),
  }
}

/** How far probabilities are from shares that came true, weighted by how many pairs have them. */
function calibrationError(decided: readonly Decided[]): number {
  let error = 0
  for (let at = 0; at < CALIBRATION_CLASSES; at++) {
    const some = decided.filter(
      ({ probability }) =>
        Math.min(CALIBRATION_CLASSES - 1, Math.floor(probability * CALIBRATION_CLASSES)) === at,
    )
    const said = some.reduce((sum, { probability }) => sum + probability, 0)
    const cameTrue = some.filter(({ same }) => same).length
    error += Math.abs(said - cameTrue)
  }
  return error / decided.length
}

/** Kinds of claims that mean none of the recordings they are held against have no recall. */
function figuresOfKind(kind: string, decided: readonly Decided[]): Figure[] {
  const { recall, precision } = recallAndPrecision(decided)
  const refused = decided.filter(({ same, accepted }) => !same && !accepted).length
  const others = decided.filter(({ same }) => !same).length
  const left = plain(`${kind}: others left alone`, share(refused, others), '')
  if (!decided.some(({ same }) => same)) return [left]
  return [plain(`${kind}: recall`, recall, ''), plain(`${kind}: precision`, precision, ''), left]
}

function accuracyFigures(decided: readonly Decided[]): Figure[] {
  const kinds = [...new Set(decided.map(({ kind }) => kind))]
  const all = recallAndPrecision(decided)
  const wrongIsrc = decided.filter(({ kind }) => kind === 'wrong ISRC')
  const rightly = wrongIsrc.filter(({ same, accepted }) => same === accepted).length
  return [
    ...kinds.flatMap((kind) =>
      figuresOfKind(
        kind,
        decided.filter((pair) => pair.kind === kind),
      ),
    ),
    atLeast('pairs', decided.length, '', PAIRS_MIN),
    plain('pairs that are the same', decided.filter(({ same }) => same).length, ''),
    atLeast('recall', all.recall, '', RECALL_MIN),
    atLeast('precision', all.precision, '', PRECISION_MIN),
    atLeast('wrong ISRC: decided rightly', share(rightly, wrongIsrc.length), '', WRONG_ISRC_MIN),
    atMost('calibration error', calibrationError(decided), '', CALIBRATION_ERROR_MAX),
  ]
}

function tellMisses(decided: readonly Decided[], trial: Trial, most: number, terminal: Terminal): void {
  const told = new Map<string, number>()
  for (const { kind, same, accepted, readings, row, probability } of decided) {
    const sort = `${kind}, ${accepted ? 'wrongly accepted' : 'missed'}`
    const count = told.get(sort) ?? 0
    if (same === accepted || count >= most) continue
    told.set(sort, count + 1)
    const { title, version, artists, durationMs } = trial.recordings[row]!
    const names = JSON.stringify(readings[0]?.names)
    terminal.err.write(
      `${sort} (${probability.toFixed(3)}): ${names} ≠ ${JSON.stringify({ title, version, artists, durationMs })}\n`,
    )
  }
}

/** Fits weights and prints them: deterministic, so that a changed comparison shows as a changed table. */
function fit(terminal: Terminal): number {
  const trial = makeTrial(FIT_SEED, fitWording, FITTED_RECORDINGS)
  const strangers = makeStrangers(trial)
  const prepared = (pairs: readonly LabelledPair[], times: number) =>
    pairs.map(({ readings, row, same }) => ({
      readings: prepareReadings(readings),
      ours: trial.rows.keysOf(row),
      same,
      times,
    }))
  const pairs = [...prepared(makePairs(trial), 1), ...prepared(strangers.pairs, strangers.times)]
  terminal.out.write(fitTable(fitWeights(pairs, PRIOR_LOG_ODDS)))
  return 0
}

/** `npm run bench -- metadata`. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<readonly Figure[] | number> {
  const given = readArguments(terminal, usage, argv, {
    fit: { type: 'boolean', default: false },
    recordings: { type: 'string', default: SPEED_RECORDINGS_DEFAULT },
    misses: { type: 'string', default: '0' },
  })
  if (typeof given === 'number') return given
  if (given.values.fit) return fit(terminal)
  const progress = createProgress(terminal, 'Comparing names', { unit: 'steps' })
  try {
    progress.show(0, 3)
    const trial = makeTrial(TEST_SEED, testWording, FITTED_RECORDINGS)
    progress.show(1, 3)
    const decided = decide(makePairs(trial), trial)
    tellMisses(decided, trial, Number(given.values.misses), terminal)
    progress.show(2, 3)
    const size = Number(given.values.recordings)
    const speed = size > 0 ? speedFigures(size) : []
    return [...accuracyFigures(decided), ...speed]
  } finally {
    progress.end()
  }
}
