import { availableParallelism } from 'node:os'

import { openLocalPool } from '../bin/client/local-pool.ts'
import { createProgress } from '../bin/progress.ts'
import { type Terminal, UsageError, readArguments } from '../bin/terminal.ts'
import { type Figure, atMost, exactly, percentile, plain } from './figures.ts'
import { BUILD_DURATION_MS, type Filling, buildCosts, createFilling } from './index/filling.ts'
import { type Material, composedMaterial, suspectOf, tableMaterial } from './index/material.ts'
import {
  OWNER,
  type Question,
  gather,
  loadFile,
  register,
  searchBesideMerge,
  searchEach,
  searchPooled,
  selectivityBits,
} from './index/measures.ts'
import { memoryLimits } from './machine.ts'
import { randomNumbers, syntheticFingerprint } from './synthetic.ts'
import { inFolder } from './workplace.ts'

const usage = `
Usage: npm run bench -- index [--json] [options]

Fills an index with invented recordings of four minutes, cut from composed music, and measures what it weighs, how
fast it is built, searched and added to.

  --recordings LIST  sizes to measure at, ascending; else 10000,20000,100000. 100,000 need 2 GB of memory
  --million          measure at 1,000,000 too: 14 GB of memory, half an hour
  --refs FILE.tsv    cut the recordings from the files of this table (ref_id, path) instead`

const SIZES_DEFAULT = '10000,20000,100000'
const RECORDINGS_MAX = 2_000_000
const MILLION = 1_000_000

/** The size at which the figures of the search have targets. */
const TARGET_RECORDINGS = 20_000
const COPY_MS_MAX = 20
const NOTHING_FOUND_MS_MAX = 300
const MILLION_COPY_MS_MAX = 40
const MILLION_CLIP_MS_MAX = 15

const MB_PER_HOUR_MAX = 0.2
/**
 * What a probe has to do at least: two reads at random places, one of the directory and one of the postings, and
 * reading its list, of which each posting has two bytes, and each hit four bytes more. Held only where the index is so
 * large that caches do not help the reads more than the probes.
 */
const READS_PER_PROBE = 2
const LISTED_BYTES = 2
const HIT_BYTES = 4
const GATHER_RATIO_MAX = 4
const GATHER_RECORDINGS_MIN = 100_000
/** Checksums and the look at every column; measured 2. */
const LOAD_RATIO_MAX = 4
/** Two searches at once share memory and caches; locks would show here. */
const SHARED_CPU_RATIO_MAX = 1.5
/** Registered to found; the service adds its rows and jobs. */
const FOUND_MS_MAX = 1_000

/** How many of each kind of question are asked; the first run only warms up. */
const COPIES = 40
const CLIPS = 80
const STRANGERS = 20
const REGISTERED = 30
const CLIP_MS = 20_000

interface Questions {
  readonly copies: readonly Question[]
  readonly clips: readonly Question[]
  readonly strangers: readonly Question[]
}

function questionsOf({ kept }: Filling, { sources, strangers }: Material): Questions {
  const random = randomNumbers(11)
  const some = (count: number, part: (durationMs: number) => { fromMs: number; toMs: number }): Question[] =>
    Array.from({ length: count }, (_, number) => {
      const { id, fingerprint } = kept[Math.floor((number / count) * kept.length)]!
      return { id, suspect: suspectOf(fingerprint, part(fingerprint.durationMs), sources, random) }
    })
  const clip = (durationMs: number) => {
    const fromMs = Math.floor(random() * (durationMs - CLIP_MS))
    return { fromMs, toMs: fromMs + CLIP_MS }
  }
  return {
    copies: some(COPIES, (durationMs) => ({ fromMs: 0, toMs: durationMs })),
    clips: some(CLIPS, clip),
    strangers: Array.from({ length: STRANGERS }, () => {
      const stranger = syntheticFingerprint(strangers, BUILD_DURATION_MS, random)
      return { id: undefined, suspect: suspectOf(stranger, clip(stranger.durationMs), strangers, random) }
    }),
  }
}

const sizeName = (recordings: number): string => `${recordings / 1000}k`

