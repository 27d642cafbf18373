import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'

import { describe, expect, test } from 'vitest'
import { WARCParser } from 'warcio'

import { Sha256 } from '../../services/core/ids.ts'
import { warcOf } from '../../services/evidence/warc.ts'
import type { Capture } from '../../services/submissions/captures.ts'

const at = new Date('2026-03-01T10:00:00Z')
const sha256Of = (bytes: Uint8Array): Sha256 => Sha256.parse(createHash('sha256').update(bytes).digest('hex'))
const requestFor = (target: string, more: Record<string, string> = {}) => ({
  method: 'GET',
  target,
  headers: { host: 'files.example', 'user-agent': 'Earwitness test', ...more },
})

const body = Buffer.from('a page with music')
const capture: Capture = {
  requestedUrl: 'https://files.example/old',
  finalUrl: 'https://files.example/new?take=2',
  redirects: [
    {
      url: 'https://files.example/old',
      status: 302,
      address: '192.0.2.1',
      request: requestFor('/old'),
      headers: { location: '/new?take=2' },
      askedAt: '2026-03-01T09:59:59.000Z',
    },
  ],
  status: 200,
  headers: { 'content-type': 'text/html', 'content-length': String(body.length) },
  address: '192.0.2.2',
  tls: null,
  sha256: sha256Of(body),
  bytes: body.length,
  startedAt: at,
  endedAt: at,
  request: requestFor('/new?take=2'),
  names: { 'files.example': ['192.0.2.1', '192.0.2.2'] },
  clockOffsetMs: -1_500,
  read: null,
  bodyHeld: true,
  pictureSha256: sha256Of(Buffer.from('a picture')),
}

/** A file of 1000 bytes of which 0–99, 400–499 and 900–999 were read; the stored bytes are these. */
const file = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 251))
const stored = Buffer.concat([file.subarray(0, 100), file.subarray(400, 500), file.subarray(900)])
const partly: Capture = {
  ...capture,
  redirects: [],
  finalUrl: 'https://files.example/song.mp3',
  sha256: sha256Of(stored),
  bytes: stored.length,
  bodyHeld: false,
  pictureSha256: null,
  read: {
    totalBytes: 1000,
    durationMs: 240_000,
    parts: [
      { from: 0, to: 99, fromMs: 0, toMs: 8_000 },
      { from: 400, to: 499, fromMs: 90_000, toMs: 99_000 },
      { from: 900, to: 999, fromMs: null, toMs: null },
    ],
    answers: [
      [400, 499],
      [900, 999],
    ].map(([from = 0, to = 0]) => ({
      url: 'https://files.example/song.mp3',
      request: requestFor('/song.mp3', { range: `bytes=${from}-${to}` }),
      status: 206,
      headers: { 'content-range': `bytes ${from}-${to}/1000` },
      address: '192.0.2.2',
      askedAt: '2026-03-01T10:00:01.000Z',
      from,
      to,
      sha256: sha256Of(file.subarray(from, to + 1)),
    })),
  },
}

interface ReadRecord {
  readonly type: string
  readonly id: string
  readonly concurrentTo: string | undefined
  readonly url: string | undefined
  readonly firstLine: string | undefined
  readonly truncated: string | undefined
  readonly payloadDigest: string | undefined
  readonly headers: ReadonlyMap<string, string>
  readonly payload: Buffer
}

/** Every record, with what is in it. */
async function recordsIn(warc: Uint8Array): Promise<ReadRecord[]> {
  const records: ReadRecord[] = []
  for await (const record of WARCParser.iterRecords([warc])) {
    const header = (name: string) => record.warcHeader(name) ?? undefined
    const payload = Buffer.from(await record.readFully(false))
    records.push({
      type: record.warcType ?? '',
      id: header('WARC-Record-ID') ?? '',
      concurrentTo: header('WARC-Concurrent-To'),
      url: record.warcTargetURI ?? undefined,
      firstLine: record.httpHeaders?.statusline,
      truncated: header('WARC-Truncated'),
      payloadDigest: record.warcPayloadDigest ?? undefined,
      headers: new Map(record.httpHeaders?.headers ?? []),
      payload,
    })
    expect(header('WARC-Date')).toMatch(/^2026-03-01T/)
    if (record.warcType !== 'warcinfo') expect(header('WARC-Block-Digest')).toMatch(/^sha256:[0-9a-f]{64}$/)
  }
  return records
}

