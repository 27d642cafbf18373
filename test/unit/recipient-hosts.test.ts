import { describe, expect, test } from 'vitest'

import { HostName, hostNameOf } from '../../services/recipients/host.ts'
import { NewRecipient } from '../../services/recipients/new-recipient.ts'
import { mailOnPage } from '../../services/recipients/site-page.ts'

describe('a page of a site', () => {
  test.for([
    ['<p>Report copyright infringement to <b>dmca@a.example</b></p>', 'dmca@a.example'],
    ['Copyright: info@a.example, copyright@a.example', 'copyright@a.example'],
    ['DMCA: <a href="mailto:Legal@a.example?subject=x">write to us</a>', 'legal@a.example'],
    ['Impressum. Urheberrecht: kontakt&#64;a.example', 'kontakt@a.example'],
    ['Abuse: abuse [at] a [dot] example', 'abuse@a.example'],
    ['Write to hello@a.example', undefined],
    ['Copyright: no-reply@a.example security@a.example logo@2x.png', undefined],
    ['Copyright 2031', undefined],
    ['', undefined],
  ] as const)('%s → %s', ([page, email]) => expect(mailOnPage(page)).toBe(email))

  test('that is hostile takes no time', () => {
    const startedAt = performance.now()
    for (const piece of ['<', 'a', '@', 'a@', 'a@a.', '&#', '[ at ', 'mailto:', '<script', 'infring'])
      mailOnPage(`copyright ${piece.repeat(400_000)}`)
    expect(performance.now() - startedAt).toBeLessThan(4_000)
  })
})

describe('a host', () => {
  test('has one spelling', () => {
    expect(hostNameOf(' Files.Sample.Example. ')).toBe('files.sample.example')
    expect(hostNameOf('bücher.example')).toBe('xn--bcher-kva.example')
    expect(hostNameOf('2001:DB8::1')).toBe('[2001:db8::1]')
    for (const wrong of [
      '',
      'a b',
      'http://a.example',
      'a.example/x',
      'a..example',
      '-',
      `${'a'.repeat(64)}.example`,
    ])
      expect(HostName.safeParse(wrong).success, wrong).toBe(false)
  })

  test('entered as recipient must be reachable in the way that it accepts', () => {
    const given = { role: 'hosting', key: 'host.example', name: 'Sample Hosting' }
    const faults = (more: object) =>
      NewRecipient.safeParse({ ...given, ...more }).error?.issues.map(({ path }) => path.join('/')) ?? []
    expect(faults({})).toEqual(['email'])
    expect(faults({ formats: ['hand'] })).toEqual(['formUrl'])
    expect(faults({ formats: ['hand'], formUrl: 'https://host.example/form' })).toEqual([])
    expect(faults({ email: 'abuse@host.example', key: 'https://Host.example/' })).toEqual([])
    expect(faults({ source: 'rdap_ip', email: 'abuse@host.example' })).toEqual(['source'])
  })
})
