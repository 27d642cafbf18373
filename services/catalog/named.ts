import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { RecordingId, type TenantId } from '../core/ids.ts'
import { join, sql } from '../core/sql.ts'
import type { Names } from '../metadata/compare/name-keys.ts'
import { nameKey } from '../metadata/normalise.ts'

/** Recordings that are looked at for one name; those beyond share no more than a word with it. */
const CANDIDATES_MAX = 30
/** Of a name so much is looked for: more words only make it slower. */
const WORDS_LENGTH_MAX = 120
/** Share of a name's trigrams that a recording's words must have (pg_trgm's word similarity). */
const LIKENESS_MIN = 0.5

const Row = z.object({
  id: RecordingId,
  title: z.string(),
  version: z.string().nullable(),
  artists: z.array(z.string()),
  isrc: z.string().nullable(),
  upc: z.string().nullable(),
  releaseTitle: z.string().nullable(),
  year: z.number().nullable(),
  durationMs: z.number().nullable(),
})

/** A recording as names are compared with it. */
export interface NamedRecording {
  readonly id: RecordingId
  readonly names: Names
}

const columns = sql`r.id, r.title, r.version, r.artists, r.isrc, l.upc, l.title as release_title,
  extract(year from l.release_date)::integer as year, r.duration_ms`
const tables = sql`recording r left join release l on l.id = r.release_id`

function named({ id, ...row }: z.infer<typeof Row>): NamedRecording {
  const told = Object.entries(row).filter(([, value]) => value !== null)
  return { id, names: Object.fromEntries(told) as Names }
}

/** The names of some recordings. */
export const namesOf = async (tx: Tx, ids: readonly RecordingId[]): Promise<NamedRecording[]> =>
  (await tx.all(Row)`select ${columns} from ${tables} where r.id = any(${[...ids]}::uuid[])`).map(named)

/** The words of a name, each once. Trigrams do not tell in what order they come, so one order serves every reading of them. */
const wordsOf = ({ artists = [], title = '' }: Names): string =>
  [
    ...new Set(
      nameKey([title, ...artists].join(' '))
        .slice(0, WORDS_LENGTH_MAX)
        .split(' '),
    ),
  ]
    .toSorted()
    .join(' ')

/**
 * The recordings of a tenant that somebody might mean by any of some names: of equal ISRC, or with most of the words.
 * A first, coarse choice; comparing them (services/metadata/compare/compare-names.ts) says which it is.
 */
export async function findNamed(
  tx: Tx,
  tenantId: TenantId,
  claims: readonly Names[],
): Promise<NamedRecording[]> {
  const isrcs = [...new Set(claims.flatMap(({ isrc }) => isrc ?? []))]
  const words = [...new Set(claims.map(wordsOf).filter(Boolean))]
  if (isrcs.length + words.length === 0) return []
  await tx.run`select set_config('pg_trgm.word_similarity_threshold', ${String(LIKENESS_MIN)}, true)`
  const like = words.map(
    (text) => sql`(select id from recording
       where tenant_id = ${tenantId} and withdrawn_at is null and ${text} <% search_key
       order by ${text} <<-> search_key, id limit ${CANDIDATES_MAX})`,
  )
  const chosen = join(
    [
      ...like,
      sql`select id from recording where tenant_id = ${tenantId} and withdrawn_at is null and isrc = any(${isrcs})`,
    ],
    ' union ',
  )
  const rows = await tx.all(Row)`select ${columns} from ${tables} where r.id in (${chosen})`
  return rows.map(named)
}

/** How many recordings a tenant has, for how likely namesakes are. */
export async function countRecordings(tx: Tx, tenantId: TenantId): Promise<number> {
  const { count } = await tx.one(z.object({ count: z.number() }))`
    select count(*) as count from recording where tenant_id = ${tenantId} and withdrawn_at is null`
  return count
}
