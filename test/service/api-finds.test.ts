import { createHash } from 'node:crypto'

import { memberWith, seed, serveApi, toneWav } from '../support/api.ts'
import { confirming } from '../support/confirming.ts'
import { describe, expect, test } from '../support/world.ts'

describe('a submission', () => {
  test('tells what was found in it, and among what', async ({ world }) => {
    const account = await world.account('Found')
    const ask = (await serveApi(world)).withKey(account.key)
    const { submissionId, matchId, caseId, failedSubmissionId } = await seed(world, account)
    const { json } = await ask('get', `/v1/submissions/${submissionId}`)
    expect(json).toMatchObject({
      kind: 'file',
      fileName: 'leak.wav',
      stage: 'done',
      step: 'done',
      problem: null,
    })
    expect(json.endedAt).toMatch(/Z$/)
    expect(json.items).toHaveLength(1)
    expect(json.items[0]).toMatchObject({
      verdict: 'matched',
      compared: { recordings: 2 },
      tags: { title: 'leak' },
    })
    const [match] = json.items[0].matches
    expect(match).toMatchObject({ id: matchId, caseId, recordingTitle: 'Monsoon Letters' })
    expect(match.caseNumber).toMatch(/^EW-\d{4}-000001$/)
    expect(match.passages).toHaveLength(1)
    expect(match.passages[0]).not.toHaveProperty('points')
    const failed = (await ask('get', `/v1/submissions/${failedSubmissionId}`)).json
    expect(failed).toMatchObject({
      step: 'failed',
      problem: { type: '/problems/file/unsupported' },
      items: [],
    })
  })

  test('is tried again after a failure only', async ({ world }) => {
    const account = await world.account('Trying')
    const ask = (await serveApi(world)).withKey(account.key)
    const { submissionId, failedSubmissionId } = await seed(world, account)
    const again = await ask('post', `/v1/submissions/${failedSubmissionId}/retry`)
    expect([again.status, again.json.stage]).toEqual([202, 'unpack'])
    const done = await ask('post', `/v1/submissions/${submissionId}/retry`)
    expect([done.status, done.json.type]).toEqual([409, '/problems/row/stage'])
  })

  test('of an address that is in work is the one that is there', async ({ world }) => {
    const { key } = await world.account('Address')
    const ask = (await serveApi(world)).withKey(key)
    const [one, two] = [
      await ask('post', '/v1/submissions', { url: 'https://host.example/a', note: ' seen ' }),
      await ask('post', '/v1/submissions', { url: 'https://host.example/a' }),
    ]
    expect(one.json).toMatchObject({ note: 'seen', stage: 'fetch', step: 'fetch' })
    expect(two.json.id).toBe(one.json.id)
    for (const url of [
      'ftp://host.example/a',
      'javascript:alert(1)',
      'not a url',
      `https://host.example/${'x'.repeat(2_100)}`,
    ]) {
      expect((await ask('post', '/v1/submissions', { url })).json.faults[0].pointer).toBe('/url')
    }
  })
})

describe('a match', () => {
  test('is told with its landmarks, drawn, and heard in parts', async ({ world }) => {
    const account = await world.account('Match')
    const ask = (await serveApi(world)).withKey(account.key)
    const { matchId } = await seed(world, account)
    const { json } = await ask('get', `/v1/matches/${matchId}`)
    expect(json).toMatchObject({
      suspectName: 'leak.wav',
      suspectDurationMs: 40_000,
      audio: { suspect: true, reference: true },
    })
    expect(json.passages[0].points).toEqual([
      { suspectMs: 1_500, referenceMs: 3_500, hz: 440, matched: true },
    ])
    const picture = await ask('get', `/v1/matches/${matchId}/picture.svg`)
    expect(picture.text).toMatch(/^<svg[\s\S]*1 matched passage/)

    for (const side of ['suspect', 'reference']) {
      const { status, headers } = await ask('get', `/v1/matches/${matchId}/audio?side=${side}`)
      expect([status, headers.get('accept-ranges')]).toEqual([200, 'bytes'])
      // 30 seconds of 64 kbit/s, although the passage lasts 35.
      expect(Number(headers.get('content-length')) / 8_000).toBeCloseTo(30, 0)
    }
    const ranged = (range: string) =>
      ask('get', `/v1/matches/${matchId}/audio?side=suspect`, undefined, { range })
    const part = await ranged('bytes=0-99')
    expect([part.status, part.headers.get('content-length')]).toEqual([206, '100'])
    expect(part.headers.get('content-range')).toMatch(/^bytes 0-99\/\d+$/)
    expect((await ranged('bytes=99999999-')).status).toBe(416)
  })

  test('cannot be heard when the audio was not kept or there is no such passage', async ({ world }) => {
    const account = await world.account('Unkept')
    const ask = (await serveApi(world)).withKey(account.key)
    const { matchId } = await seed(world, account, { held: false })
    expect((await ask('get', `/v1/matches/${matchId}`)).json.audio).toEqual({
      suspect: false,
      reference: false,
    })
    for (const side of ['suspect', 'reference']) {
      const { status, json } = await ask('get', `/v1/matches/${matchId}/audio?side=${side}`)
      expect([status, json.detail]).toEqual([404, expect.stringContaining('not held')])
    }
    expect((await ask('get', `/v1/matches/${matchId}/audio?side=suspect&passage=2`)).json.detail).toBe(
      'No such passage 2',
    )
    for (const query of ['', '?side=left', '?side=suspect&passage=0'])
      expect((await ask('get', `/v1/matches/${matchId}/audio${query}`)).status).toBe(400)
  })

  test('whose file is gone although it should be held is told so', async ({ world }) => {
    const account = await world.account('Lost')
    const ask = (await serveApi(world)).withKey(account.key)
    const { matchId } = await seed(world, account)
    const sha256 = createHash('sha256').update(toneWav()).digest('hex')
    await world.house.blobs.delete(sha256 as never)
    expect((await ask('get', `/v1/matches/${matchId}/audio?side=suspect`)).status).toBe(404)
  })
})

