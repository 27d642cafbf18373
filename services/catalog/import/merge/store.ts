import { z } from 'zod'

import type { Tx } from '../../../core/db.ts'
import { RecordingId, type TenantId } from '../../../core/ids.ts'
import { Sql } from '../../../core/sql.ts'
import { keysOf } from './keys.ts'
import { stagedColumns } from './staged-row.ts'

/** What holds where neither the file nor the database tells otherwise: the defaults of `recording_right`. */
const WHOLE_RIGHT = `jsonb '{"role": "owner", "sharePercent": 100, "territories": ["Worldwide"],
  "excludedTerritories": [], "validFrom": null, "validTo": null}'`

/** The right at position 1 of a recording, joined as `h`, in the words of a file. */
const STORED_RIGHT = `case when h.recording_id is null then ${WHOLE_RIGHT} else jsonb_build_object(
  'role', h.role, 'sharePercent', h.share_percent, 'territories', h.territories,
  'excludedTerritories', h.excluded_territories, 'validFrom', h.valid_from, 'validTo', h.valid_to) end`

/** Whether a staged row says something of rights that does not hold anyway. */
const TELLS_RIGHTS = 's.rights is not null and not (s.whole and h.recording_id is null)'

/** Our own SQL text, never a caller's. */
const raw = (text: string): Sql => new Sql([text], [])

/** The right of which catalogues tell, of the recording whose id stands in this column. */
const rightOf = (column: string): Sql =>
  raw(`(select * from recording_right where recording_id = ${column} and position = 1 offset 0)`)

/** A staged row `s` beside the recording `r` that it means: what may differ, and when it does. */
const compared = [
  ...(
    [
      ['title', 'title'],
      ['version', 'version'],
      ['artists', 'artists'],
      ['featured', 'featured'],
      ['isrc', 'isrc'],
      ['iswc', 'iswc'],
      ['rightsHolder', 'rights_holder'],
      ['pLine', 'p_line'],
      ['language', 'language'],
      ['genre', 'genre'],
      ['explicit', 'explicit'],
      ['ownId', 'own_id'],
      ['policy', 'policy'],
      ['authorised', 'authorised'],
    ] as const
  ).map(([name, column]) => ({
    name,
    differs: `s.${column} is not null and r.${column} is distinct from s.${column}`,
    from: `r.${column}`,
    to: `s.${column}`,
  })),
  {
    // The audio itself is the better witness of how long it is.
    name: 'durationMs',
    differs:
      's.duration_ms is not null and r.duration_ms is distinct from s.duration_ms and f.recording_id is null',
    from: 'r.duration_ms',
    to: 's.duration_ms',
  },
  {
    name: 'release',
    differs: 's.release_id is not null and r.release_id is distinct from s.release_id',
    from: '(select title from release where id = r.release_id)',
    to: '(select title from release where id = s.release_id)',
  },
  {
    name: 'rights',
    differs: `${TELLS_RIGHTS} and ${STORED_RIGHT} || s.rights::jsonb <> ${STORED_RIGHT}`,
    from: STORED_RIGHT,
    to: `${STORED_RIGHT} || s.rights::jsonb`,
  },
  {
    name: 'withdrawn',
    differs: 'r.withdrawn_at is not null',
    from: 'r.withdrawn_at',
    to: 'null::timestamptz',
  },
]

const anyDiffers = raw(compared.map(({ differs }) => `(${differs})`).join(' or '))
const changes = raw(
  compared
    .map(
      ({ name, differs, from, to }) =>
        `case when ${differs} then jsonb_build_object('${name}', jsonb_build_object('from', ${from}, 'to', ${to})) else '{}' end`,
    )
    .join(' || '),
)

/**
 * Makes the table that holds a batch while it is compared, and fills it. It goes with the transaction.
 *
 * @param lines as `stagedLine` makes them.
 */
export async function stage(tx: Tx, lines: Iterable<string>): Promise<void> {
  await tx.run`
    create temporary table import_row (
      number integer, new_id uuid, isrc text, name_key text, search_key text, title text, version text, artists text[],
      featured text[], iswc text, duration_ms integer, rights_holder text, p_line text, language text, genre text,
      explicit boolean, own_id text, policy text, authorised text[], release_id uuid, rights text, whole boolean,
      known_id uuid
    ) on commit drop`
  await tx.copy(raw(`import_row (${stagedColumns})`), lines)
}

const Numbers = z.object({ number: z.number() })

