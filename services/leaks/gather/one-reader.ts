import { open, rename, rm, stat, utimes } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

import { Problem } from '../../core/problem.ts'

/** The reader shows that it lives so often. */
const BEAT_MS = 500
/** One that has not for so long was killed: a busy machine lets it wait for a second, not for four. */
const SILENCE_MS = 4_000

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code

async function tryMake(path: string): Promise<boolean> {
  try {
    await (await open(path, 'wx', 0o600)).close()
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    throw error
  }
}

/** When it was touched last; undefined when it is gone. */
async function touchedAt(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mtimeMs
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw error
  }
}

/**
 * Runs something that only one process may do at a time, as a file that its owner touches tells the others: a queue that
 * lost its memory may start it twice. What was killed is waited for some seconds, by watching whether the file is
 * touched; no clock is compared with another.
 *
 * @throws {Problem} request/in-work when another one is at it.
 */
export async function asOnlyReader<T>(path: string, work: () => Promise<T>): Promise<T> {
  while (!(await tryMake(path))) {
    const before = await touchedAt(path)
    await sleep(SILENCE_MS)
    const now = await touchedAt(path)
    if (before !== undefined && now !== undefined && before !== now)
      throw new Problem('request/in-work', 'The manifest is being read already')
    if (now !== undefined && now === before) await removeStale(path, before)
  }
  const beat = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => undefined), BEAT_MS)
  try {
    return await work()
  } finally {
    clearInterval(beat)
    await rm(path, { force: true })
  }
}

/** Of two that wait one removes it; the other may take away what the first has made since, and puts it back. */
async function removeStale(path: string, touchedBefore: number | undefined): Promise<void> {
  const away = `${path}.${process.pid}.stale`
  try {
    await rename(path, away)
  } catch (error) {
    if (isCode(error, 'ENOENT')) return
    throw error
  }
  if ((await touchedAt(away)) === touchedBefore) await rm(away, { force: true })
  else await rename(away, path)
}
