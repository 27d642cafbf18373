import { createProgress } from '../bin/progress.ts'
import { type Terminal, readArguments, table } from '../bin/terminal.ts'
import { createCoverIndex } from '../services/artwork/cover-index.ts'
import {
  type CoverHashes,
  SAME_DISTANCE_MAX,
  SIMILAR_DISTANCE_MAX,
  compareCovers,
  coverHashes,
  isComparable,
} from '../services/artwork/cover.ts'
import { openImage } from '../services/artwork/open-image.ts'
import { HASH_BITS, HASH_BYTES, hammingDistance } from '../services/artwork/pdq.ts'
import { type Degradation, decodeBare, degradations, fileOf } from './covers/copies.ts'
import { drawCover } from './covers/drawn.ts'
import { type Figure, atLeast, atMost, exactly, percentile, plain } from './figures.ts'
import { cpuMs } from './machine.ts'
import { randomNumbers } from './synthetic.ts'
import { wholeNumber } from './workplace.ts'

const usage = `
Usage: npm run bench -- artwork [--json] [options]

Draws covers, degrades them and compares the copies with the originals; measures in CPU time of one thread how fast
covers are opened and hashed, beside decoding them with sharp alone, and how fast they are looked up among others.

  --covers N   covers to draw; else 60
  --indexed N  covers in the index, with hashes of chance; else 100000`

const COVERS_MAX = 5_000
const INDEXED_MAX = 2_000_000

const hashesOf = async (file: Uint8Array): Promise<CoverHashes> => coverHashes(await openImage(file))

/** How the copies that were degraded in one way compare with their originals. */
interface Robustness {
  readonly degradation: Degradation
  /** Of each copy, in bits; undefined where the copy has become too plain to be compared. */
  readonly distances: (number | undefined)[]
  /** As many of them would be the same by the hash of the whole alone. */
  sameWhole: number
}

interface Compared {
  /** Of the originals. */
  readonly covers: readonly CoverHashes[]
  readonly rows: readonly Robustness[]
}

/** Draws covers, and degrades each in every way. Those that are too plain are left out, as the index does. */
async function compareCopies(terminal: Terminal, count: number): Promise<Compared> {
  const progress = createProgress(terminal, 'Degrading', { unit: 'covers' })
  const rows = degradations.map((degradation): Robustness => ({ degradation, distances: [], sameWhole: 0 }))
  const covers: CoverHashes[] = []
  for (let number = 1; covers.length < count; number++) {
    terminal.signal.throwIfAborted()
    const pixels = drawCover(number)
    const original = await hashesOf(await fileOf(pixels))
    if (!isComparable(original)) continue
    for (const row of rows) {
      const copy = await hashesOf(await row.degradation.make(pixels))
      row.distances.push(compareCovers(copy, original)?.distance)
      if (hammingDistance(copy.whole, original.whole) <= SAME_DISTANCE_MAX) row.sameWhole++
    }
    covers.push(original)
    progress.show(covers.length, count)
  }
  progress.end()
  return { covers, rows }
}

/** How many of a hundred are within a distance. */
const percentWithin = (distances: readonly (number | undefined)[], most: number): number =>
  (100 * distances.filter((distance) => distance !== undefined && distance <= most).length) / distances.length

const robustnessTable = (rows: readonly Robustness[]): string =>
  table(
    rows.map(({ degradation, distances, sameWhole }) => {
      const compared = distances.filter((distance) => distance !== undefined)
      const percents = [
        (100 * sameWhole) / distances.length,
        percentWithin(distances, SAME_DISTANCE_MAX),
        percentWithin(distances, SIMILAR_DISTANCE_MAX),
        (100 * (distances.length - compared.length)) / distances.length,
      ]
      return [
        degradation.name,
        ...percents.map((percent) => percent.toFixed(0)),
        String(percentile(compared, 0.5)),
      ]
    }),
    [
      { title: 'copy' },
      { title: 'same, whole alone %', align: 'right' },
      { title: 'same %', align: 'right' },
      { title: 'same or similar %', align: 'right' },
      { title: 'too plain %', align: 'right' },
      { title: 'median distance', align: 'right' },
    ],
  )

const robustnessFigures = (rows: readonly Robustness[]): Figure[] =>
  rows.map(({ degradation: { name, samePercentMin }, distances }) => {
    const percent = percentWithin(distances, SAME_DISTANCE_MAX)
    return samePercentMin === undefined
      ? plain(`same: ${name}`, percent, '%')
      : atLeast(`same: ${name}`, percent, '%', samePercentMin)
  })

/** Every drawn cover against every other: all of them are strangers. */
function strangerFigures(covers: readonly CoverHashes[]): Figure[] {
  const distances = covers.flatMap((cover, at) =>
    covers.slice(0, at).map((other) => compareCovers(cover, other)?.distance ?? HASH_BITS),
  )
  const within = (most: number): number => distances.filter((distance) => distance <= most).length
  return [
    plain('pairs of different covers', distances.length, ''),
    plain('closest of them', Math.min(...distances), 'bits'),
    exactly('of them called the same', within(SAME_DISTANCE_MAX), '', 0),
    exactly('of them called the same or similar', within(SIMILAR_DISTANCE_MAX), '', 0),
  ]
}

