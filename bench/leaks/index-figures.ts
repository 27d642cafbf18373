import { rm } from 'node:fs/promises'
import { join } from 'node:path'

import { IndexBuilder } from '../../services/leaks/packed/build.ts'
import { LeakIndex } from '../../services/leaks/packed/leak-index.ts'
import { type Figure, atLeast, atMost, exactly, percentile, plain } from '../figures.ts'
import { type MemoryLimits, cpuMs, memoryLimits } from '../machine.ts'
import { PackedKeys } from './packed-keys.ts'
import { peakMemoryMb, sizeName } from './sizes.ts'

/** On one core, held at large sizes: for small ones 4,096 partitions have to be begun just so. */
const BUILT_PER_SECOND_MIN = 10_000_000
const BUILT_TARGET_FROM = 100_000_000
const BYTES_MAX = 8.5
const BYTES_TARGET_FROM = 1_000_000
/** Of 100,000 look-ups. */
const LOOK_UPS = 100_000
const RANDOM_MS_MAX = 400
const SORTED_MS_MAX = 150
const OPEN_MS_MAX = 5_000
/** A directory entry and a block. */
const READS_A_LOOK_UP = 2
/** Lists that are asked, each of other codes, so that no cache knows the answers; the first one only warms up. */
const LISTS = 6

/** The most that a `Set` is filled with here: a larger one takes gigabytes, and ends at 16 million. */
const SET_RECORDS_MAX = 1_000_000
/** A key and its row number, as a builder is given them. */
const RECORD_BYTES = 12
const CHUNK_RECORDS = 1 << 20

interface Asking {
  readonly signal: AbortSignal
  readonly onProgress: (share: number) => void
}

/** Builds an index of keys that are packed already. @returns what it took, without making the keys. */
async function build(folder: string, count: number, { signal, onProgress }: Asking) {
  const keys = new PackedKeys(count)
  const [high, low] = [new Uint32Array(CHUNK_RECORDS), new Uint32Array(CHUNK_RECORDS)]
  const builder = await IndexBuilder.create(folder)
  let [addMs, made] = [0, 0]
  try {
    for (let filled = keys.fill(high, low); filled > 0; filled = keys.fill(high, low)) {
      signal.throwIfAborted()
      const before = cpuMs()
      for (let i = 0; i < filled; i++)
        builder.addPacked('isrc', high[i] as number, low[i] as number, made + i)
      addMs += cpuMs() - before
      made += filled
      onProgress((0.6 * made) / count)
    }
    const before = cpuMs()
    await builder.finish({ signal, onProgress: (done, total) => onProgress(0.6 + (0.4 * done) / total) })
    return { addMs, finishMs: cpuMs() - before, keys }
  } catch (error) {
    await builder.discard()
    throw error
  }
}

/** Asks lists one after the other. @returns the middle of their times, and how many codes were found of all. */
async function ask(index: LeakIndex, keys: PackedKeys, order: 'random' | 'sorted') {
  const times: number[] = []
  let [found, present] = [0, 0]
  for (let list = 0; list < LISTS; list++) {
    const asked = keys.some(LOOK_UPS, `${order} ${list}`)
    const isrcs = order === 'sorted' ? asked.isrcs.toSorted() : asked.isrcs
    const before = cpuMs()
    const answers = await index.lookUpMany(isrcs)
    times.push(cpuMs() - before)
    found += answers.filter((answer) => answer !== undefined).length
    present += asked.present
  }
  return { ms: percentile(times.slice(1), 0.5), found, present }
}

