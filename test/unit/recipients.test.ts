import { describe, expect, test } from 'vitest'

import {
  type HostFacts,
  candidatesOf,
  inOrder,
  keysOf,
  meeting,
  positionOf,
} from '../../services/recipients/candidates.ts'
import { cdnOf } from '../../services/recipients/cdn.ts'
import { registrableDomain } from '../../services/recipients/host.ts'
import { mailAddressOf } from '../../services/recipients/mail-address.ts'
import { NewRecipient } from '../../services/recipients/new-recipient.ts'
import { platformOf, platforms } from '../../services/recipients/platforms.ts'
import { searchEngines } from '../../services/recipients/platforms/search.ts'
import { serverFor } from '../../services/recipients/rdap-bootstrap.ts'
import { readContacts } from '../../services/recipients/rdap-contacts.ts'
import { freshUntil } from '../../services/recipients/recipient.ts'

const at = new Date('2031-03-06T12:00:00Z')
const nothing: HostFacts = {
  host: 'files.sample.example',
  domain: 'sample.example',
  contact: undefined,
  network: undefined,
  cdn: undefined,
  registration: undefined,
  at,
}
const network = { emails: ['abuse@net.example'], tels: [], name: 'SAMPLE-NET', country: 'NL' }
const registration = {
  emails: ['abuse@registrar.example'],
  tels: [],
  registrar: { name: 'Sample Registrar', ianaId: '9999' },
}

describe('the list of platforms', () => {
  test.for([...platforms, ...searchEngines])('$name is complete', (platform) => {
    for (const domain of platform.domains) expect(registrableDomain(domain)).toBe(domain)
    if (platform.formUrl !== undefined) expect(new URL(platform.formUrl).protocol).toBe('https:')
    if (platform.email !== undefined) expect(mailAddressOf(platform.email)).toBe(platform.email)
    const entered = NewRecipient.safeParse({
      role: 'platform',
      key: platform.domains[0],
      name: platform.name,
      email: platform.email ?? null,
      formUrl: platform.formUrl ?? null,
      country: platform.country ?? null,
      formats: platform.formats,
      languages: platform.languages,
      sameHost: platform.sameHost,
      urlsMax: platform.urlsMax,
      acknowledgeH: platform.acknowledgeH,
      removeH: platform.removeH,
      note: platform.source,
    })
    expect(entered.error?.issues ?? []).toEqual([])
    expect(new Date(`${platform.checkedAt}T00:00:00Z`).toISOString().slice(0, 10)).toBe(platform.checkedAt)
  })

  test('names each domain once, and finds hosts below it', () => {
    const domains = platforms.flatMap((platform) => platform.domains)
    expect(new Set(domains).size).toBe(domains.length)
    expect(platformOf('music.youtube.com')?.name).toBe('YouTube')
    expect(platformOf('youtu.be')?.name).toBe('YouTube')
    for (const stranger of ['notyoutube.com', 'youtube.com.sample.example', '192.0.2.1', 'localhost'])
      expect(platformOf(stranger)).toBeUndefined()
  })

  test('grows old from the day on which it was noted, not from when it is read', () => {
    const [youtube] = candidatesOf({ ...nothing, host: 'www.youtube.com', domain: 'youtube.com' })
    expect(youtube).toMatchObject({ role: 'platform', key: 'youtube.com', source: 'platform_registry' })
    const days =
      (freshUntil(youtube ?? { source: 'manual', resolvedAt: at }).getTime() - Date.parse('2026-11-23')) /
      86_400_000
    expect(days).toBe(90)
  })
})

