import { join } from 'node:path'

import { openLocalPool } from '../../bin/client/local-pool.ts'
import { compose, stranger } from '../../bin/demo/compose.ts'
import { writeWav } from '../../bin/demo/wav.ts'
import { FOLDER_OWNER } from '../../bin/engine/index-folder.ts'
import type { Progress } from '../../bin/progress.ts'
import type { Terminal } from '../../bin/terminal.ts'
import {
  BAND_COUNT,
  BIN_UNITS_PER_BAND,
  BIN_UNITS_PER_SEMITONE,
  TIME_UNITS_PER_FRAME,
  msToFrames,
} from '../../services/audio/constants.ts'
import { type Fingerprint, decodeFingerprint } from '../../services/audio/fingerprint/fingerprint.ts'
import { type ReferenceIndex, createReferenceIndex } from '../../services/audio/index/reference-index.ts'
import { createPeakListBuilder } from '../../services/audio/peak-list.ts'
import { ACCEPTANCE_MIN } from '../../services/audio/search/decide.ts'
import { searchIndex } from '../../services/audio/search/search.ts'
import { decoysOf } from '../accuracy/decoys.ts'
import { type Random, pick } from '../names/material.ts'
import { randomNumbers, syntheticFingerprint } from '../synthetic.ts'
import { inFolder } from '../workplace.ts'

/** What a search said of one recording. */
export interface AudioOutcome {
  /** Whether the suspect contains the recording. */
  readonly same: boolean
  /** Undefined when the search came upon no recording that could be meant. */
  readonly falseMatchProbability: number | undefined
  /** Of music that weights are not fitted on. */
  readonly heldOut: boolean
}

/** Composed music: half of it is for the fit, the other half is held out. */
const PIECES = 12
const STRANGERS = 12
const PIECE_SECONDS = 45
/** Recordings without a source of their own, so that chance has something to find. */
const SYNTHETIC = 120
const SYNTHETIC_MS = 180_000
const SEED = 1_604

/** Searches for each composed piece, which is in the index, and for each stranger, which is not: as it is and as a decoy. */
const COPIES_PER_PIECE = 110
const CLIPS_PER_STRANGER = 80

/** Seconds of a clip, how many of its peaks survive, and how often it plays at another speed. */
const CLIP_SECONDS = [3, 4, 6, 10, 20] as const
const KEPT_SHARES = [1, 0.7, 0.5, 0.35, 0.25, 0.15, 0.1] as const
/** Noise makes strangers less like music, and chance finds rarer: those that are left are cleaner. */
const STRANGER_KEPT_SHARES = [1, 0.7, 0.5] as const
const CHANGED_SHARE = 0.4
const SPEED_MIN = 0.75
const SPEED_MAX = 1.33

const BIN_MAX = (BAND_COUNT - 1) * BIN_UNITS_PER_BAND

/**
 * A clip out of a suspect, as noise and a change of speed leave it: of its peaks a share stays, the others are replaced
 * by some at chance, as a microphone in a loud room would have them.
 */
function attacked(suspect: Fingerprint, keptShares: readonly number[], random: Random): Fingerprint {
  const clipMs = Math.min(suspect.durationMs, 1000 * pick(random, CLIP_SECONDS))
  const kept = pick(random, keptShares)
  const speed = random() < CHANGED_SHARE ? SPEED_MIN + random() * (SPEED_MAX - SPEED_MIN) : 1
  const raised = 12 * BIN_UNITS_PER_SEMITONE * Math.log2(speed)
  const units = (ms: number): number => Math.round(msToFrames(ms) * TIME_UNITS_PER_FRAME)
  const from = units(random() * (suspect.durationMs - clipMs))
  const { peaks } = suspect
  const places = []
  for (let index = 0; index < peaks.count; index++) {
    const time = peaks.time[index]! - from
    if (time < 0 || time >= units(clipMs)) continue
    const stays = random() < kept
    const at = Math.round((stays ? time : random() * units(clipMs)) / speed)
    const bin = Math.round(stays ? peaks.bin[index]! + raised : random() * BIN_MAX)
    if (bin >= 0 && bin <= BIN_MAX) places.push({ index, time: at, bin })
  }
  const list = createPeakListBuilder()
  for (const { index, time, bin } of places.toSorted((a, b) => a.time - b.time || a.bin - b.bin))
    list.append(time, bin, peaks.radius[index]!, peaks.level[index]!)
  return { ...suspect, durationMs: Math.round(clipMs / speed), peaks: list.build() }
}

