import type { Dirent, Stats } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

import type { Config } from '../core/config.ts'
import { LeakManifestId } from '../core/ids.ts'
import { HEAD_FILE } from './packed/index-folder.ts'

const LEAKS_FOLDER = 'leaks'
const UPLOADS_FOLDER = 'uploads'
/**
 * A manifest that is being uploaded is not in the database yet. As long as bytes come in its files are touched; a browser
 * that went away is given a day.
 */
const UPLOAD_IDLE_MS = 24 * 3_600_000

const leaksFolder = ({ DATA_DIR }: Pick<Config, 'DATA_DIR'>): string => join(DATA_DIR, LEAKS_FOLDER)

/** Where a manifest lies when it was read: index, rows and buckets, all in this folder. It is there as a whole or not at all. */
export const manifestFolder = (config: Pick<Config, 'DATA_DIR'>, id: LeakManifestId): string =>
  join(leaksFolder(config), LeakManifestId.parse(id))

/** Where the files of a manifest lie that were uploaded, by their numbers from 0, until it was read. */
export const uploadFolder = (config: Pick<Config, 'DATA_DIR'>, id: LeakManifestId): string =>
  join(leaksFolder(config), UPLOADS_FOLDER, LeakManifestId.parse(id))

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}

/** The manifest that an entry belongs to: its folder, or one that is named after it, as while it is read. */
function manifestOf(name: string): LeakManifestId | undefined {
  const read = LeakManifestId.safeParse(name.replace(/^\./, '').split('.', 1)[0])
  return read.success ? read.data : undefined
}

/** When a folder or anything in it was last written to; now, when some of it went away meanwhile. */
async function touchedAtMs(folder: string): Promise<number> {
  const names = (await entriesOf(folder)).map(({ name }) => name)
  const times = ['.', ...names].map(
    async (name) => (await statOf(join(folder, name)))?.mtimeMs ?? Number.POSITIVE_INFINITY,
  )
  return Math.max(...(await Promise.all(times)))
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

const isThere = async (path: string): Promise<boolean> => (await statOf(path)) !== undefined

/**
 * Removes what lies in the folders of leaks and belongs to no manifest that is needed: of removed leaks, and uploads that
 * were given up.
 *
 * @param neededOf which of some manifests are needed still.
 * @returns how many folders and files were removed.
 */
export async function sweepLeakFolders(
  config: Pick<Config, 'DATA_DIR'>,
  neededOf: (ids: readonly LeakManifestId[]) => Promise<ReadonlySet<LeakManifestId>>,
  now: Date,
): Promise<number> {
  const root = leaksFolder(config)
  const found = async (folder: string) =>
    (await entriesOf(folder)).flatMap(({ name }) => {
      const id = manifestOf(name)
      return id ? [{ id, path: join(folder, name) }] : []
    })
  const read = await found(root)
  const uploads = await found(join(root, UPLOADS_FOLDER))
  const needed = await neededOf([...new Set([...read, ...uploads].map(({ id }) => id))])
  let removed = 0
  for (const { id, path } of [...read, ...uploads]) {
    const isUpload = path === uploadFolder(config, id)
    if (needed.has(id)) {
      // What was uploaded is not needed any more when it was read.
      if (!isUpload || !(await isThere(join(manifestFolder(config, id), HEAD_FILE)))) continue
    } else if (isUpload && now.getTime() - (await touchedAtMs(path)) < UPLOAD_IDLE_MS) continue
    await rm(path, { recursive: true, force: true })
    removed += 1
  }
  return removed
}
