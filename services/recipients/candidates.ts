import type { Cdn } from './cdn.ts'
import { siteOfHost } from './host.ts'
import { platformOf } from './platforms.ts'
import type { Platform } from './platforms/platform.ts'
import { searchEngines } from './platforms/search.ts'
import type { RdapContacts } from './rdap-contacts.ts'
import type { Recipient, RecipientRole, RecipientSource } from './recipient.ts'

/** Everything that was learned about a host; undefined where nothing was. */
export interface HostFacts {
  readonly host: string
  /** Its registrable domain. */
  readonly domain: string | undefined
  /** What one of its own pages names. */
  readonly contact: { readonly email: string; readonly pageUrl: string } | undefined
  /** Who holds the network of its address. */
  readonly network: RdapContacts | undefined
  readonly cdn: { readonly cdn: Cdn; readonly told: string } | undefined
  /** Through whom its domain was registered. */
  readonly registration: RdapContacts | undefined
  /** When all this was looked up. */
  readonly at: Date
}

/** A recipient as it was found, before it is kept. */
export type FoundRecipient = Pick<
  Recipient,
  | 'role'
  | 'key'
  | 'name'
  | 'email'
  | 'formUrl'
  | 'country'
  | 'source'
  | 'formats'
  | 'languages'
  | 'note'
  | 'resolvedAt'
> &
  Pick<Recipient, 'sameHost' | 'urlsMax' | 'acknowledgeH' | 'removeH'>

/** What is asked of somebody of whom nothing else is known; the columns' own defaults. */
const usual = {
  country: null,
  formUrl: null,
  formats: ['mail'],
  languages: ['en'],
  note: null,
  sameHost: true,
  urlsMax: 250,
  acknowledgeH: 48,
  removeH: 72,
} satisfies Partial<FoundRecipient>

/**
 * Where a candidate stands: 1 platform, 2 designated agent, 3 the site's own page, 4 host or network, 5 CDN,
 * 6 registrar, 7 search engine, 8 a guess. Who is nearer to the copy is asked first.
 */
export function positionOf({ role, source }: { role: RecipientRole; source: RecipientSource }): number {
  if (source === 'rfc2142') return 8
  if (source === 'site') return 3
  return positions[role]
}

const positions: Readonly<Record<RecipientRole, number>> = {
  platform: 1,
  designated_agent: 2,
  hosting: 4,
  network: 4,
  cdn: 5,
  registrar: 6,
  registry: 6,
  search_engine: 7,
}

const fromRegistry = (platform: Platform, role: 'platform' | 'search_engine'): FoundRecipient => ({
  role,
  key: platform.domains[0],
  name: platform.name,
  email: platform.email ?? null,
  formUrl: platform.formUrl ?? null,
  country: platform.country ?? null,
  source: 'platform_registry',
  formats: [...platform.formats],
  languages: [...platform.languages],
  sameHost: platform.sameHost,
  urlsMax: platform.urlsMax,
  acknowledgeH: platform.acknowledgeH,
  removeH: platform.removeH,
  note: platform.source,
  resolvedAt: new Date(`${platform.checkedAt}T00:00:00Z`),
})

function fromSite({ host, contact, at }: HostFacts): FoundRecipient[] {
  if (!contact) return []
  const key = siteOfHost(host)
  const note = `Named on ${contact.pageUrl}`
  return [
    {
      ...usual,
      role: 'platform',
      key,
      name: key,
      email: contact.email,
      source: 'site',
      note,
      resolvedAt: at,
    },
  ]
}

/** Behind a CDN the address is the CDN's: its network says nothing of the host. */
function fromNetwork({ network, cdn, at }: HostFacts): FoundRecipient[] {
  const email = network?.emails[0]
  if (cdn || !network || email === undefined) return []
  const { name, range, country, tels } = network
  const words = [
    range && `Network ${range.from} – ${range.to}`,
    tels.length > 0 && `telephone ${tels[0]}`,
  ].filter(Boolean)
  return [
    {
      ...usual,
      role: 'hosting',
      key: email,
      name: name ?? email,
      email,
      country: country ?? null,
      source: 'rdap_ip',
      note: words.join(', ') || null,
      resolvedAt: at,
    },
  ]
}

