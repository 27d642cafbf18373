import type { Db, Tx } from '../core/db.ts'
import { LeakId, LeakManifestId, newId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import type { Queues } from '../core/queue.ts'
import { startAudits } from '../leaks/audit-store.ts'
import { batchesDiffer } from '../leaks/audit/batches-differ.ts'
import * as leaks from '../leaks/leak-store.ts'
import {
  type Leak,
  type LeakBatch,
  type LeakManifest,
  MANIFEST_FILES_MAX,
  type ManifestFile,
  type NewLeak,
} from '../leaks/leak.ts'
import * as manifests from '../leaks/manifest-store.ts'
import type { ManifestMapping } from '../leaks/manifest/fields.ts'
import { enqueue } from '../pipeline.ts'
import { requireBatch } from './manifests.ts'

/** How the operator stands in rows: there is no account whose chain could note it. */
const BY = 'operator'

/** What the operator's acts need: there is no caller, only a database that sees everything. */
export interface OperatorHouse {
  readonly db: Db
  readonly queues: Queues
}

/** With the queue away the sweeper finds the row a little later. */
const ring = (house: OperatorHouse, stage: string, id: string): Promise<void> =>
  enqueue(house.queues, stage, id).catch(() => undefined)

async function operatorLeak(tx: Tx, id: LeakId): Promise<Leak> {
  const leak = await leaks.findLeak(tx, id)
  if (leak?.tenantId !== null) throw new Problem('row/unknown', 'The operator has no such leak')
  return leak
}

/** The leaks of the operator, newest first, with their manifests. */
export const operatorLeaks = ({ db }: OperatorHouse): Promise<{ leak: Leak; manifests: LeakManifest[] }[]> =>
  db.system(async (tx) => {
    const own = (await leaks.listLeaks(tx)).filter(({ tenantId }) => tenantId === null)
    const listed: { leak: Leak; manifests: LeakManifest[] }[] = []
    for (const leak of own) listed.push({ leak, manifests: await manifests.listManifests(tx, leak.id) })
    return listed
  })

/**
 * The operator's leak of a name, as it is written, or of an id.
 *
 * @throws {Problem} row/unknown; request/conflict when several have the name.
 */
export async function operatorLeakOf({ db }: OperatorHouse, named: string): Promise<Leak> {
  const own = await db.system(async (tx) =>
    (await leaks.listLeaks(tx)).filter((leak) => leak.tenantId === null),
  )
  const id = LeakId.safeParse(named).data
  const [leak, another] = own.filter((each) => (id ? each.id === id : each.name === named))
  if (!leak) throw new Problem('row/unknown', `The operator has no leak “${named}”`)
  if (another) throw new Problem('request/conflict', `Several leaks are called “${named}”; give an id`)
  return leak
}

/** Notes a leak of the operator's, which every account may ask about. */
export const addOperatorLeak = (
  { db }: OperatorHouse,
  given: NewLeak,
  options: { readonly publicCheck: boolean },
): Promise<LeakId> => db.system((tx) => leaks.addLeak(tx, null, given, { by: BY, ...options }))

/**
 * Has files on this machine read as one manifest of the operator's leak; they are read where they lie, and left alone.
 *
 * @throws {Problem} row/unknown, request/invalid.
 */
export async function importFiles(
  house: OperatorHouse,
  leakId: LeakId,
  given: {
    readonly name: string
    readonly files: readonly ManifestFile[]
    readonly mapping: ManifestMapping
    readonly batch: number
  },
): Promise<LeakManifest> {
  if (given.files.length > MANIFEST_FILES_MAX)
    throw new Problem('request/invalid', `A manifest has at most ${MANIFEST_FILES_MAX} files`)
  const added = await house.db.system(async (tx) => {
    const leak = await operatorLeak(tx, leakId)
    requireBatch(leak, given.batch)
    return manifests.addManifest(tx, leak, { ...given, id: newId(LeakManifestId), by: BY })
  })
  await ring(house, added.stage, added.id)
  return added
}

/** How far the reading of a manifest has come; undefined when its leak was removed. */
export const manifestNow = ({ db }: OperatorHouse, id: LeakManifestId): Promise<LeakManifest | undefined> =>
  db.system((tx) => manifests.findManifest(tx, id))

/** Replaces the batches of the operator's leak; where that gives other answers every account is audited. */
export async function setOperatorBatches(
  house: OperatorHouse,
  id: LeakId,
  batches: readonly LeakBatch[],
): Promise<{ audits: number }> {
  const audits = await house.db.system(async (tx) => {
    const before = await operatorLeak(tx, id)
    await leaks.changeLeak(tx, before, { batches: [...batches] })
    const isOther = before.manifests > 0 && batchesDiffer(before.batches, batches)
    return isOther ? startAudits(tx, before, 'batch') : []
  })
  for (const audit of audits) await ring(house, 'audit', audit)
  return { audits: audits.length }
}

/** Lets visitors without an account ask about the operator's leak by the private check, or not any more. */
export const setOperatorPublicCheck = (
  { db }: OperatorHouse,
  id: LeakId,
  isPublic: boolean,
): Promise<boolean> => db.system((tx) => leaks.setPublicCheck(tx, id, isPublic))

/** Removes the operator's leak: nobody asks it any more, and its index is deleted by the clock. */
export async function removeOperatorLeak(house: OperatorHouse, id: LeakId): Promise<void> {
  const audits = await house.db.system(async (tx) => {
    const leak = await operatorLeak(tx, id)
    await leaks.removeLeak(tx, id)
    return leak.manifests > 0 ? startAudits(tx, leak, 'batch') : []
  })
  for (const audit of audits) await ring(house, 'audit', audit)
}
