import { randomUUID } from 'node:crypto'

import { z } from 'zod'

import { audit } from '../core/audit.ts'
import type { Tx } from '../core/db.ts'
import { CaseId, type RecordingId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import { decisionsOfBatch, lockCases } from '../matches/case-batch-store.ts'
import { judge } from '../matches/case-store.ts'
import { CaseState } from '../matches/case.ts'
import { liftQuarantine } from '../matches/find-store.ts'
import { type Caller, actorOf } from '../tenants/tenant.ts'
import type { MemberCaller } from './account.ts'
import { type TakenDecision, decideIn, requireReviewer, undoIn } from './cases.ts'
import type { House } from './house.ts'

/** More at once nobody has looked at; and it is one transaction of seconds. */
export const BATCH_CASES_MAX = 500

/** What becomes of one case of many. */
export const CaseOutcome = z.object({
  id: CaseId,
  number: z.string().nullable().describe('null of a case that is not there'),
  from: CaseState.nullable().describe('Its state before; null of a case that is not there'),
  to: CaseState.nullable().describe('Its state after; null when it stays as it is'),
  refused: z
    .object({ type: z.string(), detail: z.string() })
    .nullable()
    .describe('Why it stays as it is; null when it does not'),
})
export type CaseOutcome = z.infer<typeof CaseOutcome>

/** What one case alone stumbles over; everything else ends the whole. */
const ofOneCase: ReadonlySet<string> = new Set([
  'row/unknown',
  'row/stage',
  'request/conflict',
  'request/invalid',
])

/** One case of many: what became of it, or why it stays. Nothing was written of those that stay. */
async function outcomeOf(
  id: CaseId,
  before: { readonly number: string; readonly state: CaseState } | undefined,
  work: () => Promise<CaseState>,
): Promise<CaseOutcome> {
  const { number = null, state: from = null } = before ?? {}
  try {
    return { id, number, from, to: await work(), refused: null }
  } catch (error) {
    if (!(error instanceof Problem) || !ofOneCase.has(error.type)) throw error
    return { id, number, from, to: null, refused: { type: error.type, detail: error.message } }
  }
}

/**
 * A reviewer decides about many cases alike, in one transaction: those for which it is allowed now are decided, the
 * others stay and say why.
 *
 * @param given.preview tells what would happen, and writes nothing.
 * @returns the outcomes by case, and the batch by which all can be taken back; none when nothing was written.
 * @throws {Problem} auth/forbidden; request/invalid when there are none or more than `BATCH_CASES_MAX`.
 */
export async function decideMany(
  house: House,
  caller: Caller,
  given: {
    readonly caseIds: readonly CaseId[]
    readonly decision: TakenDecision
    readonly preview: boolean
  },
): Promise<{ batchId: string | undefined; cases: CaseOutcome[] }> {
  requireReviewer(caller)
  const ids = [...new Set(given.caseIds)]
  if (ids.length === 0 || ids.length > BATCH_CASES_MAX)
    throw new Problem('request/invalid', `One to ${BATCH_CASES_MAX} cases are decided at once`, {
      faults: [{ pointer: '/caseIds', detail: `between 1 and ${BATCH_CASES_MAX}` }],
    })
  const batchId = randomUUID()
  return house.db.tenant(caller.tenantId, async (tx) => {
    const locked = await lockCases(tx, caller.tenantId, ids)
    const cases: CaseOutcome[] = []
    for (const id of ids) {
      const { decision, preview } = given
      cases.push(
        await outcomeOf(id, locked.get(id), async () => {
          const { next } = preview
            ? await judgeOne(tx, caller, id, decision)
            : await decideIn(tx, caller, id, decision, batchId)
          return next
        }),
      )
    }
    const wrote = !given.preview && cases.some(({ refused }) => !refused)
    return { batchId: wrote ? batchId : undefined, cases }
  })
}

const judgeOne = (tx: Tx, caller: MemberCaller, id: CaseId, { kind, exceptions }: TakenDecision) =>
  judge(tx, { id, tenantId: caller.tenantId }, { kind, actor: actorOf(caller) }, exceptions)

/**
 * Takes back what was decided together, as far as each case still allows: where somebody decided since, or a notice
 * rests on it, it stays.
 *
 * @throws {Problem} auth/forbidden; row/unknown when there is no such batch.
 */
export async function undoBatch(house: House, caller: Caller, batchId: string): Promise<CaseOutcome[]> {
  requireReviewer(caller)
  return house.db.tenant(caller.tenantId, async (tx) => {
    const decisions = await decisionsOfBatch(tx, batchId)
    if (decisions.length === 0) throw new Problem('row/unknown', 'No such batch of decisions')
    const locked = await lockCases(
      tx,
      caller.tenantId,
      decisions.map(({ caseId }) => caseId),
    )
    const outcomes: CaseOutcome[] = []
    for (const { caseId, number } of decisions) {
      const wanted = { number, comment: 'Taken back with its batch' }
      outcomes.push(await outcomeOf(caseId, locked.get(caseId), () => undoIn(tx, caller, caseId, wanted)))
    }
    return outcomes
  })
}

/**
 * A reviewer has looked at a flood of one recording: its cases wait like any others from now on.
 *
 * @returns how many. @throws {Problem} auth/forbidden; row/unknown when none of it is in quarantine.
 */
export async function endQuarantine(
  house: House,
  caller: Caller,
  recordingId: RecordingId,
  comment?: string,
): Promise<number> {
  requireReviewer(caller)
  const { tenantId } = caller
  return house.db.tenant(tenantId, async (tx) => {
    const actor = actorOf(caller)
    const lifted = await liftQuarantine(tx, { tenantId, recordingId }, { actor, comment })
    if (lifted.length === 0) throw new Problem('row/unknown', 'No cases of this recording are in quarantine')
    await audit(tx, tenantId, {
      actor,
      action: 'recording.unquarantined',
      subject: `recording:${recordingId}`,
      details: { cases: lifted.length },
    })
    return lifted.length
  })
}
