import { Client as PgClient } from 'pg'

import { registerRecording } from '../../services/actions/catalogue.ts'
import { NewRecording } from '../../services/catalog/recording.ts'
import { type Client, serveApi } from '../support/api.ts'
import { type World, describe, expect, test } from '../support/world.ts'

/** Runs SQL as the owner of the database, for states that the service itself never makes on purpose. */
async function sql(world: World, text: string): Promise<void> {
  const client = new PgClient({ connectionString: world.databaseUrl })
  await client.connect()
  await client.query(text)
  await client.end()
}

/** All pages of a list, and how long each was. */
async function walk(ask: Client, path: string, limit: number): Promise<{ ids: string[]; pages: number[] }> {
  const ids: string[] = []
  const pages: number[] = []
  for (let cursor = ''; ;) {
    const { json } = await ask('get', `${path}?limit=${limit}${cursor && `&cursor=${cursor}`}`)
    ids.push(...json.items.map(({ id }: { id: string }) => id))
    pages.push(json.items.length)
    if (json.next === undefined || pages.length > 50) return { ids, pages }
    cursor = json.next
  }
}

describe('a list', () => {
  for (const [name, moment] of [
    ['the same moment', `timestamptz '2026-01-01 00:00:00.123'`],
    [
      'moments that differ by microseconds',
      `timestamptz '2026-01-01 00:00:00.123' + number * interval '3 microseconds'`,
    ],
  ] as const) {
    test(`of rows of ${name} is walked completely, each row once`, async ({ world }) => {
      const account = await world.account('Walker')
      const ask = (await serveApi(world)).withKey(account.key)
      for (let i = 0; i < 11; i += 1) {
        await registerRecording(
          world.house,
          account.caller,
          NewRecording.parse({ title: `Song ${i}`, artists: ['A'] }),
        )
      }
      await sql(
        world,
        `update recording r set created_at = ${moment}
           from (select id, row_number() over () as number from recording) as numbered where numbered.id = r.id`,
      )
      const { ids, pages } = await walk(ask, '/v1/recordings', 4)
      expect(pages).toEqual([4, 4, 3])
      expect(new Set(ids).size).toBe(11)
    })
  }

  test('is sorted newest first and stays so while rows are added', async ({ world }) => {
    const account = await world.account('Growing')
    const ask = (await serveApi(world)).withKey(account.key)
    const register = (title: string) => ask('post', '/v1/recordings', { title, artists: ['A'] })
    for (const title of ['one', 'two', 'three']) await register(title)
    const first = (await ask('get', '/v1/recordings?limit=2')).json
    expect(first.items.map(({ title }: { title: string }) => title)).toEqual(['three', 'two'])
    await register('four')
    const second = (await ask('get', `/v1/recordings?limit=2&cursor=${first.next}`)).json
    expect(second.items.map(({ title }: { title: string }) => title)).toEqual(['one'])
    expect(second.next).toBeUndefined()
  })

  test('refuses a cursor that it did not give', async ({ world }) => {
    const { key } = await world.account('Cursors')
    const ask = (await serveApi(world)).withKey(key)
    const forged = Buffer.from("2026-01-01T00:00:00.000Z x' or 1=1").toString('base64url')
    for (const path of ['/v1/recordings', '/v1/submissions', '/v1/cases', '/v1/reports']) {
      for (const cursor of ['', 'nonsense', forged, 'x'.repeat(300)]) {
        const { status, json } = await ask('get', `${path}?cursor=${cursor}`)
        expect([status, json.faults[0].pointer], path).toEqual([400, '/query/cursor'])
      }
    }
    for (const limit of ['0', '201', '1.5', 'many', '-1']) {
      expect((await ask('get', `/v1/cases?limit=${limit}`)).json.faults[0].pointer).toBe('/query/limit')
    }
  })

  test('finds recordings by words and by ISRC as people write it', async ({ world }) => {
    const { key } = await world.account('Search')
    const ask = (await serveApi(world)).withKey(key)
    await ask('post', '/v1/recordings', {
      title: 'Monsoon Letters',
      artists: ['Émile Sample'],
      isrc: 'AA-6Q7-20-00047',
    })
    await ask('post', '/v1/recordings', { title: '100% Dry', artists: ['Émile Sample'] })
    const titles = async (q: string) =>
      (await ask('get', `/v1/recordings?q=${encodeURIComponent(q)}`)).json.items.map(
        ({ title }: { title: string }) => title,
      )
    expect(await titles('emile letters')).toEqual(['Monsoon Letters'])
    expect(await titles('aa6q72000047')).toEqual(['Monsoon Letters'])
    expect(await titles('%')).toHaveLength(2)
    expect(await titles('nobody')).toEqual([])
  })
})
