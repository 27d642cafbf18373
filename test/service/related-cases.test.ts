import { writeFile } from 'node:fs/promises'

import { Client } from 'pg'
import { z } from 'zod'

import { type CaseId, type RecordingId, Sha256, SubmissionId, TenantId } from '../../services/core/ids.ts'
import { openNetworkTable } from '../../services/core/network-table.ts'
import { relatedCases, relatedQuery } from '../../services/matches/related-store.ts'
import { keepAnswer } from '../../services/recipients/rdap-store.ts'
import { keepCapture } from '../../services/submissions/captures.ts'
import { createMember } from '../../services/tenants/store.ts'
import { createWeb } from '../../web/router.ts'
import { serveApi } from '../support/api.ts'
import { findAt, foundCase, registered } from '../support/found-case.ts'
import { networkFile } from '../support/network-file.ts'
import { type World, describe, expect, test } from '../support/world.ts'

const HOUR_MS = 3_600_000

let lastFile = 0
/** Has a recording found at an address, in a file of its own unless the test says in which. */
async function found(
  world: World,
  recordingId: RecordingId,
  url: string,
  more: { readonly file?: number; readonly audio?: number; readonly channel?: string } = {},
): Promise<CaseId> {
  const { id } = await findAt(world, recordingId, { url })
  lastFile += 1
  const hash = (number: number): string => number.toString(16).padStart(64, '0')
  const file = hash(more.file ?? 1_000 + lastFile)
  const audio = more.audio === undefined ? null : hash(more.audio)
  await world.house.db.system(async (tx) => {
    await tx.run`
      update item i set sha256 = ${file}, audio_sha256 = ${audio} from match m where m.item_id = i.id and m.case_id = ${id}`
    await tx.run`update case_file set channel = ${more.channel ?? null} where id = ${id}`
  })
  return id
}

describe('related cases', () => {
  test('share a file, its audio, recording and host, or the account; the strongest first', async ({
    world,
  }) => {
    const { house, owner, stranger } = world
    const [monsoon, other] = [await registered(world, 'Monsoon'), await registered(world, 'Other')]
    const channel = 'soundcloud.com/leaker'
    const id = await found(world, monsoon, 'https://a.example/1', { file: 1, audio: 1, channel })
    const file = await found(world, other, 'https://b.example/1', { file: 1, audio: 1 })
    const audio = await found(world, monsoon, 'https://a.example/2', { file: 2, audio: 1 })
    const host = await found(world, monsoon, 'https://user@A.example:8443/3')
    const account = await found(world, other, 'https://c.example/1', { channel })
    await found(world, other, 'https://a.example/4')
    await found(world, monsoon, 'https://d.example/1', { channel: 'soundcloud.com/another' })
    const related = await house.db.tenant(owner.tenantId, (tx) => relatedCases(tx, id, 50))
    expect(related.map((each) => [each.id, each.reasons])).toEqual([
      [file, ['same_file']],
      [audio, ['same_audio', 'same_recording_at_host']],
      [host, ['same_recording_at_host']],
      [account, ['same_uploader']],
    ])
    expect(await house.db.tenant(owner.tenantId, (tx) => relatedCases(tx, id, 1))).toHaveLength(1)
    expect(await house.db.tenant(stranger.tenantId, (tx) => relatedCases(tx, id, 50))).toEqual([])
  })

  test('are listed on the page and in the API, without the names that one may not know', async ({
    world,
  }) => {
    const { house, owner } = world
    const embargoUntil = new Date(Date.now() + 24 * HOUR_MS).toISOString()
    // Finds of these tests are one and the same file.
    const id = await foundCase(world, { title: 'Monsoon', url: 'https://a.example/monsoon.mp3' })
    await foundCase(world, { title: 'Midnight', url: 'https://b.example/midnight.mp3', embargoUntil })
    const given = { email: 'signer@example.org', name: 'A signer', roles: ['signer'] as const }
    const member = await house.db.system((tx) => createMember(tx, owner.tenantId, given))
    const api = await serveApi(world, { web: createWeb(house) })
    const signer = await api.signedIn(member)
    const reviewer = await api.signedIn((owner as Extract<typeof owner, { kind: 'member' }>).member)
    for (const path of [`/v1/cases/${id}/related`, `/cases/${id}`]) {
      const all = await reviewer('get', path)
      expect([all.status, /midnight/i.test(all.text)]).toEqual([200, true])
      const told = await signer('get', path)
      expect([told.status, /midnight/i.test(told.text)]).toEqual([200, false])
    }
    expect((await reviewer('get', `/v1/cases/${id}/related`)).json.items).toMatchObject([
      { recordingTitle: 'Midnight', reasons: ['same_file'] },
    ])
    expect((await reviewer('get', `/cases/${id}`)).text).toContain('the same file, byte by byte')
    expect((await reviewer('get', `/v1/cases/${id}/related?limit=51`)).status).toBe(400)
    const stranger = await world.account('Elsewhere')
    expect((await api.withKey(stranger.key)('get', `/v1/cases/${id}/related`)).status).toBe(404)
  })

  test('are found among thousands that have everything in common, by reading few', async ({ world }) => {
    const { house, owner } = world
    const recordingId = await registered(world, 'Everywhere')
    const channel = 'soundcloud.com/flood'
    const id = await found(world, recordingId, 'https://a.example/0', { file: 7, audio: 7, channel })
    const cases = 10_000
    await house.db.system(async (tx) => {
      await tx.run`
        insert into case_file (id, tenant_id, number, recording_id, location_key, location, channel, state, confidence)
        select gen_random_uuid(), tenant_id, 'EW-2020-' || lpad(n::text, 6, '0'), recording_id, 'k' || n,
               'https://a.example/' || n, channel, 'needs_review', 1
          from case_file, generate_series(1, ${cases}) n where id = ${id}`
      await tx.run`
        insert into item (id, tenant_id, submission_id, name, media_type, sha256, bytes, stage, number, audio_sha256)
        select gen_random_uuid(), i.tenant_id, i.submission_id, 'n' || n, i.media_type, i.sha256, 3, 'done', n + 10, i.audio_sha256
          from item i join match m on m.item_id = i.id, generate_series(1, ${cases}) n where m.case_id = ${id}`
      await tx.run`
        insert into match (id, tenant_id, item_id, recording_id, case_id, engine_version, confidence,
                           false_match_probability, share_of_recording, share_of_suspect)
        select gen_random_uuid(), c.tenant_id, i.id, c.recording_id, c.id, 1, 1, 0, 1, 1
          from case_file c join item i on 'k' || (i.number - 10) = c.location_key`
    })
    // Autovacuum keeps the planner's figures elsewhere.
    const admin = new Client({ connectionString: world.databaseUrl })
    await admin.connect()
    await admin.query('analyze case_file, item, match')
    await admin.end()
    const explained = await house.db.tenant(
      owner.tenantId,
      (tx) =>
        tx.all(z.record(z.string(), z.unknown()))`explain (analyze, format json) ${relatedQuery(id, 50)}`,
    )
    const plan = JSON.stringify(explained)
    for (const index of [
      'item_by_file',
      'item_by_audio',
      'case_by_host',
      'case_by_channel',
      'case_by_uploader',
    ])
      expect(plan).toContain(`"Index Name":"${index}"`)
    // With more cases matches are found by their index, too; among so few they are read as they lie.
    const scans = /"Relation Name":"item".*?"Actual Rows":([\d.]+),"Actual Loops":(\d+)/g
    const read = [...plan.matchAll(scans)].map(([, rows, loops]) => Number(rows) * Number(loops))
    expect(read.length).toBeGreaterThan(2)
    expect(Math.max(...read)).toBeLessThan(1_000)
    expect(await house.db.tenant(owner.tenantId, (tx) => relatedCases(tx, id, 50))).toHaveLength(50)
  })
})

