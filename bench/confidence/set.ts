import type { Progress } from '../../bin/progress.ts'
import type { Terminal } from '../../bin/terminal.ts'
import { type CoverHashes, compareCovers, coverHashes, isComparable } from '../../services/artwork/cover.ts'
import { openImage } from '../../services/artwork/open-image.ts'
import { luminanceOf } from '../../services/artwork/pdq.ts'
import { ArtworkEvidence } from '../../services/matches/artwork.ts'
import { type ConfidenceEvidence, namesLogOdds } from '../../services/matches/confidence.ts'
import { nameEvidence } from '../../services/matches/names.ts'
import type { ClaimReading } from '../../services/metadata/claims/claimed-names.ts'
import { degradations } from '../covers/copies.ts'
import { drawCover } from '../covers/drawn.ts'
import { type Random, pick } from '../names/material.ts'
import { type LabelledPair, type Trial, makePairs, makeTrial } from '../names/pairs.ts'
import { fitWording, testWording } from '../names/words.ts'
import { randomNumbers } from '../synthetic.ts'
import { type AudioOutcome, audioOutcomes } from './audio.ts'

/** What is known of an item and a recording, and whether the item contains it. */
export interface LabelledEvidence extends ConfidenceEvidence {
  readonly same: boolean
  /** Weights are not fitted on it. */
  readonly heldOut: boolean
}

/** Names and covers that are joined with each search: so many rows come of it. */
const ROWS_PER_SEARCH = 3
const RECORDINGS = 4_000
const COVERS = 48
const COPIES_PER_COVER = 3
/** Of names, covers and joining; for the fit and held out. */
const SEEDS = { fit: 2_718, heldOut: 3_141 } as const

/**
 * How often suspects are called what. These shares are ours: nobody has counted the files of the world, and whoever
 * knows those of a network may change them and fit again.
 */
const NAMELESS_SHARE = 0.25
/** Copies under a name that has nothing to do with them: renamed, or a part of a mix. */
const MISNAMED_SHARE = 0.1
/** Copies of a part, so that their length is another's. */
const CLIP_SHARE = 0.4
/** Strangers that are near: other songs and other versions by the same artist. The rest are anybody's. */
const NEAR_SHARE = 0.4

const COVERLESS_SHARE = 0.5
/** Copies with another picture than the release: of another edition, or of whoever shares it. */
const OTHER_COVER_SHARE = 0.3
/** Strangers with the release's picture: another track of it. */
const SAME_RELEASE_SHARE = 0.1

/** Claims about recordings, by whether they mean them. */
interface NamePool {
  readonly trial: Trial
  readonly same: readonly LabelledPair[]
  readonly near: readonly LabelledPair[]
}

function namePool(half: keyof typeof SEEDS): NamePool {
  const trial = makeTrial(SEEDS[half], half === 'fit' ? fitWording : testWording, RECORDINGS)
  const pairs = makePairs(trial)
  return { trial, same: pairs.filter(({ same }) => same), near: pairs.filter(({ same }) => !same) }
}

/** The names' log-odds by the way that matches take; undefined for readings that say nothing. */
function namesOf({ trial }: NamePool, readings: readonly ClaimReading[], row: number): number | undefined {
  const evidence = nameEvidence(readings, trial.recordings[row]!, trial.recordings.length)
  return evidence && namesLogOdds(evidence)
}

const LENGTH_MAX_MS = 360_000

/** The same claim about a file of another length. */
const asClip = (readings: readonly ClaimReading[], random: Random): ClaimReading[] => {
  const durationMs = Math.ceil(random() * LENGTH_MAX_MS)
  return readings.map((reading) => ({ ...reading, names: { ...reading.names, durationMs } }))
}

function drawNames(pool: NamePool, same: boolean, random: Random): number | undefined {
  if (random() < NAMELESS_SHARE) return undefined
  const related = same ? random() >= MISNAMED_SHARE : random() < NEAR_SHARE
  const { readings, row } = pick(random, related && !same ? pool.near : pool.same)
  if (!related) return namesOf(pool, readings, Math.floor(random() * pool.trial.recordings.length))
  return namesOf(pool, same && random() < CLIP_SHARE ? asClip(readings, random) : readings, row)
}

/** A drawn cover and copies of it. */
interface DrawnCover {
  readonly original: CoverHashes
  readonly copies: readonly CoverHashes[]
}

async function drawCovers(half: keyof typeof SEEDS, random: Random): Promise<DrawnCover[]> {
  const covers: DrawnCover[] = []
  // Other pictures than those that artwork is measured with.
  for (let number = SEEDS[half]; covers.length < COVERS; number++) {
    const pixels = drawCover(number)
    const original = coverHashes(luminanceOf(pixels))
    if (!isComparable(original)) continue
    const copies: CoverHashes[] = []
    for (let copy = 0; copy < COPIES_PER_COVER; copy++)
      copies.push(coverHashes(await openImage(await pick(random, degradations).make(pixels))))
    covers.push({ original, copies })
  }
  return covers
}