describe('a case', () => {
  test('is decided by a person with the role, never by a key, in the order that its state allows', async ({
    world,
  }) => {
    const account = await world.account('Deciding')
    const api = await serveApi(world)
    const { caseId } = await seed(world, account)
    const reviewer = await memberWith(world, account, ['reviewer'])
    const browser = await api.signedIn(reviewer)
    const decide = (body: unknown) => browser('post', `/v1/cases/${caseId}/decisions`, body)
    expect((await decide({ kind: 'dismissed' })).json.faults[0].pointer).toBe('/reason')
    expect((await decide({ ...confirming, reason: 'duplicate' })).json.faults[0].pointer).toBe('/reason')
    expect((await decide({ kind: 'commented' })).json.faults[0].pointer).toBe('/comment')
    expect((await decide({ kind: 'opened' })).json.faults[0].pointer).toBe('/kind')
    const confirmed = await decide({ ...confirming, comment: 'Ours' })
    expect(confirmed.json).toMatchObject({
      state: 'confirmed',
      allowedDecisions: ['reopened', 'dismissed', 'allowed', 'commented'],
    })
    expect(confirmed.json.decisions.at(-1)).toMatchObject({
      kind: 'confirmed',
      actor: `member:${reviewer.id}`,
      actorName: reviewer.name,
      comment: 'Ours',
    })
    const late = await decide(confirming)
    expect([late.status, late.json.type]).toEqual([409, '/problems/row/stage'])
    const byKey = await api.withKey(account.key)('post', `/v1/cases/${caseId}/decisions`, {
      kind: 'reopened',
    })
    expect([byKey.status, byKey.json.type]).toEqual([403, '/problems/auth/forbidden'])
  })

  test('shows its matches, the mails that told of it and its reports', async ({ world }) => {
    const account = await world.account('Telling')
    const ask = (await serveApi(world)).withKey(account.key)
    const { caseId, matchId } = await seed(world, account)
    for (const version of [1, 2]) {
      expect((await ask('post', `/v1/cases/${caseId}/reports`, {})).json.version).toBe(version)
    }
    const { json } = await ask('get', `/v1/cases/${caseId}`)
    expect(json.matches.map(({ id }: { id: string }) => id)).toEqual([matchId])
    expect(json.mails).toEqual([
      expect.objectContaining({ subject: 'Found', recipient: account.member.email }),
    ])
    expect(json.reports.map(({ version }: { version: number }) => version)).toEqual([2, 1])
    expect((await ask('get', '/v1/cases?state=dismissed')).json.items).toEqual([])
  })
})

describe('a report', () => {
  test('is downloaded in three forms, of which JSON is what its hash is of', async ({ world }) => {
    const account = await world.account('Reports')
    const ask = (await serveApi(world)).withKey(account.key)
    const { caseId } = await seed(world, account)
    const issued = await ask('post', `/v1/cases/${caseId}/reports`)
    expect(issued.headers.get('location')).toBe(`/v1/reports/${issued.json.id}`)
    expect(issued.json).toMatchObject({
      statements: 'open',
      version: 1,
      issuedBy: expect.stringMatching(/^key:/),
    })
    const path = `/v1/reports/${issued.json.id}`
    expect((await ask('get', path)).json).toEqual(issued.json)
    const [pdf, json, text] = await Promise.all(
      ['pdf', 'json', 'text'].map((format) => ask('get', `${path}/download?format=${format}`)),
    )
    expect(pdf?.text.slice(0, 5)).toBe('%PDF-')
    expect(pdf?.headers.get('content-disposition')).toMatch(
      /^attachment; filename="?EW-\d{4}-000001-v1\.pdf"?$/,
    )
    expect(
      createHash('sha256')
        .update(json?.text ?? '')
        .digest('hex'),
    ).toBe(issued.json.documentSha256)
    expect(text?.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect((await ask('get', `${path}/download?format=docx`)).json.faults[0].pointer).toBe('/query/format')
  })

  test('of a dismissed case is refused', async ({ world }) => {
    const account = await world.account('Dismissed')
    const ask = await (await serveApi(world)).signedIn(account.member)
    const { caseId } = await seed(world, account)
    await ask('post', `/v1/cases/${caseId}/decisions`, { kind: 'dismissed', reason: 'authorised_use' })
    const { status, json } = await ask('post', `/v1/cases/${caseId}/reports`, {})
    expect([status, json.type]).toEqual([409, '/problems/row/stage'])
  })
})

describe('the account', () => {
  test('is changed where something is given, and keeps the rest', async ({ world }) => {
    const account = await world.account('Changing')
    const browser = await (await serveApi(world)).signedIn(account.member)
    await browser('patch', '/v1/account', { contactName: 'A. Sample', contactPhone: '+912255550100' })
    const { json } = await browser('patch', '/v1/account', { contactName: null, keepSuspectAudio: true })
    expect(json).toMatchObject({ contactName: null, contactPhone: '+912255550100', keepSuspectAudio: true })
    const wrong = await browser('patch', '/v1/account', { contactCountry: 'India', caseCount: 9 })
    expect(wrong.json.faults.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      '/contactCountry',
      '/caseCount',
    ])
  })
})
