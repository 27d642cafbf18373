import { z } from 'zod'

import { allowPlace, endLeave } from '../../services/actions/allow-list.ts'
import { decideCase } from '../../services/actions/cases.ts'
import * as alerts from '../../services/alerts/store.ts'
import { entriesAround } from '../../services/allowlist/store.ts'
import { auditEntries } from '../../services/core/audit.ts'
import { AlertId } from '../../services/core/ids.ts'
import { Sql } from '../../services/core/sql.ts'
import { decisionsOf, findCase } from '../../services/matches/case-store.ts'
import { followFind } from '../../services/matches/find-store.ts'
import { createWeb } from '../../web/router.ts'
import { confirmedCase, entry, refusalOf, sign } from '../support/allowing.ts'
import { memberWith, seed, serveApi } from '../support/api.ts'
import { confirming } from '../support/confirming.ts'
import { describe, expect, test } from '../support/world.ts'

describe('the allow-list', () => {
  test('is made by people, ended once, never deleted, and noted', async ({ world }) => {
    const api = await serveApi(world)
    const account = await world.account('Listing')
    const { tenantId } = account.caller
    const given = {
      kind: 'domain',
      value: 'https://Shop.Example./',
      reason: 'Our shop',
      licensee: 'Shop Ltd',
    }
    expect((await api.withKey(account.key)('post', '/v1/allow-list', given)).status).toBe(403)
    const signer = await api.signedIn(await memberWith(world, account, ['signer']))
    expect((await signer('post', '/v1/allow-list', given)).status).toBe(403)

    const ask = await api.signedIn(await memberWith(world, account, ['reviewer']))
    const kept = await ask('post', '/v1/allow-list', given)
    expect(kept.json).toMatchObject({ value: 'shop.example', ownerName: 'A reviewer', inForce: true })
    const again = await ask('post', '/v1/allow-list', given)
    expect(again.json).toMatchObject({
      type: '/problems/request/conflict',
      detail: expect.stringContaining('Shop Ltd'),
    })
    const wrong = await ask('post', '/v1/allow-list', { ...given, value: 'co.uk', expiresOn: '2000-01-01' })
    expect(wrong.json.faults).toEqual([{ pointer: '/value', detail: expect.stringContaining('co.uk') }])
    const past = await ask('post', '/v1/allow-list', {
      ...given,
      value: 'a.example',
      expiresOn: '2000-01-01',
    })
    expect(past.json.faults[0].pointer).toBe('/expiresOn')
    const seeded = await seed(world, await world.account('Other'))
    const foreign = await ask('post', '/v1/allow-list', { ...given, recordingId: seeded.recordingId })
    expect(foreign.json.faults[0].pointer).toBe('/recordingId')

    const tested = await api.withKey(account.key)('get', '/v1/allow-list/test?url=https://cdn.shop.example/a')
    expect(tested.json).toMatchObject({ allowed: true, entries: [{ id: kept.json.id }] })
    const path = `/v1/allow-list/${kept.json.id}/end`
    const ended = await ask('post', path)
    expect(ended.json).toMatchObject({ inForce: false, endedBy: 'A reviewer' })
    expect((await ask('post', path)).json.endedAt).toBe(ended.json.endedAt)
    const after = await api.withKey(account.key)('get', '/v1/allow-list/test?url=https://shop.example/')
    expect(after.json).toEqual({ allowed: false, entries: [] })
    const list = await ask('get', '/v1/allow-list?state=ended')
    expect(list.json.items).toMatchObject([{ id: kept.json.id }])

    const actions = await world.house.db.tenant(tenantId, async (tx) =>
      (await auditEntries(tx, 1, 100))
        .map(({ action }) => action)
        .filter((action) => action.startsWith('allow')),
    )
    expect(actions).toEqual(['allow-entry.made', 'allow-entry.ended'])
    for (const statement of ['delete from allow_entry', `update allow_entry set reason = 'other'`]) {
      const work = world.house.db.tenant(tenantId, (tx) => tx.run`${new Sql([statement], [])}`)
      await expect(work).rejects.toThrow('permission denied')
    }
  })

  test('of one account allows nothing in another', async ({ world }) => {
    const url = 'https://shop.example/songs/a.mp3'
    const { account, id } = await confirmedCase(world, url)
    const given = entry({ kind: 'domain', value: 'shop.example', reason: 'Theirs' })
    const theirs = await allowPlace(world.house, world.stranger, given)
    const around = await world.house.db.system((tx) =>
      entriesAround(tx, account.caller.tenantId, { address: url }),
    )
    expect(around).toEqual([])
    expect((await sign(world, account, id)).statements).toBe('made')
    expect(await refusalOf(endLeave(world.house, account.caller, theirs.id))).toMatchObject({
      type: 'row/unknown',
    })
    const [kept] = await world.house.db.system((tx) =>
      entriesAround(tx, world.stranger.tenantId, { address: url }),
    )
    expect(kept).toMatchObject({ id: theirs.id, endedAt: null })
  })

  test('for one recording counts, however many stand there for others', async ({ world }) => {
    const { account, id, recordingId } = await confirmedCase(world, 'https://shop.example/songs/a.mp3')
    const { member, tenant } = account
    await world.house.db.tenant(
      tenant.id,
      (tx) => tx.run`
        insert into allow_entry (id, tenant_id, kind, value, lookup_key, recording_id, reason, owner_id, created_at)
        select gen_random_uuid(), ${tenant.id}, 'domain', 'shop.example', 'shop.example', gen_random_uuid(), 'Licensed',
               ${member.id}, now() - interval '1 day' from generate_series(1, 1100)`,
    )
    const given = entry({ kind: 'domain', value: 'shop.example', recordingId, reason: 'Licensed, too' })
    await allowPlace(world.house, account.caller, given)
    expect((await refusalOf(sign(world, account, id)))?.message).toContain('Licensed, too')
  })

  test('closes a case from its page, for the recording alone; without scripts', async ({ world }) => {
    const { account, id, recordingId } = await confirmedCase(world, 'https://soundcloud.com/ourband/song')
    const { tenantId } = account.caller
    const api = await serveApi(world, { web: createWeb(world.house) })
    const page = await api.signedIn(account.member)
    const send = (path: string, fields: Record<string, string>) =>
      page('post', path, new URLSearchParams(fields).toString(), {
        'content-type': 'application/x-www-form-urlencoded',
      })
    const shown = (await page('get', `/cases/${id}`)).text
    expect(shown).toContain('value="channel soundcloud.com/ourband"')

    const form = {
      form: 'allow-here',
      value: 'channel soundcloud.com/ourband',
      scope: `recording ${recordingId}`,
    }
    const refused = await send(`/cases/${id}/allow`, { ...form, reason: '' })
    expect([refused.status, refused.text.includes('this is needed')]).toEqual([400, true])
    const elsewhere = await send(`/cases/${id}/allow`, {
      ...form,
      value: 'domain other.example',
      reason: 'x',
    })
    expect([elsewhere.status, elsewhere.text.includes('does not cover the place')]).toEqual([400, true])
    const done = await send(`/cases/${id}/allow`, { ...form, reason: 'The band’s own' })
    expect(done.headers.get('location')).toBe(`/cases/${id}?done=case-allowed`)
    await world.house.db.tenant(tenantId, async (tx) => {
      expect(await findCase(tx, id)).toMatchObject({ state: 'allowed' })
      // An alert that gathered it does not tell it any more.
      const { alertId } = await tx.one(z.object({ alertId: AlertId }))`
        select alert_id from alert_case where case_id = ${id}`
      expect(await alerts.casesOf(tx, alertId)).toEqual([])
      expect((await decisionsOf(tx, id)).at(-1)).toMatchObject({
        kind: 'allowed',
        actor: `member:${account.member.id}`,
        comment: expect.stringContaining('The band’s own'),
      })
    })
    const list = (await page('get', '/settings/allow-list?test=soundcloud.com/OurBand/other')).text
    expect(list).toContain('is allowed for some recordings only')

    // Undone by a person: the case waits again, and its report may still not be signed.
    await decideCase(world.house, account.caller, id, { kind: 'reopened' })
    // One more find does not set aside what a person opened again.
    const told = await world.house.db.system((tx) =>
      followFind(tx, { id, tenantId, isNew: false }, { state: 'allowed', words: 'still on the list' }),
    )
    expect(told).toBe(false)
    await decideCase(world.house, account.caller, id, confirming)
    expect(await refusalOf(sign(world, account, id))).toMatchObject({ type: 'request/conflict' })
    expect((await page('get', `/cases/${id}`)).text).toContain('Nothing may be demanded here')
  })
})