/** Covers are timed as files of these sides in pixels: as in tags, and as shops want them. */
const TIMED_SIDES = [600, 1400, 3000] as const
const TIMED_COVERS = 6
/** Best of so many: other work on the machine can only make it slower. */
const ROUNDS = 5
/**
 * What opening and hashing may cost, in decodings of every pixel with nothing done with them. The hashes take the
 * same few milliseconds for every size, and of large JPEGs only a smaller picture is ever decoded.
 */
const RATIO_MAX: Readonly<Record<(typeof TIMED_SIDES)[number], number>> = { 600: 4, 1400: 2.5, 3000: 1.2 }

/** CPU milliseconds that the fastest of several rounds took for each file. */
async function bestMs(
  files: readonly Uint8Array[],
  work: (file: Uint8Array) => Promise<unknown>,
): Promise<number> {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++) {
    const before = cpuMs()
    for (const file of files) await work(file)
    best = Math.min(best, (cpuMs() - before) / files.length)
  }
  return best
}

async function speedFigures(terminal: Terminal): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const side of TIMED_SIDES) {
    terminal.signal.throwIfAborted()
    const files: Uint8Array[] = []
    for (let number = 1; number <= TIMED_COVERS; number++) files.push(await fileOf(drawCover(number), side))
    const pictures = await Promise.all(files.map(openImage))
    const decodeMs = await bestMs(files, decodeBare)
    const openMs = await bestMs(files, hashesOf)
    let next = 0
    const hashMs = await bestMs(files, async () => coverHashes(pictures[next++ % pictures.length]!))
    figures.push(
      plain(`JPEG of ${side} × ${side}: opened and hashed`, 1000 / openMs, '/s'),
      plain(`JPEG of ${side} × ${side}: both hashes alone`, 1000 / hashMs, '/s'),
      atMost(`JPEG of ${side} × ${side}: of decoding alone`, openMs / decodeMs, '×', RATIO_MAX[side]),
    )
  }
  return figures
}

const LOOKUPS = 200
/** What a lookup may take: a small part of opening the picture that it is for. */
const LOOKUPS_PER_SECOND_MIN = 150

/** Looks up copies of indexed covers, with as many bits flipped as may be, and as many strangers. */
function lookupFigures(terminal: Terminal, indexed: number): Figure[] {
  const random = randomNumbers(1)
  const chance = (): Uint8Array => Uint8Array.from({ length: HASH_BYTES }, () => random() * 256)
  const invented = (): CoverHashes => ({ whole: chance(), centre: chance(), quality: 100 })
  const index = createCoverIndex()
  const copies: { id: string; cover: CoverHashes }[] = []
  const before = cpuMs()
  for (let number = 0; number < indexed; number++) {
    const cover = invented()
    index.add(String(number), cover)
    if (copies.length < LOOKUPS && number % Math.ceil(indexed / LOOKUPS) === 0)
      copies.push({ id: String(number), cover: { ...cover, whole: flipped(cover.whole, random) } })
  }
  const addMs = (cpuMs() - before) / indexed
  terminal.signal.throwIfAborted()
  const strangers = Array.from({ length: LOOKUPS }, invented)
  const startedAt = cpuMs()
  const found = copies.filter(({ id, cover }) => index.nearest(cover)[0]?.id === id).length
  const wrong = strangers.filter((cover) => index.nearest(cover).length > 0).length
  const lookupMs = (cpuMs() - startedAt) / (copies.length + strangers.length)
  return [
    plain('covers in the index', index.size, ''),
    plain('hashes invented and covers added', 1000 / addMs, '/s'),
    atLeast('lookups', 1000 / lookupMs, '/s', LOOKUPS_PER_SECOND_MIN),
    exactly('copies not found', copies.length - found, '', 0),
    exactly('strangers found', wrong, '', 0),
  ]
}

/** A hash with `SAME_DISTANCE_MAX` other bits flipped. */
function flipped(hash: Uint8Array, random: () => number): Uint8Array {
  const copy = hash.slice()
  const chosen = new Set<number>()
  while (chosen.size < SAME_DISTANCE_MAX) chosen.add(Math.floor(random() * HASH_BITS))
  for (const bit of chosen) copy[bit >> 3]! ^= 1 << (bit & 7)
  return copy
}

/** `npm run bench -- artwork`. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<readonly Figure[] | number> {
  const given = readArguments(terminal, usage, argv, {
    covers: { type: 'string', default: '60' },
    indexed: { type: 'string', default: '100000' },
  })
  if (typeof given === 'number') return given
  const covers = wholeNumber('covers', given.values.covers, { min: 2, max: COVERS_MAX })
  const indexed = wholeNumber('indexed', given.values.indexed, { min: LOOKUPS, max: INDEXED_MAX })
  // Speed first, before there is garbage to collect.
  const speed = [...(await speedFigures(terminal)), ...lookupFigures(terminal, indexed)]
  const compared = await compareCopies(terminal, covers)
  terminal.err.write(`\n${robustnessTable(compared.rows)}\n`)
  return [...speed, ...robustnessFigures(compared.rows), ...strangerFigures(compared.covers)]
}
