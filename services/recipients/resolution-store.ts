import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { type MemberId, type RecipientId, ResolutionId, type TenantId, newId } from '../core/ids.ts'
import { sql } from '../core/sql.ts'
import { stagesOf } from '../core/stages.ts'
import type { LookUpNote } from './look-up.ts'
import { Recipient } from './recipient.ts'
import { RESOLUTION_FRESH_DAYS, Resolution, resolutionTransitions } from './resolution.ts'
import { recipientColumns } from './store.ts'

/** The longest list of candidates has a dozen; a person can add to it. */
const CANDIDATES_MAX = 100

export const stages = stagesOf('host_resolution', resolutionTransitions)

const columns = sql`h.id, h.tenant_id, h.host, h.stage, h.stage_since, h.problem, h.tries, h.notes, h.created_at`

export const findResolution = (tx: Tx, id: ResolutionId): Promise<Resolution | undefined> =>
  tx.maybe(Resolution)`select ${columns} from host_resolution h where h.id = ${id}`

/** The last look at a host, in work or ended. */
export const latestResolution = (tx: Tx, tenantId: TenantId, host: string): Promise<Resolution | undefined> =>
  tx.maybe(Resolution)`
    select ${columns} from host_resolution h where h.tenant_id = ${tenantId} and h.host = ${host}
     order by h.created_at desc, h.id desc limit 1`

/** Has a host looked up, unless that is being done. The caller rings for it: `ring(house, 'resolve', id)`. */
export async function startResolution(tx: Tx, tenantId: TenantId, host: string): Promise<Resolution> {
  await tx.run`
    insert into host_resolution (id, tenant_id, host, stage) values (${newId(ResolutionId)}, ${tenantId}, ${host}, 'resolve')
    on conflict (tenant_id, host) where stage = 'resolve' do nothing`
  const started = await latestResolution(tx, tenantId, host)
  if (!started) throw new Error('a resolution that was started is not there')
  return started
}

/**
 * Has a host looked up where that was not done within the last days. Its stage is `resolve` when it is under way: ring
 * for it after the commit.
 */
export async function ensureResolution(tx: Tx, tenantId: TenantId, host: string): Promise<Resolution> {
  const fresh = await tx.maybe(Resolution)`
    select ${columns} from host_resolution h
     where h.tenant_id = ${tenantId} and h.host = ${host} and h.stage in ('resolve', 'done')
       and h.created_at > now() - make_interval(days => ${RESOLUTION_FRESH_DAYS})
     order by h.created_at desc, h.id desc limit 1`
  return fresh ?? startResolution(tx, tenantId, host)
}

/** Keeps what was asked and what came of it. */
export const keepNotes = (tx: Tx, id: ResolutionId, notes: readonly LookUpNote[]): Promise<number> =>
  tx.run`update host_resolution set notes = ${JSON.stringify(notes)} where id = ${id}`

/** The host's candidates become these, in this order; one that a person has put first stays. */
export async function keepCandidates(
  tx: Tx,
  tenantId: TenantId,
  host: string,
  ids: readonly RecipientId[],
): Promise<void> {
  await tx.run`
    delete from recipient_candidate
     where tenant_id = ${tenantId} and host = ${host} and chosen_by is null and not recipient_id = any(${[...ids]})`
  await tx.run`
    insert into recipient_candidate (tenant_id, host, recipient_id, rank)
    select ${tenantId}, ${host}, c.id, c.rank from unnest(${[...ids]}::uuid[]) with ordinality as c (id, rank)
    on conflict (tenant_id, host, recipient_id) do update set rank = excluded.rank, found_at = now()`
}

/** Puts a recipient first for a host, in the name of a member; it need not have been found for it. */
export async function chooseCandidate(
  tx: Tx,
  { tenantId, memberId }: { tenantId: TenantId; memberId: MemberId },
  host: string,
  id: RecipientId,
): Promise<void> {
  await tx.run`
    update recipient_candidate set chosen_by = null
     where tenant_id = ${tenantId} and host = ${host} and chosen_by is not null and recipient_id <> ${id}`
  await tx.run`
    insert into recipient_candidate (tenant_id, host, recipient_id, rank, chosen_by)
    values (${tenantId}, ${host}, ${id}, ${CANDIDATES_MAX}, ${memberId})
    on conflict (tenant_id, host, recipient_id) do update set chosen_by = excluded.chosen_by`
}

/** A recipient that may be asked about a host. */
export const Candidate = Recipient.extend({
  /** 1 is asked first, unless another was chosen. */
  rank: z.number(),
  /** A person put it first. */
  isChosen: z.boolean(),
  foundAt: z.date(),
})
export type Candidate = z.infer<typeof Candidate>

/** Who may be asked about a host: the chosen one, then the others by rank. */
export const candidatesOfHost = (tx: Tx, tenantId: TenantId, host: string): Promise<Candidate[]> =>
  tx.all(Candidate)`
    select ${recipientColumns}, c.rank, c.chosen_by is not null as is_chosen, c.found_at
      from recipient_candidate c join recipient r on r.id = c.recipient_id
     where c.tenant_id = ${tenantId} and c.host = ${host}
     order by c.chosen_by is null, c.rank, r.created_at limit ${CANDIDATES_MAX}`

const LookedUp = Resolution.extend({ candidates: z.number() })
export type LookedUp = z.infer<typeof LookedUp>

/** Hosts that were looked up last, each once, with the number of their candidates. */
export const hostsLookedUp = (tx: Tx, hostsMax: number): Promise<LookedUp[]> =>
  tx.all(LookedUp)`
    select ${columns}, (select count(*)::int from recipient_candidate c
                         where c.tenant_id = h.tenant_id and c.host = h.host) as candidates
      from (select distinct on (host) * from host_resolution order by host, created_at desc, id desc) h
     order by h.created_at desc, h.id desc limit ${hostsMax}`