function drawArtwork(
  covers: readonly DrawnCover[],
  same: boolean,
  random: Random,
): ArtworkEvidence['relation'] | undefined {
  if (random() < COVERLESS_SHARE) return undefined
  const ours = pick(random, covers)
  const ofRelease = random() < (same ? 1 - OTHER_COVER_SHARE : SAME_RELEASE_SHARE)
  const theirs = ofRelease ? ours : pick(random, covers)
  return compareCovers(pick(random, theirs.copies), ours.original)?.relation
}

/** A search that came upon a pair to judge. */
type Heard = AudioOutcome & { readonly falseMatchProbability: number }

const isHeard = (search: AudioOutcome): search is Heard => search.falseMatchProbability !== undefined

/**
 * The searches with pairs to judge. A false find is given the share of strangers' searches that found as much, which is
 * what its probability means: composed music, of which the index holds every phrase many times over, gives about
 * ten times as many of them as the engine says, where real music gives as many (docs/MATCHING.md).
 */
function heardIn(searches: readonly AudioOutcome[]): Heard[] {
  const heard = searches.filter(isHeard)
  const strangers = searches.filter(({ same }) => !same).length
  const ranked = heard
    .filter(({ same }) => !same)
    .toSorted((a, b) => a.falseMatchProbability - b.falseMatchProbability)
    .map((search, rank) => ({ ...search, falseMatchProbability: (rank + 1) / strangers }))
  return [...heard.filter(({ same }) => same), ...ranked]
}

/** Searches of one half, each joined with names and covers. */
async function joined(
  half: keyof typeof SEEDS,
  searches: readonly AudioOutcome[],
): Promise<LabelledEvidence[]> {
  const random = randomNumbers(SEEDS[half])
  const pool = namePool(half)
  const covers = await drawCovers(half, random)
  return heardIn(searches).flatMap(({ same, falseMatchProbability, heldOut }) =>
    Array.from({ length: ROWS_PER_SEARCH }, () => ({
      same,
      heldOut,
      falseMatchProbability,
      namesLogOdds: drawNames(pool, same, random),
      artwork: drawArtwork(covers, same, random),
    })),
  )
}

/**
 * Makes the labelled set: searches of the engine (bench/confidence/audio.ts), joined with spoiled names
 * (bench/names/pairs.ts) and drawn covers (bench/covers/drawn.ts), all from seeds.
 *
 * What it is not: the world. How many suspects are copies, how they are called and which pictures they carry is
 * assumed, as the constants above say; names and covers do not depend on how well a copy is heard, and in the
 * world they may. Half of the music, the names and the covers is held out from the fit. Of finds that are accepted
 * (1 in 2,000 searches by chance) it holds no false one: there the weights extend what they found where false ones are.
 */
export async function makeLabelled(terminal: Terminal, progress: Progress): Promise<LabelledEvidence[]> {
  const searches = await audioOutcomes(terminal, progress)
  return [
    ...(await joined(
      'fit',
      searches.filter(({ heldOut }) => !heldOut),
    )),
    ...(await joined(
      'heldOut',
      searches.filter(({ heldOut }) => heldOut),
    )),
  ]
}

const COLUMNS = ['same', 'held_out', 'false_match_probability', 'names_log_odds', 'artwork'] as const

/** The set as a table of tab-separated values; what is not known is empty. */
export const writeLabelled = (rows: readonly LabelledEvidence[]): string =>
  [
    COLUMNS.join('\t'),
    ...rows.map(({ same, heldOut, falseMatchProbability, namesLogOdds: names, artwork }) =>
      [
        Number(same),
        Number(heldOut),
        falseMatchProbability.toPrecision(3),
        names?.toFixed(2) ?? '',
        artwork ?? '',
      ].join('\t'),
    ),
    '',
  ].join('\n')

/** Reads the table. @throws {Error} for one that `writeLabelled` did not write. */
export function readLabelled(text: string): LabelledEvidence[] {
  const [head, ...lines] = text.trimEnd().split('\n')
  if (head !== COLUMNS.join('\t')) throw new Error('not the labelled set')
  return lines.map((line) => {
    const [same, heldOut, probability, names, artwork] = line.split('\t')
    return {
      same: same === '1',
      heldOut: heldOut === '1',
      falseMatchProbability: Number(probability),
      namesLogOdds: names ? Number(names) : undefined,
      artwork: artwork ? ArtworkEvidence.shape.relation.parse(artwork) : undefined,
    }
  })
}