/** A CDN that names no form is reached through whoever the registry names for its addresses. */
function fromCdn({ cdn: found, network, at }: HostFacts): FoundRecipient[] {
  if (!found) return []
  const { cdn, told } = found
  const email = cdn.formUrl === undefined ? network?.emails[0] : undefined
  if (cdn.formUrl === undefined && email === undefined) return []
  const note = `Known by ${told}. Asked who the host is, and notified only of what it keeps itself`
  return [
    {
      ...usual,
      role: 'cdn',
      key: cdn.key,
      name: cdn.name,
      email: email ?? null,
      formUrl: cdn.formUrl ?? null,
      source: 'cdn_ranges',
      formats: [...cdn.formats],
      urlsMax: cdn.urlsMax,
      note,
      resolvedAt: at,
    },
  ]
}

function fromRegistration({ registration, at }: HostFacts): FoundRecipient[] {
  const email = registration?.emails[0]
  const registrar = registration?.registrar
  if (!registrar || email === undefined) return []
  const { name, ianaId } = registrar
  const key = ianaId === undefined ? name.toLowerCase() : `iana-${ianaId}`
  const note = 'Registrar of the domain; rarely acts on single files'
  return [{ ...usual, role: 'registrar', key, name, email, source: 'rdap_domain', note, resolvedAt: at }]
}

/** RFC 2142 wishes that this mailbox exists. Whether it does, and who reads it, only a person can find out. */
function guessed({ domain, at }: HostFacts): FoundRecipient[] {
  if (domain === undefined) return []
  const note = 'A guess: nobody names this address. It is not used before a person has confirmed it'
  const email = `abuse@${domain}`
  return [
    { ...usual, role: 'platform', key: domain, name: domain, email, source: 'rfc2142', note, resolvedAt: at },
  ]
}

/** Recipients by which a person's entry is known to concern a host: its names, and whoever was found for it. */
export const keysOf = (
  { host, domain }: Pick<HostFacts, 'host' | 'domain'>,
  found: readonly FoundRecipient[],
): string[] => [...new Set([host, ...(domain === undefined ? [] : [domain]), ...found.map(({ key }) => key)])]

/** Whoever may be asked about a host, as found by looking it up, in the order in which they are offered. */
export function candidatesOf(facts: HostFacts): FoundRecipient[] {
  const platform = platformOf(facts.host)
  const site = platform ? [fromRegistry(platform, 'platform')] : fromSite(facts)
  return [
    ...site,
    ...fromNetwork(facts),
    ...fromCdn(facts),
    ...fromRegistration(facts),
    ...searchEngines.map((engine) => fromRegistry(engine, 'search_engine')),
    ...(site.length === 0 ? guessed(facts) : []),
  ]
}

/** Sorts candidates into their order; among equals, what a person entered comes first. */
export const inOrder = <T extends { role: RecipientRole; source: RecipientSource }>(
  candidates: readonly T[],
): T[] => {
  const isEntered = ({ source }: T): number => (isByPerson(source) ? 0 : 1)
  return candidates.toSorted((a, b) => positionOf(a) - positionOf(b) || isEntered(a) - isEntered(b))
}

/** Sources that are a person and not a machine. */
export const isByPerson = (source: RecipientSource): boolean =>
  source === 'manual' || source === 'copyright_office_directory'

/**
 * What becomes of a kept recipient when it is found again: replaced by what was found, refreshed because it was found
 * the same, or kept, because a person stands behind it or what was found is worth less.
 */
export function meeting(
  kept: Pick<Recipient, 'source' | 'confirmedBy' | 'email' | 'formUrl'>,
  found: Pick<FoundRecipient, 'source' | 'email' | 'formUrl'>,
): 'replace' | 'refresh' | 'keep' {
  const isGuess = found.source === 'rfc2142'
  const isSame = kept.source === found.source && kept.email === found.email && kept.formUrl === found.formUrl
  if (isByPerson(kept.source) || kept.confirmedBy !== null) return isSame && !isGuess ? 'refresh' : 'keep'
  return isGuess && kept.source !== 'rfc2142' ? 'keep' : 'replace'
}