describe('a WARC file', () => {
  test('has the request and the answer of each step, told apart and put together', async () => {
    const warc = await warcOf([{ capture, body }], 'earwitness 1', at)
    expect(gunzipSync(warc).toString('latin1', 0, 8)).toBe('WARC/1.1')
    const records = await recordsIn(warc)
    expect(records.map(({ type, firstLine }) => [type, firstLine])).toEqual([
      ['warcinfo', undefined],
      ['request', 'GET /old HTTP/1.1'],
      ['response', 'HTTP/1.1 302'],
      ['request', 'GET /new?take=2 HTTP/1.1'],
      ['response', 'HTTP/1.1 200'],
      ['metadata', undefined],
    ])
    const [, asked, sentOn, request, response, metadata] = records
    expect(new Set(records.map(({ id }) => id)).size).toBe(records.length)
    expect([asked?.concurrentTo, request?.concurrentTo, metadata?.concurrentTo]).toEqual([
      sentOn?.id,
      response?.id,
      response?.id,
    ])
    expect(sentOn?.headers.get('location')).toBe('/new?take=2')
    expect(request?.headers.get('user-agent')).toBe('Earwitness test')
    expect(response?.payload.equals(body)).toBe(true)
    expect(response).toMatchObject({ truncated: undefined, payloadDigest: `sha256:${capture.sha256}` })
    expect(JSON.parse(String(metadata?.payload))).toMatchObject({
      names: { 'files.example': ['192.0.2.1', '192.0.2.2'] },
      clockOffsetMs: -1_500,
      pictureSha256: capture.pictureSha256,
      payload: { held: true },
    })
  })

  test('of a file that was read in parts says which, and has each with its request', async () => {
    const records = await recordsIn(await warcOf([{ capture: partly, body: stored }], 'earwitness 1', at))
    const answers = records.filter(({ type }) => type === 'response')
    expect(answers.map(({ firstLine, truncated }) => [firstLine, truncated])).toEqual([
      ['HTTP/1.1 200', 'length'],
      ['HTTP/1.1 206', undefined],
      ['HTTP/1.1 206', undefined],
    ])
    expect(answers.map(({ payload }) => payload)).toEqual([
      file.subarray(0, 100),
      file.subarray(400, 500),
      file.subarray(900),
    ])
    for (const { payload, payloadDigest } of answers)
      expect(payloadDigest).toBe(`sha256:${sha256Of(payload)}`)
    expect(
      records.filter(({ type }) => type === 'request').map(({ headers }) => headers.get('range')),
    ).toEqual([undefined, 'bytes=400-499', 'bytes=900-999'])
    const metadata = records.find(({ type }) => type === 'metadata')
    expect(JSON.parse(String(metadata?.payload))).toMatchObject({
      read: { totalBytes: 1000, parts: partly.read?.parts },
      payload: { sha256: partly.sha256 },
    })
  })

  test('without the bytes has what is known of them: of each part its hash, of all parts none', async () => {
    const records = await recordsIn(await warcOf([{ capture: partly, body: undefined }], 'earwitness 1', at))
    const answers = records.filter(({ type }) => type === 'response')
    expect(answers.map(({ truncated, payload }) => [truncated, payload.length])).toEqual([
      ['length', 0],
      ['unspecified', 0],
      ['unspecified', 0],
    ])
    expect(answers[1]?.payloadDigest).toBe(`sha256:${partly.read?.answers[0]?.sha256}`)
    expect(answers[0]?.payloadDigest).not.toBe(`sha256:${partly.sha256}`)
  })

  test('of an older capture has the answer alone', async () => {
    const older = {
      ...capture,
      redirects: [{ url: 'https://files.example/old', status: 302 }],
      request: null,
    }
    const records = await recordsIn(await warcOf([{ capture: older, body }], 'earwitness 1', at))
    expect(records.map(({ type }) => type)).toEqual(['warcinfo', 'response', 'metadata'])
  })
})
