import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { AllowEntryId, type MemberId, type RecordingId, type TenantId, newId } from '../core/ids.ts'
import { join, sql } from '../core/sql.ts'
import { AllowEntry, type NewAllowEntry, type Place, lookupKeyOf, lookupKeysOf } from './entry.ts'

/** Entries that may cover one place: a holder has a few for a channel, by recording; this many nobody keeps up. */
const ENTRIES_AT_PLACE_MAX = 1000

const columns = sql`e.id, e.kind, e.value, e.recording_id, e.release_id,
  coalesce(r.title || coalesce(' (' || r.version || ')', ''), l.title) as scope_title, e.reason, e.licensee,
  e.owner_id, m.name as owner_name, e.created_at, e.expires_on::text as expires_on, e.ended_at, b.name as ended_by`
const tables = sql`allow_entry e join member m on m.id = e.owner_id left join member b on b.id = e.ended_by
  left join recording r on r.id = e.recording_id left join release l on l.id = e.release_id`
const today = sql`(now() at time zone 'utc')::date`

export const findEntry = (tx: Tx, id: AllowEntryId): Promise<AllowEntry | undefined> =>
  tx.maybe(AllowEntry)`select ${columns} from ${tables} where e.id = ${id}`

/** How an entry stands today; the filters of its list. */
export const EntryState = z.enum(['in-force', 'expired', 'ended'])
export type EntryState = z.infer<typeof EntryState>

const conditionOf = {
  'in-force': sql`e.ended_at is null and (e.expires_on is null or e.expires_on >= ${today})`,
  expired: sql`e.ended_at is null and e.expires_on < ${today}`,
  ended: sql`e.ended_at is not null`,
} as const satisfies Record<EntryState, unknown>

/** The allow-list, newest first. */
export async function listEntries(
  tx: Tx,
  asked: {
    state?: EntryState | undefined
    after?: { at: Date; id: string } | undefined
    limit: number
  },
): Promise<AllowEntry[]> {
  const conditions = [
    asked.state ? conditionOf[asked.state] : sql`true`,
    ...(asked.after ? [sql`(e.created_at, e.id) < (${asked.after.at}, ${asked.after.id})`] : []),
  ]
  return tx.all(AllowEntry)`
    select ${columns} from ${tables} where ${join(conditions, ' and ')}
     order by e.created_at desc, e.id desc limit ${asked.limit}`
}

const Counts = z.object({ inForce: z.number(), expired: z.number(), ended: z.number() })
export type EntryCounts = z.infer<typeof Counts>

/** How many entries stand in which way today. */
export const entryCounts = (tx: Tx): Promise<EntryCounts> =>
  tx.one(Counts)`
    select count(*) filter (where ${conditionOf['in-force']}) as in_force,
           count(*) filter (where ${conditionOf.expired}) as expired,
           count(*) filter (where ${conditionOf.ended}) as ended
      from allow_entry e`

/**
 * Entries in force of a tenant that may cover a place, the oldest first; `matchesEntry` decides.
 *
 * @param about only those that may speak of these recordings: of a whole catalogue there may be more than are read.
 */
export function entriesAround(
  tx: Tx,
  tenantId: TenantId,
  place: Place,
  about?: readonly RecordingId[],
): Promise<AllowEntry[]> {
  const ids = about && sql`${[...about]}::uuid[]`
  const scope = ids
    ? sql`(e.recording_id is null or e.recording_id = any(${ids})) and
          (e.release_id is null or e.release_id in (select release_id from recording where id = any(${ids})))`
    : sql`true`
  return tx.all(AllowEntry)`
    select ${columns} from ${tables}
     where e.tenant_id = ${tenantId} and e.lookup_key = any(${lookupKeysOf(place)})
       and ${conditionOf['in-force']} and ${scope}
     order by e.created_at, e.id limit ${ENTRIES_AT_PLACE_MAX}`
}

/** The entry in force that says the same already: of the same thing, for the same recordings. */
export const findSame = (tx: Tx, given: NewAllowEntry): Promise<AllowEntry | undefined> =>
  tx.maybe(AllowEntry)`
    select ${columns} from ${tables}
     where e.lookup_key = ${lookupKeyOf(given)} and e.kind = ${given.kind} and e.value = ${given.value}
       and e.recording_id is not distinct from ${given.recordingId ?? null}::uuid
       and e.release_id is not distinct from ${given.releaseId ?? null}::uuid and ${conditionOf['in-force']}
     limit 1`

/** Puts an entry on the list, in the name of a member. */
export async function keepEntry(
  tx: Tx,
  tenantId: TenantId,
  ownerId: MemberId,
  given: NewAllowEntry,
): Promise<AllowEntry> {
  const id = newId(AllowEntryId)
  await tx.run`
    insert into allow_entry (id, tenant_id, kind, value, lookup_key, recording_id, release_id, reason, licensee,
                             owner_id, expires_on)
    values (${id}, ${tenantId}, ${given.kind}, ${given.value}, ${lookupKeyOf(given)}, ${given.recordingId ?? null},
            ${given.releaseId ?? null}, ${given.reason}, ${given.licensee ?? null}, ${ownerId},
            ${given.expiresOn ?? null})`
  const kept = await findEntry(tx, id)
  if (!kept) throw new Error('a kept entry is not there')
  return kept
}

/** Takes an entry back. @returns false when it was ended before, or is not there. */
export const endEntry = async (tx: Tx, id: AllowEntryId, memberId: MemberId): Promise<boolean> =>
  (await tx.run`
    update allow_entry set ended_at = now(), ended_by = ${memberId} where id = ${id} and ended_at is null`) ===
  1

/** Whether the account has a release; of recordings the catalogue tells. */
export const hasRelease = async (tx: Tx, id: string): Promise<boolean> =>
  (await tx.maybe(z.object({ id: z.string() }))`select id from release where id = ${id}`) !== undefined