describe('where a copy is', () => {
  test('is told by its address, by the table of networks, else by what a registry said', async ({
    world,
  }) => {
    const { house, owner } = world
    const url = 'https://soundcloud.com/leaker/monsoon'
    const id = await foundCase(world, { title: 'Monsoon', url })
    const readBy = async (networks: typeof house.networks) => {
      const api = await serveApi(
        { ...world, house: { ...house, networks } },
        { web: createWeb({ ...house, networks }) },
      )
      const ask = await api.signedIn((owner as Extract<typeof owner, { kind: 'member' }>).member)
      const page = (await ask('get', `/cases/${id}`)).text
      return { place: (await ask('get', `/v1/cases/${id}`)).json.place, page }
    }
    const none = await readBy(undefined)
    expect(none.place).toMatchObject({
      host: 'soundcloud.com',
      account: { platform: 'soundcloud.com', name: 'leaker' },
      address: null,
      network: null,
    })
    expect(none.page).toContain('Where it is')
    await house.db.system(async (tx) => {
      const submission = await tx.one(z.object({ id: SubmissionId, tenantId: TenantId }))`
        select i.submission_id as id, i.tenant_id from item i join match m on m.item_id = i.id where m.case_id = ${id}`
      const at = new Date()
      await keepCapture(tx, submission, {
        requestedUrl: url,
        finalUrl: url,
        redirects: [],
        status: 200,
        headers: {},
        address: '192.0.2.9',
        tls: null,
        sha256: Sha256.parse('a'.repeat(64)),
        bytes: 3,
        startedAt: at,
        endedAt: at,
      })
      const body = { emails: [], tels: [], name: 'SAMPLE-NET', country: 'NL' }
      await keepAnswer(tx, 'https://rdap.example/ip/192.0.2.9', { status: 200, body, forS: 60 })
      await keepAnswer(tx, 'https://rdap.example/ip/192.0.2.90', {
        status: 200,
        body: { ...body, country: 'DE' },
        forS: 60,
      })
    })
    const registry = await readBy(undefined)
    expect(registry.place).toMatchObject({
      address: '192.0.2.9',
      network: { name: 'SAMPLE-NET', country: 'NL', source: 'registry' },
    })
    expect(registry.page).toContain('Netherlands (NL)')
    const path = `${world.folder}/networks.mmdb`
    const row = { autonomous_system_number: 64_500, autonomous_system_organization: 'Sample Hosting' }
    await writeFile(path, networkFile({ address: '192.0.2.0', bits: 24 }, row))
    const table = await readBy(await openNetworkTable(path))
    expect(table.place.network).toEqual({
      asn: 64_500,
      name: 'Sample Hosting',
      source: 'table',
      asOf: null,
    })
    expect(table.page).toContain('AS64500')
  })
})