/** What a search says of the likeliest of some recordings; undefined when it came upon none of them. */
async function outcomeOf(
  index: ReferenceIndex,
  suspect: Fingerprint,
  isMeant: (id: string) => boolean,
  signal: AbortSignal,
): Promise<number | undefined> {
  let least: number | undefined
  await searchIndex(index, suspect, {
    owner: FOLDER_OWNER,
    signal,
    // A millionth of the strictest that an owner can choose: nothing is accepted and ends a pass early.
    falseClaimsPerMillion: ACCEPTANCE_MIN * 1e-6,
    onJudged({ recording, decision: { falseMatchProbability } }) {
      const id = index.idOf(recording)
      if (id !== undefined && isMeant(id)) least = Math.min(least ?? 1, falseMatchProbability)
    },
  })
  return least
}

/** A composed piece as both sides have it. */
interface Heard {
  readonly id: string
  readonly reference: Fingerprint
  readonly suspect: Fingerprint
}

/** Composes and fingerprints, through ffmpeg as all audio. */
async function hear(
  terminal: Terminal,
  progress: Progress,
): Promise<{ pieces: Heard[]; strangers: Heard[] }> {
  const pool = await openLocalPool(terminal)
  try {
    return await inFolder(async (folder) => {
      const hearOne = async (id: string, make: typeof stranger, number: number): Promise<Heard> => {
        terminal.signal.throwIfAborted()
        const path = join(folder, `${id}.wav`)
        await writeWav(path, make(number, { seconds: PIECE_SECONDS }))
        const { reference, suspect } = await pool.fingerprint(path, { signal: terminal.signal })
        return { id, reference: decodeFingerprint(reference), suspect: decodeFingerprint(suspect) }
      }
      const pieces: Heard[] = []
      const strangers: Heard[] = []
      for (let number = 1; number <= PIECES; number++) {
        pieces.push(await hearOne(`piece ${number}`, (at, options) => compose(Number(at), options), number))
        progress.show(pieces.length, PIECES + STRANGERS)
      }
      for (let number = 1; number <= STRANGERS; number++) {
        strangers.push(await hearOne(`stranger ${number}`, stranger, number))
        progress.show(PIECES + strangers.length, PIECES + STRANGERS)
      }
      return { pieces, strangers }
    })
  } finally {
    await pool.close()
  }
}

function indexOf(pieces: readonly Heard[], random: Random): ReferenceIndex {
  const index = createReferenceIndex()
  for (const { id, reference } of pieces) index.add(id, FOLDER_OWNER, reference)
  const sources = pieces.map(({ reference }) => reference.peaks)
  for (let number = 0; number < SYNTHETIC; number++)
    index.add(`synthetic ${number}`, FOLDER_OWNER, syntheticFingerprint(sources, SYNTHETIC_MS, random))
  return index
}

/**
 * Searches for copies, strangers and decoys (bench/decoys.ts) among composed and synthetic recordings, and tells what
 * each search said: of a copy of the recording that it is one of, of others of the likeliest recording. From a seed: the
 * same again wherever ffmpeg and the processor round alike.
 */
export async function audioOutcomes(terminal: Terminal, progress: Progress): Promise<AudioOutcome[]> {
  const random = randomNumbers(SEED)
  const { pieces, strangers } = await hear(terminal, progress)
  const index = indexOf(pieces, random)
  const outcomes: AudioOutcome[] = []
  const note = async (same: boolean, suspect: Fingerprint, number: number, own?: string): Promise<void> => {
    const isMeant = (id: string): boolean => (id === own) === same
    const falseMatchProbability = await outcomeOf(index, suspect, isMeant, terminal.signal)
    outcomes.push({ same, falseMatchProbability, heldOut: number % 2 === 1 })
  }
  for (const [number, { id, suspect }] of pieces.entries()) {
    for (let clip = 0; clip < COPIES_PER_PIECE; clip++)
      await note(true, attacked(suspect, KEPT_SHARES, random), number, id)
    progress.show(number + 1, PIECES + STRANGERS)
  }
  for (const [number, { suspect }] of strangers.entries()) {
    for (let clip = 0; clip < CLIPS_PER_STRANGER; clip++) {
      const made = attacked(suspect, STRANGER_KEPT_SHARES, random)
      await note(false, made, number)
      const decoys = decoysOf(made)
      await note(false, decoys[clip % decoys.length]!.suspect, number)
    }
    progress.show(PIECES + number + 1, PIECES + STRANGERS)
  }
  return outcomes
}
