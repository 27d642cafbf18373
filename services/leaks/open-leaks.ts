import { access } from 'node:fs/promises'
import { join } from 'node:path'

import type { Config } from '../core/config.ts'
import type { LeakManifestId } from '../core/ids.ts'
import { manifestFolder } from './folders.ts'
import { HEAD_FILE } from './packed/index-folder.ts'
import { LeakIndex } from './packed/leak-index.ts'
import { RowStore } from './rows/row-store.ts'

/** A manifest that can be asked. */
export interface OpenManifest {
  readonly id: LeakManifestId
  readonly index: LeakIndex
  readonly rows: RowStore
}

async function openManifest(folder: string, id: LeakManifestId): Promise<OpenManifest> {
  const index = await LeakIndex.open(folder)
  try {
    return { id, index, rows: await RowStore.open(folder) }
  } catch (error) {
    await index.close()
    throw error
  }
}

/**
 * The manifests of leaks, each opened when it is first asked for and held from then on: eight bytes for each identifier
 * in memory. One whose folder is gone is closed when it is asked for again.
 */
export class OpenLeaks {
  readonly #config: Pick<Config, 'DATA_DIR'>
  readonly #open = new Map<LeakManifestId, Promise<OpenManifest>>()

  constructor(config: Pick<Config, 'DATA_DIR'>) {
    this.#config = config
  }

  /**
   * @returns undefined when there is none, as after its leak was removed.
   * @throws {Problem} index/damaged; the next one who asks has it opened anew.
   */
  async of(id: LeakManifestId): Promise<OpenManifest | undefined> {
    const folder = manifestFolder(this.#config, id)
    try {
      await access(join(folder, HEAD_FILE))
    } catch {
      // Whatever hides the file from us: it is not there to be asked.
      await this.#forget(id)
      return undefined
    }
    const known = this.#open.get(id)
    if (known) return known
    const opening = openManifest(folder, id)
    this.#open.set(id, opening)
    try {
      return await opening
    } catch (error) {
      this.#open.delete(id)
      throw error
    }
  }

  async #forget(id: LeakManifestId): Promise<void> {
    const known = this.#open.get(id)
    this.#open.delete(id)
    if (known) await closed(await known)
  }

  /** Closes all of them. */
  async close(): Promise<void> {
    const all = [...this.#open.values()]
    this.#open.clear()
    for (const opening of all) {
      // One that could not be opened was told to whoever asked.
      const manifest = await opening.catch(() => undefined)
      if (manifest) await closed(manifest)
    }
  }
}

async function closed({ index, rows }: OpenManifest): Promise<void> {
  await Promise.all([index.close(), rows.close()])
}
