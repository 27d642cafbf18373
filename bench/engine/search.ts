import { createProgress } from '../../bin/progress.ts'
import { BAND_COUNT, BANDS_PER_OCTAVE, BIN_UNITS_PER_BAND } from '../../services/audio/constants.ts'
import { fingerprintFile } from '../../services/audio/fingerprint/fingerprint-file.ts'
import type { Fingerprint } from '../../services/audio/fingerprint/fingerprint.ts'
import { createReferenceIndex } from '../../services/audio/index/reference-index.ts'
import type { IndexView } from '../../services/audio/index/reference-index.ts'
import type { PeakList } from '../../services/audio/peak-list.ts'
import type { IndexBackend } from '../../services/audio/search/backend.ts'
import { createSearchScratch, memoryBackend } from '../../services/audio/search/memory-backend.ts'
import { search } from '../../services/audio/search/search.ts'
import type { EngineMaterial } from '../engine.ts'
import { type Figure, percentile, plain } from '../figures.ts'
import { type Material, apart, suspectOf } from '../index/material.ts'
import { randomNumbers, syntheticFingerprint } from '../synthetic.ts'

/** How large the index is that is searched: a label's catalogue. `-- index` measures how it grows. */
const RECORDINGS = 2_000
const DURATION_MS = 240_000
const OWNER = 'bench'

/** A clip, as the targets of searching have it. */
const CLIP_MS = 20_000

/** Searches of each kind in a round. */
const SEARCHES = 8

interface Kind {
  readonly name: string
  readonly suspects: readonly Fingerprint[]
}

/** What searches of one kind take, in CPU ms each. */
interface Cost {
  readonly total: number
  /** Of it looking probes up and counting votes. */
  readonly candidates: number
}

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e3
}

/** The index of some recordings made of the given ones, with some of those recordings. */
function filled(sources: readonly PeakList[]): { view: IndexView; references: readonly Fingerprint[] } {
  const random = randomNumbers(11)
  const references = Array.from({ length: RECORDINGS }, () =>
    syntheticFingerprint(sources, DURATION_MS, random),
  )
  const index = createReferenceIndex()
  index.addAll(references.map((fingerprint, number) => ({ id: String(number), owner: OWNER, fingerprint })))
  return { view: index.viewOf(OWNER), references: references.slice(0, SEARCHES) }
}

/** A copy of the whole, one of twenty seconds, the same sped up, and one that nothing is like. */
function kindsOf(references: readonly Fingerprint[], { sources, strangers }: Material): Kind[] {
  const random = randomNumbers(12)
  const clipOf = (of: Fingerprint, from: readonly PeakList[]): Fingerprint => {
    const fromMs = random() * (of.durationMs - CLIP_MS)
    return suspectOf(of, { fromMs, toMs: fromMs + CLIP_MS }, from, random)
  }
  const clips = references.map((reference) => clipOf(reference, sources))
  const others = references.map(() => clipOf(syntheticFingerprint(strangers, DURATION_MS, random), strangers))
  return [
    {
      name: 'a whole copy of 4 min',
      suspects: references.map((reference) =>
        suspectOf(reference, { fromMs: 0, toMs: reference.durationMs }, sources, random),
      ),
    },
    { name: 'a clip of 20 s', suspects: clips },
    { name: 'a clip of 20 s, sped up', suspects: clips.map(spedUp) },
    { name: '20 s of other music', suspects: others },
  ]
}

/** Bands that a copy is raised by and shortened accordingly: 8 %. */
const SPED_UP_BANDS = 4
const BIN_MAX = (BAND_COUNT - 1) * BIN_UNITS_PER_BAND

function spedUp(clip: Fingerprint): Fingerprint {
  const factor = 2 ** (SPED_UP_BANDS / BANDS_PER_OCTAVE)
  const { peaks } = clip
  const raised = SPED_UP_BANDS * BIN_UNITS_PER_BAND
  return {
    ...clip,
    durationMs: Math.ceil(clip.durationMs / factor),
    peaks: {
      ...peaks,
      time: peaks.time.map((time) => Math.round(time / factor)),
      bin: peaks.bin.map((bin) => Math.min(BIN_MAX, bin + raised)),
    },
  }
}

/** Searches each suspect once. */
async function costOf(view: IndexView, suspects: readonly Fingerprint[]): Promise<Cost> {
  let candidates = 0
  const scratch = createSearchScratch()
  const before = cpuMs()
  for (const suspect of suspects) {
    const inMemory = memoryBackend(view, scratch)
    const timed: IndexBackend = {
      ...inMemory,
      async candidates(question) {
        const from = cpuMs()
        const found = await inMemory.candidates(question)
        candidates += cpuMs() - from
        return found
      },
    }
    await search(timed, suspect)
  }
  return { total: (cpuMs() - before) / suspects.length, candidates: candidates / suspects.length }
}

/** What a search costs in a catalogue of some thousand recordings, and how much of it is looking up. */
export async function searchFigures({
  terminal,
  ffmpegPath,
  files,
  rounds,
}: EngineMaterial): Promise<readonly Figure[]> {
  const { signal } = terminal
  const pieces: PeakList[] = []
  for (const path of files) pieces.push((await fingerprintFile(path, { ffmpegPath, signal })).reference.peaks)
  const material = apart(pieces)
  const { view, references } = filled(material.sources)
  const kinds = kindsOf(references, material)
  const progress = createProgress(terminal, 'Searching', { unit: 'rounds' })
  const costs = kinds.map((): Cost[] => [])
  // The first round warms up: what is compiled while it runs is not measured.
  for (let round = 0; round <= rounds; round++) {
    progress.show(round, rounds + 1)
    signal.throwIfAborted()
    for (const [place, { suspects }] of kinds.entries()) {
      const cost = await costOf(view, suspects)
      if (round > 0) costs[place]!.push(cost)
    }
  }
  progress.end()
  return kinds.flatMap(({ name }, place) => {
    const of = costs[place]!
    const total = percentile(
      of.map((cost) => cost.total),
      0.5,
    )
    const share = percentile(
      of.map((cost) => cost.candidates / cost.total),
      0.5,
    )
    return [
      plain(`search among ${RECORDINGS} recordings: ${name}`, total, 'ms'),
      plain('… of it looking up and voting', 100 * share, '%'),
    ]
  })
}