async function searchFigures(filling: Filling, questions: Questions): Promise<Figure[]> {
  const { index } = filling
  const at = sizeName(index.size)
  const { copies, clips, strangers } = questions
  await searchEach(index, [...clips.slice(0, 10), ...strangers.slice(0, 3)])
  const copy = await searchEach(index, copies)
  const clip = await searchEach(index, clips)
  const nothing = await searchEach(index, strangers)
  const limit = (name: string, value: number, most: number | undefined): Figure =>
    most === undefined ? plain(name, value, 'ms') : atMost(name, value, 'ms', most)
  const isTarget = index.size === TARGET_RECORDINGS
  const isMillion = index.size === MILLION
  const copyMax = isTarget ? COPY_MS_MAX : isMillion ? MILLION_COPY_MS_MAX : undefined
  return [
    limit(`${at}: whole copy, CPU p50`, percentile(copy.cpuMs, 0.5), copyMax),
    plain(`${at}: whole copy, CPU p99`, percentile(copy.cpuMs, 0.99), 'ms'),
    limit(
      `${at}: clip of 20 s, CPU p50`,
      percentile(clip.cpuMs, 0.5),
      isMillion ? MILLION_CLIP_MS_MAX : undefined,
    ),
    plain(`${at}: clip of 20 s, CPU p99`, percentile(clip.cpuMs, 0.99), 'ms'),
    limit(
      `${at}: 20 s, nothing found, CPU p50`,
      percentile(nothing.cpuMs, 0.5),
      isTarget ? NOTHING_FOUND_MS_MAX : undefined,
    ),
    plain(`${at}: 20 s, nothing found, CPU p99`, percentile(nothing.cpuMs, 0.99), 'ms'),
    exactly(`${at}: whole copies found`, copy.right, '', copies.length),
    exactly(`${at}: clips found`, clip.right, '', clips.length),
    exactly(`${at}: strangers left alone`, nothing.right, '', strangers.length),
  ]
}

function structureFigures({ index }: Filling, questions: Questions, { strangers }: Material): Figure[] {
  const at = sizeName(index.size)
  const stats = index.stats()
  const view = index.viewOf(OWNER)
  const postingBytes = view.segments.reduce(
    (sum, { offsets, buckets, slots, positions, order }) =>
      sum + [offsets, buckets, slots, positions, order].reduce((all, { byteLength }) => all + byteLength, 0),
    0,
  )
  const { randomReadNs, bytesPerSecond } = memoryLimits(postingBytes)
  const suspects = questions.strangers.map(({ suspect }) => suspect)
  gather(view, suspects.slice(0, 5))
  const { nsPerProbe, listedPerProbe, hitsPerProbe, votes } = gather(view, suspects)
  const random = randomNumbers(12)
  const others = Array.from({ length: 20 }, () => syntheticFingerprint(strangers, BUILD_DURATION_MS, random))
  const readsNs = READS_PER_PROBE * randomReadNs
  const listNs = (1e9 * (LISTED_BYTES * listedPerProbe + HIT_BYTES * hitsPerProbe)) / bytesPerSecond
  const ratio = nsPerProbe / (readsNs + listNs)
  return [
    atMost(
      `${at}: all structures, per hour of audio`,
      stats.bytes / stats.hours / 1e6,
      'MB',
      MB_PER_HOUR_MAX,
    ),
    plain(`${at}: posting with directory`, postingBytes / stats.postings, 'bytes'),
    plain(`${at}: postings a recording`, stats.postings / index.size, ''),
    plain(`${at}: segments`, stats.segments, ''),
    plain(`${at}: a random read`, randomReadNs, 'ns'),
    plain(`${at}: a probe of one segment`, nsPerProbe, 'ns'),
    plain(`${at}: a probe against two random reads`, nsPerProbe / readsNs, '×'),
    index.size >= GATHER_RECORDINGS_MIN
      ? atMost(`${at}: a probe against these and reading its list`, ratio, '×', GATHER_RATIO_MAX)
      : plain(`${at}: a probe against these and reading its list`, ratio, '×'),
    plain(`${at}: postings in the list of a probe and segment`, listedPerProbe, ''),
    plain(`${at}: hits a probe and segment, by chance`, hitsPerProbe, ''),
    plain(`${at}: what a landmark tells`, selectivityBits(view, others), 'bits'),
    plain(`${at}: most votes of strangers`, Math.max(...votes), ''),
  ]
}

/** Figures of a segment's file; none when all segments are too large to be written just for that. */
async function fileFigures({ index }: Filling): Promise<Figure[]> {
  const at = sizeName(index.size)
  const loaded = await inFolder((folder) => loadFile(index, folder))
  if (!loaded) return []
  const { bytes, seconds, bareSeconds } = loaded
  return [
    plain(`${at}: loading a segment's file, CPU`, bytes / seconds / 1e9, 'GB/s'),
    atMost(`${at}: the same against bare reading`, seconds / bareSeconds, '×', LOAD_RATIO_MAX),
  ]
}

