import { basename } from 'node:path'

import { openLocalPool } from '../bin/client/local-pool.ts'
import { FOLDER_OWNER } from '../bin/engine/index-folder.ts'
import { type Progress, createProgress } from '../bin/progress.ts'
import { type Terminal, readArguments, table } from '../bin/terminal.ts'
import { decodeFingerprint } from '../services/audio/fingerprint/fingerprint.ts'
import type { Fingerprint } from '../services/audio/fingerprint/fingerprint.ts'
import { type ReferenceIndex } from '../services/audio/index/reference-index.ts'
import { ACCEPTANCE_MIN, type Fit, TAIL_STARTS_AT, fitOf, trialsIn } from '../services/audio/search/decide.ts'
import { searchIndex } from '../services/audio/search/search.ts'
import { type Decoy, decoysOf } from './accuracy/decoys.ts'
import { type Query, relativePair } from './accuracy/recall.ts'
import { type Trial, indexReferences, withTrial } from './accuracy/trial.ts'
import { type Figure, atMost, plain } from './figures.ts'
import { wholeNumber } from './workplace.ts'

const usage = `
Usage: npm run bench -- calibration [--json] [options]

Compares the probability that the engine gives false matches with how often they come. Searches for music that is
not in the index, and for music turned backwards, cut and shuffled, or raised beyond what is looked for: whatever is
found is false.

  --pieces N     recordings in the index; else 16
  --strangers N  recordings that are not; else 12
  --corpus DIR   use the music laid out in this folder instead; see \`accuracy --help\`
  --every N      make decoys of every Nth copy; else 4`

/** What a search that can only be wrong came up with: the best score of each fit, and the smallest probability. */
interface FalseFind {
  readonly kind: 'stranger' | Decoy['kind']
  readonly scores: ReadonlyMap<Fit, number>
  readonly probability: number
  /** Its size; see `trialsIn`. */
  readonly trials: number
}

/** Searches without accepting anything, so that every pass is gone through, and notes the best of what is false. */
async function falseFind(
  index: ReferenceIndex,
  kind: FalseFind['kind'],
  suspect: Fingerprint,
  isFalse: (id: string) => boolean,
  signal: AbortSignal,
): Promise<FalseFind> {
  const scores = new Map<Fit, number>()
  let probability = 1
  await searchIndex(index, suspect, {
    owner: FOLDER_OWNER,
    signal,
    // A millionth of the strictest that an owner can choose: nothing is accepted and ends a pass early.
    falseClaimsPerMillion: ACCEPTANCE_MIN * 1e-6,
    onJudged({ recording, alignment, decision: { change, score, falseMatchProbability } }) {
      const id = index.idOf(recording)
      if (id === undefined || !isFalse(id)) return
      const fit = fitOf(alignment, change)
      scores.set(fit, Math.max(score, scores.get(fit) ?? Number.NEGATIVE_INFINITY))
      probability = Math.min(probability, falseMatchProbability)
    },
  })
  const { hours } = index.stats(FOLDER_OWNER)
  const trials = trialsIn({ indexHours: hours, suspectSeconds: suspect.durationMs / 1000 })
  return { kind, scores, probability, trials }
}

/** Everything false that the searches of a trial come up with. */
async function falseFinds(terminal: Terminal, trial: Trial, every: number): Promise<readonly FalseFind[]> {
  const pool = await openLocalPool(terminal)
  try {
    const index = await indexReferences(terminal, pool, trial)
    const progress: Progress = createProgress(terminal, 'Searching', { unit: 'files' })
    const found: FalseFind[] = []
    const isFalseFor = (query: Query) => (id: string) =>
      id !== query.sourceId && !trial.relatives?.has(relativePair(query.sourceId, id))
    for (const [place, query] of trial.queries.entries()) {
      progress.show(place, trial.queries.length, basename(query.path))
      const withDecoys = place % every === 0
      if (query.isCopy && !withDecoys) continue
      const { suspect: bytes } = await pool.fingerprint(query.path, { signal: terminal.signal })
      const suspect = decodeFingerprint(bytes)
      const isFalse = isFalseFor(query)
      if (!query.isCopy) found.push(await falseFind(index, 'stranger', suspect, isFalse, terminal.signal))
      for (const decoy of withDecoys ? decoysOf(suspect) : [])
        found.push(await falseFind(index, decoy.kind, decoy.suspect, isFalse, terminal.signal))
    }
    progress.end()
    return found
  } finally {
    await pool.close()
  }
}

/** Probabilities at which what was predicted is compared with what was seen. */
const LEVELS = [0.03, 0.01, 0.003, 0.001, 0.0003] as const

