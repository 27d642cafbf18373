import { existsSync, readFileSync } from 'node:fs'

import { describe, expect, test } from 'vitest'
import { validateXML } from 'xmllint-wasm'

import { Problem } from '../../services/core/problem.ts'
import { freezeNotice, type NoticeDocument } from '../../services/notices/notice.ts'
import { AcnsInfringement } from '../../services/notices/render/acns-schema.ts'
import { acnsDocuments } from '../../services/notices/render/acns.ts'
import { renderNotice } from '../../services/notices/render/render.ts'
import { sampleNotice, signedSampleNotice } from '../support/notice-samples.ts'
import { difficultNames, difficultNotice, noticeAt } from '../support/notice-variety.ts'
import { readXml } from '../support/read-xml.ts'

/** The public schema is no part of the repository; where it lies beside it, it is the judge as well. */
const schemas = new URL('../../../shared/schemas/', import.meta.url)
const published = existsSync(schemas)
if (!published) console.warn('../shared/schemas is not there: ACNS is checked by our own schema only')

/** The offline copy of the schema and what it imports. */
const xsd = (name: string): { fileName: string; contents: string } => ({
  fileName: name,
  contents: readFileSync(new URL(`acns/1.2-offline/${name}`, schemas), 'utf8'),
})

/** What the public schema says against XML; nothing where it is not there. */
async function xmlFaults(...documents: string[]): Promise<unknown[]> {
  if (!published) return []
  const { errors } = await validateXML({
    xml: documents.map((contents, index) => ({ fileName: `notice-${index}.xml`, contents })),
    schema: [xsd('acns.xsd')],
    preload: [xsd('xmldsig.xsd'), xsd('xmlmime.xsd')],
  })
  return [...errors]
}

/** An infringement as a reader of XML that did not write it gives it. */
function readBack(xml: string): AcnsInfringement {
  const { '@xmlns': namespace, ...infringement } = readXml(xml)
  expect(namespace).toBe('http://www.acns.net/ACNS')
  return AcnsInfringement.parse(infringement)
}

const acnsOf = async (document: NoticeDocument): Promise<string> =>
  (await renderNotice(document, 'acns')).body.toString()

describe('ACNS', () => {
  test('fits the public schema and reads back as it was made, with the statements', async () => {
    const xml = await acnsOf(signedSampleNotice())
    expect(await xmlFaults(xml)).toEqual([])
    const read = readBack(xml)
    expect(read.Case.ID).toBe('EN-2026-000001')
    expect(read.Type).toEqual({ '@Retraction': 'false', '#': 'DMCA' })
    expect(read.TextNotice).toContain('/s/ Sample Signer')
    expect([read.Declarations].flat().map((declaration) => declaration?.Type)).toEqual([
      'good_faith',
      'accuracy',
      'authority',
      'dsa_bona_fide',
      'signature',
    ])
  })

  test.skipIf(!published)('the schema is asked: without a file name it refuses', async () => {
    const xml = await acnsOf(noticeAt({}))
    expect(await xmlFaults(xml.replace(/<FileName>.*<\/FileName>/, ''))).not.toEqual([])
  })

  test('names a file and the right case for names of all kinds; a bare & never appears', async () => {
    const notice = difficultNotice()
    const xml = await acnsOf({
      ...notice,
      locations: notice.locations.map(({ fileName: _, ...location }) => location),
    })
    expect(xml).not.toMatch(/&(?!(?:amp|lt|gt|quot|apos);)/)
    expect(await xmlFaults(xml)).toEqual([])
    const items = [readBack(xml).Content.Item].flat()
    expect(items).toHaveLength(2 * difficultNames.length)
    expect(items.map(({ Title }) => Title)).toEqual([...difficultNames, ...difficultNames])
    expect(items[0]?.FileName).toBe('0')
  })

  test('has an infringement for each IP address, in an envelope when there are several', async () => {
    const notice = signedSampleNotice({ locationCount: 3 })
    const locations = notice.locations.map((location, index) => ({
      ...location,
      address: index === 1 ? '2001:db8::1' : '192.0.2.10',
    }))
    const xml = await acnsOf({ ...notice, locations })
    expect(await xmlFaults(xml)).toEqual([])
    expect(xml.match(/<Infringement>/g)).toHaveLength(2)
    const { sha256 } = freezeNotice(notice)
    const only = new Set([locations[1]?.locationId ?? ''])
    const [second, ...others] = acnsDocuments({ ...notice, locations }, sha256, {
      only,
      retraction: 'Sorry &\n so',
    })
    expect(others).toEqual([])
    expect(await xmlFaults(second?.xml ?? '')).toEqual([])
    const read = readBack(second?.xml ?? '')
    expect(read.Case).toMatchObject({ ID: 'EN-2026-000001-2', Status: 'Closed' })
    expect(read.Type).toMatchObject({ '@Retraction': 'true', '@Comments': 'Sorry & so' })
    expect(read.Declarations).toBeUndefined()
  })

  test.each([250, 1000])('carries %i locations', async (locationCount) => {
    const xml = await acnsOf(signedSampleNotice({ locationCount }))
    expect([readBack(xml).Content.Item].flat()).toHaveLength(locationCount)
    if (locationCount === 250) expect(await xmlFaults(xml)).toEqual([])
  })

  test('refuses what it cannot say, with the reason', async () => {
    const { recipient, ...notice } = signedSampleNotice()
    const { email: _, ...unreachable } = recipient
    await expect(acnsOf({ ...notice, recipient: unreachable })).rejects.toThrow(
      /e-mail address of the recipient/,
    )
    const { address: __, ...location } = signedSampleNotice().locations[0] ?? ({} as never)
    const error: unknown = await acnsOf({ ...notice, recipient, locations: [location] }).catch(
      (error: unknown) => error,
    )
    expect(error).toBeInstanceOf(Problem)
    expect(error).toMatchObject({
      type: 'request/not-acceptable',
      message: expect.stringMatching(/1 have none, the first is EW-2026-000001/) as string,
    })
  })

  test('makes no declarations for anybody who has not signed', async () => {
    expect(readBack(await acnsOf(sampleNotice())).Declarations).toBeUndefined()
  })
})
