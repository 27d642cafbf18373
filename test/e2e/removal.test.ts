import { readFile } from 'node:fs/promises'

import { businessDaysAfter } from '../../services/notices/clocks/business-days.ts'
import { freezeNotice } from '../../services/notices/notice.ts'
import { confirming, noException } from '../support/confirming.ts'
import { checkDkim } from '../support/dkim.ts'
import { findAt, registered } from '../support/found-case.ts'
import { readIndependently } from '../support/independent-mail.ts'
import { disguised, piece } from '../support/music.ts'
import { completeContact, explanation } from '../support/noticing.ts'
import { type Service, shows, signAll, startCopyHost, startService } from '../support/removal-service.ts'
import { mail } from '../support/reply-samples.ts'
import { describe, expect, test } from '../support/world.ts'

const DESK = 'abuse@hoster.example'

/** How often a text is in another. */
const times = (text: string, part: string): number => text.split(part).length - 1

/** A recording with its audio, and a copy of it that was handed in and found: its case. */
async function foundCopy(service: Service, url: string): Promise<string> {
  const { owner, pipeline } = service
  const named = {
    title: 'Piece 1',
    artists: ['The Samples'],
    isrc: 'AA6Q72000047',
    pLine: '2020 Sample Records',
  }
  const { id } = await owner('post', '/v1/recordings', named, 201)
  const wave = await readFile(await piece(1))
  await owner('put', `/v1/recordings/${id}/audio`, new Uint8Array(wave), 202)
  await shows(service, `/v1/recordings/${id}`, ({ stage }) => stage === 'done')
  await owner('post', '/v1/submissions', { url }, 202)
  const { items } = await shows(service, '/v1/cases?state=needs_review', (shown) => shown.items.length > 0)
  expect(items).toMatchObject([{ location: url }])
  expect(pipeline.config.FETCH_ALLOW_ADDRESSES).toContain(new URL(url).host)
  return items[0].id
}

/** Somebody of the hoster is asked about a host. */
async function askedAbout({ owner }: Service, host: string): Promise<void> {
  const named = { role: 'hosting', key: host, name: `Sample Hosting of ${host}`, email: DESK, country: 'NL' }
  const { id } = await owner('post', '/v1/recipients', named, 201)
  await owner('post', `/v1/hosts/${host}/choose`, { recipientId: id }, 200)
}

const plan = (caseIds: readonly string[]) => ({
  caseIds,
  regimes: ['US_512C', 'EU_DSA_16'],
  details: { illegalityExplanation: explanation },
})

/** Looks at the place of a case now. @returns what was seen. */
async function look(service: Service, caseId: string): Promise<string> {
  const path = `/v1/cases/${caseId}/rechecks`
  const before = await service.owner('get', path, undefined, 200)
  await service.owner('post', path, undefined, 202)
  const { rechecks } = await shows(service, path, (shown) => shown.rechecks.length > before.rechecks.length)
  return rechecks[0].verdict
}

const hoursPass = ({ world }: Service, hours: number): Promise<number> =>
  world.house.db.system(
    (tx) => tx.run`update recheck set checked_at = checked_at - make_interval(hours => ${hours})`,
  )

