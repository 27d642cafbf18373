import { randomUUID } from 'node:crypto'
import { mkdir, readFile, readdir, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'

import { z } from 'zod'

import { Problem } from '../../core/problem.ts'
import { ENGINE_VERSION } from '../constants.ts'
import type { ReferenceIndex } from './reference-index.ts'
import { readSegmentFile, writeSegmentFile } from './segment-file.ts'
import type { StoredRecording } from './segment-file.ts'
import type { Segment } from './segment.ts'
import { writeAll, writeWhole } from './whole-file.ts'

/** One segment as it was found in a folder. */
export interface KeptSegment {
  readonly owner: string
  readonly segment: Segment
  /** In the order of its recordings; undefined for those that had been removed when it was saved. */
  readonly recordings: readonly (StoredRecording | undefined)[]
}

/** What a folder holds. */
export interface KeptIndex {
  /** As it was given to `save`. */
  readonly source: string
  /** Oldest first: of recordings of the same id the last counts. */
  readonly segments: readonly KeptSegment[]
  /** A problem of type index/damaged for each segment that cannot be used. */
  readonly damaged: readonly Problem[]
}

/**
 * An index in the files of a folder: each segment in one that is written once, and a manifest that names those that
 * belong together. Saving writes only the segments that are new.
 *
 * Any number of processes may load and save at once. Files of segments have names that are never given twice, and the
 * manifest is replaced as a whole: of two that save, the later one wins, and nothing is ever half of both.
 */
export interface SegmentFolder {
  /** The path of the manifest. */
  readonly manifest: string
  /**
   * Reads everything, ready to be adopted by an index.
   *
   * @returns undefined when there is no index in the folder.
   * @throws {Problem} index/damaged when the manifest is; fingerprint/version when another version of the engine, or
   *   of this format, made it; the file system's error.
   */
  load(): Promise<KeptIndex | undefined>
  /**
   * Brings the folder, which is made, to what an index holds at the moment of the call.
   *
   * @param source where the recordings are from; whoever loads can tell whether they are its own.
   * @param noteOf what is to be written beside the id of a living recording; asked for all of them at one moment.
   * @throws the file system's error.
   */
  save(index: ReferenceIndex, source: string, noteOf: (id: string) => string): Promise<void>
}

/** The manifest is JSON: `{ checksum, index }`, the checksum being the CRC-32 of `index` as `JSON.stringify` writes it. */
const MANIFEST_NAME = 'index.json'
const FORMAT = 'earwitness index 1'

const SEGMENT_NAME = /^[0-9a-f-]{36}\.ewsg$/
/** Files that are not complete; nothing else in the folder is ever touched. */
const PART_NAME = /^(index\.json|[0-9a-f-]{36}\.ewsg)\.[0-9a-f-]+\.part$/

const Manifest = z.object({
  format: z.literal(FORMAT),
  engineVersion: z.literal(ENGINE_VERSION),
  source: z.string(),
  segments: z.array(
    z.object({
      file: z.string().regex(SEGMENT_NAME),
      /** Places of recordings that were removed after the file was written. */
      gone: z.array(z.number().int().nonnegative()),
    }),
  ),
})
type Manifest = z.infer<typeof Manifest>
const Envelope = z.object({ checksum: z.number(), index: z.record(z.string(), z.unknown()) })

/** A file that no manifest names may be of a process that is about to write one. It is not, after so long. */
const FORSAKEN_MS = 60 * 60_000
/** Before it writes a manifest, a process touches the files that it names; it takes less than this. */
const TOUCHED_MS = 60_000

/** How often loading, or saving, begins again because another process replaced the files meanwhile. */
const TRIES_MAX = 5

/** An index in a folder; nothing is read or made yet. */
export function createSegmentFolder(folder: string): SegmentFolder {
  const manifest = join(folder, MANIFEST_NAME)
  /** The files of segments that are in memory and in the folder. */
  const files = new WeakMap<Segment, string>()
  /** When this process last knew a file to be written or touched. */
  const seen = new Map<string, number>()

  const keep = async (segment: Segment, of: Snapshot): Promise<string> => {
    const known = files.get(segment)
    const file = known ?? `${randomUUID()}.ewsg`
    const path = join(folder, file)
    if (known === undefined) await writeSegmentFile(path, { ...of, segment })
    // So that no other process takes it for one that nobody wants any more.
    else await utimes(path, new Date(), new Date())
    files.set(segment, file)
    seen.set(file, (await stat(path)).mtimeMs)
    return file
  }

  return {
    manifest,
    async load() {
      for (let tries = 1; ; tries++) {
        const found = await readManifest(manifest)
        if (!found) return undefined
        const { segments, damaged, missing } = await readSegments(folder, found, files, seen)
        const now = missing ? await readManifest(manifest) : found
        if (tries === TRIES_MAX || JSON.stringify(now) === JSON.stringify(found))
          return { source: found.source, segments, damaged }
      }
    },
    async save(index, source, noteOf) {
      for (let tries = 1; ; tries++) {
        const parts = snapshotOf(index, noteOf, files)
        await mkdir(folder, { recursive: true })
        // Of a manifest that cannot be read the files are not known; they are deleted when nobody has touched them long.
        const replaced = await readManifest(manifest).catch(() => undefined)
        try {
          const segments: Manifest['segments'] = []
          for (const part of parts) segments.push({ file: await keep(part.segment, part), gone: part.gone })
          await writeManifest(manifest, { format: FORMAT, engineVersion: ENGINE_VERSION, source, segments })
          for (const { file } of segments) await stat(join(folder, file))
          return await sweep(folder, segments, replaced?.segments ?? [], seen)
        } catch (error) {
          if (!isMissing(error) || tries === TRIES_MAX) throw error
          // Another process replaced the index and deleted a file of ours.
          for (const { segment } of parts) {
            const file = files.get(segment)
            if (file !== undefined && !(await stat(join(folder, file)).catch(unlessMissing)))
              files.delete(segment)
          }
        }
      }
    },
  }
}

/** One segment of an index at one moment. */
interface Snapshot {
  readonly owner: string
  readonly segment: Segment
  readonly gone: number[]
  /** Empty when it is in a file already. */
  readonly recordings: readonly StoredRecording[]
}

function snapshotOf(
  index: ReferenceIndex,
  noteOf: (id: string) => string,
  files: WeakMap<Segment, string>,
): readonly Snapshot[] {
  return [...index.owners].flatMap((owner) =>
    index.viewOf(owner).segments.map((segment) => {
      const gone: number[] = []
      const { alive, numbers } = segment
      for (let place = alive.indexOf(0); place >= 0; place = alive.indexOf(0, place + 1)) gone.push(place)
      if (files.has(segment)) return { owner, segment, gone, recordings: [] }
      const recordings = Array.from(numbers, (number, place) => {
        const id = alive[place] === 1 ? index.idOf(number) : undefined
        return id === undefined ? { id: '', note: '' } : { id, note: noteOf(id) }
      })
      return { owner, segment, gone, recordings }
    }),
  )
}

async function readManifest(path: string): Promise<Manifest | undefined> {
  const text = await readFile(path, 'utf8').catch(unlessMissing)
  if (text === undefined) return undefined
  const envelope = Envelope.safeParse(jsonOf(text))
  if (!envelope.success || crc32(JSON.stringify(envelope.data.index)) !== envelope.data.checksum)
    throw new Problem('index/damaged', `${path}: its checksum is wrong`)
  const { format, engineVersion } = envelope.data.index
  if (format !== FORMAT || engineVersion !== ENGINE_VERSION) {
    const made =
      format === FORMAT ? `engine version ${String(engineVersion)}` : 'another version of Earwitness'
    throw new Problem('fingerprint/version', `${path} was made by ${made}, this one is ${ENGINE_VERSION}`)
  }
  const manifest = Manifest.safeParse(envelope.data.index)
  if (!manifest.success) throw new Problem('index/damaged', `${path}: ${z.prettifyError(manifest.error)}`)
  return manifest.data
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // What is no JSON fits no schema.
  }
}

