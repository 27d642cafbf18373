import { createHash } from 'node:crypto'

import { expect } from 'vitest'
import { z } from 'zod'

import { auditEntries, firstBroken } from '../../services/core/audit.ts'
import type { Tx } from '../../services/core/db.ts'
import { foldCase } from '../../services/matches/case-machine.ts'
import { decisionsOf } from '../../services/matches/case-store.ts'
import { foldNotice } from '../../services/notices/notice-state.ts'
import { freezeNotice } from '../../services/notices/notice.ts'
import { eventsOf, findSigned } from '../../services/notices/store.ts'
import type { Lane, Scene, Snapshot } from './removal-lane.ts'

/** More entries than one sequence writes. */
const ENTRIES_MAX = 2_000

const ones = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)

/** The state of every case and notice follows from what was decided and what happened; nothing is missing between. */
async function checkFolds(tx: Tx, { cases, notices }: Snapshot): Promise<void> {
  for (const { id, state } of cases) {
    const decisions = await decisionsOf(tx, id)
    expect(decisions.map(({ number }) => number)).toEqual(ones(decisions.length))
    expect(foldCase(decisions).state, 'the fold of its decisions').toBe(state)
  }
  for (const { id, state } of notices) {
    const events = await eventsOf(tx, id)
    expect(events.map(({ number }) => number)).toEqual(ones(events.length))
    expect(foldNotice(events), 'the fold of its events').toBe(state)
    expect(events.at(-1)?.state).toBe(state)
  }
}

/** Every mail is one that was written down, of a notice that was signed and approved, and came once. */
function checkMails(scene: Scene, now: Snapshot): void {
  const { lane, mailsBefore, foundUnsent } = scene
  const times = new Map<string, number>()
  for (const { raw, to } of lane.host.received.slice(mailsBefore)) {
    const messageId = /^message-id:\s*<([^>]+)>/im.exec(raw.toString())?.[1] ?? ''
    const delivery = now.deliveries.find((each) => each.messageId === messageId)
    if (!delivery) throw new Error(`a mail that nobody wrote down: ${messageId}`)
    expect(to).toEqual([`abuse@${scene.hostName}`])
    for (const name of [messageId, delivery.key]) {
      times.set(name, (times.get(name) ?? 0) + 1)
      expect(times.get(name), `mails of ${name}`).toBeLessThanOrEqual(1 + (foundUnsent.get(delivery.id) ?? 0))
    }
    const notice = now.notices.find(({ id }) => id === delivery.noticeId)
    expect(notice).toMatchObject({ signed: true })
    expect(notice?.approvalNeeded === true && !notice.approved, 'sent without approval').toBe(false)
  }
}

/** What was signed is what is kept, to the byte. */
async function checkSignatures(tx: Tx, { signed }: Scene, { notices }: Snapshot): Promise<void> {
  for (const { id, signed: isSigned } of notices) {
    const kept = await findSigned(tx, id)
    expect(kept !== undefined).toBe(isSigned)
    if (!kept) continue
    expect(createHash('sha256').update(kept.documentText).digest('hex')).toBe(kept.documentSha256)
    expect(freezeNotice(kept.document)).toEqual({ text: kept.documentText, sha256: kept.documentSha256 })
    if (signed.has(id)) expect(kept.documentSha256).toBe(signed.get(id))
  }
}

const Demands = z.object({ demands: z.number() })
const Loose = z.object({ id: z.string(), state: z.string() })

/** An address is demanded of somebody once, and a case that is in a notice is demanded, or something became of it. */
async function checkDemands(tx: Tx, { caseIds }: Scene): Promise<void> {
  const twice = await tx.all(Demands)`
    select count(*) as demands from notice_location l join notice n on n.id = l.notice_id
     where l.live and l.beside_id is null and l.canonical_url in (
             select canonical_url from notice_location where case_id = any(${[...caseIds]}::uuid[]))
     group by l.recipient_id, l.canonical_url having count(*) > 1 or bool_or(n.signed_at is null)`
  expect(twice, 'demanded twice, or unsigned').toEqual([])
  const loose = await tx.all(Loose)`
    select c.id, c.state from case_file c
     where c.id = any(${[...caseIds]}::uuid[]) and c.state = 'in_notice' and not exists (
             select from notice_location l join notice n on n.id = l.notice_id
              where l.case_id = c.id and n.signed_at is not null and (l.live or l.outcome is not null))`
  expect(loose, 'in a notice, and nobody is asked').toEqual([])
}

/** The chain goes on from where it was, and has everything that callers were answered. */
async function checkChain(tx: Tx, { answered, auditBefore }: Scene): Promise<void> {
  const entries = await auditEntries(tx, auditBefore.number + 1, ENTRIES_MAX)
  expect(entries.map(({ number }) => number - auditBefore.number)).toEqual(ones(entries.length))
  expect(firstBroken(entries, auditBefore.hash)).toBeUndefined()
  const told = entries.flatMap(({ action, subject }) => [`${action} ${subject}`, action])
  for (const each of answered) {
    const at = told.indexOf(each)
    expect(at, `${each} is not in the chain`).toBeGreaterThanOrEqual(0)
    told.splice(at, 1)
  }
}

/** Everything that has to hold after any sequence whatever. */
export async function checkScene(scene: Scene, now: Snapshot): Promise<void> {
  const { house, world } = scene.lane
  checkMails(scene, now)
  await house.db.system(async (tx) => {
    await checkFolds(tx, now)
    await checkSignatures(tx, scene, now)
    await checkDemands(tx, scene)
  })
  await house.db.tenant(world.owner.tenantId, (tx) => checkChain(tx, scene))
}

/** The audit chain of the lane's account holds from its first entry to its last. @returns how long it is. */
export async function checkWholeChain({ house, world }: Lane): Promise<number> {
  return house.db.tenant(world.owner.tenantId, async (tx) => {
    let [length, hash] = [0, '0'.repeat(64)]
    for (;;) {
      const entries = await auditEntries(tx, length + 1, ENTRIES_MAX)
      if (entries.length === 0) return length
      expect(firstBroken(entries, hash)).toBeUndefined()
      expect(entries[0]?.number).toBe(length + 1)
      length += entries.length
      hash = entries.at(-1)?.entryHash ?? hash
    }
  })
}
