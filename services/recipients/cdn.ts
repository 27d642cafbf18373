import { BlockList, isIP, isIPv4 } from 'node:net'

import type { NoticeFormat } from './recipient.ts'

/** A network that serves copies of other hosts' files. */
export interface Cdn {
  /** The domain that it is known by. */
  readonly key: string
  readonly name: string
  readonly formUrl?: string
  readonly formats: readonly NoticeFormat[]
  readonly urlsMax: number
}

interface Known extends Cdn {
  /** Headers that only it sets: name and what the value looks like. */
  readonly headers: readonly (readonly [name: string, value: RegExp])[]
  /** Its published address ranges, where it serves nothing else from them. */
  readonly networks: readonly string[]
}

/** Cloudflare's own limit for one report. */
const CLOUDFLARE_URLS_MAX = 250
const URLS_MAX = 250

/** Networks as they announce themselves. Ranges of those who rent out servers, too, would tell nothing: left out. */
const known: readonly Known[] = [
  {
    key: 'cloudflare.com',
    name: 'Cloudflare',
    formUrl: 'https://abuse.cloudflare.com/',
    formats: ['cloudflare', 'hand'],
    urlsMax: CLOUDFLARE_URLS_MAX,
    headers: [
      ['cf-ray', /./],
      ['server', /^cloudflare\b/i],
    ],
    // https://www.cloudflare.com/ips
    networks: [
      '173.245.48.0/20',
      '103.21.244.0/22',
      '103.22.200.0/22',
      '103.31.4.0/22',
      '141.101.64.0/18',
      '108.162.192.0/18',
      '190.93.240.0/20',
      '188.114.96.0/20',
      '197.234.240.0/22',
      '198.41.128.0/17',
      '162.158.0.0/15',
      '104.16.0.0/13',
      '104.24.0.0/14',
      '172.64.0.0/13',
      '131.0.72.0/22',
      '2400:cb00::/32',
      '2606:4700::/32',
      '2803:f800::/32',
      '2405:b500::/32',
      '2405:8100::/32',
      '2a06:98c0::/29',
      '2c0f:f248::/32',
    ],
  },
  {
    key: 'fastly.com',
    name: 'Fastly',
    formats: ['mail'],
    urlsMax: URLS_MAX,
    headers: [
      ['x-fastly-request-id', /./],
      ['x-served-by', /^cache-[a-z]{3}/i],
    ],
    networks: ['151.101.0.0/16', '199.232.0.0/16', '146.75.0.0/17', '2a04:4e40::/32', '2a04:4e42::/32'],
  },
  {
    key: 'cloudfront.net',
    name: 'Amazon CloudFront',
    formUrl: 'https://support.aws.amazon.com/#/contacts/report-abuse',
    formats: ['hand'],
    urlsMax: URLS_MAX,
    headers: [
      ['x-amz-cf-id', /./],
      ['via', /\.cloudfront\.net\b/i],
    ],
    networks: [],
  },
  {
    key: 'akamai.com',
    name: 'Akamai',
    formats: ['mail'],
    urlsMax: URLS_MAX,
    headers: [
      ['server', /^Akamai(?:GHost|NetStorage)\b/i],
      ['x-akamai-request-id', /./],
    ],
    networks: [],
  },
  {
    key: 'bunny.net',
    name: 'bunny.net',
    formats: ['mail'],
    urlsMax: URLS_MAX,
    headers: [
      ['server', /^BunnyCDN\b/i],
      ['cdn-pullzone', /./],
    ],
    networks: [],
  },
  {
    key: 'ddos-guard.net',
    name: 'DDoS-Guard',
    formats: ['mail'],
    urlsMax: URLS_MAX,
    headers: [['server', /^ddos-guard\b/i]],
    networks: [],
  },
]

const rangesOf = new Map(
  known.map(({ key, networks }) => {
    const ranges = new BlockList()
    for (const network of networks) {
      const [address = '', prefix = ''] = network.split('/')
      ranges.addSubnet(address, Number(prefix), isIPv4(address) ? 'ipv4' : 'ipv6')
    }
    return [key, ranges]
  }),
)

/**
 * The network that stands between us and a host, by what it puts into the headers of an answer (lower-case names) or
 * by the address that answered. `told` says by which of them. It is asked who the host is, and notified of what it
 * keeps itself.
 */
export function cdnOf(
  headers: Readonly<Record<string, string>>,
  address: string | undefined,
): { readonly cdn: Cdn; readonly told: string } | undefined {
  for (const { headers: signs, networks: _networks, ...cdn } of known) {
    const sign = signs.find(([name, value]) => value.test(headers[name] ?? ''))
    if (sign) return { cdn, told: `the header ${sign[0]}` }
    const family = address !== undefined && isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (address !== undefined && isIP(address) && rangesOf.get(cdn.key)?.check(address, family))
      return { cdn, told: 'its address' }
  }
  return undefined
}
