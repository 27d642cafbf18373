import type { Tx } from '../core/db.ts'
import type { RecipientId, TenantId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import { askedInVain } from '../notices/asked-store.ts'
import { type Batch, type DemandedCase, batchesOf } from '../notices/batches.ts'
import { type Recipient, isGuess } from '../recipients/recipient.ts'
import { type Candidate, candidatesOfHost } from '../recipients/resolution-store.ts'
import { findRecipient } from '../recipients/store.ts'

/** Cases at one host, and who is asked about them. */
export interface AskedAbout {
  readonly host: string
  readonly recipient: Recipient
  readonly cases: readonly DemandedCase[]
}

/** Who was asked about a case in vain: names by id. */
type AskedBefore = ReadonlyMap<RecipientId, string>

/** A host for which nobody is left, and who was asked there already. */
interface Unknown {
  readonly host: string
  readonly asked: readonly string[]
}

async function askedBefore(tx: Tx, demands: readonly DemandedCase[]): Promise<Map<string, AskedBefore>> {
  const byCase = new Map<string, Map<RecipientId, string>>()
  const rows = await askedInVain(
    tx,
    demands.map(({ caseId }) => caseId),
  )
  for (const { caseId, recipientId, recipientName } of rows) {
    const known = byCase.get(caseId) ?? new Map<RecipientId, string>()
    byCase.set(caseId, known.set(recipientId, recipientName))
  }
  return byCase
}

/** The best candidate that was not asked in vain: the order of the candidates is the way of an escalation. */
const nextOf = (candidates: readonly Candidate[], asked: AskedBefore | undefined): Candidate | undefined =>
  candidates.find((candidate) => !isGuess(candidate) && asked?.has(candidate.id) !== true)

/** @throws {Problem} recipient/unknown, naming the hosts without anybody and who was asked there already. */
function refuse(unknown: readonly Unknown[]): never {
  const hosts = [...new Set(unknown.map(({ host }) => host))]
  const faults = hosts.map((host) => {
    const names = [...new Set(unknown.filter((one) => one.host === host).flatMap(({ asked }) => asked))]
    const already = names.length > 0 ? `${names.join(', ')} did not act, and nobody else is known: ` : ''
    return {
      pointer: `/recipientByHost/${host.replaceAll('~', '~0').replaceAll('/', '~1')}`,
      detail: `${already}look up who can remove copies there, or enter them yourself`,
    }
  })
  throw new Problem('recipient/unknown', `Nobody is known to ask about: ${hosts.join(', ')}`, { faults })
}

/** The candidates of a host by the cases they are asked about; who was chosen is asked about all of them. */
async function atHost(
  tx: Tx,
  tenantId: TenantId,
  host: string,
  given: { readonly cases: readonly DemandedCase[]; readonly asked: ReadonlyMap<string, AskedBefore> },
): Promise<{ found: AskedAbout[]; unknown: Unknown[] }> {
  const candidates = await candidatesOfHost(tx, tenantId, host)
  const groups = new Map<RecipientId, { recipient: Recipient; cases: DemandedCase[] }>()
  const unknown: Unknown[] = []
  // The address is demanded once: of several works there, whoever was asked about any was asked about all.
  const askedAt = new Map<string, Map<RecipientId, string>>()
  for (const { caseId, canonicalUrl } of given.cases) {
    const there = askedAt.get(canonicalUrl) ?? new Map<RecipientId, string>()
    for (const [id, name] of given.asked.get(caseId) ?? []) there.set(id, name)
    askedAt.set(canonicalUrl, there)
  }
  for (const one of given.cases) {
    const before = askedAt.get(one.canonicalUrl)
    const recipient = nextOf(candidates, before)
    if (!recipient) unknown.push({ host, asked: [...(before?.values() ?? [])] })
    else if (groups.has(recipient.id)) groups.get(recipient.id)?.cases.push(one)
    else groups.set(recipient.id, { recipient, cases: [one] })
  }
  return { found: [...groups.values()].map((group) => ({ host, ...group })), unknown }
}

/**
 * Who is asked about each case: who was chosen for its host, else the best candidate who was not asked about it in vain,
 * so that what the host did not remove goes to its network, the CDN, the registrar and so on.
 *
 * @throws {Problem} row/unknown; recipient/unknown naming the hosts for which nobody is left, and who was asked there.
 */
export async function recipientsOf(
  tx: Tx,
  tenantId: TenantId,
  demands: readonly DemandedCase[],
  chosen: Readonly<Record<string, RecipientId>>,
): Promise<AskedAbout[]> {
  const asked = await askedBefore(tx, demands)
  const all: AskedAbout[] = []
  const unknown: Unknown[] = []
  for (const host of new Set(demands.map((one) => one.host))) {
    const cases = demands.filter((one) => one.host === host)
    const id = chosen[host]
    if (id) {
      const recipient = await findRecipient(tx, id)
      if (!recipient) throw new Problem('row/unknown', `No such recipient for ${host}`)
      all.push({ host, recipient, cases })
      continue
    }
    const { found, unknown: left } = await atHost(tx, tenantId, host, { cases, asked })
    all.push(...found)
    unknown.push(...left)
  }
  if (unknown.length > 0) refuse(unknown)
  return all
}

/** What single notices to one recipient are about, each with the recipient. */
export const batchesFor = ({ host, recipient, cases }: AskedAbout): (Batch & { recipient: Recipient })[] =>
  batchesOf(cases, new Map([[host, recipient]])).map((batch) => ({ ...batch, recipient }))