async function writeManifest(path: string, index: Manifest): Promise<void> {
  const text = JSON.stringify({ checksum: crc32(JSON.stringify(index)), index })
  await writeWhole(path, (file) => writeAll(file, Buffer.from(text)))
}

async function readSegments(
  folder: string,
  manifest: Manifest,
  files: WeakMap<Segment, string>,
  seen: Map<string, number>,
): Promise<Pick<KeptIndex, 'segments' | 'damaged'> & { readonly missing: boolean }> {
  const segments: KeptSegment[] = []
  const damaged: Problem[] = []
  let missing = false
  for (const { file, gone } of manifest.segments) {
    const path = join(folder, file)
    try {
      seen.set(file, (await stat(path)).mtimeMs)
      const { owner, segment, recordings } = await readSegmentFile(path)
      const removed = new Set(gone)
      segments.push({
        owner,
        segment,
        recordings: recordings.map((one, place) => (removed.has(place) ? undefined : one)),
      })
      files.set(segment, file)
    } catch (error) {
      missing ||= isMissing(error)
      if (isMissing(error)) damaged.push(new Problem('index/damaged', `${path} is missing`))
      else if (error instanceof Problem) damaged.push(error)
      else throw error
    }
  }
  return { segments, damaged, missing }
}

/**
 * Deletes files that were replaced, and what processes that died have left.
 *
 * @param seen when this process last knew files to be written or touched. One that was touched since is in use.
 */
async function sweep(
  folder: string,
  kept: Manifest['segments'],
  replaced: Manifest['segments'],
  seen: Map<string, number>,
): Promise<void> {
  const named = new Set(kept.map(({ file }) => file))
  const old = new Set(replaced.map(({ file }) => file))
  for (const name of await readdir(folder)) {
    if (named.has(name) || !(SEGMENT_NAME.test(name) || PART_NAME.test(name))) continue
    const path = join(folder, name)
    const facts = await stat(path).catch(unlessMissing)
    if (!facts) continue
    const ageMs = Date.now() - facts.mtimeMs
    const isReplaced = old.has(name) && (seen.get(name) === facts.mtimeMs || ageMs > TOUCHED_MS)
    if (isReplaced || ageMs > FORSAKEN_MS) await rm(path, { force: true })
  }
  for (const name of seen.keys()) if (!named.has(name)) seen.delete(name)
}

/** For `catch`: that a file is not there is no failure. */
function unlessMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT'
