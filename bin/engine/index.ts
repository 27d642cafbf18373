import { stat } from 'node:fs/promises'
import { basename } from 'node:path'

import type { FingerprintPool } from '../../services/audio/fingerprint/pool.ts'
import { failureText, reporting } from '../client/failure.ts'
import { openLocalPool, threadsOf } from '../client/local-pool.ts'
import { eachOf } from '../client/walk.ts'
import { createProgress } from '../progress.ts'
import { type Terminal, exitCode, misused, paint, printable, readArguments } from '../terminal.ts'
import {
  type IndexFolder,
  type KeptReference,
  type MadeReference,
  editIndexFolder,
  indexFile,
} from './index-folder.ts'
import { type ListedFile, readFileList } from './tables.ts'

const usage = `
Usage: earwitness index --refs FILE.tsv --index FOLDER [options]

Makes an index of recordings in a folder, here, on all cores; \`earwitness identify\` compares files with it.
No server and no database are needed. Afterwards the folder holds what the table names and nothing else:
files that have not changed since the last time, or cannot be seen today, are kept; all others are
fingerprinted.

  --refs FILE.tsv  tab-separated table with a header; columns ref_id and path, others are ignored.
                   Paths are relative to the table's folder
  --index FOLDER   where the index is, or is to be
  --threads N      how many files at once; else one for each core
  --json           print { index, recordings, made, kept, failed: [{ id, path, problem }] }`

/** After so long what is done is written, so that a power cut costs no more than that. */
const SAVE_EVERY_MS = 60_000

interface FailedFile {
  readonly id: string
  readonly path: string
  readonly problem: string
}

/** A listed file with what the file system says of it. */
type PresentFile = ListedFile & Pick<KeptReference, 'bytes' | 'modifiedMs'>

/** How far the folder is from what the table names. */
interface Plan {
  /** Ids of references that are there and stay. */
  readonly kept: ReadonlySet<string>
  readonly toDo: readonly PresentFile[]
  readonly missing: readonly FailedFile[]
}

async function planOf(
  files: readonly ListedFile[],
  known: ReadonlyMap<string, KeptReference>,
): Promise<Plan> {
  const kept = new Set<string>()
  const toDo: PresentFile[] = []
  const missing: FailedFile[] = []
  for (const file of files) {
    const before = known.get(file.id)
    const facts = await stat(file.path).catch((error: NodeJS.ErrnoException) => error)
    if (facts instanceof Error) {
      const problem = facts.code === 'ENOENT' ? 'there is no such file' : facts.message
      missing.push({ id: file.id, path: file.path, problem })
      // It is told of, but stays: a drive that is not mounted today must not empty an index.
      if (before?.path === file.path) kept.add(file.id)
      continue
    }
    const present = { ...file, bytes: facts.size, modifiedMs: Math.floor(facts.mtimeMs) }
    if (before && isSame(before, present)) kept.add(file.id)
    else toDo.push(present)
  }
  return { kept, toDo, missing }
}

const isSame = (before: KeptReference, now: PresentFile): boolean =>
  before.path === now.path && before.bytes === now.bytes && before.modifiedMs === now.modifiedMs

