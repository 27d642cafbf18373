import type { LeakManifestId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import { manifestFolder } from '../leaks/folders.ts'
import { type CheckableLeak, listCheckable } from '../leaks/leak-store.ts'
import { Buckets } from '../leaks/packed/buckets.ts'
import type { Caller } from '../tenants/tenant.ts'
import type { House } from './house.ts'

/** Whether visitors without an account may ask. */
export const isCheckPublic = ({ config }: House): boolean => config.PRIVATE_CHECK === 'public'

/**
 * The leaks that somebody may ask by the private check: an account all that it sees, a visitor those of the operator that
 * were set free for it.
 *
 * @param caller undefined: a visitor.
 * @throws {Problem} row/unknown when visitors may not ask at all.
 */
export async function checkableLeaks(house: House, caller: Caller | undefined): Promise<CheckableLeak[]> {
  if (caller) return house.db.tenant(caller.tenantId, (tx) => listCheckable(tx, { isPublic: false }))
  if (!isCheckPublic(house))
    throw new Problem('row/unknown', 'The private check is not open to visitors here')
  return house.db.system((tx) => listCheckable(tx, { isPublic: true }))
}

/**
 * Buckets of a manifest, in the order of the beginnings asked for. They are read from its file, which a removal of the
 * leak may take away at any time: so none is kept open.
 *
 * @param beginnings the first 16 bits of hashes.
 * @throws {Problem} row/unknown for a manifest that this caller cannot ask.
 */
export async function bucketsFor(
  house: House,
  caller: Caller | undefined,
  asked: { readonly manifestId: LeakManifestId; readonly beginnings: readonly number[] },
): Promise<Buffer[]> {
  const { manifestId, beginnings } = asked
  const leaks = await checkableLeaks(house, caller)
  const isSeen = leaks.some(({ manifestIds }) => manifestIds.includes(manifestId))
  const buckets = isSeen ? await Buckets.open(manifestFolder(house.config, manifestId)) : undefined
  if (!buckets) throw new Problem('row/unknown', 'There is no such manifest that you can ask')
  try {
    const read: Buffer[] = []
    for (const beginning of beginnings) read.push(await buckets.read(beginning))
    return read
  } finally {
    await buckets.close()
  }
}
