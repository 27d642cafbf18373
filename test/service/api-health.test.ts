import { Client as PgClient } from 'pg'

import { serveApi } from '../support/api.ts'
import { type World, describe, expect, test } from '../support/world.ts'

const withConfig = (world: World, config: Partial<World['house']['config']>): World => ({
  ...world,
  house: { ...world.house, config: { ...world.house.config, ...config } },
})

describe('whoever runs the service', () => {
  test('hears that it lives and is ready', async ({ world }) => {
    const { anonymous } = await serveApi(world)
    expect((await anonymous('get', '/healthz')).json).toEqual({ status: 'ok' })
    const { status, json } = await anonymous('get', '/readyz')
    expect([status, json.status]).toEqual([200, 'ready'])
    expect(Object.keys(json.checks)).toEqual(['database', 'migrations', 'queue', 'ffmpeg'])
  })

  test('hears that a migration is missing', async ({ world }) => {
    const client = new PgClient({ connectionString: world.databaseUrl })
    await client.connect()
    await client.query(`delete from migration where name like '0003%'`)
    await client.end()
    const { status, json } = await (await serveApi(world)).anonymous('get', '/readyz')
    expect([status, json.checks.migrations.ok, json.checks.database.ok]).toEqual([503, false, true])
  })

  test('hears what is away, and that only the database is indispensable', async ({ world }) => {
    const away = (): Promise<never> => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.7'))
    const without = withConfig(world, { FFMPEG_PATH: '/nowhere/ffmpeg' })
    const queues = { ...world.house.queues, counts: away }
    const queueless = await serveApi({ ...without, house: { ...without.house, queues } })
    const { status, json } = await queueless.anonymous('get', '/readyz')
    expect([status, json.checks.queue.ok, json.checks.ffmpeg.ok]).toEqual([200, false, false])
    const db = { ...world.house.db, ping: away, system: away }
    const dead = await (
      await serveApi({ ...world, house: { ...world.house, db } })
    ).anonymous('get', '/readyz')
    expect([dead.status, dead.json.status]).toEqual([503, 'not ready'])
    expect(dead.text).not.toContain('10.0.0.7')
  })

  test('reads measurements that name routes and never ids', async ({ world }) => {
    const { key } = await world.account('Measured')
    const api = await serveApi(world)
    const id = '11111111-1111-4111-8111-111111111111'
    await api.withKey(key)('get', `/v1/cases/${id}`)
    const { text } = await api.anonymous('get', '/metrics')
    expect(text).toMatch(
      /earwitness_request_seconds_count\{method="GET",route="\/v1\/cases\/:id",status="404"\} \d+/,
    )
    expect(text).not.toContain(id)
  })

  test('alone reads measurements', async ({ world }) => {
    const token = 'a token of enough length'
    const guarded = (await serveApi(withConfig(world, { METRICS_TOKEN: token }))).anonymous
    const read = async (authorization?: string) =>
      (await guarded('get', '/metrics', undefined, authorization ? { authorization } : {})).status
    expect(await read()).toBe(401)
    expect(await read(`Bearer ${token}!`)).toBe(401)
    expect(await read(`Bearer ${token}`)).toBe(200)
    // Behind a proxy every request comes from this machine; the address it stands for is what counts.
    const proxied = (await serveApi(withConfig(world, { TRUST_PROXY: true }))).anonymous
    const from = async (address: string) =>
      (await proxied('get', '/metrics', undefined, { 'x-forwarded-for': address })).status
    expect([await from('203.0.113.9'), await from('127.0.0.1')]).toEqual([401, 200])
    // Without one, nobody can claim to be this machine, or somebody else.
    const open = (await serveApi(world)).anonymous
    expect((await open('get', '/metrics', undefined, { 'x-forwarded-for': '203.0.113.9' })).status).toBe(200)
  })
})
