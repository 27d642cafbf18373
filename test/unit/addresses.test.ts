import { describe, expect, test } from 'vitest'

import { createAddressPolicy, isPublicAddress, parseTarget } from '../../services/core/addresses.ts'

describe('isPublicAddress', () => {
  test.each([
    ['first and last of each public neighbour of 10/8', ['9.255.255.255', '11.0.0.0']],
    ['around carrier-grade NAT', ['100.63.255.255', '100.128.0.0']],
    ['around loopback', ['126.255.255.255', '128.0.0.0']],
    ['around link-local', ['169.253.255.255', '169.255.0.0']],
    ['around 172.16/12', ['172.15.255.255', '172.32.0.0']],
    ['around protocol assignments', ['191.255.255.255', '192.0.1.0', '192.0.3.0']],
    ['around 192.168/16', ['192.167.255.255', '192.169.0.0']],
    ['around benchmarks', ['198.17.255.255', '198.20.0.0']],
    ['around documentation', ['198.51.99.255', '198.51.101.0', '203.0.112.255', '203.0.114.0']],
    ['before multicast', ['223.255.255.255']],
    ['IPv6 of everyone', ['2606:4700::1111', '2a00:1450:4001::1', '2001:200::1', '2003::1']],
  ])('permits %s', (_what, addresses) => {
    expect(addresses.filter((address) => !isPublicAddress(address))).toEqual([])
  })

  test.each([
    ['this host', ['0.0.0.0', '0.255.255.255']],
    ['private networks', ['10.0.0.0', '10.255.255.255', '172.16.0.0', '172.31.255.255', '192.168.255.255']],
    ['carrier-grade NAT', ['100.64.0.0', '100.100.100.200', '100.127.255.255']],
    ['loopback', ['127.0.0.1', '127.255.255.255', '::1']],
    ['link-local and metadata', ['169.254.169.254', 'fe80::1', 'febf::1', '168.63.129.16']],
    ['protocol assignments', ['192.0.0.1', '192.0.0.192', '192.88.99.1', '2001::1', '2001:1ff:ffff::1']],
    ['documentation', ['192.0.2.1', '198.51.100.255', '203.0.113.7', '2001:db8::1', '3fff::1']],
    ['benchmarks', ['198.18.0.0', '198.19.255.255', '2001:2::1']],
    ['multicast and beyond', ['224.0.0.1', '240.0.0.1', '255.255.255.255', 'ff02::1']],
    ['IPv4 inside IPv6', ['::ffff:8.8.8.8', '::7f00:1', '64:ff9b::7f00:1', '64:ff9b:1::1', '2002:7f00:1::']],
    ['unique local, site-local', ['fc00::1', 'fd00:ec2::254', 'fec0::1']],
    ['what is not assigned', ['::', '100::1', '4000::1', '8000::1', '3ffe::1']],
    [
      'what is no address',
      ['', 'localhost', '127.1', '2130706433', '1.2.3.4:80', '[2606::1]', '2606::1%eth0'],
    ],
  ])('refuses %s', (_what, addresses) => {
    expect(addresses.filter(isPublicAddress)).toEqual([])
  })
})

describe('createAddressPolicy', () => {
  const policy = createAddressPolicy(['127.0.0.1:9000', '[::1]:9001', '10.1.0.0/16', 'fd00:1::/32'])

  test('permits an exact exception at its port only', () => {
    expect(policy.permits('127.0.0.1', 9000)).toBe(true)
    expect(policy.permits('127.0.0.1', 9001)).toBe(false)
    expect(policy.permits('127.0.0.2', 9000)).toBe(false)
    expect(policy.permits('::1', 9001)).toBe(true)
    expect(policy.permits('0:0:0:0:0:0:0:1', 9001)).toBe(true)
    expect(policy.permits('::1', 9000)).toBe(false)
  })

  test('permits a network at every port and not its neighbour', () => {
    expect(policy.permits('10.1.255.255', 80)).toBe(true)
    expect(policy.permits('10.2.0.0', 80)).toBe(false)
    expect(policy.permits('fd00:1::5', 443)).toBe(true)
    expect(policy.permits('fd00:2::5', 443)).toBe(false)
  })

  test.each(['localhost:9000', '127.0.0.1', '10.0.0.0/99', '1.2.3:80', '::1:9000', ''])(
    'does not start with the exception %j',
    (entry) => {
      expect(() => createAddressPolicy([entry])).toThrow(Error)
    },
  )
})

describe('parseTarget', () => {
  test.each([
    ['http://example.org', 'example.org', 80],
    ['https://example.org/a?b#c', 'example.org', 443],
    ['HTTP://EXAMPLE.org:8080/', 'example.org', 8080],
    ['http://[2606:4700:0::1]:81000', undefined, 0],
    ['http://[2606:4700:0::1]:8100', '2606:4700::1', 8100],
    ['http://0x7f.1/', '127.0.0.1', 80],
  ])('%s', (text, host, port) => {
    if (host === undefined) expect(() => parseTarget(text)).toThrow('not a web address')
    else expect(parseTarget(text)).toMatchObject({ host, port })
  })

  test('resolves what a redirect says against where it came from', () => {
    const { url } = parseTarget('https://example.org/a/b')
    expect(parseTarget('../c', url).url.href).toBe('https://example.org/c')
    expect(parseTarget('//other.example/c', url).url.href).toBe('https://other.example/c')
  })

  test.each([
    ['ftp://example.org/', 'Only http and https'],
    ['javascript:alert(1)', 'Only http and https'],
    ['http://user@example.org/', 'user name'],
    ['http://:secret@example.org/', 'password'],
    ['http://example.org:22/', 'Port 22'],
    ['http://example.org:25/', 'Port 25'],
    ['http://example.org:6379/', 'Redis'],
    ['https://example.org:80000/', 'not a web address'],
    ['example.org/song.mp3', 'not a web address'],
    ['', 'not a web address'],
    [`http://example.org/${'x'.repeat(9_000)}`, '8192 characters'],
  ])('refuses %s with a reason', (text, reason) => {
    expect(() => parseTarget(text)).toThrow(
      expect.objectContaining({ type: 'fetch/forbidden-url', message: expect.stringContaining(reason) }),
    )
  })
})
