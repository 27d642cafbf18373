import type { CatalogueImport, ImportCounts } from '../services/catalog/import/import.ts'
import { openReading } from '../services/catalog/import/readers.ts'
import type { Reading } from '../services/catalog/import/reading.ts'
import { runImport } from '../services/catalog/import/run.ts'
import * as imports from '../services/catalog/import/store.ts'
import type { ImportId } from '../services/core/ids.ts'
import { Problem } from '../services/core/problem.ts'
import type { Run } from '../services/core/queue.ts'
import type { OneRow } from '../services/jobs.ts'
import { findTenant } from '../services/tenants/store.ts'
import type { Tools } from './tools.ts'

/** What of the tools is needed. */
export interface ImportTools extends Pick<Tools, 'db'> {
  readonly blobs: Pick<Tools['blobs'], 'read'>
}

/** A file's bytes, with how many have passed. */
async function* counted(
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    signal.throwIfAborted()
    onBytes(chunk.length)
    yield chunk
  }
}

/**
 * Notes what the file says of itself: a test message makes a dry run, and a message that was taken in before is not
 * taken in again.
 *
 * @returns the import as it is to be carried out; undefined when nothing is to be done.
 */
async function decided(
  { db }: ImportTools,
  about: CatalogueImport,
  { facts }: Reading,
): Promise<CatalogueImport | undefined> {
  const { test, sender, messageId } = facts
  return db.system(async (tx) => {
    await imports.keepFacts(tx, about.id, {
      test,
      ...(sender && { sender }),
      ...(messageId && { messageId }),
    })
    const sameAs = test ? undefined : await imports.sameMessage(tx, about, facts)
    if (sameAs) await imports.keepSameAs(tx, about.id, sameAs)
    return sameAs ? undefined : imports.find(tx, about.id)
  })
}

/**
 * Takes a file into its tenant's catalogue. What it was doing when it was broken off it does not do twice: it reads the
 * file again and goes on behind the rows that are written.
 */
export const importCatalogue =
  (tools: ImportTools) =>
  async ({ id }: OneRow<ImportId>, run: Run): Promise<void> => {
    const { db, blobs } = tools
    const found = await db.system(async (tx) => {
      const about = (await imports.stages.claim(tx, id, 'import')) ? await imports.find(tx, id) : undefined
      const tenant = about && (await findTenant(tx, about.tenantId))
      return about && tenant && { about, tenant, fixes: await imports.fixesOf(tx, id) }
    })
    if (!found) return run.log.info('nothing to import')
    const { about, tenant, fixes } = found
    const source = await blobs.read(about.blobSha256)
    if (!source) throw new Problem('file/gone', 'The file was deleted; send it again')
    try {
      let read = 0
      const bytes = counted(source, run.signal, (count) => (read += count))
      const reading = await openReading(about.kind, bytes, { options: about.options, fixes })
      // A message is read before its first row is written: then its rows tell how far the work is, not its bytes.
      const total = Array.isArray(reading.entries) ? reading.entries.length : undefined
      const onBatch = ({ rows }: ImportCounts): void => {
        const share = total === undefined ? read / about.bytes : rows / total
        void run.progress(share).catch(() => undefined) // Only a picture of the work.
      }
      const decision = await decided(tools, about, reading)
      if (decision)
        await runImport({ db, about: decision, holder: tenant, signal: run.signal, onBatch }, reading)
    } finally {
      source.destroy()
    }
    await db.system((tx) => imports.stages.advance(tx, id, 'import', 'done'))
  }
