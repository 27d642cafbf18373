import { describe, expect } from 'vitest'

import { editRecording, registerRecording } from '../../services/actions/catalogue.ts'
import { findNamed } from '../../services/catalog/named.ts'
import { NewRecording } from '../../services/catalog/recording.ts'
import { list } from '../../services/catalog/store.ts'
import type { TenantId } from '../../services/core/ids.ts'
import type { Caller } from '../../services/tenants/tenant.ts'
import { type World, test } from '../support/world.ts'

const titles = [
  ['First Light', 'The Samples', 'AA6Q72000047'],
  ['Lighthouse (100 % live)', 'Sample_Artist', 'AA6Q72000048'],
  ['सुबह की धुन', 'नमूना मंडली', 'AA6Q72000049'],
  ['朝のサンプル', '見本楽団', undefined],
  ['Утренний свет', 'Образец', undefined],
  ['Été à la mer', 'Échantillon', undefined],
] as const

async function registerAll({ house }: World, caller: Caller) {
  const ids = new Map<string, string>()
  for (const [title, artist, isrc] of titles) {
    const named = NewRecording.parse({ title, artists: [artist], isrc })
    ids.set(title, (await registerRecording(house, caller, named)).recording.id)
  }
  return ids
}

const searched = ({ house }: World, tenantId: TenantId, query: string) =>
  house.db.tenant(tenantId, async (tx) => (await list(tx, { query, limit: 10 })).map(({ title }) => title))

describe('a search within names', () => {
  test('finds parts of words, in every script and whatever stands in them', async ({ world }) => {
    await registerAll(world, world.owner)
    const { tenantId } = world.owner
    const found = (query: string) => searched(world, tenantId, query)
    expect(await found('light')).toEqual(['Lighthouse (100 % live)', 'First Light'])
    expect(await found('IGHTHO')).toEqual(['Lighthouse (100 % live)'])
    expect(await found('samples first')).toEqual(['First Light'])
    expect(await found('light nothing')).toEqual([])
    expect(await found('सुबह')).toEqual(['सुबह की धुन'])
    expect(await found('サンプル')).toEqual(['朝のサンプル'])
    expect(await found('УТРЕН')).toEqual(['Утренний свет'])
    expect(await found('ete mer')).toEqual(['Été à la mer'])
    expect(await found('Q72000048')).toEqual(['Lighthouse (100 % live)'])
    expect(await found('aa6q7')).toHaveLength(3)
    expect(await found("'")).toHaveLength(titles.length)
    expect(await found('lxght')).toEqual([])
  })

  test('knows a name that was changed, and nothing of other accounts', async ({ world }) => {
    const { house, owner, stranger } = world
    const ids = await registerAll(world, owner)
    await registerRecording(
      house,
      stranger,
      NewRecording.parse({ title: 'Lightfoot', artists: ['Stranger'] }),
    )
    const id = ids.get('First Light')
    if (!id) throw new Error('not registered')
    await editRecording(house, owner, id as never, { title: 'Second Dawn' })
    expect(await searched(world, owner.tenantId, 'dawn')).toEqual(['Second Dawn'])
    expect(await searched(world, owner.tenantId, 'first')).toEqual([])
    expect(await searched(world, owner.tenantId, 'lightfoot')).toEqual([])
    expect(await searched(world, stranger.tenantId, 'light')).toEqual(['Lightfoot'])
    const words = await house.db.tenant(
      stranger.tenantId,
      (tx) => tx.run`select from catalogue_word where word = 'dawn'`,
    )
    expect(words).toBe(0)
  })
})

describe('a lead by names alone', () => {
  test('is found misspelt, out of order, and in scripts without trigrams', async ({ world }) => {
    await registerAll(world, world.owner)
    const { house, owner } = world
    const named = (title: string, artists: readonly string[]) =>
      house.db.system(async (tx) =>
        (await findNamed(tx, owner.tenantId, [{ title, artists }])).map((each) => each.names.title),
      )
    expect(await named('Frist Lihgt', ['The Samples'])).toContain('First Light')
    expect(await named('The Samples', ['First Light'])).toContain('First Light')
    expect(await named('सुबह की धुन', ['नमूना मंडली'])).toContain('सुबह की धुन')
    expect(await named('Утренний свет', [])).toContain('Утренний свет')
    expect(await named("'; drop table", ['\\'])).toEqual([])
    expect(await named('Something Else Entirely', ['Nobody'])).toEqual([])
  })
})
