import { describe, expect, test } from 'vitest'

import { type RecordingRight, wholeRight } from '../../services/catalog/rights.ts'
import { CaseId } from '../../services/core/ids.ts'
import { authorityOf } from '../../services/notices/authority.ts'
import {
  type NoticeParts,
  type NoticedCase,
  composeNotice,
  withSignature,
} from '../../services/notices/compose.ts'
import { NoticeDocument, freezeNotice } from '../../services/notices/notice.ts'
import { statementTexts } from '../../services/notices/statements/statements.ts'
import type { Member } from '../../services/tenants/tenant.ts'
import { SAMPLE_NOW, sampleId, sampleRecipient } from '../support/notice-samples.ts'

const HOST = 'files.sample-hosting.example'

const passage = {
  suspectFromMs: 1_000,
  suspectToMs: 36_000,
  referenceFromMs: 3_000,
  referenceToMs: 38_000,
  speed: 1,
  pitch: 1,
  speedError: 0.0002,
  pitchError: 0.001,
  change: 'none',
  falseMatchProbability: 1e-9,
  excluded: false,
}

/** A case as far as composing looks at it. */
function noticed(number: number, changes: Partial<NoticedCase> = {}): NoticedCase {
  const url = `https://${HOST}/d/${number}?utm_source=x`
  return {
    opened: {
      id: CaseId.parse(sampleId(200 + number)),
      number: `EW-2026-${String(number).padStart(6, '0')}`,
      pageUrl: null,
    },
    recording: {
      id: sampleId(100 + number),
      title: `Song ${number}`,
      version: number === 2 ? 'Live' : null,
      artists: ['The Samples'],
      rightsHolder: 'Sample Records',
      isrc: 'AA6Q72000047',
      iswc: null,
      upc: null,
      releaseTitle: null,
      label: null,
      pLine: '2020 Sample Records',
      durationMs: 200_000,
      rights: [],
      officialUrl: null,
    } as unknown as NoticedCase['recording'],
    finds: [
      {
        match: {
          id: sampleId(300 + number),
          engineVersion: 1,
          confidence: 0.99991234567,
          falseMatchProbability: 4.23e-13,
          shareOfRecording: 0.873456,
          shareOfSuspect: 0.41261234,
          shared: false,
        },
        passages: [
          { ...passage, suspectToMs: 11_000.4, speed: 1.0000123456 },
          { ...passage, excluded: true },
          passage,
        ],
        item: {
          name: 'leak\u0007.ogg',
          mediaType: 'audio/ogg',
          sha256: String(number).repeat(64),
          bytes: 3,
          durationMs: 40_000,
          mediaHeld: false,
        },
        submission: { createdAt: new Date('2026-11-20T09:00:00Z') },
        capture: {
          finalUrl: url,
          status: 200,
          headers: { 'content-type': 'audio/ogg', etag: String(number) },
          address: '192.0.2.10',
          startedAt: new Date('2026-11-20T10:00:00Z'),
          tls: null,
        },
      } as unknown as NoticedCase['finds'][number],
    ],
    url,
    canonicalUrl: `https://${HOST}/d/${number}`,
    seenAgainAt: undefined,
    review: {
      reviewerName: 'A Reviewer',
      at: new Date('2026-11-20T11:00:00Z'),
      reasons: ['Not\na quotation'],
    },
    ...changes,
  }
}

const parts = (cases: readonly NoticedCase[], changes: Partial<NoticeParts> = {}): NoticeParts => ({
  number: 'EN-2026-000001',
  version: 1,
  supersedes: undefined,
  issuedAt: SAMPLE_NOW,
  serviceVersion: '0.1.0',
  language: 'en',
  regimes: ['US_512C'],
  details: {},
  tenant: {
    name: 'Sample Records',
    contactName: 'Notices desk',
    contactAddress: '1 Sample Road\nMumbai',
    contactCountry: 'IN',
    contactPhone: null,
    contactEmail: 'notices@sample-records.example',
  } as NoticeParts['tenant'],
  recipient: sampleRecipient(),
  host: HOST,
  replyTo: undefined,
  cases,
  statements: statementTexts({
    regimes: ['US_512C'],
    language: 'en',
    rightsHolder: 'Sample Records',
    host: HOST,
  }),
  ...changes,
})

