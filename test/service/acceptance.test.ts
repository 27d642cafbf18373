import { z } from 'zod'

import { ACCEPTANCE_DEFAULT, ACCEPTANCE_MAX, ACCEPTANCE_MIN } from '../../services/audio/search/decide.ts'
import { auditEntries } from '../../services/core/audit.ts'
import { createWeb } from '../../web/router.ts'
import { memberWith, serveApi } from '../support/api.ts'
import { type World, describe, expect, test } from '../support/world.ts'

const path = '/v1/account'

const store = ({ house, owner }: World, value: number) =>
  house.db.system(
    (tx) => tx.run`update tenant set false_claims_per_million = ${value} where id = ${owner.tenantId}`,
  )

describe('how many false claims an account accepts', () => {
  test('has in the database the limits and the usual value of the engine', async ({ world }) => {
    const { value } = await world.house.db.system(
      (tx) => tx.one(z.object({ value: z.number() }))`
        select false_claims_per_million as value from tenant where id = ${world.owner.tenantId}`,
    )
    expect(value).toBe(ACCEPTANCE_DEFAULT)
    for (const within of [ACCEPTANCE_MIN, ACCEPTANCE_MAX]) expect(await store(world, within)).toBe(1)
    for (const beyond of [ACCEPTANCE_MIN - 1, ACCEPTANCE_MAX + 1])
      await expect(store(world, beyond)).rejects.toThrow(/check constraint/)
  })

  test('is told and changed over the API, within its limits, and each change is noted', async ({ world }) => {
    const account = await world.account('Careful')
    const api = await serveApi(world)
    const owner = await api.signedIn(account.member)
    expect((await owner('get', path)).json.falseClaimsPerMillion).toBe(ACCEPTANCE_DEFAULT)
    for (const falseClaimsPerMillion of [ACCEPTANCE_MIN, ACCEPTANCE_MAX, 50]) {
      const { status, json } = await owner('patch', path, { falseClaimsPerMillion })
      expect([status, json.falseClaimsPerMillion]).toEqual([200, falseClaimsPerMillion])
    }
    for (const wrong of [ACCEPTANCE_MIN - 1, ACCEPTANCE_MAX + 1, 12.5, '50', null]) {
      const { status, json } = await owner('patch', path, { falseClaimsPerMillion: wrong })
      expect([status, json.faults], String(wrong)).toEqual([
        400,
        [{ pointer: '/falseClaimsPerMillion', detail: 'a whole number from 1 to 1000' }],
      ])
    }
    // A change of something else leaves it.
    expect((await owner('patch', path, { alertsOn: true })).json.falseClaimsPerMillion).toBe(50)
    const entries = await world.house.db.tenant(account.tenant.id, (tx) => auditEntries(tx, 1, 100))
    const changes = entries.filter(({ action }) => action === 'account.changed').map(({ details }) => details)
    expect(changes).toEqual([
      ...[ACCEPTANCE_MIN, ACCEPTANCE_MAX, 50].map((falseClaimsPerMillion) => ({
        fields: ['falseClaimsPerMillion'],
        falseClaimsPerMillion,
      })),
      { fields: ['alertsOn'] },
    ])
  })

  test('is changed by owners only, in a session', async ({ world }) => {
    const account = await world.account('Closed')
    const api = await serveApi(world)
    const change = { falseClaimsPerMillion: 1 }
    const reviewer = await api.signedIn(await memberWith(world, account, ['reviewer', 'signer']))
    expect((await reviewer('patch', path, change)).status).toBe(403)
    expect((await api.withKey(account.key)('patch', path, change)).status).toBe(403)
    expect((await reviewer('get', path)).json.falseClaimsPerMillion).toBe(ACCEPTANCE_DEFAULT)
  })

  test('is explained and changed on the settings page, which says what is wrong with a figure', async ({
    world,
  }) => {
    const account = await world.account('Clicking')
    const api = await serveApi(world, { web: createWeb(world.house) })
    const owner = await api.signedIn(account.member)
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const send = (text: string) =>
      owner('post', '/settings/acceptance', `falseClaimsPerMillion=${encodeURIComponent(text)}`, form)
    expect((await owner('get', '/settings')).text).toMatch(/Lower means fewer false alarms and fewer\s+finds/)
    expect((await send('1,000')).headers.get('location')).toMatch(/^\/settings/)
    expect((await owner('get', path)).json.falseClaimsPerMillion).toBe(1000)
    for (const text of ['0', '1001', '2.5', '1,5', '1.000', '1e3', '0x10', 'few']) {
      const refused = await send(text)
      expect([refused.status, refused.text.includes('a whole number from 1 to 1000')], text).toEqual([
        400,
        true,
      ])
    }
    expect((await send(' ')).text).toContain('this is needed')
    expect((await owner('get', path)).json.falseClaimsPerMillion).toBe(1000)
    const reviewer = await api.signedIn(await memberWith(world, account, ['reviewer']))
    const shown = (await reviewer('get', '/settings')).text
    expect(shown).toContain('at most 1,000')
    expect(shown).not.toContain('/settings/acceptance')
    expect((await reviewer('post', '/settings/acceptance', 'falseClaimsPerMillion=5', form)).status).toBe(403)
  })
})