/*
 * Below, the catalogue is asked row by row in lateral subqueries that `offset 0` keeps apart. Left to itself the planner
 * reads all of the catalogue for every batch, which it takes for cheaper than some thousand look-ups; then a row costs
 * more, the more there are.
 */

/** Finds which recordings the staged rows mean: the same ISRC, else the same names where the recording has none. */
export async function recogniseCoded(tx: Tx, tenantId: TenantId): Promise<void> {
  await tx.run`
    update import_row s set known_id = m.id
      from (select s.number, r.id from import_row s cross join lateral
              (select id from recording where tenant_id = ${tenantId} and isrc = s.isrc offset 0) r) m
     where s.number = m.number`
  // Two rows with other ISRCs and the same names: the first takes the recording that has none.
  await tx.run`
    update import_row s set known_id = m.id
      from (select distinct on (r.id) r.id, s.number from import_row s cross join lateral
              (select id from recording where tenant_id = ${tenantId} and isrc is null and name_key = s.name_key offset 0) r
             where s.known_id is null and s.isrc is not null
             order by r.id, s.number) m
     where s.number = m.number`
}

/**
 * Finds which recordings the staged rows without an ISRC mean: the same names.
 *
 * @returns the numbers of rows whose names several recordings have.
 */
export async function recogniseBare(tx: Tx, tenantId: TenantId): Promise<number[]> {
  await tx.run`
    update import_row s set known_id = m.id
      from (select s.number, (array_agg(r.id order by r.isrc is not null))[1] as id
              from import_row s cross join lateral
                (select id, isrc from recording where tenant_id = ${tenantId} and name_key = s.name_key offset 0) r
             where s.isrc is null
             group by s.number having count(*) = 1 or count(r.isrc) < count(*)) m
     where s.number = m.number`
  const ambiguous = await tx.all(Numbers)`
    select s.number from import_row s cross join lateral
           (select id from recording where tenant_id = ${tenantId} and name_key = s.name_key limit 1) r
     where s.isrc is null and s.known_id is null`
  return ambiguous.map(({ number }) => number)
}

/** Takes rows out of the batch. */
export async function unstage(tx: Tx, numbers: readonly number[]): Promise<void> {
  if (numbers.length > 0) await tx.run`delete from import_row where number = any(${[...numbers]}::integer[])`
}

/** Rows that mean a recording which an earlier row of the batch means, too. */
export async function repeated(tx: Tx): Promise<number[]> {
  const rows = await tx.all(Numbers)`
    select number from (select number, row_number() over (partition by known_id order by number) as place
                          from import_row where known_id is not null) s where place > 1`
  return rows.map(({ number }) => number)
}

const Recognised = z.object({ number: z.number(), knownId: RecordingId })

/** The staged rows that mean a recording which was there, by their numbers in order. */
export async function recognised(tx: Tx): Promise<ReadonlyMap<number, RecordingId>> {
  const rows = await tx.all(Recognised)`
    select number, known_id from import_row where known_id is not null order by number`
  return new Map(rows.map(({ number, knownId }) => [number, knownId]))
}

const Contested = z.object({
  number: z.number(),
  knownTitle: z.string(),
  knownTitleKey: z.string(),
  knownDurationMs: z.number().nullable(),
})

/** Rows whose ISRC belongs to a recording with another title, or that is more than so much longer or shorter. */
export const contested = (tx: Tx, toleranceMs: number): Promise<z.infer<typeof Contested>[]> =>
  tx.all(Contested)`
    select s.number, r.title as known_title, split_part(r.name_key, '|', 1) as known_title_key,
           r.duration_ms as known_duration_ms
      from import_row s cross join lateral (select * from recording where id = s.known_id offset 0) r
     where r.isrc = s.isrc and (split_part(s.name_key, '|', 1) <> split_part(r.name_key, '|', 1)
                          or abs(s.duration_ms - r.duration_ms) > ${toleranceMs})`

const Changed = z.object({
  number: z.number(),
  id: RecordingId,
  changes: z.record(z.string(), z.object({ from: z.unknown(), to: z.unknown() })),
  title: z.string(),
  version: z.string().nullable(),
  artists: z.array(z.string()),
  isrc: z.string().nullable(),
})
/** A recording of which a staged row says something else, and its names as they will be. */
export type Changed = z.infer<typeof Changed>

