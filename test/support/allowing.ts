import type { z } from 'zod'

import { decideCase, issueReport } from '../../services/actions/cases.ts'
import { NewAllowEntry } from '../../services/allowlist/entry.ts'
import { CaseId, RecordingId } from '../../services/core/ids.ts'
import { Problem } from '../../services/core/problem.ts'
import { seed } from './api.ts'
import { confirming } from './confirming.ts'
import type { Account, World } from './world.ts'

/** An entry as a caller writes it. */
export const entry = (given: z.input<typeof NewAllowEntry>): NewAllowEntry => NewAllowEntry.parse(given)

/** What a refusal says, or undefined when there was none. */
export const refusalOf = async (work: Promise<unknown>): Promise<Problem | undefined> =>
  work.then(
    () => undefined,
    (error: unknown) => Problem.from(error),
  )

/** Signs a report of a case, as its owner. */
export const sign = ({ house }: World, { caller, member }: Account, id: CaseId) =>
  issueReport(house, caller, id, {
    goodFaith: true,
    accuracy: true,
    authority: true,
    signatureText: `/s/ ${member.name}`,
  })

/** An account with a confirmed case at an address, where nothing was captured. */
export async function confirmedCase(world: World, url: string) {
  const account = await world.account('Allowing')
  const seeded = await seed(world, account)
  const id = CaseId.parse(seeded.caseId)
  await world.house.db.system(
    (tx) => tx.run`update case_file set location_key = ${url}, location = ${url} where id = ${id}`,
  )
  await decideCase(world.house, account.caller, id, confirming)
  return { ...seeded, account, id, recordingId: RecordingId.parse(seeded.recordingId) }
}
