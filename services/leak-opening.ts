import type { Db, Tx } from './core/db.ts'
import type { TenantId } from './core/ids.ts'
import { Problem } from './core/problem.ts'
import type { AskedLeak, AskedManifest } from './leaks/audit/find-rows.ts'
import { listLeaks } from './leaks/leak-store.ts'
import type { Leak } from './leaks/leak.ts'
import { type ReadableManifest, neededOf, readableBy } from './leaks/manifest-store.ts'
import type { OpenLeaks } from './leaks/open-leaks.ts'

/** Leaks as an account sees them, with their manifests that can be asked. */
interface SeenLeak extends Pick<Leak, 'id' | 'name' | 'kind' | 'batches'> {
  readonly manifests: readonly ReadableManifest[]
}

/** Leaks that are open to be asked, and how they stood when they were opened. */
export interface LeaksToAsk {
  readonly leaks: readonly AskedLeak[]
  readonly standing: string
}

async function leaksSeen(tx: Tx, tenantId: TenantId): Promise<SeenLeak[]> {
  const readable = await readableBy(tx, tenantId)
  const leaks = readable.length > 0 ? await listLeaks(tx) : []
  return leaks.flatMap(({ id, name, kind, batches }) => {
    const manifests = readable.filter(({ leakId }) => leakId === id)
    return manifests.length > 0 ? [{ id, name, kind, batches, manifests }] : []
  })
}

/** Whether the leaks of an account stand as they did when they were opened: the same manifests, and the same batches. */
export const isSameStanding = async (
  tx: Tx,
  tenantId: TenantId,
  { standing }: LeaksToAsk,
): Promise<boolean> => JSON.stringify(await leaksSeen(tx, tenantId)) === standing

/**
 * Opens all leaks that an account sees. A manifest whose leak is removed this moment is left out.
 *
 * @throws {Problem} index/damaged, with the names of leak and manifest.
 */
export async function openLeaksOf(
  { db, leaks: open }: { readonly db: Db; readonly leaks: OpenLeaks },
  tenantId: TenantId,
): Promise<LeaksToAsk> {
  const seen = await db.system((tx) => leaksSeen(tx, tenantId))
  const leaks: AskedLeak[] = []
  for (const { manifests: readable, ...leak } of seen) {
    const manifests: AskedManifest[] = []
    for (const { id, batch } of readable) {
      const manifest = await opened(open, id, leak.name)
      if (manifest) manifests.push({ ...manifest, batch })
      else if ((await db.system((tx) => neededOf(tx, [id]))).has(id))
        throw new Problem(
          'index/damaged',
          `The files of a manifest of “${leak.name}” are gone; import it again`,
        )
    }
    leaks.push({ ...leak, manifests })
  }
  return { leaks, standing: JSON.stringify(seen) }
}

async function opened(open: OpenLeaks, id: ReadableManifest['id'], leakName: string) {
  try {
    return await open.of(id)
  } catch (error) {
    if (!(error instanceof Problem) || error.type !== 'index/damaged') throw error
    throw new Problem('index/damaged', `A manifest of “${leakName}” cannot be read; import it again`, {
      cause: error,
    })
  }
}
