import type { Tx } from '../services/core/db.ts'
import type { ResolutionId, TenantId } from '../services/core/ids.ts'
import type { Run } from '../services/core/queue.ts'
import type { OneRow } from '../services/jobs.ts'
import { type FoundRecipient, candidatesOf, inOrder, keysOf } from '../services/recipients/candidates.ts'
import { type EarlierSeen, type LookUpNote, lookUpHost } from '../services/recipients/look-up.ts'
import { rdapCache } from '../services/recipients/rdap-store.ts'
import { type RdapOptions, createRdap } from '../services/recipients/rdap.ts'
import { findResolution, keepCandidates, keepNotes, stages } from '../services/recipients/resolution-store.ts'
import { enteredFor, keepFound } from '../services/recipients/store.ts'
import { type Capture, latestCaptureAt } from '../services/submissions/captures.ts'
import type { Tools } from './tools.ts'

/** After so many tries a registry that does not answer is done without: the other candidates are worth having. */
const PATIENT_TRIES = 3

/** Where and what a host was when something was last fetched from it. */
const earlierOf = ({ finalUrl, address, headers }: Capture): EarlierSeen => ({
  origin: new URL(finalUrl).origin,
  address,
  headers: Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : value.join(', '),
    ]),
  ),
})

/** Keeps everybody who was found, and the order in which they are offered together with what people entered. */
async function keepAll(
  tx: Tx,
  { tenantId, host }: { tenantId: TenantId; host: string },
  found: readonly FoundRecipient[],
  keys: readonly string[],
): Promise<LookUpNote[]> {
  const notes: LookUpNote[] = []
  const candidates = await enteredFor(tx, tenantId, keys)
  for (const each of found) {
    const { recipient, differs } = await keepFound(tx, tenantId, each)
    if (!candidates.some(({ id }) => id === recipient.id)) candidates.push(recipient)
    if (differs && each.source !== 'rfc2142')
      notes.push({
        asked: `Entry ${recipient.name}`,
        found: true,
        text: `Kept as a person left it, although ${each.email ?? each.formUrl ?? 'nothing'} was found now`,
      })
  }
  const ids = inOrder(candidates).map(({ id }) => id)
  await keepCandidates(tx, tenantId, host, ids)
  return notes
}

/**
 * Looks up who may be asked about a host and keeps them as candidates. What people entered or confirmed is not touched.
 * Nobody is written to: that takes a signed notice.
 *
 * @param registries how often they are asked, where it is not as usual.
 */
export const resolve = (
  { db, safeFetch, config }: Pick<Tools, 'db' | 'safeFetch' | 'config'>,
  registries: Pick<RdapOptions, 'intervalMs'> = {},
) => {
  const ask = safeFetch.ask.bind(safeFetch)
  const rdap = createRdap({
    ask,
    cache: rdapCache(db),
    bootstrapUrl: config.RDAP_BOOTSTRAP_URL,
    ...registries,
  })
  return async ({ id }: OneRow<ResolutionId>, run: Run): Promise<void> => {
    const taken = await db.system(async (tx) => {
      if (!(await stages.claim(tx, id, 'resolve'))) return undefined
      const resolution = await findResolution(tx, id)
      const capture = resolution && (await latestCaptureAt(tx, resolution.tenantId, resolution.host))
      return resolution && { resolution, capture }
    })
    if (!taken) return run.log.info('another worker looks it up')

    const { tenantId, host, tries } = taken.resolution
    const { facts, notes } = await lookUpHost(host, {
      ask,
      rdap,
      earlier: taken.capture && earlierOf(taken.capture),
      withoutRegistries: tries >= PATIENT_TRIES,
      signal: run.signal,
    })
    const found = candidatesOf(facts)
    await db.system(async (tx) => {
      if (!(await stages.advance(tx, id, 'resolve', 'done'))) return
      const kept = await keepAll(tx, { tenantId, host }, found, keysOf(facts, found))
      await keepNotes(tx, id, [...notes, ...kept])
    })
    run.log.info({ found: found.length }, 'looked up who may be asked')
  }
}
