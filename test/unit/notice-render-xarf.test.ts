import { existsSync, readFileSync, readdirSync } from 'node:fs'

import addFormats from 'ajv-formats'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { assert, property, string, webUrl } from 'fast-check'
import { describe, expect, test } from 'vitest'

import { freezeNotice, type NoticeDocument } from '../../services/notices/notice.ts'
import { renderNotice } from '../../services/notices/render/render.ts'
import { asUri } from '../../services/notices/render/uri.ts'
import { xarfReports } from '../../services/notices/render/xarf/report.ts'
import { XarfReport, type XarfType } from '../../services/notices/render/xarf/schema.ts'
import type { KnownPlace } from '../../services/notices/render/xarf/type-of-place.ts'
import { sampleId, signedSampleNotice } from '../support/notice-samples.ts'
import { difficultNames, difficultNotice, noticeAt } from '../support/notice-variety.ts'

/** Public schemas are no part of the repository; where they lie beside it, they are the judge as well. */
const schemas = new URL('../../../shared/schemas/', import.meta.url)
const published = existsSync(schemas)
if (!published) console.warn('../shared/schemas is not there: XARF is checked by our own schema only')

function publicXarf(): ValidateFunction | undefined {
  if (!published) return undefined
  const ajv = addFormats.default(new Ajv2020({ strict: false, allErrors: true }))
  const folder = new URL('xarf/v4/', schemas)
  const read = (file: URL): object => JSON.parse(readFileSync(file, 'utf8')) as object
  for (const name of readdirSync(new URL('types/', folder)).filter((file) => file.endsWith('.json')))
    ajv.addSchema(read(new URL(`types/${name}`, folder)))
  ajv.addSchema(read(new URL('xarf-core.json', folder)))
  return ajv.compile(read(new URL('xarf-v4-master.json', folder)))
}
const validate = publicXarf()

/** What both schemas say against a report; nothing when it is one. */
function faultsOf(report: unknown): unknown[] {
  const own = XarfReport.safeParse(report)
  const others = validate && !validate(report) ? (validate.errors ?? []) : []
  return [...(own.success ? [] : own.error.issues), ...others]
}

const reportsOf = (document: NoticeDocument, places?: ReadonlyMap<string, KnownPlace>): XarfReport[] =>
  xarfReports(document, freezeNotice(document).sha256, places).map((outcome) => {
    if ('why' in outcome) throw new Error(outcome.why)
    return outcome.report
  })

const oneReport = (document: NoticeDocument, place?: KnownPlace): XarfReport => {
  const [report] = reportsOf(
    document,
    place && new Map(document.locations.map(({ locationId }) => [locationId, place])),
  )
  if (!report) throw new Error('No report')
  return report
}

const HASH_1 = 'DA39A3EE5E6B4B0D3255BFEF95601890AFD80709'
const HASH_2 = `1220${'ab'.repeat(32)}`

