import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { openNetworkTable } from '../../services/core/network-table.ts'
import { networkFile } from '../support/network-file.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'earwitness-networks-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const made = async (name: string, content: Buffer): Promise<string> => {
  const path = join(folder, name)
  await writeFile(path, content)
  return path
}
const net = { address: '192.0.2.0', bits: 24 }

describe('a table of networks', () => {
  test('tells what each file says, the first before the others', async () => {
    const asn = await made(
      'asn.mmdb',
      networkFile(net, {
        autonomous_system_number: 64_500,
        autonomous_system_organization: 'Sample Hosting',
      }),
    )
    const country = await made('country.mmdb', networkFile(net, { country: { iso_code: 'NL' } }))
    const flat = await made(
      'flat.mmdb',
      networkFile(net, { asn: 'AS64501', as_name: 'Another', country_code: 'DE', country: 'Germany' }),
    )
    const both = await openNetworkTable(`${asn}, ${country}`)
    expect(both.networkOf('192.0.2.77')).toEqual({ asn: 64_500, name: 'Sample Hosting', country: 'NL' })
    expect(both.networkOf('192.0.3.1')).toBeUndefined()
    expect(both.networkOf('2001:db8::1')).toBeUndefined()
    expect(both.networkOf('files.example')).toBeUndefined()
    expect((await openNetworkTable(flat)).networkOf('192.0.2.1')).toEqual({
      asn: 64_501,
      name: 'Another',
      country: 'DE',
    })
    expect((await openNetworkTable(`${country},${flat}`)).networkOf('192.0.2.1')?.country).toBe('NL')
  })

  test('says nothing where a file does not, and is refused where it is none', async () => {
    const odd = await made('odd.mmdb', networkFile(net, { country: 'nowhere at all', asn: 'x', as_name: '' }))
    expect((await openNetworkTable(odd)).networkOf('192.0.2.1')).toBeUndefined()
    const whole = networkFile(net, { country_code: 'NL' })
    const damaged = await made('damaged.mmdb', whole.fill(0xff, net.bits * 6 + 16, net.bits * 6 + 20))
    expect((await openNetworkTable(damaged)).networkOf('192.0.2.1')).toBeUndefined()
    const none = await made('none.mmdb', Buffer.from('not a database'))
    await expect(openNetworkTable(none)).rejects.toThrow('is no MMDB file')
    await expect(openNetworkTable(join(folder, 'missing'))).rejects.toThrow('ENOENT')
  })
})
