import type { CaseId, RecipientId } from '../core/ids.ts'

/** A case that something is to be demanded about. */
export interface DemandedCase {
  readonly caseId: CaseId
  /** Exactly as observed. */
  readonly url: string
  readonly canonicalUrl: string
  readonly host: string
}

/** Who is asked about the copies at a host, and how much fits into one notice to them. */
export interface BatchRecipient {
  readonly id: RecipientId
  /** Addresses in one notice. */
  readonly urlsMax: number
}

/** What one notice is about. */
export interface Batch<C extends DemandedCase = DemandedCase> {
  readonly recipientId: RecipientId
  readonly host: string
  readonly cases: readonly C[]
}

/** Cases by their canonical address, in the order in which the addresses first come. */
function byAddress<C extends DemandedCase>(cases: readonly C[]): C[][] {
  const groups = new Map<string, C[]>()
  for (const one of cases) groups.set(one.canonicalUrl, [...(groups.get(one.canonicalUrl) ?? []), one])
  return [...groups.values()]
}

/**
 * Cuts cases into what single notices are about: one recipient, one host, and no more addresses than the recipient takes.
 * Several works at one address stay together, since the address is demanded once.
 *
 * @param recipients by host. @throws {Error} when a host has none: whoever calls asked for them.
 */
export function batchesOf<C extends DemandedCase>(
  cases: readonly C[],
  recipients: ReadonlyMap<string, BatchRecipient>,
): Batch<C>[] {
  const hosts = [...new Set(cases.map(({ host }) => host))]
  return hosts.flatMap((host) => {
    const recipient = recipients.get(host)
    if (!recipient) throw new Error(`a host without a recipient: ${host}`)
    const addresses = byAddress(cases.filter((one) => one.host === host))
    const batches: Batch<C>[] = []
    for (let from = 0; from < addresses.length; from += recipient.urlsMax) {
      const batch = addresses.slice(from, from + recipient.urlsMax).flat()
      batches.push({ recipientId: recipient.id, host, cases: batch })
    }
    return batches
  })
}
