import { audit } from '../core/audit.ts'
import { Problem } from '../core/problem.ts'
import { dispatch } from '../dispatch.ts'
import { keepBatch } from '../submissions/batch-store.ts'
import { BATCH_ADDRESSES_MAX, BATCH_BYTES_MAX, type Batch, readList } from '../submissions/batch.ts'
import { type Caller, actorOf } from '../tenants/tenant.ts'
import { type House, ring } from './house.ts'

/** Lines that a refusal names. */
const FAULTS_TOLD_MAX = 50

/** What comes to be a batch: its text, and what is said of it. */
export interface NewList {
  readonly name?: string | undefined
  readonly note?: string | undefined
  readonly source: AsyncIterable<Uint8Array>
}

/** The text of a list. @throws {Problem} request/too-large, file/empty. */
async function textOf(source: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of source) {
    bytes += chunk.length
    if (bytes > BATCH_BYTES_MAX)
      throw new Problem('request/too-large', `A list has at most ${BATCH_BYTES_MAX} bytes`)
    chunks.push(chunk)
  }
  const all = Buffer.concat(chunks)
  // Spreadsheets write “Unicode text” as UTF-16, with a mark before it.
  const isWide = all[0] === 0xff && all[1] === 0xfe
  const text = new TextDecoder(isWide ? 'utf-16le' : 'utf-8').decode(all)
  if (text.trim() === '') throw new Problem('file/empty', 'The list has no lines')
  return text
}

/**
 * Hands in a list of addresses. What is no address is named and keeps nothing else from being taken; what is in the list
 * twice, or in work already, is taken once.
 *
 * @throws {Problem} request/too-large, file/empty, request/invalid when no line is an address.
 */
export async function submitList(house: House, caller: Caller, given: NewList): Promise<Batch> {
  const list = readList(await textOf(given.source))
  if (list.given > BATCH_ADDRESSES_MAX)
    throw new Problem(
      'request/too-large',
      `A list has at most ${BATCH_ADDRESSES_MAX} addresses; hand it in in parts`,
    )
  if (list.addresses.length === 0)
    throw new Problem('request/invalid', 'No line of the list is an http or https address', {
      faults: list.refused
        .slice(0, FAULTS_TOLD_MAX)
        .map(({ line, why }) => ({ pointer: `/lines/${line}`, detail: why })),
    })
  const by = actorOf(caller)
  const name = given.name || `List of ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`
  const batch = await house.db.tenant(caller.tenantId, async (tx) => {
    const kept = await keepBatch(tx, caller.tenantId, { name, note: given.note, by, list })
    const { duplicates } = kept
    const details = { given: list.given, duplicates, refused: list.refused.length }
    const subject = `batch:${kept.id}`
    await audit(tx, caller.tenantId, { actor: by, action: 'batch.submitted', subject, details })
    return kept
  })
  await dispatch(house.db, (id) => ring(house, 'fetch', id), caller.tenantId)
  return batch
}
