import { readFile, readdir } from 'node:fs/promises'

/** Whether the kernel tells what other processes use: only Linux does so in files. */
export const tellsProcesses = process.platform === 'linux'

/** Linux counts CPU time for programs in hundredths of a second on every architecture (USER_HZ). */
const TICKS_PER_SECOND = 100

interface Seen {
  readonly parent: number
  /** Of the process and of its children that have ended. */
  readonly ticks: number
}

/** One line of /proc/PID/stat; its second column, the name, may hold blanks and brackets. Source: proc_pid_stat(5). */
function readStat(line: string): Seen & { readonly endedChildrenTicks: number } {
  const columns = line.slice(line.lastIndexOf(')') + 2).split(' ')
  const [user, system, childrenUser, childrenSystem] = columns.slice(11, 15).map(Number)
  const endedChildrenTicks = (childrenUser ?? 0) + (childrenSystem ?? 0)
  return {
    parent: Number(columns[1]),
    ticks: (user ?? 0) + (system ?? 0) + endedChildrenTicks,
    endedChildrenTicks,
  }
}

/** A process may end between two looks: then its file is gone, which is no fault. */
const readIfThere = (path: string): Promise<string | undefined> =>
  readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return undefined
    throw error
  })

async function allProcesses(): Promise<ReadonlyMap<number, Seen>> {
  const seen = new Map<number, Seen>()
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const line = await readIfThere(`/proc/${name}/stat`)
    if (line) seen.set(Number(name), readStat(line))
  }
  return seen
}

/**
 * The processes that this one started, by what their command lines look like.
 *
 * @throws {Error} when there is not just one that looks so: then something else would be measured.
 */
export async function ownChildrenLike<Name extends string>(
  patterns: Readonly<Record<Name, RegExp>>,
): Promise<Record<Name, number>> {
  const pids = [...(await allProcesses())]
    .filter(([, { parent }]) => parent === process.pid)
    .map(([pid]) => pid)
  const commands = await Promise.all(pids.map((pid) => readIfThere(`/proc/${pid}/cmdline`)))
  const found = Object.entries<RegExp>(patterns).map(([name, pattern]) => {
    const alike = pids.filter((_, index) =>
      pattern.test((commands[index] ?? '').replaceAll('\0', ' ').trim()),
    )
    if (alike.length !== 1) throw new Error(`${alike.length} processes are ${name}`)
    return [name, alike[0]] as const
  })
  return Object.fromEntries(found) as Record<Name, number>
}

/**
 * CPU seconds that processes have used with all they started, whether that still runs or has ended. What
 * one uses later is the difference of two answers.
 *
 * @throws {Error} when one of them has ended: then a difference would be wrong.
 */
export async function cpuSecondsOf<Name extends string>(
  roots: Readonly<Record<Name, number>>,
): Promise<Record<Name, number>> {
  const seen = await allProcesses()
  const ticksBelow = (pid: number): number => {
    const below = [...seen].filter(([, { parent }]) => parent === pid)
    return (seen.get(pid)?.ticks ?? 0) + below.reduce((sum, [child]) => sum + ticksBelow(child), 0)
  }
  const used = Object.entries<number>(roots).map(([name, pid]) => {
    if (!seen.has(pid)) throw new Error(`${name} (process ${pid}) ended while it was measured`)
    return [name, ticksBelow(pid) / TICKS_PER_SECOND] as const
  })
  return Object.fromEntries(used) as Record<Name, number>
}

/** CPU seconds of this process's children that have ended. */
export async function endedChildrenSeconds(): Promise<number> {
  return readStat(await readFile('/proc/self/stat', 'utf8')).endedChildrenTicks / TICKS_PER_SECOND
}

/** The most memory a process has held at one time so far (resident), in MB of a million bytes. */
export async function peakMemoryMb(pid: number): Promise<number> {
  const kib = (await readFile(`/proc/${pid}/status`, 'utf8')).match(/^VmHWM:\s+(\d+) kB$/m)?.[1]
  if (kib === undefined) throw new Error(`process ${pid} does not tell its memory`)
  return (Number(kib) * 1024) / 1e6
}