test('a case is closed by leave for the page that leads to its copy, which is offered beside its own place', async ({
  world,
}) => {
  const { account, id } = await confirmedCase(world, 'https://cdn.example/a/song.mp3')
  await world.house.db.system(
    (tx) => tx.run`update case_file set page_url = 'https://fans.example/post/7' where id = ${id}`,
  )
  const api = await serveApi(world, { web: createWeb(world.house) })
  const shown = (await (await api.signedIn(account.member))('get', `/cases/${id}`)).text
  for (const value of ['domain cdn.example', 'domain fans.example', 'url-prefix fans.example/post/7'])
    expect(shown).toContain(`value="${value}`)
  const given = entry({ kind: 'domain', value: 'fans.example', reason: 'Our fan club' })
  await allowPlace(world.house, account.caller, given, id)
  expect(await world.house.db.tenant(account.caller.tenantId, (tx) => findCase(tx, id))).toMatchObject({
    state: 'allowed',
  })
})

describe('excluded segments', () => {
  test('are replaced as a whole, within the recording, and edited in a form', async ({ world }) => {
    const api = await serveApi(world, { web: createWeb(world.house) })
    const account = await world.account('Excluding')
    const { recordingId } = await seed(world, account)
    await world.house.db.system(
      (tx) => tx.run`update recording set duration_ms = 200000 where id = ${recordingId}`,
    )
    const ask = api.withKey(account.key)
    const path = `/v1/recordings/${recordingId}/excluded-segments`
    const put = (items: unknown) => ask('put', path, { items })
    const part = { fromMs: 61_234, toMs: 75_500, reason: 'A sample' }
    const first = { fromMs: 0, toMs: 1_000, reason: 'A jingle' }
    expect((await put([part, first])).json.items).toEqual([first, part])
    expect((await put([{ ...part, toMs: 1 }])).json.faults[0].pointer).toBe('/items/0/toMs')
    const behind = await put([first, { ...part, fromMs: 200_000, toMs: 300_000 }])
    expect(behind.json.faults).toEqual([{ pointer: '/items/1/fromMs', detail: expect.any(String) }])
    expect((await put(Array.from({ length: 101 }, () => part))).status).toBe(400)
    expect((await ask('get', path)).json.items).toEqual([first, part])
    const stranger = api.withKey((await world.account('Nosy')).key)
    expect((await stranger('get', path)).status).toBe(404)
    expect((await stranger('put', path, { items: [] })).status).toBe(404)

    const page = await api.signedIn(account.member)
    const save = (fields: Record<string, string>) =>
      page('post', `/recordings/${recordingId}/excluded-segments`, new URLSearchParams(fields).toString(), {
        'content-type': 'application/x-www-form-urlencoded',
      })
    expect((await page('get', `/recordings/${recordingId}`)).text).toContain('value="1:01.234"')
    const sent = { segments: '4', 'from-2': '1:01.234', 'to-2': '1:15.5', 'reason-2': 'A sample' }
    const refused = await save({ ...sent, 'from-4': 'soon', 'to-4': '2:00', 'reason-4': '' })
    expect(refused.text).toMatch(
      /id="from-4-fault">a time, as in 1:02.5<[\s\S]*id="reason-4-fault">say what it is</,
    )
    const late = await save({ ...sent, 'from-4': '10:00', 'to-4': '11:00', 'reason-4': 'x' })
    expect(late.text).toContain('id="from-4-fault">lies behind the end')
    expect((await save(sent)).status).toBe(303)
    expect((await ask('get', path)).json.items).toEqual([part])
  })
})
