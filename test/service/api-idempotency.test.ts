import { Client as PgClient } from 'pg'

import { serveApi } from '../support/api.ts'
import { describe, expect, test } from '../support/world.ts'

const body = { url: 'https://host.example/leak.mp3' }
const idempotent = (key: string) => ({ 'idempotency-key': key })

describe('an Idempotency-Key', () => {
  test('repeats the answer of the first request and does nothing again', async ({ world }) => {
    const { key } = await world.account('Again')
    const ask = (await serveApi(world)).withKey(key)
    const file = (name: string) =>
      ask('post', `/v1/submissions/file?fileName=${name}`, 'some bytes', {
        ...idempotent('upload-1'),
        'content-type': 'audio/mpeg',
      })
    const [first, again] = [await file('a.mp3'), await file('a.mp3')]
    expect(first.headers.get('idempotency-replayed')).toBeNull()
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect([again.status, again.json]).toEqual([202, first.json])
    expect(again.headers.get('location')).toBe(first.headers.get('location'))
    expect((await ask('get', '/v1/submissions')).json.items).toHaveLength(1)
  })

  test('is refused for another request', async ({ world }) => {
    const { key } = await world.account('Other')
    const ask = (await serveApi(world)).withKey(key)
    await ask('post', '/v1/submissions', body, idempotent('k'))
    for (const [path, other] of [
      ['/v1/submissions', { url: 'https://host.example/other.mp3' }],
      ['/v1/recordings', { title: 'T', artists: ['A'] }],
    ] as const) {
      const { status, json } = await ask('post', path, other, idempotent('k'))
      expect([status, json.type]).toEqual([409, '/problems/request/conflict'])
    }
    expect((await ask('get', '/v1/recordings')).json.items).toEqual([])
  })

  test('lets one of many equal requests at once do the work', async ({ world }) => {
    const { key } = await world.account('At Once')
    const ask = (await serveApi(world)).withKey(key)
    const post = () =>
      ask('post', '/v1/submissions/file?fileName=a.mp3', 'bytes', {
        ...idempotent('one'),
        'content-type': 'audio/mpeg',
      })
    const answers = await Promise.all(Array.from({ length: 8 }, post))
    const fresh = answers.filter(
      ({ status, headers }) => status === 202 && !headers.has('idempotency-replayed'),
    )
    expect(fresh).toHaveLength(1)
    for (const { status, json, headers } of answers.filter((answer) => answer.status !== 202)) {
      expect([status, json.type, headers.get('retry-after')]).toEqual([409, '/problems/request/in-work', '1'])
    }
    expect((await post()).json).toEqual(fresh[0]?.json)
    expect((await ask('get', '/v1/submissions')).json.items).toHaveLength(1)
  })

  test('is free again after a failure, and when its request died long ago', async ({ world }) => {
    const account = await world.account('Retry')
    const ask = (await serveApi(world)).withKey(account.key)
    const empty = await ask('post', '/v1/submissions/file', '', {
      ...idempotent('f'),
      'content-type': 'audio/mpeg',
    })
    expect(empty.json.type).toBe('/problems/file/empty')
    const full = await ask('post', '/v1/submissions/file', 'x', {
      ...idempotent('f'),
      'content-type': 'audio/mpeg',
    })
    expect(full.status).toBe(202)

    const first = await ask('post', '/v1/submissions', body, idempotent('dead'))
    expect(first.status).toBe(202)
    const client = new PgClient({ connectionString: world.databaseUrl })
    await client.connect()
    const dead = `update idempotent_answer set status = null, body = null`
    await client.query(`${dead} where key = 'dead'`)
    expect((await ask('post', '/v1/submissions', body, idempotent('dead'))).json.type).toBe(
      '/problems/request/in-work',
    )
    await client.query(
      `update idempotent_answer set created_at = now() - interval '1 hour' where key = 'dead'`,
    )
    await client.end()
    expect((await ask('post', '/v1/submissions', body, idempotent('dead'))).status).toBe(202)
  })

  test('belongs to one caller: another neither gets the answer nor is hindered in another account', async ({
    world,
  }) => {
    const api = await serveApi(world)
    const [one, two] = [await world.account('One'), await world.account('Two')]
    const first = await api.withKey(one.key)('post', '/v1/submissions', body, idempotent('same'))
    const other = await api.withKey(two.key)('post', '/v1/submissions', body, idempotent('same'))
    expect(other.status).toBe(202)
    expect(other.json.id).not.toBe(first.json.id)
    const colleague = await (
      await api.signedIn(one.member)
    )('post', '/v1/submissions', body, idempotent('same'))
    expect(colleague.json.type).toBe('/problems/request/conflict')
  })

  test('is refused where the answer holds a secret, and when it is none', async ({ world }) => {
    const account = await world.account('Secret')
    const api = await serveApi(world)
    const browser = await api.signedIn(account.member)
    const { status, json } = await browser('post', '/v1/keys', { name: 'k' }, idempotent('k'))
    expect([status, json.faults[0].pointer]).toEqual([400, '/header/Idempotency-Key'])
    expect((await browser('get', '/v1/keys')).json.items).toHaveLength(1)
    for (const key of ['', 'two words', 'x'.repeat(201)]) {
      expect((await browser('post', '/v1/submissions', body, idempotent(key))).status).toBe(400)
    }
  })
})