/** A prediction of so few finds says nothing when there is one. */
const PREDICTED_MIN = 3
/** Claims are made below 0.002; scores that are likelier than this were not what the tail was fitted to. */
const JUDGED_MAX = 0.01
/** What was seen may exceed what was predicted by this factor: finds of one recording come in clusters. */
const EXCESS_MAX = 1.5

const kinds = ['stranger', 'reversed', 'shuffled', 'raised'] as const
const fits: readonly Fit[] = ['exact', 'none', 'speed', 'pitch', 'tempo']

function predictionTable(found: readonly FalseFind[]): string {
  const rows = LEVELS.map((level) => [
    String(level),
    (level * found.length).toFixed(1),
    String(found.filter(({ probability }) => probability <= level).length),
    ...kinds.map((kind) => {
      const of = found.filter((one) => one.kind === kind)
      return `${of.filter(({ probability }) => probability <= level).length} of ${of.length}`
    }),
  ])
  return table(rows, [
    { title: 'probability' },
    { title: 'predicted', align: 'right' },
    { title: 'seen', align: 'right' },
    ...kinds.map((title) => ({ title, align: 'right' as const })),
  ])
}

/** Scores from which on a tail is fitted: below, many searches have some, and their number says little. */
const FIT_FROM = 25

/**
 * Height and decade of the exponential tail that fits best the false scores of one kind of fit, as decide.ts has them.
 *
 * Source: the mean excess over a bar is the likeliest scale of an exponential distribution.
 */
function fitted(scores: readonly number[], trials: number): { height: number; decade: number } {
  const excess = scores.filter((score) => score >= FIT_FROM).map((score) => score - FIT_FROM)
  const decade = (Math.LN10 * excess.reduce((sum, value) => sum + value, 0)) / excess.length
  return { decade, height: (excess.length / trials) * 10 ** ((FIT_FROM - TAIL_STARTS_AT) / decade) }
}

/** The highest false scores of each kind of fit, and the tail that they make. */
function tailTable(found: readonly FalseFind[]): string {
  const rows = fits.map((fit) => {
    const scores = found.flatMap(({ scores: of }) => of.get(fit) ?? []).toSorted((a, b) => b - a)
    const trials = found.reduce((sum, one) => sum + one.trials, 0)
    const { height, decade } = fitted(scores, trials)
    const above = (least: number): string => String(scores.filter((score) => score >= least).length)
    return [
      fit,
      ...scores.slice(0, 3).map((score) => score.toFixed(0)),
      ...['', '', ''].slice(scores.length),
      above(20),
      above(30),
      above(40),
      above(50),
      ...(Number.isFinite(decade) ? [height.toFixed(3), decade.toFixed(1)] : ['', '']),
    ]
  })
  return table(rows, [
    { title: 'fit' },
    { title: 'highest', align: 'right' },
    { title: 'second', align: 'right' },
    { title: 'third', align: 'right' },
    ...[20, 30, 40, 50].map((least) => ({ title: `≥ ${least}`, align: 'right' as const })),
    { title: 'height', align: 'right' },
    { title: 'decade', align: 'right' },
  ])
}

function figuresOf(found: readonly FalseFind[]): Figure[] {
  return [
    plain('searches that can only be wrong', found.length, ''),
    ...LEVELS.filter((level) => level <= JUDGED_MAX && level * found.length >= PREDICTED_MIN).map((level) =>
      atMost(
        `seen of predicted, at a probability of ${level}`,
        found.filter(({ probability }) => probability <= level).length / (level * found.length),
        '×',
        EXCESS_MAX,
      ),
    ),
    ...fits.map((fit) =>
      plain(
        `highest false score: ${fit}`,
        Math.max(0, ...found.map(({ scores }) => scores.get(fit) ?? 0)),
        'bits',
      ),
    ),
  ]
}

async function measure(terminal: Terminal, trial: Trial, every: number): Promise<Figure[]> {
  const found = await falseFinds(terminal, trial, every)
  terminal.err.write(`\n${predictionTable(found)}\n${tailTable(found)}\n`)
  return figuresOf(found)
}

/** `npm run bench -- calibration`. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<readonly Figure[] | number> {
  const given = readArguments(terminal, usage, argv, {
    pieces: { type: 'string', default: '16' },
    strangers: { type: 'string', default: '12' },
    every: { type: 'string', default: '4' },
    corpus: { type: 'string' },
  })
  if (typeof given === 'number') return given
  const every = wholeNumber('every', given.values.every, { min: 1, max: 1_000_000 })
  return withTrial(terminal, given.values, (trial) => measure(terminal, trial, every))
}
