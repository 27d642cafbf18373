import { stat } from 'node:fs/promises'
import { basename } from 'node:path'

import { ENGINE_VERSION } from '../../services/audio/constants.ts'
import type { FingerprintPool } from '../../services/audio/fingerprint/pool.ts'
import { failureText, reporting } from '../client/failure.ts'
import { openLocalPool, threadsOf } from '../client/local-pool.ts'
import { eachOf } from '../client/walk.ts'
import { createProgress } from '../progress.ts'
import { type Terminal, exitCode, misused, paint, printable, readArguments } from '../terminal.ts'
import { type KeptReference, indexFile, readIndexFolder, writeIndexFolder } from './index-folder.ts'
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
  /** References that are there and stay, by their id. */
  readonly kept: ReadonlyMap<string, KeptReference>
  readonly toDo: readonly PresentFile[]
  readonly missing: readonly FailedFile[]
}

async function planOf(files: readonly ListedFile[], folder: string): Promise<Plan> {
  const there = await readIndexFolder(folder)
  // Fingerprints of different versions cannot be compared: those of another one are made anew.
  const usable = there?.engineVersion === ENGINE_VERSION ? there.references : []
  const known = new Map(usable.map((reference) => [reference.id, reference]))
  const kept = new Map<string, KeptReference>()
  const toDo: PresentFile[] = []
  const missing: FailedFile[] = []
  for (const file of files) {
    const before = known.get(file.id)
    const facts = await stat(file.path).catch((error: NodeJS.ErrnoException) => error)
    if (facts instanceof Error) {
      const problem = facts.code === 'ENOENT' ? 'there is no such file' : facts.message
      missing.push({ id: file.id, path: file.path, problem })
      // It is told of, but stays: a drive that is not mounted today must not empty an index.
      if (before?.path === file.path) kept.set(file.id, before)
      continue
    }
    const present = { ...file, bytes: facts.size, modifiedMs: Math.floor(facts.mtimeMs) }
    if (before && isSame(before, present)) kept.set(file.id, before)
    else toDo.push(present)
  }
  return { kept, toDo, missing }
}

const isSame = (before: KeptReference, now: PresentFile): boolean =>
  before.path === now.path && before.bytes === now.bytes && before.modifiedMs === now.modifiedMs

/** Fingerprints what is to do into `made`, and saves now and then and at the end, also when it is broken off. */
async function makeAll(
  terminal: Terminal,
  pool: FingerprintPool,
  plan: Plan,
  save: (made: ReadonlyMap<string, KeptReference>) => Promise<void>,
): Promise<{ made: ReadonlyMap<string, KeptReference>; failed: readonly FailedFile[] }> {
  const progress = createProgress(terminal, 'Indexing', { unit: 'files' })
  const made = new Map<string, KeptReference>()
  const failed: FailedFile[] = []
  const fail = (file: FailedFile): void => {
    failed.push(file)
    progress.say(
      `${paint(terminal, 'red', 'failed')} ${printable(`${file.id} ${file.path}`)}: ${file.problem}`,
    )
  }
  for (const file of plan.missing) fail(file)
  const shares = plan.toDo.map(() => 0)
  const show = (note: string): void =>
    progress.show(
      shares.reduce((sum, share) => sum + share, 0),
      shares.length,
      note,
    )
  let savedAtMs = performance.now()
  let saving = Promise.resolve()
  try {
    await eachOf(plan.toDo, pool.threads, async ({ id, path, bytes, modifiedMs }, index) => {
      try {
        const { reference } = await pool.fingerprint(path, {
          signal: terminal.signal,
          onProgress(share) {
            shares[index] = share
            show(basename(path))
          },
        })
        made.set(id, { id, path, bytes, modifiedMs, fingerprint: reference })
      } catch (error) {
        const problem = failureText(error)
        if (terminal.signal.aborted || problem === undefined) throw error
        fail({ id, path, problem })
      }
      shares[index] = 1
      show(basename(path))
      if (performance.now() - savedAtMs < SAVE_EVERY_MS) return
      savedAtMs = performance.now()
      saving = saving.then(() => save(made))
      await saving
    })
    return { made, failed }
  } finally {
    progress.end()
    await saving
    await save(made)
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
    const { refs, index: folder, json } = given.values
    if (given.positionals.length > 0)
      return misused(
        terminal,
        usage,
        `What is ${given.positionals.join(' ')}? Recordings are named by --refs`,
      )
    if (refs === undefined) return misused(terminal, usage, 'Which recordings? Give --refs')
    if (folder === undefined) return misused(terminal, usage, 'Which folder is the index in? Give --index')
    const threads = threadsOf(given.values.threads)
    const files = await readFileList(refs, 'ref_id')
    const plan = await planOf(files, folder)
    // In the order of the table, so that the same table gives the same file, however the threads raced.
    const save = (made: ReadonlyMap<string, KeptReference>): Promise<void> =>
      writeIndexFolder(
        folder,
        files.flatMap(({ id }) => plan.kept.get(id) ?? made.get(id) ?? []),
      )
    const pool = await openLocalPool(terminal, threads)
    try {
      const { made, failed } = await makeAll(terminal, pool, plan, save)
      const recordings = plan.kept.size + made.size
      const facts = { index: indexFile(folder), recordings, made: made.size, kept: plan.kept.size }
      if (json) terminal.out.write(`${JSON.stringify({ ...facts, failed }, undefined, 2)}\n`)
      else terminal.err.write(`${made.size} made, ${plan.kept.size} kept, ${failed.length} failed\n`)
      return failed.length > 0 ? exitCode.someFailed : exitCode.done
    } finally {
      await pool.close()
    }
  }
  return reporting(terminal, work, later)
}