const pemOf = (record: string): string => {
  const key = /p=([A-Za-z0-9+/=]+)/.exec(record.replaceAll(/["\s]/g, ''))?.[1] ?? ''
  return `-----BEGIN PUBLIC KEY-----\n${key.match(/.{1,64}/g)?.join('\n')}\n-----END PUBLIC KEY-----\n`
}

describe('from match to removal', () => {
  test('a copy is found, demanded, removed, put back, and demanded again', async ({ world }) => {
    const host = await startCopyHost(await disguised(1, 'half.ogg', ['-ss', '10', '-t', '40']))
    const service = await startService(world, { FETCH_ALLOW_ADDRESSES: host.authority })
    const { owner, asSigner, asSecond, signer } = service
    try {
      await completeContact(world)
      const mailSettings = await owner(
        'put',
        '/v1/account/mail/dkim',
        { domain: 'records.example', selector: 'ew1' },
        200,
      )
      const caseId = await foundCopy(service, host.url)
      const noAnswer = await owner('post', `/v1/cases/${caseId}/decisions`, { kind: 'confirmed' }, 400)
      expect(noAnswer.faults[0].pointer).toBe('/exceptions')
      await owner('post', `/v1/cases/${caseId}/decisions`, confirming, 201)

      expect(await owner('post', '/v1/notices', plan([caseId]), 422)).toMatchObject({
        type: '/problems/recipient/unknown',
      })
      await askedAbout(service, '127.0.0.1')
      const [draft] = (await owner('post', '/v1/notices', plan([caseId]), 201)).items
      await signer.age(20)
      const early = await asSigner('post', `/v1/notices/${draft.id}/check`, undefined, 200)
      expect(early.openPoints).toEqual([])
      const signature = {
        noticeIds: [draft.id],
        signatureText: '/s/ A Signer',
        shown: { [draft.id]: early.shownSha256 },
        acknowledgedGate: true,
      }
      expect(await asSigner('post', '/v1/notices/sign', signature, 403)).toMatchObject({
        type: '/problems/auth/second-factor',
      })
      await asSigner('post', '/v1/me/second-factor/verify', { code: signer.totp() }, 200)
      const [signed] = (await asSigner('post', '/v1/notices/sign', signature, 200)).items
      expect(signed).toMatchObject({ state: 'signed', approvalNeeded: true })
      await asSigner('post', `/v1/notices/${draft.id}/send`, undefined, 409)
      await asSecond('post', `/v1/notices/${draft.id}/approve`, undefined, 200)
      await asSigner('post', `/v1/notices/${draft.id}/send`, undefined, 202)

      const [received] = await service.mailsTo(DESK, 1)
      if (!received) throw new Error('no mail')
      const read = await readIndependently(received.raw)
      const detail = await shows(service, `/v1/notices/${draft.id}`, ({ state }) => state === 'sent')
      expect(read.defects).toEqual([])
      expect(read.headers['to']).toContain(DESK)
      expect(read.headers['subject']).toContain(signed.number)
      expect(read.headers['reply-to']).toContain(`notices+${signed.replyToken ?? ''}`)
      expect(received.from).toBe(read.headers['reply-to'])
      expect(read.headers['message-id']).toMatch(/^<[0-9a-f-]{36}@/)
      expect(read.headers['date']).toBeTruthy()
      const flat = read.text.replaceAll(/\s+/g, ' ')
      expect(times(read.text, host.url)).toBe(1)
      for (const part of [signed.number, 'Piece 1', 'AA6Q72000047', '2020 Sample Records', '/s/ A Signer'])
        expect(flat, part).toContain(part)
      expect(detail.statements.texts.length).toBeGreaterThan(2)
      for (const { text } of detail.statements.texts) expect(flat).toContain(text.replaceAll(/\s+/g, ' '))
      expect(freezeNotice(detail.document).sha256).toBe(detail.documentSha256)
      const dkim = checkDkim(received.raw, pemOf(JSON.stringify(mailSettings)))
      expect([dkim.tags['d'], dkim.bodyHolds, dkim.signatureHolds]).toEqual(['records.example', true, true])

      const ticket = mail({
        from: DESK,
        to: received.from,
        subject: '[Ticket#2026112310000012] We have received your report',
        inReplyTo: read.headers['message-id']?.slice(1, -1) ?? '',
        headers: { 'Auto-Submitted': 'auto-replied' },
      })
      await service.answer(received.from, ticket)
      await shows(service, `/v1/notices/${draft.id}`, ({ state }) => state === 'acknowledged')

      host.isThere = false
      expect(await look(service, caseId)).toBe('gone')
      expect(await owner('get', `/v1/cases/${caseId}`, undefined, 200)).toMatchObject({ state: 'in_notice' })
      await hoursPass(service, 7)
      expect(await look(service, caseId)).toBe('gone')
      expect(await owner('get', `/v1/cases/${caseId}`, undefined, 200)).toMatchObject({ state: 'removed' })
      expect(await owner('get', `/v1/notices/${draft.id}`, undefined, 200)).toMatchObject({
        state: 'actioned',
        items: [{ outcome: 'removed', outcomeBy: 'recheck', live: false }],
      })

      host.isThere = true
      expect(await look(service, caseId)).toBe('live')
      expect(await owner('get', `/v1/cases/${caseId}`, undefined, 200)).toMatchObject({ state: 'restored' })
      const [again] = (await owner('post', '/v1/notices', plan([caseId]), 201)).items
      expect(again.number).not.toBe(signed.number)
      await signAll(service, [again.id])
      await asSigner('post', `/v1/notices/${again.id}/send`, undefined, 202)
      const mails = await service.mailsTo(DESK, 2)
      expect(mails).toHaveLength(2)
      const second = await readIndependently(mails[1]?.raw ?? Buffer.alloc(0))
      expect(second.headers['subject']).toContain(again.number)
      expect(second.headers['message-id']).not.toBe(read.headers['message-id'])
    } finally {
      await service.close()
      host.close()
    }
  })

  test('forty copies at three hosts are signed at once; one is countered, one notice is taken back', async ({
    world,
  }) => {
    const service = await startService(world)
    const { owner, asSigner } = service
    try {
      await completeContact(world)
      await world.house.db.system((tx) => tx.run`update member set first_signed_at = now()`)
      const hosts = ['a.example', 'b.example', 'c.example']
      const cases = await fortyCopies(service, hosts)
      const bulk = { caseIds: cases, kind: 'confirmed', exceptions: noException }
      const decided = await owner('post', '/v1/cases/decisions', bulk, 200)
      expect(decided.cases.filter(({ refused }: { refused: unknown }) => refused)).toEqual([])
      for (const host of hosts) await askedAbout(service, host)
      const drafts = (await owner('post', '/v1/notices', plan(cases), 201)).items
      expect(drafts.map(({ locations }: { locations: number }) => locations)).toEqual([14, 13, 13])
      const ids: string[] = drafts.map(({ id }: { id: string }) => id)
      const signed = await signAll(service, ids)
      expect(signed.map(({ state }: { state: string }) => state)).toEqual(['signed', 'signed', 'signed'])
      for (const id of ids) await asSigner('post', `/v1/notices/${id}/send`, undefined, 202)
      const mails = await service.mailsTo(DESK, 3)
      const texts = await Promise.all(mails.map(async ({ raw }) => (await readIndependently(raw)).text))
      for (const index of cases.keys()) {
        const url = `https://${hosts[index % 3]}/d/${index}/song`
        expect(times(texts.join('\n'), url), url).toBe(1)
      }
      for (const id of ids) await shows(service, `/v1/notices/${id}`, ({ state }) => state === 'sent')
      const [first = '', second = ''] = ids
      await counterPath(service, first, cases[0] ?? '')
      await retractionPath(service, second)
    } finally {
      await service.close()
    }
  })
})

/** Copies of one recording that were fetched just now. */
async function fortyCopies({ world }: Service, hosts: readonly string[]): Promise<string[]> {
  const recordingId = await registered(world, 'First Light')
  const ids: string[] = []
  for (let index = 0; index < 40; index += 1) {
    const url = `https://${hosts[index % hosts.length]}/d/${index}/song`
    ids.push((await findAt(world, recordingId, { url })).id)
  }
  await world.house.db.system(async (tx) => {
    await tx.run`
      insert into capture (id, tenant_id, submission_id, requested_url, final_url, redirects, status, headers, address,
                           tls, sha256, bytes, started_at, ended_at)
      select gen_random_uuid(), i.tenant_id, i.submission_id, c.location, c.location, '[]', 200,
             '{"content-type":"audio/ogg"}', '192.0.2.10', null, i.sha256, i.bytes, now(), now()
        from case_file c join match m on m.case_id = c.id join item i on i.id = m.item_id`
    await tx.run`update recording set p_line = '2020 Sample Records', isrc = 'AA6Q72000047'`
    // Nothing of theirs is fetched: the files are not there.
    await tx.run`update submission set stage = 'done'`
  })
  return ids
}

/** The uploader of a copy says that it is theirs; it may stay, and nothing more is demanded there. */
async function counterPath(service: Service, noticeId: string, caseId: string): Promise<void> {
  const { owner, asSigner } = service
  const receivedOn = new Date(Date.now() - 24 * 60 * 60_000).toISOString().slice(0, 10)
  const given = {
    caseId,
    receivedOn,
    sender: 'the uploader',
    text: 'This is my own recording.',
    reason: 'owner',
    checks: {
      signature: true,
      material_and_location: true,
      perjury_statement: true,
      name_address_phone: true,
      jurisdiction_consent: true,
    },
  }
  const kept = await asSigner('post', `/v1/notices/${noticeId}/counter-notices`, given, 201)
  expect(kept).toMatchObject({
    putBackFrom: businessDaysAfter(receivedOn, 10, 'US'),
    putBackLatest: businessDaysAfter(receivedOn, 14, 'US'),
  })
  // Only its own location waits: the others of the notice go their course.
  const noticed = await owner('get', `/v1/notices/${noticeId}`, undefined, 200)
  expect(noticed.state).not.toBe('counter_noticed')
  const frozen = noticed.items.filter(
    ({ outcome }: { outcome: string | null }) => outcome === 'counter_notice',
  )
  expect(frozen.map((item: { caseId: string }) => item.caseId)).toEqual([caseId])
  const waiting = await owner('get', '/v1/counter-notices', undefined, 200)
  expect(waiting.counterNotices).toMatchObject([{ id: kept.id }])
  await owner('post', '/v1/notices', plan([caseId]), 409)
  const answer = { answer: 'accepted', comment: 'They have shown their licence' }
  await asSigner('post', `/v1/counter-notices/${kept.id}/answer`, answer, 204)
  await asSigner('post', `/v1/counter-notices/${kept.id}/answer`, answer, 409)
  expect(await owner('get', `/v1/cases/${caseId}`, undefined, 200)).toMatchObject({ state: 'closed' })
  await owner('post', '/v1/notices', plan([caseId]), 409)
  const { items } = await owner('get', `/v1/notices/${noticeId}`, undefined, 200)
  const countered = items.find((item: { caseId: string }) => item.caseId === caseId)
  expect(countered).toMatchObject({ outcome: 'counter_notice', live: false })
  expect((await owner('get', '/v1/counter-notices', undefined, 200)).counterNotices).toEqual([])
}

/** A notice was wrong: whoever got it is told, and its cases are dismissed. */
async function retractionPath(service: Service, noticeId: string): Promise<void> {
  const { owner, asSigner } = service
  const given = {
    reason: 'The uploader has a licence',
    cases: { to: 'dismissed', reason: 'authorised_use' },
  }
  const retracted = await asSigner('post', `/v1/notices/${noticeId}/retract`, given, 202)
  expect(retracted.state).toBe('retracted')
  await asSigner('post', `/v1/notices/${noticeId}/retract`, given, 409)
  const mails = await service.mailsTo(DESK, 4)
  expect(mails).toHaveLength(4)
  const read = await readIndependently(mails[3]?.raw ?? Buffer.alloc(0))
  expect(read.headers['subject']).toContain(retracted.number)
  expect(read.text).toContain('The uploader has a licence')
  const { items } = await owner('get', `/v1/notices/${noticeId}/deliveries`, undefined, 200)
  const notice = items.find(({ kind }: { kind: string }) => kind === 'notice')
  expect(read.headers['in-reply-to']).toBe(`<${notice.messageId}>`)
  const detail = await owner('get', `/v1/notices/${noticeId}`, undefined, 200)
  for (const { caseId } of detail.items)
    expect(await owner('get', `/v1/cases/${caseId}`, undefined, 200)).toMatchObject({ state: 'dismissed' })
}