/** What the staged rows change in recordings that are there. */
export const changed = (tx: Tx): Promise<Changed[]> =>
  tx.all(Changed)`
    select s.number, r.id, ${changes} as changes, s.title, coalesce(s.version, r.version) as version, s.artists,
           coalesce(s.isrc, r.isrc) as isrc
      from import_row s
      cross join lateral (select * from recording where id = s.known_id offset 0) r
      left join lateral (select recording_id from reference where recording_id = r.id offset 0) f on true
      left join lateral ${rightOf('r.id')} h on true
     where ${anyDiffers}`

/** Writes what `changed` answered. */
export async function update(tx: Tx, rows: readonly Changed[]): Promise<void> {
  if (rows.length === 0) return
  const keys = rows.map(({ number, ...names }) => {
    const { name, search } = keysOf(names)
    return { number, name_key: name, search_key: search }
  })
  await tx.run`
    update recording r
       set title = s.title, version = coalesce(s.version, r.version), artists = s.artists,
           featured = coalesce(s.featured, r.featured), isrc = coalesce(s.isrc, r.isrc),
           iswc = coalesce(s.iswc, r.iswc), rights_holder = coalesce(s.rights_holder, r.rights_holder),
           p_line = coalesce(s.p_line, r.p_line), language = coalesce(s.language, r.language),
           genre = coalesce(s.genre, r.genre), explicit = coalesce(s.explicit, r.explicit),
           own_id = coalesce(s.own_id, r.own_id), policy = coalesce(s.policy, r.policy),
           authorised = coalesce(s.authorised, r.authorised), release_id = coalesce(s.release_id, r.release_id),
           duration_ms = case when exists (select from reference f where f.recording_id = r.id) then r.duration_ms
                              else coalesce(s.duration_ms, r.duration_ms) end,
           name_key = k.name_key, search_key = k.search_key
      from json_to_recordset(${JSON.stringify(keys)}::json) as k(number integer, name_key text, search_key text)
      join import_row s on s.number = k.number
     where r.id = s.known_id`
}

/**
 * Lets the words of several batches be sorted into the search's index at once, which saves a tenth of PostgreSQL's work;
 * until then a search looks through them one by one, for some ten milliseconds. For batches that others follow: the first
 * write without this, mostly the last batch, sorts in what was gathered.
 */
export async function gatherWords(tx: Tx): Promise<void> {
  await tx.run`set local gin_pending_list_limit = '32MB'`
}

/** Registers the staged rows that mean no recording yet. @returns how many. */
export async function create(tx: Tx, tenant: { id: TenantId; name: string }): Promise<number> {
  return tx.run`
    insert into recording (id, tenant_id, release_id, title, version, artists, featured, isrc, iswc, duration_ms,
                           rights_holder, p_line, language, genre, explicit, own_id, policy, authorised, search_key,
                           name_key, stage)
    select new_id, ${tenant.id}, release_id, title, version, artists, coalesce(featured, '{}'), isrc, iswc, duration_ms,
           coalesce(rights_holder, ${tenant.name}), p_line, language, genre, explicit, own_id,
           coalesce(policy, 'block'), coalesce(authorised, '{}'), search_key, name_key, 'registered'
      from import_row where known_id is null`
}

/** Writes the rights of new and changed recordings, at position 1; documents stay. */
export async function keepStagedRights(tx: Tx, tenantId: TenantId): Promise<void> {
  await tx.run`
    insert into recording_right as kept (recording_id, position, tenant_id, role, share_percent, territories,
                                         excluded_territories, valid_from, valid_to)
    select id, 1, ${tenantId}, told ->> 'role', (told ->> 'sharePercent')::numeric,
           array(select jsonb_array_elements_text(told -> 'territories')),
           array(select jsonb_array_elements_text(told -> 'excludedTerritories')),
           (told ->> 'validFrom')::date, (told ->> 'validTo')::date
      from (select coalesce(s.known_id, s.new_id) as id, ${raw(STORED_RIGHT)} as stored,
                   ${raw(STORED_RIGHT)} || s.rights::jsonb as told
              from import_row s left join lateral ${rightOf('s.known_id')} h on true
             where ${raw(TELLS_RIGHTS)}) both_of
     where told <> stored
        on conflict (recording_id, position) do update
       set role = excluded.role, share_percent = excluded.share_percent, territories = excluded.territories,
           excluded_territories = excluded.excluded_territories, valid_from = excluded.valid_from,
           valid_to = excluded.valid_to`
}