/** The same codes in a `Set` of texts. */
function setFigures(at: string, count: number, keys: PackedKeys): Figure[] {
  const { isrcs } = keys.some(2 * count, 'set')
  const present = isrcs.filter((_, i) => i % 2 === 0)
  const memoryBefore = process.memoryUsage().heapUsed
  let before = cpuMs()
  const set = new Set(present)
  const fillMs = cpuMs() - before
  const bytes = process.memoryUsage().heapUsed - memoryBefore
  const { isrcs: asked } = keys.some(LOOK_UPS, 'set asked')
  before = cpuMs()
  let found = 0
  for (const isrc of asked) if (set.has(isrc)) found += 1
  const askMs = cpuMs() - before
  if (found > LOOK_UPS) throw new Error('More found than asked for')
  return [
    plain(`${at}: a plain Set, filled, a CPU second`, set.size / (fillMs / 1e3), ''),
    plain(`${at}: a plain Set without its texts, bytes a record`, bytes / set.size, 'bytes'),
    plain(`${at}: a plain Set, 100,000 look-ups, CPU`, askMs, 'ms'),
  ]
}

interface Measured {
  readonly count: number
  readonly built: { readonly addMs: number; readonly finishMs: number }
  readonly openCpuMs: number
  readonly openMs: number
  readonly bytes: number
  readonly random: { readonly ms: number; readonly found: number; readonly present: number }
  readonly sorted: { readonly ms: number; readonly found: number; readonly present: number }
  readonly peakMb: number
  readonly limits: MemoryLimits
}

function figuresOf(at: string, measured: Measured): Figure[] {
  const { count, built, random, sorted, limits } = measured
  const buildMs = built.addMs + built.finishMs
  const perSecond = count / (buildMs / 1e3)
  const named = `${at}: built from packed records, a CPU second`
  const lookUpNs = (random.ms * 1e6) / LOOK_UPS
  return [
    count >= BUILT_TARGET_FROM
      ? atLeast(named, perSecond, '', BUILT_PER_SECOND_MIN)
      : plain(named, perSecond, ''),
    plain(`${at}: of that sorting and writing`, (100 * built.finishMs) / buildMs, '%'),
    plain(`${at}: memory copies such records, a CPU second`, limits.bytesPerSecond / 2 / RECORD_BYTES, ''),
    count >= BYTES_TARGET_FROM
      ? atMost(`${at}: in memory, a record`, measured.bytes / count, 'bytes', BYTES_MAX)
      : plain(`${at}: in memory, a record`, measured.bytes / count, 'bytes'),
    atMost(`${at}: 100,000 look-ups in no order, CPU`, random.ms, 'ms', RANDOM_MS_MAX),
    atMost(`${at}: 100,000 look-ups sorted, CPU`, sorted.ms, 'ms', SORTED_MS_MAX),
    plain(`${at}: a random read of memory`, limits.randomReadNs, 'ns'),
    plain(`${at}: a look-up against two such reads`, lookUpNs / (READS_A_LOOK_UP * limits.randomReadNs), '×'),
    exactly(
      `${at}: found of those that are there`,
      random.found + sorted.found,
      '',
      random.present + sorted.present,
    ),
    atMost(`${at}: opened, by the clock`, measured.openMs, 'ms', OPEN_MS_MAX),
    plain(`${at}: opened, CPU`, measured.openCpuMs, 'ms'),
    plain(`${at}: most memory so far`, measured.peakMb, 'MB'),
  ]
}

/** Builds, opens and asks an index of so many records in a folder; the folder is empty afterwards. */
export async function indexFigures(parent: string, count: number, asking: Asking): Promise<Figure[]> {
  const at = sizeName(count)
  const folder = join(parent, 'index')
  try {
    const { keys, ...built } = await build(folder, count, asking)
    const startedAt = performance.now()
    const before = cpuMs()
    const index = await LeakIndex.open(folder)
    const [openCpuMs, openMs] = [cpuMs() - before, performance.now() - startedAt]
    const random = await ask(index, keys, 'random')
    const sorted = await ask(index, keys, 'sorted')
    await index.close()
    const bytes = index.bytes('isrc')
    const measured = {
      count,
      built,
      openCpuMs,
      openMs,
      bytes,
      random,
      sorted,
      peakMb: peakMemoryMb(),
      limits: memoryLimits(bytes),
    }
    return [...figuresOf(at, measured), ...(count <= SET_RECORDS_MAX ? setFigures(at, count, keys) : [])]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
