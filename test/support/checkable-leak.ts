import { newId } from '../../services/core/ids.ts'
import { LeakManifestId, type TenantId } from '../../services/core/ids.ts'
import { manifestFolder } from '../../services/leaks/folders.ts'
import { addLeak } from '../../services/leaks/leak-store.ts'
import { NewLeak } from '../../services/leaks/leak.ts'
import { addManifest, stages } from '../../services/leaks/manifest-store.ts'
import { makeBuckets } from '../../services/leaks/packed/buckets.ts'
import { IndexBuilder, type IndexedRow } from '../../services/leaks/packed/build.ts'
import type { World } from './world.ts'

type ListedRow = Pick<IndexedRow, 'isrc'> & Partial<IndexedRow>

/** The batches of the leaks that tests ask: the best known songs are out, the others are not. */
const batches = [
  { number: 1, name: 'Popular', popularityFrom: 50, popularityTo: 100, publishedOn: '2026-03-01' },
  { number: 2, name: 'The rest', popularityFrom: 0, popularityTo: 49 },
]

/** A leak whose manifest was read: rows in the database, index and buckets in their folder. */
export async function listedLeak(
  { house }: Pick<World, 'house'>,
  given: {
    readonly name: string
    /** Null: the operator's. */
    readonly tenantId: TenantId | null
    readonly publicCheck?: boolean
    readonly rows: Iterable<ListedRow>
  },
): Promise<{ readonly leakId: string; readonly manifestId: LeakManifestId }> {
  const id = newId(LeakManifestId)
  const folder = manifestFolder(house.config, id)
  const builder = await IndexBuilder.create(folder)
  let number = 0
  for (const row of given.rows)
    builder.add(
      { upc: undefined, sha256: [], popularity: undefined, status: 'audio', codec: 'vorbis-160', ...row },
      number++,
      0,
    )
  await builder.finish()
  await makeBuckets(folder)
  const by = 'operator'
  const leak = NewLeak.parse({ name: given.name, kind: 'streaming-dump', lawfulBasis: 'a test', batches })
  const leakId = await house.db.system(async (tx) => {
    const { name, tenantId, publicCheck = false } = given
    const made = await addLeak(tx, tenantId, leak, { by, publicCheck })
    const file = { name: 'list.jsonl', bytes: 1, path: '/nowhere/list.jsonl' }
    await addManifest(tx, { id: made, tenantId }, { id, name, files: [file], mapping: {}, batch: 0, by })
    await stages.advance(tx, id, 'manifest', 'done')
    return made
  })
  return { leakId, manifestId: id }
}

/** An ISRC of the tests by its number. */
export const listedIsrc = (number: number): string => `AA6Q7${String(number).padStart(7, '0')}`
