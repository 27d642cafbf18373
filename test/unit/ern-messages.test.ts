import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs'

import { describe, expect, test } from 'vitest'

import { readErn } from '../../services/catalog/import/ddex/ern.ts'
import {
  errorsOf,
  message38,
  message43,
  purge,
  readMessage,
  recording43,
  recordingsOf,
  release43,
  testHeader,
} from '../support/ern.ts'
import { inPieces, mutate } from '../support/mutate.ts'

describe('a message as a whole', () => {
  test('says that it is a test', async () => {
    const { facts, entries } = await readMessage(message43({ header: testHeader }))
    expect([facts.test, entries.length]).toEqual([true, 1])
  })

  const good = message43()
  const swapped = good.replace(/(<ResourceList>.*<\/ResourceList>)(.*<\/ReleaseList>)/s, '$2$1')
  const lineOf = (message: string, text: string): number =>
    message.split('\n').findIndex((line) => line.includes(text)) + 1
  /** Each: a message, and what is told: nothing of it is taken in. */
  const refused: [string, string, string[]][] = [
    ['another version', good.replace('ern/43', 'ern/35'), ['2 NewReleaseMessage unknown-value']],
    [
      'no namespace',
      good.replaceAll('ern:NewReleaseMessage', 'NewReleaseMessage'),
      ['2 NewReleaseMessage unknown-value'],
    ],
    [
      'another message',
      good.replaceAll('NewReleaseMessage', 'CatalogListMessage'),
      ['2 CatalogListMessage unknown-value'],
    ],
    ['no AvsVersionId', good.replace('AvsVersionId="3"', ''), ['2 NewReleaseMessage/@AvsVersionId missing']],
    ['no header', message43({ header: '' }), ['2 NewReleaseMessage/MessageHeader missing']],
    ['no parties', message43({ parties: '' }), ['2 NewReleaseMessage/PartyList missing']],
    ['no resources', message43({ resources: '' }), ['2 NewReleaseMessage/ResourceList missing']],
    ['no releases', message43({ releases: '' }), ['2 NewReleaseMessage/ReleaseList missing']],
    [
      'an unknown control type',
      message43({ header: testHeader.replace('TestMessage', 'Maybe') }),
      ['7 MessageHeader/MessageControlType unknown-value'],
    ],
    ['lists in another order', swapped, [`${lineOf(swapped, '<ResourceList>')} ResourceList malformed`]],
    [
      'a list twice',
      good.replace('<DealList>', '<DealList></DealList><DealList>'),
      [`${lineOf(good, '<DealList>')} DealList malformed`],
    ],
    [
      'too many recordings',
      message43({ resources: '<SoundRecording/>'.repeat(5_001) }),
      ['15 SoundRecording limit'],
    ],
  ]
  test.each(refused)('with %s is refused', async (_, message, errors) => {
    const reading = await readMessage(message)
    expect(recordingsOf(reading)).toEqual([])
    expect(errorsOf(reading).slice(0, errors.length)).toEqual(errors)
  })

  test('that is not well-formed gives one error with its line, and none of its recordings', async () => {
    const message = message43({ resources: recording43(1) + recording43(2) })
    const broken = message.replace('</ReleaseList>', '</ReleasesList>')
    const line = broken.split('\n').indexOf('</ReleasesList>') + 1
    expect(errorsOf(await readMessage(broken))).toEqual([`${line}  syntax`])
    const { entries } = await readMessage(message.slice(0, -20))
    expect(entries).toHaveLength(1)
  })

  test('with an entity bomb is refused before any of it is read', async () => {
    const bomb = `<?xml version="1.0"?>\n<!DOCTYPE b [\n<!ENTITY a0 "ha">\n${Array.from({ length: 30 }, (_, i) => `<!ENTITY a${i + 1} "${`&a${i};`.repeat(10)}">`).join('\n')}\n]>\n<b>&a30;</b>`
    const before = performance.now()
    expect(errorsOf(await readMessage(bomb))).toEqual(['2  syntax'])
    expect(performance.now() - before).toBeLessThan(100)
  })
})

