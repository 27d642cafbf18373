import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

import { createProgress } from '../bin/progress.ts'
import { type Terminal, readArguments, table } from '../bin/terminal.ts'
import type { ConfidenceWeights } from '../services/matches/confidence-weights.ts'
import { confidenceWeights } from '../services/matches/confidence-weights.ts'
import { partsOf } from '../services/matches/confidence.ts'
import { type Said, fitConfidence, isotonic, weightsTable } from './confidence/fit.ts'
import { type LabelledEvidence, makeLabelled, readLabelled, writeLabelled } from './confidence/set.ts'
import { type Figure, atLeast, atMost, plain } from './figures.ts'

const usage = `
Usage: npm run bench -- confidence [--json] [options]

Holds the confidence of matches against what is true, on the half of bench/confidence/labelled.tsv that its weights
were not fitted on: what was said beside what came true, in classes.

  --make  make the labelled set anew, from searches of composed music, spoiled names and drawn covers (minutes), first
  --fit   print the table of services/matches/confidence-weights.ts, fitted on the other half, and stop`

const setPath = fileURLToPath(new URL('confidence/labelled.tsv', import.meta.url))

const ROWS_MIN = 3_000
const CALIBRATION_ERROR_MAX = 0.02
/** Classes of probability; those near 0 and 1 are narrow, because that is where most pairs are and where it matters. */
const CLASS_BOUNDS = [0.01, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 0.99, 0.999, 0.9999] as const

/** What the weights say of each pair. Limits are left out: they are rules, not measurements. */
const saidOf = (rows: readonly LabelledEvidence[], weights: ConfidenceWeights): Said[] =>
  rows.map((row) => {
    const { audio, names, artwork } = partsOf(row, weights)
    return { probability: 1 / (1 + Math.exp(-(audio + names + artwork))), same: row.same }
  })

/** What was said in one class, and what came true. */
interface ReliabilityClass {
  readonly from: number
  readonly to: number
  readonly count: number
  /** Means over the class. */
  readonly said: number
  readonly cameTrue: number
}

function reliability(said: readonly Said[]): ReliabilityClass[] {
  const bounds = [0, ...CLASS_BOUNDS, 1]
  return bounds.slice(0, -1).flatMap((from, at) => {
    const to = bounds[at + 1]!
    const some = said.filter(({ probability: p }) => p >= from && (p < to || to === 1))
    if (some.length === 0) return []
    return {
      from,
      to,
      count: some.length,
      said: some.reduce((sum, { probability }) => sum + probability, 0) / some.length,
      cameTrue: some.filter(({ same }) => same).length / some.length,
    }
  })
}

/** How far what was said is from what came true, averaged over all pairs by classes. */
const calibrationError = (said: readonly Said[]): number =>
  reliability(said).reduce((sum, each) => sum + each.count * Math.abs(each.said - each.cameTrue), 0) /
  said.length

/** Mean squared difference to the truth. Source: G. W. Brier, Monthly Weather Review 78, 1950. */
const brierScore = (said: readonly Said[]): number =>
  said.reduce((sum, { probability, same }) => sum + (probability - Number(same)) ** 2, 0) / said.length

const reliabilityTable = (said: readonly Said[]): string =>
  table(
    reliability(said).map(({ from, to, count, said: mean, cameTrue }) => [
      `${from} … ${to}`,
      String(count),
      mean.toFixed(4),
      cameTrue.toFixed(4),
    ]),
    [
      { title: 'said' },
      { title: 'pairs', align: 'right' },
      { title: 'predicted', align: 'right' },
      { title: 'observed', align: 'right' },
    ],
  )

/** Of the audio alone, as a match said before names and covers were weighed. */
const saidByAudio = (rows: readonly LabelledEvidence[]): Said[] =>
  rows.map(({ falseMatchProbability, same }) => ({ probability: 1 - falseMatchProbability, same }))

function figuresOf(rows: readonly LabelledEvidence[]): Figure[] {
  const heldOut = rows.filter((row) => row.heldOut)
  const fitted = rows.filter((row) => !row.heldOut)
  const said = saidOf(heldOut, confidenceWeights)
  const step = isotonic(saidOf(fitted, confidenceWeights))
  const stepped = said.map(({ probability, same }) => ({ probability: step(probability), same }))
  const audio = saidByAudio(heldOut)
  const heard = saidOf(
    heldOut.map(({ same, falseMatchProbability, heldOut: held }) => ({
      same,
      falseMatchProbability,
      heldOut: held,
    })),
    confidenceWeights,
  )
  return [
    atLeast('pairs', rows.length, '', ROWS_MIN),
    plain('pairs held out', heldOut.length, ''),
    plain('of them true', heldOut.filter(({ same }) => same).length, ''),
    atMost('expected calibration error', calibrationError(said), '', CALIBRATION_ERROR_MAX),
    plain('Brier score', brierScore(said), ''),
    plain('with isotonic steps on top: calibration error', calibrationError(stepped), ''),
    plain('with isotonic steps on top: Brier score', brierScore(stepped), ''),
    plain('the same weights without names and covers: Brier score', brierScore(heard), ''),
    plain('1 less the false-match probability: calibration error', calibrationError(audio), ''),
    plain('1 less the false-match probability: Brier score', brierScore(audio), ''),
  ]
}

/** `npm run bench -- confidence`. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<readonly Figure[] | number> {
  const given = readArguments(terminal, usage, argv, {
    make: { type: 'boolean', default: false },
    fit: { type: 'boolean', default: false },
  })
  if (typeof given === 'number') return given
  if (given.values.make) {
    const progress = createProgress(terminal, 'Searching', { unit: 'pieces' })
    try {
      await writeFile(setPath, writeLabelled(await makeLabelled(terminal, progress)))
    } finally {
      progress.end()
    }
  }
  const rows = readLabelled(await readFile(setPath, 'utf8'))
  if (given.values.fit) {
    terminal.out.write(weightsTable(fitConfidence(rows.filter(({ heldOut }) => !heldOut))))
    return 0
  }
  const heldOut = rows.filter((row) => row.heldOut)
  terminal.err.write(`\n${reliabilityTable(saidOf(heldOut, confidenceWeights))}\n`)
  return figuresOf(rows)
}
