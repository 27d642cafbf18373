import { BlockList, isIP, isIPv4 } from 'node:net'

import { z } from 'zod'

/** The registries of servers that are used here, as IANA names their files. */
export type RdapRegistry = 'dns' | 'ipv4' | 'ipv6'

/** IANA's largest list has some 1 300 entries in 600 services. */
const SERVICES_MAX = 5_000
const ENTRIES_MAX = 10_000
const SERVERS_MAX = 20
const URL_CHARACTERS_MAX = 2048

const Service = z.object({ entries: z.array(z.string()), urls: z.array(z.string()) })
/** Which servers answer for which domains or networks. */
export const RdapServices = z.array(Service)
export type RdapServices = z.infer<typeof RdapServices>

const texts = (countMax: number) => z.array(z.string().max(URL_CHARACTERS_MAX)).max(countMax)

/** A registry as IANA publishes it (RFC 9224), as far as it is needed. */
export const Bootstrap = z.object({
  services: z
    .array(z.tuple([texts(ENTRIES_MAX), texts(SERVERS_MAX)]).rest(z.unknown()))
    .max(SERVICES_MAX)
    .transform((services): RdapServices => services.map(([entries, urls]) => ({ entries, urls }))),
})

/** How well an entry of a registry fits; 0 when it does not. */
type Fit = (entry: string) => number

/** The most labels win: `co.uk` over `uk`. */
const domainFit =
  (domain: string): Fit =>
  (entry) =>
    domain === entry || domain.endsWith(`.${entry}`) ? entry.split('.').length : 0

/** The narrowest network wins; one that is no network fits nothing. */
function addressFit(address: string): Fit {
  const family = isIPv4(address) ? 'ipv4' : 'ipv6'
  return (entry) => {
    const [network = '', length = ''] = entry.split('/')
    const prefix = Number(length)
    const bitsMax = family === 'ipv4' ? 32 : 128
    if (isIP(network) !== (family === 'ipv4' ? 4 : 6)) return 0
    if (!Number.isInteger(prefix) || prefix < 1 || prefix > bitsMax) return 0
    const range = new BlockList()
    range.addSubnet(network, prefix, family)
    return range.check(address, family) ? prefix : 0
  }
}

/**
 * The server to ask about a domain (lower case) or an address, with a slash at its end; https where there is a choice.
 * Undefined when the registry knows none, as for many countries' domains.
 */
export function serverFor(services: RdapServices, about: string): string | undefined {
  const fit = isIP(about) ? addressFit(about) : domainFit(about)
  let best: { fit: number; urls: readonly string[] } = { fit: 0, urls: [] }
  for (const { entries, urls } of services) {
    const here = Math.max(0, ...entries.map((entry) => fit(entry.toLowerCase())))
    if (here > best.fit) best = { fit: here, urls }
  }
  const usable = best.urls.filter((url) => URL.canParse(url) && /^https?:/.test(url))
  const url = usable.find((each) => each.startsWith('https:')) ?? usable[0]
  return url === undefined || url.endsWith('/') ? url : `${url}/`
}
