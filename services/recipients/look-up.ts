import { z } from 'zod'

import { Problem } from '../core/problem.ts'
import type { SafeFetch } from '../core/safe-fetch.ts'
import type { HostFacts } from './candidates.ts'
import { cdnOf } from './cdn.ts'
import { addressOf, registrableDomain } from './host.ts'
import { platformOf } from './platforms.ts'
import type { RdapContacts } from './rdap-contacts.ts'
import type { Rdap } from './rdap.ts'
import { type Seen, lookAtSite } from './site.ts'

/** One question of a look-up and what came of it, in words. */
export const LookUpNote = z.object({ asked: z.string(), found: z.boolean(), text: z.string() })
export type LookUpNote = z.infer<typeof LookUpNote>

/** What is known of a host from the last time that something was fetched from it. */
export interface EarlierSeen {
  readonly origin: string
  readonly address: string
  readonly headers: Readonly<Record<string, string>>
}

interface Means {
  readonly ask: SafeFetch['ask']
  readonly rdap: Rdap
  readonly earlier: EarlierSeen | undefined
  /** Goes on without a registry that does not answer; else its Problem is thrown, so that it is asked again. */
  readonly withoutRegistries: boolean
  readonly signal?: AbortSignal
}

/** What a registry knows, with a note. @throws {Problem} registry/unreachable, unless it may be done without. */
async function askRegistry(
  { rdap, withoutRegistries, signal }: Means,
  asked: string,
  about: string | undefined,
): Promise<{ contacts: RdapContacts | undefined; note: LookUpNote }> {
  if (about === undefined)
    return { contacts: undefined, note: { asked, found: false, text: 'There is nothing to ask about' } }
  try {
    const contacts = await rdap.contactsOf(about, signal)
    const [email] = contacts?.emails ?? []
    const missing = contacts ? 'It names nobody for abuse' : 'No registry knows it'
    const text = email === undefined ? missing : `It names ${email}`
    return { contacts, note: { asked, found: email !== undefined, text } }
  } catch (error) {
    if (!(error instanceof Problem) || !error.type.startsWith('registry/')) throw error
    if (error.retry && !withoutRegistries) throw error
    return { contacts: undefined, note: { asked, found: false, text: error.message } }
  }
}

function siteNote(origin: string, seen: Seen, isPlatform: boolean): LookUpNote {
  const asked = `Pages of ${origin}`
  if (!seen.answered) return { asked, found: false, text: 'The host does not answer' }
  if (isPlatform)
    return { asked, found: false, text: 'Not read: its way for notices is in the list of platforms' }
  if (!seen.contact) return { asked, found: false, text: 'No page about copyright with a mail address' }
  return { asked, found: true, text: `${seen.contact.pageUrl} names ${seen.contact.email}` }
}

/**
 * Looks a host up: where it is, what its pages say, who holds its network and its domain. What was not found is told
 * in the notes.
 *
 * @throws {Problem} registry/unreachable when asking later may help and `withoutRegistries` is not set.
 */
export async function lookUpHost(
  host: string,
  means: Means,
): Promise<{ facts: HostFacts; notes: LookUpNote[] }> {
  const at = new Date()
  const { ask, earlier, signal } = means
  const origin = earlier?.origin ?? `https://${host}`
  const isPlatform = platformOf(host) !== undefined
  const seen = await lookAtSite({ ask, origin, readPages: !isPlatform, ...(signal && { signal }) })

  const address = addressOf(host) ?? seen.address ?? earlier?.address
  const domain = registrableDomain(host)
  const cdn = cdnOf({ ...earlier?.headers, ...seen.headers }, address)
  const network = await askRegistry(
    means,
    `Registry of addresses, about ${address ?? 'its address'}`,
    address,
  )
  const registration = await askRegistry(means, `Registry of domains, about ${domain ?? host}`, domain)
  const cdnNote: LookUpNote[] = cdn
    ? [{ asked: 'Who answers for the host', found: true, text: `${cdn.cdn.name}, by ${cdn.told}` }]
    : []
  return {
    facts: {
      host,
      domain,
      contact: seen.contact,
      network: network.contacts,
      cdn,
      registration: registration.contacts,
      at,
    },
    notes: [siteNote(origin, seen, isPlatform), ...cdnNote, network.note, registration.note],
  }
}