/** Fingerprints what is to do, and saves it now and then and at the end, also when it is broken off. */
async function makeAll(
  terminal: Terminal,
  pool: FingerprintPool,
  plan: Plan,
  save: (made: readonly MadeReference[]) => Promise<void>,
): Promise<{ made: number; failed: readonly FailedFile[] }> {
  const progress = createProgress(terminal, 'Indexing', { unit: 'files' })
  let made = 0
  /** Made since it was last saved, with their places in the table. */
  const fresh: { readonly place: number; readonly reference: MadeReference }[] = []
  const failed: FailedFile[] = []
  const fail = (file: FailedFile): void => {
    failed.push(file)
    progress.say(
      `${paint(terminal, 'red', 'failed')} ${printable(`${file.id} ${file.path}`)}: ${file.problem}`,
    )
  }
  for (const file of plan.missing) fail(file)
  const shares = plan.toDo.map(() => 0)
  // A sum kept up to date: adding up a million shares at each step would take longer than the step.
  let done = 0
  const show = (place: number, share: number, note: string): void => {
    done += share - (shares[place] ?? 0)
    shares[place] = share
    progress.show(done, shares.length, note)
  }
  let savedAtMs = performance.now()
  let saving = Promise.resolve()
  // In the order of the table, so that the same table gives the same index, however the threads raced.
  const saveFresh = (): Promise<void> =>
    save(
      fresh
        .splice(0)
        .toSorted((a, b) => a.place - b.place)
        .map(({ reference }) => reference),
    )
  try {
    await eachOf(plan.toDo, pool.threads, async ({ id, path, bytes, modifiedMs }, index) => {
      try {
        const { reference } = await pool.fingerprint(path, {
          signal: terminal.signal,
          onProgress: (share) => show(index, share, basename(path)),
        })
        made++
        fresh.push({ place: index, reference: { id, path, bytes, modifiedMs, fingerprint: reference } })
      } catch (error) {
        const problem = failureText(error)
        if (terminal.signal.aborted || problem === undefined) throw error
        fail({ id, path, problem })
      }
      show(index, 1, basename(path))
      if (performance.now() - savedAtMs < SAVE_EVERY_MS) return
      savedAtMs = performance.now()
      saving = saving.then(saveFresh)
      await saving
    })
    return { made, failed }
  } finally {
    progress.end()
    await saving
    await saveFresh()
  }
}

/** Carries a plan out. */
async function bringTo(
  terminal: Terminal,
  folder: IndexFolder,
  plan: Plan,
  threads: number | undefined,
): Promise<{ made: number; failed: readonly FailedFile[] }> {
  for (const id of folder.references.keys()) if (!plan.kept.has(id)) folder.remove(id)
  const pool = await openLocalPool(terminal, threads)
  try {
    return await makeAll(terminal, pool, plan, async (made) => {
      folder.addAll(made)
      await folder.save()
    })
  } finally {
    await pool.close()
  }
}

/** `earwitness index`. @returns the exit code. */
export function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const later = 'What is done is kept; the same command goes on from there.'
  const work = async (): Promise<number> => {
    const given = readArguments(terminal, usage, argv, {
      refs: { type: 'string' },
      index: { type: 'string' },
      threads: { type: 'string' },
      json: { type: 'boolean', default: false },
    })
    if (typeof given === 'number') return given
    const { refs, index, json } = given.values
    if (given.positionals.length > 0)
      return misused(
        terminal,
        usage,
        `What is ${given.positionals.join(' ')}? Recordings are named by --refs`,
      )
    if (refs === undefined) return misused(terminal, usage, 'Which recordings? Give --refs')
    if (index === undefined) return misused(terminal, usage, 'Which folder is the index in? Give --index')
    const threads = threadsOf(given.values.threads)
    const files = await readFileList(refs, 'ref_id')
    const folder = await editIndexFolder(index)
    try {
      for (const trouble of folder.troubles)
        terminal.err.write(`${printable(trouble)}. What it held is made again\n`)
      const plan = await planOf(files, folder.references)
      const { made, failed } = await bringTo(terminal, folder, plan, threads)
      const facts = {
        index: indexFile(index),
        recordings: folder.references.size,
        made,
        kept: plan.kept.size,
      }
      if (json) terminal.out.write(`${JSON.stringify({ ...facts, failed }, undefined, 2)}\n`)
      else terminal.err.write(`${made} made, ${plan.kept.size} kept, ${failed.length} failed\n`)
      return failed.length > 0 ? exitCode.someFailed : exitCode.done
    } finally {
      await folder.close()
    }
  }
  return reporting(terminal, work, later)
}