describe('candidates', () => {
  test('stand in their order, whatever order they come in', () => {
    const known = candidatesOf({
      ...nothing,
      contact: { email: 'dmca@sample.example', pageUrl: 'https://sample.example/dmca' },
      network,
      registration,
    })
    expect(known.map(positionOf)).toEqual([3, 4, 6, 7, 7])
    const agent = { role: 'designated_agent', source: 'copyright_office_directory' } as const
    const host = { role: 'hosting', source: 'manual' } as const
    const guess = { role: 'platform', source: 'rfc2142' } as const
    const cdn = { role: 'cdn', source: 'cdn_ranges' } as const
    const all = inOrder([guess, ...known.toReversed(), cdn, host, agent])
    expect(all.map(({ role, source }) => `${role} ${source}`)).toEqual([
      'designated_agent copyright_office_directory',
      'platform site',
      'hosting manual',
      'hosting rdap_ip',
      'cdn cdn_ranges',
      'registrar rdap_domain',
      'search_engine platform_registry',
      'search_engine platform_registry',
      'platform rfc2142',
    ])
  })

  test('are guessed only where neither a platform nor a page is known', () => {
    const guesses = (facts: Partial<HostFacts>) =>
      candidatesOf({ ...nothing, ...facts }).filter(({ source }) => source === 'rfc2142')
    expect(guesses({})).toMatchObject([
      { email: 'abuse@sample.example', note: expect.stringContaining('guess') },
    ])
    expect(guesses({ network })).toHaveLength(1)
    expect(guesses({ host: 'vimeo.com', domain: 'vimeo.com' })).toEqual([])
    expect(
      guesses({ contact: { email: 'a@sample.example', pageUrl: 'https://sample.example/legal' } }),
    ).toEqual([])
    expect(guesses({ host: '192.0.2.1', domain: undefined })).toEqual([])
  })

  test('named on a page that anybody may have speak for nobody but that page', () => {
    const contact = { email: 'me@sample.example', pageUrl: 'https://someone.netlify.app/dmca' }
    const keys = (host: string, domain: string) =>
      candidatesOf({ ...nothing, host, domain, contact }).flatMap(({ source, key }) =>
        source === 'site' ? [key] : [],
      )
    expect(keys('someone.netlify.app', 'netlify.app')).toEqual(['someone.netlify.app'])
    expect(keys('files.sample.example', 'sample.example')).toEqual(['sample.example'])
  })

  test('behind a CDN are the CDN, by its form or by whoever answers for its addresses', () => {
    const of = (headers: Record<string, string>, facts: Partial<HostFacts> = { network }) =>
      candidatesOf({ ...nothing, ...facts, cdn: cdnOf(headers, undefined) }).filter(({ role }) =>
        ['cdn', 'hosting'].includes(role),
      )
    expect(of({ 'cf-ray': '1' })).toMatchObject([
      { role: 'cdn', email: null, formats: ['cloudflare', 'hand'] },
    ])
    expect(of({ server: 'ddos-guard' })).toMatchObject([
      { key: 'ddos-guard.net', email: 'abuse@net.example' },
    ])
    expect(of({ server: 'ddos-guard' }, {})).toEqual([])
  })

  test('entered by a person are found by the names of a host and of whoever was found for it', () => {
    const found = candidatesOf({ ...nothing, network })
    expect(keysOf(nothing, found)).toEqual([
      'files.sample.example',
      'sample.example',
      'abuse@net.example',
      'google.com',
      'bing.com',
    ])
  })

  test('found again never overwrite a person, nor a source by a guess', () => {
    const found = { source: 'rdap_ip', email: 'a@net.example', formUrl: null } as const
    const machine = { ...found, confirmedBy: null }
    expect(meeting(machine, { ...found, email: 'b@net.example' })).toBe('replace')
    const confirmed = { ...machine, confirmedBy: 'somebody' as never }
    expect(meeting(confirmed, found)).toBe('refresh')
    expect(meeting(confirmed, { ...found, email: 'b@net.example' })).toBe('keep')
    expect(meeting({ ...machine, source: 'manual' }, found)).toBe('keep')
    const guess = { source: 'rfc2142', email: 'abuse@net.example', formUrl: null } as const
    expect(meeting({ ...machine, source: 'site' }, guess)).toBe('keep')
    expect(meeting({ ...guess, confirmedBy: null }, { ...found, source: 'site' })).toBe('replace')
    // A guess that is made again says nothing new of what a person confirmed.
    expect(meeting({ ...guess, confirmedBy: 'somebody' as never }, guess)).toBe('keep')
  })
})