describe('a composed notice', () => {
  test('says what was observed, in figures that are not finer than what is known', () => {
    const document = composeNotice(parts([noticed(1), noticed(2)]))
    expect(document.locations[0]).toMatchObject({
      url: `https://${HOST}/d/1?utm_source=x`,
      canonicalUrl: `https://${HOST}/d/1`,
      observedAt: '2026-11-20T10:00:00.000Z',
      fileName: 'leak .ogg',
    })
    expect(document.matches[0]).toMatchObject({
      confidence: 0.999912,
      falseMatchProbability: 5e-13,
      shareOfRecording: 0.8735,
      shareOfCopy: 0.4126,
    })
    expect(document.matches[0]?.passages.map(({ suspectToMs, speed }) => [suspectToMs, speed])).toEqual([
      [36_000, 1],
      [11_000, 1.00001],
    ])
    expect(document.works.map(({ title }) => title)).toEqual(['Song 1', 'Song 2 (Live)'])
    expect(document.complainant).not.toHaveProperty('phone')
    expect(document.complainant.address).toBe('1 Sample Road Mumbai')
    expect(document.exceptions[0]?.reasons).toEqual(['Not a quotation'])
    expect(document.evidence.map(({ kind }) => kind)).toEqual([
      'suspect_file',
      'http_headers',
      'suspect_file',
      'http_headers',
    ])
    expect(composeNotice(parts([noticed(1), noticed(2)]))).toEqual(document)
  })

  test('lists one address once, with every work that was found there', () => {
    const there = noticed(1)
    const beside = noticed(2, { url: there.url, canonicalUrl: there.canonicalUrl })
    const document = composeNotice(parts([there, beside, noticed(3)]))
    expect(document.locations.map(({ locationId, workIds }) => [locationId, workIds.length])).toEqual([
      [sampleId(201), 2],
      [sampleId(203), 1],
    ])
    expect(document.matches.map(({ locationId }) => locationId)).toEqual([
      sampleId(201),
      sampleId(201),
      sampleId(203),
    ])
  })

  test('was last seen when somebody looked again', () => {
    const again = new Date('2026-11-20T11:30:00Z')
    const document = composeNotice(parts([noticed(1, { seenAgainAt: again })]))
    expect(document.locations[0]?.observedAt).toBe(again.toISOString())
  })

  test('keeps the wording of its statements when it is signed, and freezes as it is', () => {
    const open = composeNotice(parts([noticed(1)]))
    const signed = withSignature(open, {
      signer: { id: sampleId(7) as Member['id'], name: 'A. Signer', title: '' },
      signatureText: '/s/ A. Signer',
      signedAt: SAMPLE_NOW,
      secondFactor: 'passkey',
    })
    expect(signed.statements.texts).toEqual(open.statements.texts)
    expect(signed.statements).toMatchObject({ status: 'made', signatory: { name: 'A. Signer' } })
    expect(NoticeDocument.parse(JSON.parse(freezeNotice(signed).text))).toEqual(signed)
  })
})

describe('the authority behind a notice', () => {
  const right = (changes: Partial<RecordingRight>): RecordingRight => ({ ...wholeRight, ...changes })
  const day = '2026-11-20'

  test('is that of the owner, everywhere, where nothing was told', () => {
    expect(authorityOf([], day)).toEqual({ basis: 'owner', territories: ['Worldwide'] })
  })

  test('is the right that holds in the recipient’s country', () => {
    const rights = [
      right({ territories: ['US', 'CA'] }),
      right({ role: 'agent', territories: ['NL'], documentSha256: 'a'.repeat(64) as never }),
    ]
    expect(authorityOf(rights, day, 'NL')).toMatchObject({ basis: 'agent', territories: ['NL'] })
    expect(authorityOf(rights, day, 'US')).toMatchObject({ basis: 'owner', territories: ['CA', 'US'] })
    const excepted = [right({ excludedTerritories: ['NL'] })]
    expect(authorityOf(excepted, day, 'NL').territories).toEqual(['Worldwide', 'except NL'])
  })

  test('ends with the document that proves it, and shows what has ended', () => {
    expect(authorityOf([right({ validTo: '2030-01-01', documentExpires: '2027-01-01' })], day).validTo).toBe(
      '2027-01-01',
    )
    expect(authorityOf([right({ validTo: '2020-01-01', territories: ['DE'] })], day)).toMatchObject({
      validTo: '2020-01-01',
      territories: ['DE'],
    })
  })
})
