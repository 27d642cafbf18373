import { createServer } from 'node:http'

import { describe, expect, onTestFinished } from 'vitest'

import { strike, strikeAll } from '../../services/actions/clocks.ts'
import { answerCounterNotice, registerCounterNotice } from '../../services/actions/counter-notices.ts'
import { lookAgain } from '../../services/actions/rechecks.ts'
import type { CaseId, NoticeId } from '../../services/core/ids.ts'
import { createSafeFetch } from '../../services/core/safe-fetch.ts'
import { findCase } from '../../services/matches/case-store.ts'
import { rechecksOf } from '../../services/matches/recheck-store.ts'
import { deliveriesOf } from '../../services/notices/delivery-store.ts'
import { locationsOf } from '../../services/notices/locations-store.ts'
import { eventsOf, findNotice } from '../../services/notices/store.ts'
import { recheck } from '../../workers/recheck.ts'
import type { Tools } from '../../workers/tools.ts'
import { after, completeContact, confirmedAt, recipientFor, signedAbout } from '../support/noticing.ts'
import { signerSession } from '../support/signing.ts'
import { type World, test } from '../support/world.ts'

const DAY_MS = 24 * 60 * 60_000

/** A host that serves one file as long as it is told to. */
async function startHost() {
  const state = { status: 200, body: 'abc', type: 'audio/ogg' }
  const server = createServer((request, response) => {
    response.writeHead(state.status, { 'content-type': state.type, 'content-length': state.body.length })
    response.end(request.method === 'HEAD' ? undefined : state.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server without a port')
  return { state, authority: `127.0.0.1:${address.port}` }
}

/** A notice about copies at a host, sent. */
async function sentNotice(world: World, urls: readonly string[], host: string) {
  await completeContact(world)
  const recipientId = await recipientFor(world, host)
  await world.house.db.system(
    (tx) => tx.run`update recipient set email = 'abuse@hoster.example' where id = ${recipientId}`,
  )
  const { caller: signer } = await signerSession(world)
  const caseIds: CaseId[] = []
  for (const [index, url] of urls.entries()) caseIds.push(await confirmedAt(world, url, `Sample ${index}`))
  const [notice] = await signedAbout(world, signer, caseIds)
  if (!notice) throw new Error('no notice')
  await after(world, notice, 'queued', 'sent')
  return { notice, caseIds, signer }
}

const stateOf = ({ house }: World, id: CaseId) =>
  house.db.system(async (tx) => (await findCase(tx, id))?.state)
const noticeState = ({ house }: World, id: NoticeId) =>
  house.db.system(async (tx) => (await findNotice(tx, id))?.state)

describe('looking again', () => {
  test('two looks hours apart find it gone; it comes back', async ({ world }) => {
    const { state, authority } = await startHost()
    const { house, owner } = world
    const { notice, caseIds } = await sentNotice(world, [`http://${authority}/d/song.ogg`], '127.0.0.1')
    const [caseId] = caseIds
    if (!caseId) throw new Error('no case')
    const safeFetch = createSafeFetch({
      bytesMax: 1_000_000,
      timeoutMs: 5_000,
      idleTimeoutMs: 5_000,
      redirectsMax: 3,
      userAgent: 'Earwitness test',
      allowAddresses: [authority],
    })
    // As if it had been fetched from this host; the sample case was not.
    const sha256 = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
    await house.db.system(
      (tx) => tx.run`
        insert into capture (id, tenant_id, submission_id, requested_url, final_url, redirects, status, headers, address,
                             tls, sha256, bytes, started_at, ended_at)
        select gen_random_uuid(), tenant_id, submission_id, requested_url, final_url, redirects, status, headers, address,
               tls, ${sha256}, bytes, started_at + interval '1 second', ended_at from capture`,
    )
    const work = recheck({ ...house, safeFetch } as unknown as Tools)
    const run = { log: house.log, signal: new AbortController().signal, progress: async () => undefined }
    const look = async () => {
      const id = await lookAgain(house, owner, caseId)
      await work({ id }, run)
      const [latest] = await house.db.system((tx) => rechecksOf(tx, caseId))
      return latest
    }

    expect(await look()).toMatchObject({ verdict: 'live', seen: { status: 200, sha256 } })
    state.status = 500
    expect(await look()).toMatchObject({ verdict: 'unreachable' })
    state.status = 404
    expect(await look()).toMatchObject({ verdict: 'gone' })
    expect(await stateOf(world, caseId)).toBe('in_notice')
    await house.db.system((tx) => tx.run`update recheck set checked_at = checked_at - interval '7 hours'`)
    expect(await look()).toMatchObject({ verdict: 'gone' })
    expect(await stateOf(world, caseId)).toBe('removed')
    expect(await noticeState(world, notice.id)).toBe('actioned')

    state.status = 200
    expect(await look()).toMatchObject({ verdict: 'live' })
    expect(await stateOf(world, caseId)).toBe('restored')
    const [location] = await house.db.system((tx) => locationsOf(tx, notice.id))
    expect(location).toMatchObject({ outcome: 'restored', live: false })
  })

  test('a page in place of the file is gone; another file is compared', async ({ world }) => {
    const { verdictOfHead } = await import('../../services/matches/recheck.ts')
    const finalUrl = 'https://files.example/a.ogg'
    const before = {
      mediaType: 'audio/ogg',
      bytes: 3,
      etag: '"a"',
      sha256: 'a'.repeat(64),
      finalUrl,
      parts: null,
    }
    const seen = { status: 200, finalUrl: null, bytes: 3, etag: '"a"', sha256: null, problem: null }
    expect(verdictOfHead(before, { ...seen, mediaType: 'audio/ogg' })).toBe('live')
    expect(verdictOfHead(before, { ...seen, mediaType: 'audio/ogg', etag: 'W/"a"' })).toBeUndefined()
    expect(verdictOfHead(before, { ...seen, mediaType: 'text/html' })).toBe('gone')
    expect(verdictOfHead(before, { ...seen, mediaType: 'text/html', status: 403 })).toBe('blocked')
    expect(verdictOfHead(before, { ...seen, mediaType: null, status: 500 })).toBe('unreachable')
    expect(world.owner.kind).toBe('member')
  })
})

describe('clocks', () => {
  test('remind twice, give up after ten days, and escalate', async ({ world }) => {
    const { house } = world
    const host = 'files.hoster.example'
    const { notice, caseIds } = await sentNotice(world, [`https://${host}/d/1`, `https://${host}/d/2`], host)
    const sentAt = await house.db.system(async (tx) => (await findNotice(tx, notice.id))?.sentAt)
    if (!sentAt) throw new Error('not sent')
    await house.db.system(
      (tx) => tx.run`
        insert into delivery (id, tenant_id, notice_id, kind, number, way, format, address, message_id, stage, sent_at)
        values (gen_random_uuid(), ${notice.tenantId}, ${notice.id}, 'notice', 1, 'mail', 'mail', 'abuse@hoster.example',
                'one@sample.example', 'done', ${sentAt})`,
    )
    const at = (days: number) => new Date(sentAt.getTime() + days * DAY_MS + 1000)
    const strikeAt = (days: number) => house.db.system((tx) => strike(tx, notice.id, at(days)))

    expect(await strikeAt(2)).toBeUndefined()
    expect(await strikeAt(3)).toBeDefined()
    // Nothing was handed over since: the second one waits for three days after the first.
    await house.db.system(
      (tx) => tx.run`
        update delivery set stage = 'done', sent_at = ${at(3)} where notice_id = ${notice.id} and kind = 'reminder'`,
    )
    expect(await strikeAt(4)).toBeUndefined()
    expect(await strikeAt(6)).toBeDefined()
    expect(await strikeAt(9)).toBeUndefined()
    expect(await strikeAt(10)).toBeUndefined()
    const { kinds, deliveries } = await house.db.system(async (tx) => ({
      kinds: (await eventsOf(tx, notice.id)).map(({ kind, reason }) => reason ?? kind),
      deliveries: (await deliveriesOf(tx, notice.id)).map(({ kind }) => kind),
    }))
    expect(kinds.slice(-4)).toEqual(['acknowledgement_late', 'reminded', 'reminded', 'deadline_passed'])
    expect(deliveries).toEqual(['notice', 'reminder', 'reminder'])
    expect(await noticeState(world, notice.id)).toBe('no_response')
    for (const id of caseIds) expect(await stateOf(world, id)).toBe('escalated')
  })

  test('run in rounds, and plan the first look', async ({ world }) => {
    const host = 'files.hoster.example'
    const { caseIds } = await sentNotice(world, [`https://${host}/d/1`], host)
    expect(await strikeAll(world.house.db)).toEqual({ deliveries: [], rechecks: [] })
    await world.house.db.system(
      (tx) =>
        tx.run`update case_file set recheck_at = now() - interval '1 second' where id = ${caseIds[0] ?? ''}`,
    )
    expect((await strikeAll(world.house.db)).rechecks).toHaveLength(1)
    expect((await strikeAll(world.house.db)).rechecks).toHaveLength(0)
  })
})

describe('a counter-notice', () => {
  const checks = {
    signature: true,
    material_and_location: true,
    perjury_statement: true,
    name_address_phone: true,
    jurisdiction_consent: false,
  }
  const given = (caseId: CaseId) => ({
    caseId,
    receivedOn: '2026-11-20',
    sender: 'the uploader',
    text: 'This is my own recording.',
    reason: 'owner' as const,
    checks,
  })

  test('starts the clock of the put-back and is answered once', async ({ world }) => {
    const { house } = world
    const host = 'files.hoster.example'
    const { notice, caseIds, signer } = await sentNotice(world, [`https://${host}/d/1`], host)
    const [caseId] = caseIds
    if (!caseId) throw new Error('no case')
    const kept = await registerCounterNotice(house, signer, notice.id, given(caseId))
    expect(kept).toMatchObject({ putBackFrom: '2026-12-07', putBackLatest: '2026-12-11', answer: null })
    expect(await noticeState(world, notice.id)).toBe('counter_noticed')
    await expect(registerCounterNotice(house, signer, notice.id, given(caseId))).rejects.toMatchObject({
      type: 'request/conflict',
    })
    const filed = { answer: 'action_filed', comment: 'Filed in the district court' } as const
    await expect(answerCounterNotice(house, signer, kept.id, filed)).rejects.toMatchObject({
      type: 'request/invalid',
    })
    await answerCounterNotice(house, signer, kept.id, { ...filed, docket: '1:26-cv-00001' })
    expect(await noticeState(world, notice.id)).toBe('closed')
    await expect(
      answerCounterNotice(house, signer, kept.id, { answer: 'accepted', comment: 'Let it be' }),
    ).rejects.toMatchObject({ type: 'row/stage' })
  })

  test('that is right takes the demand back', async ({ world }) => {
    const { house } = world
    const host = 'files.hoster.example'
    const { notice, caseIds, signer } = await sentNotice(world, [`https://${host}/d/1`], host)
    const [caseId] = caseIds
    if (!caseId) throw new Error('no case')
    const kept = await registerCounterNotice(house, signer, notice.id, given(caseId))
    await answerCounterNotice(house, signer, kept.id, { answer: 'retracted', comment: 'It is theirs' })
    expect(await noticeState(world, notice.id)).toBe('retracted')
    expect(await stateOf(world, caseId)).toBe('dismissed')
  })
})