async function threadFigures(filling: Filling, { clips }: Questions): Promise<Figure[]> {
  const { index, sources } = filling
  const at = sizeName(index.size)
  const one = await searchPooled(index, clips, 1)
  const two = await searchPooled(index, clips, 2)
  const besideMs = await searchBesideMerge(index, clips)
  const random = randomNumbers(13)
  const fresh = Array.from({ length: REGISTERED }, () => {
    const reference = syntheticFingerprint(sources, BUILD_DURATION_MS, random)
    return {
      reference,
      copy: suspectOf(reference, { fromMs: 60_000, toMs: 60_000 + CLIP_MS }, sources, random),
    }
  })
  const { addMs, foundMs, found } = await register(index, fresh)
  return [
    plain(`${at}: clips a second, one thread`, one.perSecond, ''),
    plain(`${at}: clips a second, two threads`, two.perSecond, ''),
    plain(`${at}: two threads against one`, two.perSecond / one.perSecond, '×'),
    atMost(`${at}: CPU a search, two threads against one`, two.cpuMs / one.cpuMs, '×', SHARED_CPU_RATIO_MAX),
    plain(`${at}: a clip in a thread, p50`, percentile(one.waitsMs, 0.5), 'ms'),
    plain(`${at}: the same beside a large merge, p50`, percentile(besideMs, 0.5), 'ms'),
    plain(`${at}: the same beside a large merge, p99`, percentile(besideMs, 0.99), 'ms'),
    plain(`${at}: registering, p50`, percentile(addMs, 0.5), 'ms'),
    plain(`${at}: registering, p99`, percentile(addMs, 0.99), 'ms'),
    atMost(`${at}: registered to found, p99`, percentile(foundMs, 0.99), 'ms', FOUND_MS_MAX),
    exactly(`${at}: registered and found`, found, '', REGISTERED),
  ]
}

function sizesOf(list: string, million: boolean): number[] {
  const sizes = list.split(',').map(Number)
  if (million) sizes.push(MILLION)
  const good = sizes.every((size, place) => {
    const isSize = Number.isInteger(size) && size >= 1_000 && size % 1_000 === 0 && size <= RECORDINGS_MAX
    return isSize && (place === 0 || size > sizes[place - 1]!)
  })
  if (!good) throw new UsageError(`--recordings ${list}: give ascending thousands, up to ${RECORDINGS_MAX}`)
  return sizes
}

/** The music that recordings and strangers are cut from: composed, or of the files of a table. */
async function materialOf(terminal: Terminal, table: string | undefined): Promise<Material> {
  const progress = createProgress(terminal, 'Making references', { unit: 'pieces' })
  const pool = await openLocalPool(terminal)
  const { signal } = terminal
  const onProgress = (done: number, total: number): void => progress.show(done, total)
  const making = { pool, signal, onProgress }
  try {
    if (table !== undefined) return await tableMaterial(making, table)
    return await inFolder((folder) => composedMaterial(making, folder))
  } finally {
    progress.end()
    await pool.close()
  }
}

/** `npm run bench -- index`. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<readonly Figure[] | number> {
  const given = readArguments(terminal, usage, argv, {
    recordings: { type: 'string', default: SIZES_DEFAULT },
    million: { type: 'boolean', default: false },
    refs: { type: 'string' },
  })
  if (typeof given === 'number') return given
  const { recordings, million, refs } = given.values
  const sizes = sizesOf(recordings, million)
  const material = await materialOf(terminal, refs)

  const figures = buildCosts(material.sources)
  const filling = createFilling(material.sources, availableParallelism())
  try {
    for (const size of sizes) {
      const progress = createProgress(terminal, `Filling to ${size}`, { unit: 'recordings' })
      figures.push(...(await filling.fill(size, terminal.signal, (done) => progress.show(done, size))))
      progress.end()
      const questions = questionsOf(filling, material)
      figures.push(...structureFigures(filling, questions, material))
      figures.push(...(await searchFigures(filling, questions)))
      figures.push(...(await fileFigures(filling)))
      figures.push(...(await threadFigures(filling, questions)))
    }
  } finally {
    await filling.close()
  }
  return figures
}
