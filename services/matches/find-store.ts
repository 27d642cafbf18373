import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { CaseId, type RecordingId } from '../core/ids.ts'
import { afterDecision, foldCase } from './case-machine.ts'
import { type AboutCase, decisionsOf, noteDecision } from './case-store.ts'
import { AsideState, Case, type CaseState, type Standing, afterFind } from './case.ts'
import { lockPlaces } from './place-lock.ts'
import { prioritise } from './priority-store.ts'
import { FLOOD_CASES_MAX, FLOOD_HOURS, isFlood } from './quarantine.ts'

const AtFind = z.object({
  state: Case.shape.state,
  recordingId: Case.shape.recordingId,
  reopenedByPerson: z.boolean(),
})

/**
 * Notes one more find: what it means for its case (`afterFind`), how urgent that is now, and whether the case waits in
 * quarantine because its recording is suddenly found everywhere.
 *
 * @param about.isNew the case was opened for this find.
 * @returns whether somebody should be told: the case is new or comes up again, and waits for a person.
 */
export async function followFind(
  tx: Tx,
  about: AboutCase & { readonly isNew: boolean },
  found: Standing,
): Promise<boolean> {
  const { id, isNew } = about
  await noteDecision(tx, about, { kind: isNew ? 'opened' : 'joined', actor: 'system' })
  const { state, recordingId, reopenedByPerson } = await tx.one(AtFind)`
    select c.state, c.recording_id, coalesce((
             select d.kind in ('reopened', 'undone') and d.actor <> 'system' from case_decision d
              where d.case_id = c.id and d.kind <> all(array['opened', 'joined', 'commented', 'assigned', 'released',
                                                             'quarantined', 'unquarantined'])
              order by d.number desc limit 1), false) as reopened_by_person
      from case_file c where c.id = ${id} for update of c`
  await prioritise(tx, id)
  const wasGone = state === 'dismissed' && (await isDismissedAsGone(tx, id))
  const kind = afterFind(state, found.state, { isNew, reopenedByPerson, wasGone })
  if (kind) {
    const why =
      found.state === 'needs_review'
        ? { comment: againWords(state) }
        : { comment: found.words, allowEntryId: found.entryId }
    await noteDecision(tx, about, { kind, actor: 'system', ...why })
    await tx.run`update case_file set state = ${afterDecision(state, kind) ?? state} where id = ${id}`
    if (kind !== 'reopened' && kind !== 'restored') return false
  }
  if (!kind && !isNew) return false
  return kind === 'restored' || !(await quarantineInFlood(tx, about, recordingId))
}

const againWords = (state: CaseState): string =>
  state === 'removed'
    ? 'Found again after it was removed'
    : state === 'dismissed'
      ? 'Found again after it was gone'
      : 'Found again, and what it was set aside for holds no more'

/** Whether the decision that holds dismissed a case because the copy was gone. */
async function isDismissedAsGone(tx: Tx, id: CaseId): Promise<boolean> {
  const decisions = await decisionsOf(tx, id)
  const { latest } = foldCase(decisions)
  return decisions.find(({ number }) => number === latest?.number)?.reason === 'content_gone'
}

const Firing = z.object({ opened: z.number(), quarantined: z.boolean() })

/** Puts a case into quarantine when its recording is found everywhere at once. @returns whether it is in it now. */
async function quarantineInFlood(tx: Tx, about: AboutCase, recordingId: RecordingId): Promise<boolean> {
  const firing = await tx.one(Firing)`
    select exists (select from case_file where recording_id = ${recordingId} and quarantined_at is not null) as quarantined,
           (select count(*) from (
              select from case_file
               where recording_id = ${recordingId} and state <> all(${AsideState.options})
                 and opened_at > greatest(now() - make_interval(hours => ${FLOOD_HOURS}), (
                       select max(d.at) from case_decision d join case_file c on c.id = d.case_id
                        where c.recording_id = ${recordingId} and d.kind = 'unquarantined'))
               limit ${FLOOD_CASES_MAX + 1}) recent) as opened`
  if (!isFlood(firing)) return false
  const comment = firing.quarantined
    ? 'Its recording is in quarantine until somebody has looked'
    : `Its recording opened more than ${FLOOD_CASES_MAX} cases in ${FLOOD_HOURS} hours`
  await noteDecision(tx, about, { kind: 'quarantined', actor: 'system', comment })
  await tx.run`update case_file set quarantined_at = now() where id = ${about.id}`
  return true
}

const Waiting = z.object({ id: CaseId })

/**
 * Lifts the quarantine of a recording: all its cases wait for a reviewer like any others.
 *
 * @returns the cases. Their flood is counted anew from here on.
 */
export async function liftQuarantine(
  tx: Tx,
  about: Pick<AboutCase, 'tenantId'> & { readonly recordingId: RecordingId },
  by: { readonly actor: string; readonly comment?: string | undefined },
): Promise<CaseId[]> {
  // A find that is just being written would put its recording into quarantine again.
  await lockPlaces(tx, about.tenantId)
  const waiting = await tx.all(Waiting)`
    update case_file set quarantined_at = null
     where tenant_id = ${about.tenantId} and recording_id = ${about.recordingId} and quarantined_at is not null
    returning id`
  for (const { id } of waiting)
    await noteDecision(tx, { id, tenantId: about.tenantId }, { kind: 'unquarantined', ...by })
  return waiting.map(({ id }) => id)
}

const Flood = z.object({
  recordingId: Case.shape.recordingId,
  recordingTitle: z.string(),
  cases: z.number(),
  since: z.date(),
})
export type Flood = z.infer<typeof Flood>

/** The recordings in quarantine, with how many cases wait; at most so many rows. */
export const floods = (tx: Tx, rowsMax: number): Promise<Flood[]> =>
  tx.all(Flood)`
    select r.id as recording_id, r.title as recording_title, count(*) as cases, min(c.quarantined_at) as since
      from case_file c join recording r on r.id = c.recording_id
     where c.quarantined_at is not null group by r.id, r.title order by since, r.id limit ${rowsMax}`
