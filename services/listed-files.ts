import type { Db, Tx } from './core/db.ts'
import type { Sha256, TenantId } from './core/ids.ts'
import type { Logger } from './core/log.ts'
import { Problem } from './core/problem.ts'
import { openLeaksOf } from './leak-opening.ts'
import type { AskedLeak, AskedManifest } from './leaks/audit/find-rows.ts'
import { type FoundFile, filesHandedIn, keepListed, listedAmong } from './leaks/listed-store.ts'
import type { OpenLeaks } from './leaks/open-leaks.ts'
import type { Clue } from './provenance/clue.ts'
import { listedFileClue } from './provenance/listed-file.ts'

/** Files whose hashes are looked up and written together. */
const FILES_PAGE = 5_000

/** With what files are looked up. */
export interface FileTools {
  readonly db: Db
  readonly leaks: OpenLeaks
}

/** Hex digits of a hash that rows keep. */
const HASH_DIGITS = 16

/** The rows of one manifest that have the hashes of files. The index has 61 bits of each, and rows have 64. */
async function listedIn(
  leak: AskedLeak,
  { id: manifestId, index, rows, batch }: AskedManifest,
  hashes: readonly Sha256[],
): Promise<FoundFile[]> {
  const numbers = new Map<number, Sha256[]>()
  for (const sha256 of hashes) {
    const hit = index.lookUpHash(sha256)
    if (!hit) continue
    const number = await index.rowOf('hash', hit.position)
    numbers.set(number, [...(numbers.get(number) ?? []), sha256])
  }
  const found: FoundFile[] = []
  for await (const row of rows.read([...numbers.keys()].toSorted((one, other) => one - other)))
    for (const sha256 of numbers.get(row.number) ?? []) {
      if (!row.sha256.includes(sha256.slice(0, HASH_DIGITS))) continue
      const popularity = row.popularity === undefined ? null : Math.round(row.popularity)
      const where = { row: row.locator.row, part: row.locator.part }
      found.push({ sha256, leakId: leak.id, manifestId, ...where, popularity, codec: row.codec, batch })
    }
  return found
}

async function lookUp(leaks: readonly AskedLeak[], hashes: readonly Sha256[]): Promise<FoundFile[]> {
  const found: FoundFile[] = []
  for (const leak of leaks)
    for (const manifest of leak.manifests) found.push(...(await listedIn(leak, manifest, hashes)))
  return found
}

/**
 * Looks a file that an account handed in up in all leaks that it sees. A leak whose index is damaged is no fault of the file:
 * it is logged, and the audits of the account fail by it until it is imported again, which looks all files up anew.
 */
export async function lookUpFile(
  tools: FileTools,
  { tenantId, sha256 }: { readonly tenantId: TenantId; readonly sha256: Sha256 },
  log: Logger,
): Promise<void> {
  try {
    const { leaks } = await openLeaksOf(tools, tenantId)
    const found = await lookUp(leaks, [sha256])
    await tools.db.system((tx) => keepListed(tx, tenantId, found))
  } catch (error) {
    if (!(error instanceof Problem) || error.type !== 'index/damaged') throw error
    log.error({ err: error, sha256 }, 'a file cannot be looked up in leaks')
  }
}

/** Looks all files that an account ever handed in up in all leaks that it sees. @throws {Problem} index/damaged. */
export async function lookUpFormerFiles(
  tools: FileTools,
  tenantId: TenantId,
  signal: AbortSignal,
): Promise<void> {
  const { leaks } = await openLeaksOf(tools, tenantId)
  for (let after: Sha256 | undefined; ;) {
    signal.throwIfAborted()
    const page = { after, limit: FILES_PAGE }
    const hashes = await tools.db.system((tx) => filesHandedIn(tx, tenantId, page))
    if (hashes.length === 0) return
    const found = await lookUp(leaks, hashes)
    await tools.db.system((tx) => keepListed(tx, tenantId, found))
    after = hashes.at(-1)
  }
}

/** An item with its clues, those of leaks that list its file among them. */
export async function withListedClues<
  Item extends {
    readonly tenantId: TenantId
    readonly sha256: Sha256 | null
    readonly clues: readonly Clue[] | null
  },
>(tx: Tx, items: readonly Item[]): Promise<Item[]> {
  const hashes = items.flatMap(({ sha256 }) => sha256 ?? [])
  const tenantId = items[0]?.tenantId
  if (hashes.length === 0 || tenantId === undefined) return [...items]
  const listed = await listedAmong(tx, tenantId, hashes)
  return items.map((item) => {
    const clues = listed.filter(({ sha256 }) => sha256 === item.sha256).map(listedFileClue)
    return clues.length > 0 ? { ...item, clues: [...clues, ...(item.clues ?? [])] } : item
  })
}