describe('XARF', () => {
  const page = { pageUrl: 'https://files.sample-hosting.example/list' }
  const magnet = `magnet:?dn=First+Light&xt=urn:btih:${HASH_1}&tr=udp://tracker.example:80`
  const usenet = {
    type: 'usenet',
    newsgroup: 'alt.binaries.sample',
    messageId: '<abc@news.example>',
    subject: 'first light (1/9)',
  } as const
  const cases: [XarfType, NoticeDocument, KnownPlace | undefined][] = [
    ['copyright', noticeAt({}), undefined],
    ['copyright', noticeAt({ ...page, url: 'https://www.sample.example/music/1.mp3?x=1' }), undefined],
    ['cyberlocker', noticeAt(page), undefined],
    ['ugc_platform', noticeAt({}, 'platform'), undefined],
    ['link_site', noticeAt({}, 'search_engine'), undefined],
    ['link_site', noticeAt(page), { type: 'link_site' }],
    ['p2p', noticeAt({ url: magnet }), undefined],
    ['usenet', noticeAt({ url: 'nntp://news.example/alt.binaries.sample/7' }), usenet],
  ]

  test.each(cases)('%s is told by role and address, and fits its schema', (type, document, place) => {
    const report = oneReport(document, place)
    expect(report.type).toBe(type)
    expect(faultsOf(report)).toEqual([])
    expect(report).toMatchObject({
      x_isrc: 'AA6Q72000047',
      reporter: { org: 'Sample Records' },
      sender: { org: 'Sample Monitoring' },
    })
  })

  test('the public schema is asked: what it forbids is found', () => {
    const report = oneReport(noticeAt({}, 'platform'))
    if (report.type !== 'ugc_platform') throw new Error(report.type)
    const fractional = { ...report, match_details: { ...report.match_details, match_duration: 1.5 } }
    expect(XarfReport.safeParse(fractional).success).toBe(false)
    if (validate) expect(validate(fractional)).toBe(false)
  })

  test('gives the length of a match in whole seconds and the ISRC as its reference', () => {
    const notice = noticeAt({}, 'platform')
    const [match] = notice.matches
    if (!match?.passages[0]) throw new Error('The sample has a passage')
    const passages = [{ ...match.passages[0], suspectFromMs: 100.4, suspectToMs: 44_700.9 }]
    expect(oneReport({ ...notice, matches: [{ ...match, passages, shareOfCopy: 0.21372 }] })).toMatchObject({
      match_details: { match_duration: 45, match_percentage: 21.4, reference_id: 'AA6Q72000047' },
    })
  })

  test('puts the topic of a magnet link first, and a version 2 hash only into the link', () => {
    expect(oneReport(noticeAt({ url: magnet }))).toMatchObject({
      p2p_protocol: 'bittorrent',
      swarm_info: {
        info_hash: HASH_1.toLowerCase(),
        magnet_uri: `magnet:?xt=urn:btih:${HASH_1}&dn=First+Light&tr=udp://tracker.example:80`,
        torrent_name: 'First Light',
      },
    })
    const second = oneReport(noticeAt({ url: `magnet:?xt=urn:btmh:${HASH_2}` }))
    expect(faultsOf(second)).toEqual([])
    expect(second).toMatchObject({ swarm_info: { magnet_uri: `magnet:?xt=urn:btmh:${HASH_2}` } })
    expect(second).not.toHaveProperty('swarm_info.info_hash')
  })

  test('carries passages, statements and signature as evidence that matches its hash', () => {
    const { evidence } = oneReport(noticeAt({}))
    const [table, text] = evidence.map(({ payload }) => Buffer.from(payload, 'base64').toString('utf8'))
    expect(JSON.parse(table ?? '')).toMatchObject({
      unit: 'ms',
      matches: [{ passages: [{ suspectFromMs: 1000, recordingToMs: 225_000 }] }],
    })
    expect(text).toContain('/s/ Sample Signer')
    expect(evidence.map(({ size }) => size)).toEqual(
      [table, text].map((content) => Buffer.byteLength(content ?? '')),
    )
  })

  test('stays small at a location of very many works', () => {
    const notice = noticeAt({})
    const [match] = notice.matches
    const [passage] = match?.passages ?? []
    if (!match || !passage) throw new Error('The sample has a match with a passage')
    const many = { ...match, passages: Array.from({ length: 50 }, () => passage) }
    const matches = Array.from({ length: 2000 }, (_, index) => ({
      ...many,
      matchId: sampleId(600_000 + index),
    }))
    expect(faultsOf(oneReport({ ...notice, matches }))).toEqual([])
  })

  test('is one report a location, the same in every run, and fits for names of all kinds', () => {
    const reports = reportsOf(difficultNotice())
    expect(reports).toHaveLength(difficultNames.length + 1)
    expect(reports.flatMap(faultsOf)).toEqual([])
    expect(reports).toEqual(reportsOf(difficultNotice()))
    expect(new Set(reports.map(({ report_id }) => report_id)).size).toBe(reports.length)
  })

  test.each([250, 1000])('%i locations are a file of a report a line', async (locationCount) => {
    const { body, fileName } = await renderNotice(signedSampleNotice({ locationCount }), 'xarf')
    const lines = body.toString().trimEnd().split('\n')
    expect(fileName).toBe('EN-2026-000001-v1-xarf.ndjson')
    expect(lines).toHaveLength(locationCount)
    for (const line of lines.filter((_, index) => index % 50 === 0))
      expect(faultsOf(JSON.parse(line))).toEqual([])
  })

  const { replyTo: _, ...unanswerable } = noticeAt({})
  const unreachable = { ...unanswerable, complainant: { name: 'Sample' } }
  test.each<[NoticeDocument, RegExp]>([
    [noticeAt({ url: 'magnet:?dn=nameless' }), /EW-2026-000001: .*topic/],
    [noticeAt({ url: 'news:abc@news.example' }), /newsgroup/],
    [unreachable, /e-mail address/],
  ])('what it cannot say is refused, with the reason', async (document, reason) => {
    await expect(renderNotice(document, 'xarf')).rejects.toMatchObject({
      type: 'request/not-acceptable',
      message: expect.stringMatching(reason) as string,
    })
  })

  test('makes a URI of any address, and changes none that is one', () => {
    expect(asUri('https://a.example/x?q=[1]|{y}&p=100%#a#b')).toBe(
      'https://a.example/x?q=%5B1%5D%7C%7By%7D&p=100%25#a%23b',
    )
    expect(asUri('https://bücher.example/ä b')).toBe('https://xn--bcher-kva.example/%C3%A4%20b')
    expect(asUri('http://[2001:db8::1]:8080/a%20b')).toBe('http://[2001:db8::1]:8080/a%20b')
    assert(
      property(
        webUrl({ withFragments: true, withQueryParameters: true }),
        string({ unit: 'binary' }),
        (url, tail) => {
          const made = asUri(`${url}?${tail.replaceAll(/\p{Cc}|\p{Cs}/gu, '')}`)
          expect(made).toMatch(/^[A-Za-z0-9\-._~:/?#@!$&'()*+,;=%]+$/)
          expect(asUri(made)).toBe(made)
        },
      ),
    )
  })
})
