import { BlockList, isIP, isIPv4 } from 'node:net'

import { Problem } from './problem.ts'

/**
 * IPv4 networks that are not the public internet: the IANA special-purpose registry (RFC 6890 and its
 * successors), multicast, the reserved class E with broadcast, and the one public address that a cloud answers
 * from inside its machines.
 */
const privateNetworks4 = [
  ['0.0.0.0', 8], // this host; Linux connects it to loopback
  ['10.0.0.0', 8], // private
  ['100.64.0.0', 10], // carrier-grade NAT; Alibaba's metadata service lives here
  ['127.0.0.0', 8], // loopback
  ['168.63.129.16', 32], // Azure's platform service, reachable from any virtual machine there
  ['169.254.0.0', 16], // link-local, cloud metadata
  ['172.16.0.0', 12], // private
  ['192.0.0.0', 24], // protocol assignments
  ['192.0.2.0', 24], // documentation
  ['192.88.99.0', 24], // 6to4 relays, retired
  ['192.168.0.0', 16], // private
  ['198.18.0.0', 15], // benchmarks
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, broadcast
] as const

/**
 * The part of IPv6 that is handed out to the public. Everything else is refused without being listed: loopback,
 * unspecified, IPv4-mapped and -compatible, NAT64 (64:ff9b::), discard, unique local, link- and site-local,
 * multicast, and whatever will be assigned a meaning later.
 */
const publicNetwork6 = ['2000::', 3] as const

/** What is not public inside 2000::/3. Tunnels carry an IPv4 address inside, which could be a private one. */
const privateNetworks6 = [
  ['2001::', 23], // protocol assignments: Teredo tunnels, benchmarks, ORCHID
  ['2001:db8::', 32], // documentation
  ['2002::', 16], // 6to4 tunnels
  ['3ffe::', 16], // 6bone, handed back
  ['3fff::', 20], // documentation
] as const

const refused4 = new BlockList()
for (const [network, prefix] of privateNetworks4) refused4.addSubnet(network, prefix, 'ipv4')
const assigned6 = new BlockList()
assigned6.addSubnet(...publicNetwork6, 'ipv6')
const refused6 = new BlockList()
for (const [network, prefix] of privateNetworks6) refused6.addSubnet(network, prefix, 'ipv6')

/**
 * Whether an address belongs to the public internet. Text that is no address, or that has an IPv6 zone
 * (`fe80::1%eth0`), does not.
 */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !refused4.check(address, 'ipv4')
  if (isIP(address) !== 6 || address.includes('%')) return false
  return assigned6.check(address, 'ipv6') && !refused6.check(address, 'ipv6')
}

/** Decides whether a socket may be opened to an address. */
export interface AddressPolicy {
  permits(address: string, port: number): boolean
}

/**
 * Public addresses, and those allowed by name of address: `127.0.0.1:9000`, `[::1]:9000` or `10.1.0.0/16`.
 * The exceptions are meant for tests and for demonstration hosts on the same machine.
 *
 * @throws {Error} when an exception is neither of the three spellings.
 */
export function createAddressPolicy(allowed: readonly string[] = []): AddressPolicy {
  const networks = new BlockList()
  const endpoints = new Map<number, BlockList>()
  for (const entry of allowed) {
    const [, network = '', prefix] = /^([0-9a-f.:]+)\/(\d{1,3})$/i.exec(entry) ?? []
    const [, address6, address4, port] = /^(?:\[([0-9a-f.:]+)\]|([0-9.]+)):(\d{1,5})$/i.exec(entry) ?? []
    const address = address6 ?? address4 ?? ''
    if (prefix !== undefined && isIP(network)) {
      networks.addSubnet(network, Number(prefix), familyOf(network))
    } else if (port !== undefined && isIP(address)) {
      const atPort = endpoints.get(Number(port)) ?? new BlockList()
      atPort.addAddress(address, familyOf(address))
      endpoints.set(Number(port), atPort)
    } else throw new Error(`Not an address with port and not a network: '${entry}'`)
  }
  return {
    permits(address, port) {
      if (isPublicAddress(address)) return true
      if (!isIP(address) || address.includes('%')) return false
      const family = familyOf(address)
      return networks.check(address, family) || (endpoints.get(port)?.check(address, family) ?? false)
    },
  }
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIPv4(address) ? 'ipv4' : 'ipv6')

/** Longer addresses are attacks; the signed links of download hosts reach some 4 000 characters. */
const URL_LENGTH_MAX = 8_192

/** Below this a port belongs to the operating system's services; of those only 80 and 443 are the web. */
const USER_PORT_MIN = 1_024

/** Services above port 1023 that obey or leak when they are sent the text of an HTTP request. */
const servicePorts: ReadonlyMap<number, string> = new Map([
  [1433, 'SQL Server'],
  [1521, 'Oracle'],
  [1723, 'a tunnel'],
  [2049, 'a network file system'],
  [2375, 'Docker'],
  [2376, 'Docker'],
  [2379, 'etcd'],
  [2380, 'etcd'],
  [2525, 'mail'],
  [3306, 'MySQL'],
  [3389, 'remote desktops'],
  [5060, 'telephony'],
  [5061, 'telephony'],
  [5432, 'PostgreSQL'],
  [5672, 'a message queue'],
  [5900, 'remote desktops'],
  [6000, 'X11'],
  [6379, 'Redis'],
  [6443, 'Kubernetes'],
  [6667, 'chat'],
  [9200, 'Elasticsearch'],
  [9300, 'Elasticsearch'],
  [10_250, 'Kubernetes'],
  [11_211, 'memcached'],
  [27_017, 'MongoDB'],
])

/** Where a URL leads, as far as it can be told without looking up a name. */
export interface Target {
  readonly url: URL
  /** A name, or an address in its plain spelling without brackets. */
  readonly host: string
  readonly port: number
}

/**
 * Parses an address given by a stranger, or found in a redirect relative to `base`. Disguised IPv4 literals
 * (decimal, octal, hexadecimal, shortened, full-width) come out as plain ones: the WHATWG URL parser does that.
 *
 * @throws {Problem} `fetch/forbidden-url` for another scheme than http and https, a user name or password,
 *   a port that is not used for the web, or text that is no URL.
 */
export function parseTarget(text: string, base?: URL): Target {
  if (text.length > URL_LENGTH_MAX)
    throw forbiddenUrl(`The address has more than ${URL_LENGTH_MAX} characters`)
  if (!URL.canParse(text, base?.href)) throw forbiddenUrl('This is not a web address')
  const url = new URL(text, base)
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw forbiddenUrl('Only http and https addresses are fetched')
  if (url.username || url.password) throw forbiddenUrl('The address carries a user name or a password')
  const port = url.port ? Number(url.port) : url.protocol === 'https:' ? 443 : 80
  const service = servicePorts.get(port)
  if (service) throw forbiddenUrl(`Port ${port} is used by ${service}, not by the web`)
  if (port < USER_PORT_MIN && port !== 80 && port !== 443)
    throw forbiddenUrl(`Port ${port} is not used by the web`)
  return { url, host: url.hostname.replace(/^\[|\]$/g, ''), port }
}

const forbiddenUrl = (detail: string): Problem => new Problem('fetch/forbidden-url', detail)
