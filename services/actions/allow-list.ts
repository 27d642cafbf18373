import { type AllowEntry, type NewAllowEntry, concerns, covers } from '../allowlist/entry.ts'
import { entryWords } from '../allowlist/leave.ts'
import { endEntry, findEntry, findSame, hasRelease, keepEntry } from '../allowlist/store.ts'
import { dossierOf } from '../case-dossier.ts'
import { placesOfCase } from '../case-standing.ts'
import { keepExcludedSegments } from '../catalog/excluded-segments-store.ts'
import type { ExcludedSegment } from '../catalog/excluded-segments.ts'
import * as recordings from '../catalog/store.ts'
import { audit } from '../core/audit.ts'
import type { Tx } from '../core/db.ts'
import type { AllowEntryId, CaseId, RecordingId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import { decide } from '../matches/case-store.ts'
import { type Caller, actorOf, hasRole } from '../tenants/tenant.ts'
import type { MemberCaller } from './account.ts'
import type { House } from './house.ts'

/** An entry lets finds pass unseen, as if each were dismissed: so it takes who may dismiss, or who owns the account. */
function requirePerson(caller: Caller): asserts caller is MemberCaller {
  if (!hasRole(caller, 'owner') && !hasRole(caller, 'reviewer'))
    throw new Problem('auth/forbidden', 'Only an owner or a reviewer can change the allow-list')
}

/** @throws {Problem} request/invalid when the recording or the release is not in the account. */
async function requireScope(tx: Tx, { recordingId, releaseId }: NewAllowEntry): Promise<void> {
  if (recordingId && !(await recordings.find(tx, recordingId)))
    refuse('recordingId', 'there is no such recording')
  if (releaseId && !(await hasRelease(tx, releaseId))) refuse('releaseId', 'there is no such release')
}

/** @throws {Problem} request/invalid when an entry has ended before it begins. */
function requireFuture({ expiresOn }: NewAllowEntry): void {
  if (expiresOn !== undefined && expiresOn < new Date().toISOString().slice(0, 10))
    refuse('expiresOn', 'this day has passed')
}

function refuse(field: string, detail: string): never {
  throw new Problem('request/invalid', `The entry cannot be made: ${detail}`, {
    faults: [{ pointer: `/${field}`, detail }],
  })
}

/** Closes a case as allowed by an entry. @throws {Problem} row/unknown, row/stage, request/invalid when it is elsewhere. */
async function allowCase(tx: Tx, caller: MemberCaller, id: CaseId, entry: AllowEntry): Promise<void> {
  const dossier = await dossierOf(tx, id)
  if (!placesOfCase(dossier).some((place) => covers(entry, place)))
    refuse('value', 'this does not cover the place of the case; choose one of those that are offered')
  if (!concerns(entry, dossier.recording)) refuse('recordingId', 'the case is about another recording')
  const about = { id, tenantId: caller.tenantId }
  const actor = actorOf(caller)
  await decide(tx, about, { kind: 'allowed', actor, comment: entryWords(entry), allowEntryId: entry.id })
  const details = { entry: entry.id }
  await audit(tx, caller.tenantId, { actor, action: 'case.allowed', subject: `case:${id}`, details })
}

/**
 * Puts a place on the allow-list, in the caller's name: from now on finds there are kept, and nobody is told.
 *
 * @param caseId a case at the place that is closed as allowed with it; an entry that says the same already serves, too.
 * @throws {Problem} auth/forbidden, request/invalid, request/conflict when the list says so already; of a case
 *   row/unknown, row/stage.
 */
export async function allowPlace(
  house: House,
  caller: Caller,
  given: NewAllowEntry,
  caseId?: CaseId,
): Promise<AllowEntry> {
  requirePerson(caller)
  if (caseId && !hasRole(caller, 'reviewer'))
    throw new Problem('auth/forbidden', 'Only a person with the reviewer’s role can decide about a case')
  requireFuture(given)
  return house.db.tenant(caller.tenantId, async (tx) => {
    await requireScope(tx, given)
    const same = await findSame(tx, given)
    if (same && !caseId)
      throw new Problem('request/conflict', `${entryWords(same)}. End that entry before you make it anew`)
    const entry = same ?? (await keepEntry(tx, caller.tenantId, caller.member.id, given))
    if (!same)
      await audit(tx, caller.tenantId, {
        actor: actorOf(caller),
        action: 'allow-entry.made',
        subject: `allow-entry:${entry.id}`,
        details: { ...given },
      })
    if (caseId) await allowCase(tx, caller, caseId, entry)
    return entry
  })
}

/**
 * Takes an entry back; a second time there is nothing left to do. Cases that it set aside come up again with the next
 * find at their place.
 *
 * @throws {Problem} auth/forbidden, row/unknown.
 */
export async function endLeave(house: House, caller: Caller, id: AllowEntryId): Promise<AllowEntry> {
  requirePerson(caller)
  return house.db.tenant(caller.tenantId, async (tx) => {
    const subject = `allow-entry:${id}`
    if (await endEntry(tx, id, caller.member.id))
      await audit(tx, caller.tenantId, { actor: actorOf(caller), action: 'allow-entry.ended', subject })
    const entry = await findEntry(tx, id)
    if (!entry) throw new Problem('row/unknown', 'No such entry of the allow-list')
    return entry
  })
}

/**
 * Replaces the parts of a recording that are not its holder's own.
 *
 * @throws {Problem} row/unknown, request/invalid when a part lies behind the end of the recording.
 */
export async function excludeSegments(
  house: House,
  caller: Caller,
  id: RecordingId,
  segments: readonly ExcludedSegment[],
): Promise<void> {
  await house.db.tenant(caller.tenantId, async (tx) => {
    await recordings.lockRecording(tx, caller.tenantId, id)
    const recording = await recordings.find(tx, id)
    if (!recording) throw new Problem('row/unknown', 'No such recording')
    const { durationMs } = recording
    const faults = segments.flatMap(({ fromMs }, index) =>
      durationMs !== null && fromMs >= durationMs
        ? [{ pointer: `/items/${index}/fromMs`, detail: 'lies behind the end of the recording' }]
        : [],
    )
    if (faults.length > 0)
      throw new Problem('request/invalid', 'A part lies behind the end of the recording', { faults })
    await keepExcludedSegments(tx, { id, tenantId: caller.tenantId }, segments)
    await audit(tx, caller.tenantId, {
      actor: actorOf(caller),
      action: 'recording.segments-excluded',
      subject: `recording:${id}`,
      details: { segments: [...segments] },
    })
  })
}
