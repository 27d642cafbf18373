import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { RecordingId, type TenantId } from '../core/ids.ts'
import { sql } from '../core/sql.ts'
import type { Names } from '../metadata/compare/name-keys.ts'
import { nameKey } from '../metadata/normalise.ts'

/** Recordings that are looked at for one name; those beyond share no more than a word with it. */
const CANDIDATES_MAX = 30
/** Of a name so many words are looked for, the longest; the ways to have most of them double with each. */
const WORDS_MAX = 7
/** Longer words are cut in the index (`words_of` in migration 0018). */
const WORD_LENGTH_MAX = 64
/** Words of the catalogue that one word of a name may stand for. */
const SPELLINGS_MAX = 8
/** Share of trigrams that a word has in common with one that it may stand for (pg_trgm's similarity). */
const SPELLING_LIKENESS_MIN = 0.35
/** What share of a name's words a recording has, by their letters: all of them, and where few have all, half. */
const SHARES = [1, 0.5]

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

/** The different words of a name, the longest first: they say most. */
const wordsOf = ({ artists = [], title = '' }: Names): string[] =>
  [
    ...new Set(
      nameKey([title, ...artists].join(' '))
        .split(' ')
        .filter(Boolean),
    ),
  ]
    .map((word) => Array.from(word).slice(0, WORD_LENGTH_MAX).join(''))
    .toSorted((one, other) => other.length - one.length || (one < other ? -1 : 1))
    .slice(0, WORDS_MAX)

const Spelling = z.object({ asked: z.string(), word: z.string() })

/** A word of a name, with the words of the catalogue that it may stand for as an operand of a tsquery. */
interface SoughtWord {
  readonly query: string
  readonly letters: number
}

/** Looks words up among those of a catalogue, as they are written and misspelt; those that are nothing like any are left out. */
async function lookUp(
  tx: Tx,
  tenantId: TenantId,
  words: readonly string[],
): Promise<ReadonlyMap<string, SoughtWord>> {
  await tx.run`select set_config('pg_trgm.similarity_threshold', ${String(SPELLING_LIKENESS_MIN)}, true)`
  const rows = await tx.all(Spelling)`
    select asked, word from unnest(${[...words]}::text[]) asked cross join lateral (
      (select word from catalogue_word where tenant_id = ${tenantId} and word = asked)
       union
      (select word from catalogue_word where tenant_id = ${tenantId} and word % asked and not starts_with(word, ':')
        order by similarity(word, asked) desc, word limit ${SPELLINGS_MAX})) spelling`
  const spellings = new Map<string, string[]>()
  for (const { asked, word } of rows) spellings.set(asked, [...(spellings.get(asked) ?? []), word])
  const quoted = (word: string): string => `'${word.replaceAll(/['\\]/g, '$&$&')}'`
  return new Map(
    [...spellings].map(([asked, found]) => [
      asked,
      { query: `(${found.map(quoted).join('|')})`, letters: asked.length },
    ]),
  )
}

/**
 * What recordings have that have enough of some words, by letters: each least choice of words that is enough.
 *
 * @returns a tsquery, '' when all words together are not enough.
 */
function anyEnough(words: readonly SoughtWord[], lettersMin: number): string {
  const choices: string[] = []
  for (let choice = 1; choice < 2 ** words.length; choice++) {
    const chosen = words.filter((_, place) => (choice >> place) & 1)
    const letters = chosen.reduce((sum, word) => sum + word.letters, 0)
    const isLeast = chosen.every((word) => letters - word.letters < lettersMin)
    if (letters >= lettersMin && isLeast) choices.push(`(${chosen.map(({ query }) => query).join('&')})`)
  }
  return choices.join('|')
}

const Candidate = z.object({ id: RecordingId })

/** Recordings that have most of the words of a name, those first that have most. */
async function withMostWords(
  tx: Tx,
  tenantId: TenantId,
  words: readonly string[],
  spellings: ReadonlyMap<string, SoughtWord>,
): Promise<RecordingId[]> {
  const known = words.flatMap((word) => spellings.get(word) ?? [])
  const letters = words.reduce((sum, word) => sum + word.length, 0)
  let found: RecordingId[] = []
  for (const share of SHARES) {
    const query = anyEnough(known, share * letters)
    if (query === '' || found.length >= CANDIDATES_MAX) continue
    const rows = await tx.all(Candidate)`
      select r.id from (
               select id, search_key, words_of(search_key, isrc) as words from recording
                where tenant_id = ${tenantId} and withdrawn_at is null
                  and words_of(search_key, isrc) @@ ${query}::tsquery offset 0) r
       order by (select sum(letters) from unnest(${known.map((word) => word.query)}::tsquery[],
                                                 ${known.map((word) => word.letters)}::integer[]) w(query, letters)
                  where r.words @@ w.query) desc,
                ${words.join(' ')} <<-> r.search_key, r.id
       limit ${CANDIDATES_MAX}`
    found = rows.map(({ id }) => id)
  }
  return found
}

/**
 * The recordings of a tenant that somebody might mean by any of some names: of equal ISRC, or with most of the words, also
 * misspelt ones. A first, coarse choice; comparing them (services/metadata/compare/compare-names.ts) says which it is.
 */
export async function findNamed(
  tx: Tx,
  tenantId: TenantId,
  claims: readonly Names[],
): Promise<NamedRecording[]> {
  const isrcs = [...new Set(claims.flatMap(({ isrc }) => isrc ?? []))]
  const names = new Map(claims.map((claim) => [wordsOf(claim).join(' '), wordsOf(claim)]))
  names.delete('')
  if (isrcs.length + names.size === 0) return []
  const ids = new Set<RecordingId>()
  const spellings = await lookUp(tx, tenantId, [...new Set([...names.values()].flat())])
  for (const words of names.values())
    for (const id of await withMostWords(tx, tenantId, words, spellings)) ids.add(id)
  const rows = await tx.all(Row)`
    select ${columns} from ${tables}
     where r.id = any(${[...ids]}::uuid[])
        or r.id in (select id from recording
                     where tenant_id = ${tenantId} and withdrawn_at is null and isrc = any(${isrcs}))`
  return rows.map(named)
}

/** How many recordings a tenant has, for how likely namesakes are. */
export async function countRecordings(tx: Tx, tenantId: TenantId): Promise<number> {
  const { count } = await tx.one(z.object({ count: z.number() }))`
    select count(*) as count from recording where tenant_id = ${tenantId} and withdrawn_at is null`
  return count
}
