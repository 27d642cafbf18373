import { createHash } from 'node:crypto'
import { appendFile, chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

import { WARCParser } from 'warcio'

import { run } from '../../bin/evidence/verify.ts'
import { auditEntries } from '../../services/core/audit.ts'
import { type CaseId, Sha256 } from '../../services/core/ids.ts'
import { LogDocument, isWhole } from '../../services/evidence/log.ts'
import { Manifest } from '../../services/evidence/manifest.ts'
import { releaseOldCapsules } from '../../services/evidence/store.ts'
import { sourceOf } from '../../services/evidence/verify-file.ts'
import { contentAt, layoutOf, readDirectory } from '../../services/evidence/zip.ts'
import { pruneBlobs } from '../../services/submissions/prune.ts'
import { type Client, seed, serveApi } from '../support/api.ts'
import { contentsOf } from '../support/capsule-contents.ts'
import { recordedTerminal } from '../support/fake-terminal.ts'
import { findAt, registered } from '../support/found-case.ts'
import { completeContact, confirmedAt, recipientFor, signedAbout } from '../support/noticing.ts'
import { startPipeline, until } from '../support/pipeline.ts'
import { signerSession } from '../support/signing.ts'
import { hasOpenssl, openAuthority } from '../support/time-stamp-authority.ts'
import { type World, describe, expect, test } from '../support/world.ts'

/** The files of an archive by their paths. */
async function filesOf(bytes: Uint8Array): Promise<Map<string, Buffer>> {
  const { placed } = layoutOf(await readDirectory(sourceOf(bytes)))
  const content = (at: number, length: number) => Buffer.from(bytes.subarray(at, at + length))
  return new Map(placed.map((entry) => [entry.path, content(contentAt(entry), entry.bytes)]))
}

/** Asks for a capsule and waits until it is built. */
async function built(ask: Client, path: string): Promise<{ id: string; [name: string]: unknown }> {
  const asked = await ask('post', path)
  expect(asked.status).toBe(202)
  const at = asked.headers.get('location') ?? ''
  const capsule = await until('the capsule', async () => {
    const { json } = await ask('get', at)
    return json.stage === 'capsule' ? undefined : json
  })
  expect(capsule).toMatchObject({ stage: 'done', problem: null, held: true })
  return capsule
}

/** Downloads a capsule into a file of the world's folder. */
async function downloaded(url: string, key: string, id: string, world: World) {
  const headers = { authorization: `Bearer ${key}` }
  const response = await fetch(`${url}/v1/capsules/${id}/download`, { headers })
  expect(response.status).toBe(200)
  const bytes = new Uint8Array(await response.arrayBuffer())
  const path = join(world.folder, `${id}.zip`)
  await writeFile(path, bytes)
  const disposition = response.headers.get('content-disposition')
  return { bytes, path, disposition, files: await filesOf(bytes) }
}

/** What `earwitness verify` says of a file. */
async function verified(path: string, ...options: string[]) {
  const terminal = recordedTerminal()
  const status = await run([path, '--json', ...options], terminal)
  return { status, told: JSON.parse(terminal.outText()) as { checks: { name: string; holds: unknown }[] } }
}

/** The address of a find, as if it had been fetched. */
const captured = (world: World, submissionId: string) =>
  world.house.db.system(
    (tx) => tx.run`
      insert into capture (id, tenant_id, submission_id, requested_url, final_url, redirects, status, headers, address,
                           tls, sha256, bytes, started_at, ended_at)
      select gen_random_uuid(), i.tenant_id, i.submission_id, 'https://files.example/r', 'https://files.example/leak.wav',
             '[{"url":"https://files.example/r","status":302,"address":"192.0.2.9"}]', 200,
             '{"content-type":"audio/wav","content-encoding":"gzip","content-length":"9"}', '192.0.2.10', '{"protocol":"TLSv1.3"}', i.sha256,
             i.bytes, now(), now() from item i where i.submission_id = ${submissionId}`,
  )

describe('an evidence capsule', () => {
  test('takes two suspects whose hashes begin alike, as whoever uploads them can make them', async ({
    world,
  }) => {
    const recordingId = await registered(world, 'Song')
    const url = 'https://files.example/a.ogg'
    const { id } = await findAt(world, recordingId, { url })
    const hashes = ['b', 'c'].map((end) => 'a'.repeat(40) + end.repeat(24))
    await world.house.db.system((tx) => tx.run`update item set sha256 = ${hashes[0]}`)
    await findAt(world, recordingId, { url })
    await world.house.db.system(
      (tx) => tx.run`update item set sha256 = ${hashes[1]} where sha256 <> ${hashes[0]}`,
    )
    const { items } = await contentsOf(world, id)
    const suspects = [...items.values()].filter(({ kind }) => kind === 'suspect')
    expect(suspects.map(({ sha256 }) => sha256).toSorted()).toEqual(hashes)
  })

  test('of a case has all that is held of it, is stamped, and holds', async ({ world }) => {
    const authority = hasOpenssl ? await openAuthority() : undefined
    const env: Record<string, string> = authority
      ? { TIME_STAMP_URL: authority.url, FETCH_ALLOW_ADDRESSES: authority.host }
      : {}
    const account = await world.account('Sample Music')
    const { caseId, submissionId } = await seed(world, account)
    await captured(world, submissionId)
    const pipeline = await startPipeline(world, { env })
    try {
      const api = await serveApi({ ...world, house: pipeline.house })
      const ask = api.withKey(account.key)
      await ask('post', `/v1/cases/${caseId}/reports`, {})
      const capsule = await built(ask, `/v1/cases/${caseId}/evidence`)
      expect(capsule['timeStamped']).toBe(hasOpenssl)
      const { path, files, disposition } = await downloaded(api.url, account.key, capsule.id, world)
      expect(disposition).toMatch(/filename="?capsule-EW-\d{4}-000001\.zip/)

      const { status, told } = await verified(path, '--manifest', String(capsule['manifestSha256']))
      expect(told.checks.filter(({ holds }) => holds !== true).map(({ name }) => name)).toEqual(
        hasOpenssl ? [] : ['Time stamp'],
      )
      expect(status).toBe(0)
      expect((await verified(path, '--manifest', 'e'.repeat(64))).status).toBe(1)

      const number = /EW-\d{4}-000001/.exec(disposition ?? '')?.[0] ?? ''
      const suspect = [...files.keys()].find((name) => name.startsWith('suspect/')) ?? ''
      expect([...files.keys()].filter((name) => !name.startsWith('manifest'))).toEqual(
        [
          'README.txt',
          'capture.warc.gz',
          'decisions.json',
          `excerpts/${number}-1-reference.flac`,
          `excerpts/${number}-1-suspect.flac`,
          'log.json',
          'match-report.json',
          `pictures/${number}-1.svg`,
          `reports/${number}-v1.json`,
          suspect,
          'verify.html',
        ].toSorted(),
      )
      expect(files.get(`excerpts/${number}-1-suspect.flac`)?.subarray(0, 4).toString()).toBe('fLaC')
      const manifest = Manifest.parse(JSON.parse(String(files.get('manifest.json'))))
      expect(manifest).toMatchObject({ tenantName: 'Sample Music', subject: { kind: 'case', number } })
      expect(JSON.parse(String(files.get('match-report.json')))).toMatchObject({
        cases: [{ number, matches: [{ passages: [{ threshold: 40, score: 120 }] }] }],
      })
      expect(JSON.parse(String(files.get('decisions.json')))).toMatchObject({
        cases: [{ decisions: [{ kind: 'opened' }] }],
      })
      const { entries } = LogDocument.parse(JSON.parse(String(files.get('log.json'))))
      expect(entries.filter(isWhole).map(({ action }) => action)).toEqual([
        'report.issued',
        'capsule.requested',
      ])

      const warc = files.get('capture.warc.gz') ?? Buffer.alloc(0)
      expect(gunzipSync(warc).subarray(0, 8).toString()).toBe('WARC/1.1')
      const seen: string[] = []
      for await (const record of WARCParser.iterRecords([new Uint8Array(warc)])) {
        seen.push(record.warcType)
        if (record.warcType !== 'response') continue
        const body = await record.readFully(false)
        expect(record.warcPayloadDigest).toBe(`sha256:${createHash('sha256').update(body).digest('hex')}`)
        expect(record.warcHeader('WARC-IP-Address')).toBe('192.0.2.10')
        expect(record.warcHeader('WARC-Truncated')).toBeFalsy()
        expect(record.httpHeaders?.headers.get('x-orig-content-encoding')).toBe('gzip')
        expect(record.httpHeaders?.headers.get('content-length')).toBeFalsy() // It was that of the coded body.
      }
      expect(seen).toEqual(['warcinfo', 'response', 'metadata'])

      const pdf = await ask('get', `/v1/capsules/${capsule.id}/certificate`)
      expect([pdf.status, pdf.text.slice(0, 5)]).toEqual([200, '%PDF-'])
      const actions = await world.house.db.tenant(account.tenant.id, (tx) => auditEntries(tx, 1, 100))
      expect(actions.map(({ action }) => action).filter((action) => action.startsWith('capsule'))).toEqual([
        'capsule.requested',
        'capsule.downloaded',
        'capsule.certificate-made',
      ])
      const stranger = api.withKey((await world.account('Nosy')).key)
      for (const part of ['', '/download', '/certificate'])
        expect((await stranger('get', `/v1/capsules/${capsule.id}${part}`)).status).toBe(404)
      expect((await stranger('post', `/v1/cases/${caseId}/evidence`)).status).toBe(404)
    } finally {
      await pipeline.close()
      await authority?.close()
    }
  })

  test('without media names what was seen; its file goes after its time, or when it was tampered with', async ({
    world,
  }) => {
    const account = await world.account('Frugal')
    const { caseId, submissionId } = await seed(world, account, { held: false })
    await captured(world, submissionId)
    const pipeline = await startPipeline(world)
    try {
      const { house } = pipeline
      const api = await serveApi({ ...world, house })
      const ask = api.withKey(account.key)
      const capsule = await built(ask, `/v1/cases/${caseId}/evidence`)
      const { path, files } = await downloaded(api.url, account.key, capsule.id, world)
      expect((await verified(path)).status).toBe(0)
      const { items } = Manifest.parse(JSON.parse(String(files.get('manifest.json'))))
      expect(items.filter(({ held }) => !held)).toMatchObject([{ kind: 'suspect', bytes: 320_044 }])
      expect([...files.keys()].some((name) => /^(suspect|excerpts)/.test(name))).toBe(false)
      for await (const record of WARCParser.iterRecords([
        new Uint8Array(files.get('capture.warc.gz') ?? []),
      ])) {
        if (record.warcType !== 'response') continue
        expect(record.warcHeader('WARC-Truncated')).toBe('unspecified')
        expect(record.warcPayloadDigest).toBe(`sha256:${items.find(({ held }) => !held)?.sha256}`)
      }

      const sha256 = Sha256.parse(capsule['sha256'])
      expect(await pruneBlobs(house.db, house.blobs, 0).then(() => house.blobs.has(sha256))).toBe(true)
      const stored = (await house.blobs.path(sha256)) ?? ''
      await chmod(stored, 0o640)
      await appendFile(stored, 'x')
      expect((await ask('get', `/v1/capsules/${capsule.id}/download`)).json.type).toBe(
        '/problems/evidence/tampered',
      )

      await house.db.system(async (tx) => {
        await tx.run`update capsule set stage_since = now() - interval '31 days' where id = ${capsule.id}`
        expect(await releaseOldCapsules(tx)).toBe(1)
      })
      await pruneBlobs(house.db, house.blobs, 0)
      expect(await house.blobs.has(sha256)).toBe(false)
      const gone = await ask('get', `/v1/capsules/${capsule.id}/download`)
      expect([gone.status, gone.json.type]).toEqual([410, '/problems/file/gone'])
      const again = await built(ask, `/v1/cases/${caseId}/evidence`)
      expect(again.id).not.toBe(capsule.id)
    } finally {
      await pipeline.close()
    }
  })

  test('of a notice has the very bytes that were signed, and is refused before', async ({ world }) => {
    const pipeline = await startPipeline(world)
    try {
      const api = await serveApi({ ...world, house: pipeline.house })
      const ask = await api.signedIn((world.owner as Extract<typeof world.owner, { kind: 'member' }>).member)
      const key = (await ask('post', '/v1/keys', { name: 'capsules' })).json.secret as string
      await completeContact(world)
      await recipientFor(world, 'files.example')
      const ids: CaseId[] = []
      for (const name of ['a', 'b'])
        ids.push(await confirmedAt(world, `https://files.example/${name}.ogg`, `Song ${name}`))
      const { caller } = await signerSession(world)
      const [notice] = await signedAbout(world, caller, ids)
      if (!notice) throw new Error('no notice')

      const capsule = await built(ask, `/v1/notices/${notice.id}/evidence`)
      const { path, files } = await downloaded(api.url, key, capsule.id, world)
      const { status, told } = await verified(path)
      expect(told.checks.filter(({ holds }) => holds === false)).toEqual([])
      expect(status).toBe(0)
      expect(told.checks.map(({ name }) => name)).toContain(`Notice ${notice.number}`)
      const text = files.get('notice.json') ?? Buffer.alloc(0)
      expect(createHash('sha256').update(text).digest('hex')).toBe(notice.documentSha256)
      expect(JSON.parse(String(files.get('match-report.json'))).cases).toHaveLength(2)
      const ofCase = await built(ask, `/v1/cases/${ids[0]}/evidence`)
      const other = await downloaded(api.url, key, ofCase.id, world)
      expect(other.files.get(`notices/${notice.number}-v1.json`)).toEqual(text)
      expect((await verified(other.path)).status).toBe(0)
    } finally {
      await pipeline.close()
    }
  })
})