describe('a purge', () => {
  test('names a release by its identifiers', async () => {
    const { entries } = await readMessage(
      purge(
        '<GRid>A1-2425G-ABC1234002-M</GRid><ISRC>AA-6Q7-20-00047</ISRC><ICPN>190295810726</ICPN><CatalogNumber>EX 1</CatalogNumber>',
      ),
    )
    expect(entries).toEqual([
      {
        kind: 'purge',
        row: 9,
        release: { upc: '190295810726', grid: 'A12425GABC1234002M', ownId: 'EX 1' },
        isrcs: ['AA6Q72000047'],
      },
    ])
  })

  test('that names nothing readable withdraws nothing', async () => {
    expect(errorsOf(await readMessage(purge('<GRid>A1-PLACEHOLDER</GRid>')))).toEqual([
      '9 PurgedRelease/ReleaseId/GRid identifier-malformed',
    ])
    expect(errorsOf(await readMessage(purge('')))).toEqual(['9 PurgedRelease/ReleaseId missing'])
  })
})

test('a thousand broken messages are read or refused, never more', async () => {
  const bases = [
    message38(),
    purge('<GRid>A12425GABC1234002M</GRid>'),
    message43({ resources: recording43(1) + recording43(2), releases: release43('R0', ['A1', 'A2']) }),
  ].map((text) => Buffer.from(text))
  let refused = 0
  for (let seed = 0; seed < 1_000; seed += 1) {
    const { facts, entries } = await readErn(inPieces(mutate(bases[seed % bases.length]!, seed), 500))
    expect(facts.test).toBe(false)
    expect(entries.length).toBeLessThanOrEqual(3)
    for (const entry of entries) {
      expect(entry.row).toBeGreaterThan(0)
      if (entry.kind === 'error') expect(entry.errors.length).toBeGreaterThan(0)
      if (entry.kind === 'recording') expect(entry.recording.artists.length).toBeGreaterThan(0)
    }
    if (entries.some(({ kind }) => kind === 'error')) refused += 1
  }
  expect(refused).toBeGreaterThan(300)
  expect(refused).toBeLessThan(1_000)
}, 60_000)

/** Messages that others published are no part of the repository; where they lie beside it, they are read as well. */
const samples = new URL('../../../shared/samples/', import.meta.url)
const folders = ['ddex-official-42', 'ddex-official-43', 'audius-382']
const published = folders
  .map((folder) => new URL(`${folder}/`, samples))
  .filter((folder) => existsSync(folder))
  .flatMap((folder) => readdirSync(folder).map((file) => new URL(encodeURIComponent(file), folder)))
  .filter((file) => !readFileSync(file, 'utf8').includes('PurgeReleaseMessage'))

describe.skipIf(published.length === 0)('published messages', () => {
  test.each(
    published.map((file) => [decodeURIComponent(file.pathname.split('/').slice(-2).join('/')), file]),
  )('every recording of %s is read', async (_, file) => {
    const text = readFileSync(file, 'utf8')
    const lines = text
      .split('\n')
      .flatMap((line, i) => (/<(SoundRecording|Video)[ >]/.test(line) ? i + 1 : []))
    const reading = await readErn(createReadStream(file))
    expect(errorsOf(reading)).toEqual([])
    expect(recordingsOf(reading).map(({ row }) => row)).toEqual(lines)
    const told = new Set([...text.matchAll(/<ISRC>(.*?)<\/ISRC>/g)].map(([, isrc]) => isrc))
    const found = recordingsOf(reading).flatMap(({ recording }) => recording.isrc ?? [])
    expect(found.every((isrc) => told.has(isrc))).toBe(true)
    for (const { recording } of recordingsOf(reading)) expect(recording.durationMs).toBeGreaterThan(0)
  })

  test.each(['billion-laughs.xml', 'simple_release.xml'])('%s is refused with a line', async (name) => {
    const reading = await readErn(createReadStream(new URL(`invalid-on-purpose/${name}`, samples)))
    expect(recordingsOf(reading)).toEqual([])
    expect(errorsOf(reading)[0]).toMatch(/^2 /)
  })
})
