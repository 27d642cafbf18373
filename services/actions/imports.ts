import {
  type CatalogueImport,
  type CellFix,
  FIXES_MAX,
  type ImportOptions,
} from '../catalog/import/import.ts'
import { HEAD_BYTES, kindOf } from '../catalog/import/kind.ts'
import * as imports from '../catalog/import/store.ts'
import { audit } from '../core/audit.ts'
import type { Tx } from '../core/db.ts'
import type { ImportId, Sha256 } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import { type Caller, actorOf } from '../tenants/tenant.ts'
import { type House, ring } from './house.ts'

async function existing(tx: Tx, id: ImportId): Promise<CatalogueImport> {
  const found = await imports.find(tx, id)
  if (!found) throw new Problem('row/unknown', 'No such import')
  return found
}

/** The first bytes of a stored file. */
async function headOf(house: House, sha256: Sha256): Promise<Uint8Array> {
  const source = await house.blobs.read(sha256)
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of source ?? []) {
    chunks.push(chunk as Uint8Array)
    length += (chunk as Uint8Array).length
    if (length >= HEAD_BYTES) break
  }
  return Buffer.concat(chunks).subarray(0, HEAD_BYTES)
}

/** One entry for a run that may change the catalogue, whatever becomes of its rows: those are kept with the import. */
async function auditRun(tx: Tx, caller: Caller, given: CatalogueImport): Promise<void> {
  if (given.dryRun) return
  const { kind, fileName, blobSha256: sha256, bytes } = given
  await audit(tx, caller.tenantId, {
    actor: actorOf(caller),
    action: 'catalogue.imported',
    subject: `import:${given.id}`,
    details: { kind, fileName, sha256, bytes },
  })
}

/**
 * Takes a catalogue's file and has it read; what kind it is its first bytes tell.
 *
 * @throws {Problem} request/too-large, file/empty, file/unsupported.
 */
export async function startImport(
  house: House,
  caller: Caller,
  given: { fileName: string; source: AsyncIterable<Uint8Array>; dryRun: boolean; options: ImportOptions },
): Promise<CatalogueImport> {
  const { fileName, dryRun, options } = given
  const { sha256, bytes } = await house.blobs.put(given.source, { bytesMax: house.config.FETCH_BYTES_MAX })
  if (bytes === 0) throw new Problem('file/empty', 'The file has no bytes')
  const kind = kindOf(await headOf(house, sha256))
  const added = await house.db.tenant(caller.tenantId, async (tx) => {
    const by = actorOf(caller)
    const row = await imports.add(tx, caller.tenantId, { kind, fileName, sha256, bytes, options, dryRun, by })
    await auditRun(tx, caller, row)
    return row
  })
  await ring(house, added.stage, added.id)
  return added
}

/**
 * Reads the file of an ended import again, with the corrections that were made since: after a dry run to keep what it
 * found, after any other to take in the rows that were mended.
 *
 * @throws {Problem} row/unknown, row/stage, file/gone.
 */
export async function applyImport(
  house: House,
  caller: Caller,
  id: ImportId,
  wanted: { dryRun: boolean },
): Promise<CatalogueImport> {
  const given = await house.db.tenant(caller.tenantId, (tx) => existing(tx, id))
  if (!(await house.blobs.has(given.blobSha256)))
    throw new Problem('file/gone', 'The file was deleted since; send it again')
  const again = await house.db.tenant(caller.tenantId, async (tx) => {
    if (!(await imports.restart(tx, given, wanted)))
      throw new Problem('row/stage', 'This import has not ended yet')
    const row = await existing(tx, id)
    await auditRun(tx, caller, row)
    return row
  })
  await ring(house, again.stage, id)
  return again
}

/**
 * Keeps corrections of cells; the next run of the import reads them instead of the file's.
 *
 * @returns all corrections of the import.
 * @throws {Problem} row/unknown, row/stage, request/conflict for a file that is no table, or with too many.
 */
export const fixImport = (
  house: House,
  caller: Caller,
  id: ImportId,
  fixes: readonly CellFix[],
): Promise<CellFix[]> =>
  house.db.tenant(caller.tenantId, async (tx) => {
    const given = await existing(tx, id)
    if (given.kind !== 'csv')
      throw new Problem('request/conflict', 'Only cells of a table can be corrected here')
    if (given.stage === 'import')
      throw new Problem('row/stage', 'It is being read; correct it when it has ended')
    await imports.keepFixes(tx, given, fixes)
    const all = await imports.fixesOf(tx, id)
    if (all.length > FIXES_MAX)
      throw new Problem('request/conflict', `More than ${FIXES_MAX} cells; correct them in the file`)
    return all
  })

/**
 * Stops an import. Rows that are written stay.
 *
 * @throws {Problem} row/unknown, row/stage when it has ended.
 */
export const stopImport = (house: House, caller: Caller, id: ImportId): Promise<CatalogueImport> =>
  house.db.tenant(caller.tenantId, async (tx) => {
    await existing(tx, id)
    const problem = new Problem(
      'import/stopped',
      'Somebody of the account stopped it; rows that were taken in stay',
    )
    if (!(await imports.stages.fail(tx, id, 'import', problem)))
      throw new Problem('row/stage', 'This import has ended')
    return existing(tx, id)
  })
