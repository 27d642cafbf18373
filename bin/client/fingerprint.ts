import { mkdir, rename, writeFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'

import { createProgress } from '../progress.ts'
import { type Terminal, exitCode, misused, paint, printable, readArguments } from '../terminal.ts'
import { failureText, reporting } from './failure.ts'
import { openLocalPool, threadsOf } from './local-pool.ts'
import { type FoundFile, eachOf, findAudio } from './walk.ts'

const usage = `
Usage: earwitness fingerprint FILE|FOLDER… [options]

Makes the reference fingerprints of audio files, here, on all cores. Nothing is sent anywhere.
Each goes to standard output as a line: file, tab, fingerprint in base64.

  --out FOLDER     write NAME.ewfp files there instead, in binary form
  --json           print one JSON document: [{ file, durationMs, fingerprint | output }, { file, problem }]
  --threads N      how many files at once; else one for each core`

/** What became of one file. */
type Outcome =
  | { file: string; durationMs: number; fingerprint: string }
  | { file: string; durationMs: number; output: string }
  | { file: string; problem: string }

/** `a/song.flac` and `b/song.flac` must not overwrite each other: the second becomes `song-2` with the ending. */
export function outputNames(paths: readonly string[], ending = '.ewfp'): readonly string[] {
  const used = new Set<string>()
  return paths.map((path) => {
    const name = basename(path, extname(path))
    let free = `${name}${ending}`
    // Without regard to case, as some file systems have it.
    for (let number = 2; used.has(free.toLowerCase()); number++) free = `${name}-${number}${ending}`
    used.add(free.toLowerCase())
    return free
  })
}

async function fingerprintAll(
  terminal: Terminal,
  files: readonly FoundFile[],
  given: { folder: string | undefined; threads: number | undefined },
): Promise<readonly Outcome[]> {
  const pool = await openLocalPool(terminal, given.threads)
  const progress = createProgress(terminal, 'Fingerprinting', { unit: 'files' })
  const names = outputNames(files.map(({ path }) => path))
  const outcomes: Outcome[] = []
  const shares = files.map(() => 0)
  const show = (note?: string): void =>
    progress.show(
      shares.reduce((sum, share) => sum + share, 0),
      files.length,
      note,
    )
  try {
    await eachOf(files, pool.threads, async ({ path }, index) => {
      try {
        const { reference, durationMs } = await pool.fingerprint(path, {
          signal: terminal.signal,
          onProgress(share) {
            shares[index] = share
            show(basename(path))
          },
        })
        if (given.folder === undefined)
          outcomes[index] = { file: path, durationMs, fingerprint: Buffer.from(reference).toString('base64') }
        else {
          const output = join(given.folder, names[index] ?? '')
          await writeWhole(output, reference)
          outcomes[index] = { file: path, durationMs, output }
        }
      } catch (error) {
        const problem = failureText(error)
        if (terminal.signal.aborted || problem === undefined) throw error
        outcomes[index] = { file: path, problem }
        progress.say(`${paint(terminal, 'red', 'failed')} ${printable(path)}: ${problem}`)
      }
      shares[index] = 1
      show(basename(path))
    })
    return outcomes
  } finally {
    progress.end()
    await pool.close()
  }
}

/** Writes a file that is either there with all its bytes or not at all. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  await writeFile(`${path}.part`, bytes)
  await rename(`${path}.part`, path)
}

/** `earwitness fingerprint`. @returns the exit code. */
export function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  return reporting(terminal, async () => {
    const given = readArguments(terminal, usage, argv, {
      out: { type: 'string' },
      json: { type: 'boolean', default: false },
      threads: { type: 'string' },
    })
    if (typeof given === 'number') return given
    const { values, positionals } = given
    if (positionals.length === 0) return misused(terminal, usage, 'Which files?')
    const threads = threadsOf(values.threads)
    const files = await findAudio(positionals)
    if (values.out !== undefined) await mkdir(values.out, { recursive: true })
    const outcomes = await fingerprintAll(terminal, files, { folder: values.out, threads })
    if (values.json) terminal.out.write(`${JSON.stringify(outcomes, undefined, 2)}\n`)
    else {
      for (const outcome of outcomes) {
        if ('fingerprint' in outcome) terminal.out.write(`${outcome.file}\t${outcome.fingerprint}\n`)
        else if ('output' in outcome) terminal.out.write(`${outcome.output}\n`)
      }
    }
    return outcomes.some((outcome) => 'problem' in outcome) ? exitCode.someFailed : exitCode.done
  })
}