describe('a CDN', () => {
  test.for([
    [{ 'cf-ray': '8f2-AMS' }, undefined, 'cloudflare.com'],
    [{ server: 'cloudflare' }, undefined, 'cloudflare.com'],
    [{}, '104.16.1.1', 'cloudflare.com'],
    [{}, '2606:4700::1', 'cloudflare.com'],
    [{ 'x-served-by': 'cache-ams21082-AMS' }, undefined, 'fastly.com'],
    [{}, '151.101.1.1', 'fastly.com'],
    [{ 'x-amz-cf-id': 'abc' }, undefined, 'cloudfront.net'],
    [{ via: '1.1 abc.cloudfront.net (CloudFront)' }, undefined, 'cloudfront.net'],
    [{ server: 'AkamaiGHost' }, undefined, 'akamai.com'],
    [{ server: 'nginx' }, '192.0.2.1', undefined],
    [{ server: 'not cloudflare', 'x-served-by': 'web1' }, undefined, undefined],
    [{}, 'no address', undefined],
  ] as const)('%o at %s is %s', ([headers, address, key]) => {
    expect(cdnOf(headers, address)?.cdn.key).toBe(key)
  })
})

describe('an RDAP answer', () => {
  const abuse = (rows: unknown) => ({ roles: ['Abuse'], vcardArray: ['vcard', rows] })

  test('names abuse contacts at any depth, each once, in lower case', () => {
    const inner = abuse([
      ['email', {}, 'text', ['A@net.example', 'b@net.example', 'no address', 7]],
      ['EMAIL', {}, 'text', 'mailto:a@net.example'],
    ])
    const read = readContacts({ entities: [{ entities: [{ entities: [inner] }] }, inner] })
    expect(read.emails).toEqual(['a@net.example', 'b@net.example'])
  })

  test('does not name others, nor what lies too deep', () => {
    let nested: unknown = abuse([['email', {}, 'text', 'deep@net.example']])
    for (let i = 0; i < 20; i += 1) nested = { entities: [nested] }
    const owner = {
      roles: ['registrant'],
      vcardArray: ['vcard', [['email', {}, 'text', 'person@x.example']]],
    }
    expect(readContacts({ entities: [nested, owner] }).emails).toEqual([])
  })

  test.for([
    null,
    7,
    'text',
    [],
    { entities: {} },
    { entities: [null, [], 7] },
    { entities: [abuse(null)] },
    { entities: [abuse([null, [], ['email'], ['email', {}, 'text', {}]])] },
  ])('of a wrong shape (%o) names nobody', (answer) =>
    expect(readContacts(answer)).toEqual({ emails: [], tels: [] }),
  )

  test('is cut to one line and to a few contacts', () => {
    const many = Array.from({ length: 50 }, (_, i) => ['email', {}, 'text', `a${i}@net.example`])
    const read = readContacts({ name: `NET\n\u0000${'x'.repeat(999)}`, entities: [abuse(many)] })
    expect(read.emails).toHaveLength(10)
    expect(read.name).toMatch(/^NET x+$/)
    expect(read.name?.length).toBeLessThanOrEqual(200)
  })

  test('comes from the server of the narrowest network or the longest suffix', () => {
    const services = [
      { entries: ['192.0.0.0/8', 'example'], urls: ['https://wide.example/rdap/'] },
      {
        entries: ['192.0.2.0/24', 'co.example'],
        urls: ['http://old.example', 'https://narrow.example/rdap'],
      },
      { entries: ['2001:db8::/32', 'nonsense/99', '192.0.2.0/99'], urls: ['https://six.example/'] },
    ]
    expect(serverFor(services, '192.0.2.7')).toBe('https://narrow.example/rdap/')
    expect(serverFor(services, '192.9.2.7')).toBe('https://wide.example/rdap/')
    expect(serverFor(services, '2001:db8::1')).toBe('https://six.example/')
    expect(serverFor(services, 'shop.co.example')).toBe('https://narrow.example/rdap/')
    expect(serverFor(services, 'shop.example')).toBe('https://wide.example/rdap/')
    expect(serverFor(services, 'shop.test')).toBeUndefined()
    expect(serverFor([{ entries: ['test'], urls: ['ftp://x.test/'] }], 'shop.test')).toBeUndefined()
  })
})
