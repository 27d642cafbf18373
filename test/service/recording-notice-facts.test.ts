import * as recordings from '../../services/catalog/store.ts'
import { auditEntries } from '../../services/core/audit.ts'
import { openDashboard } from '../support/dashboard.ts'
import { registered } from '../support/found-case.ts'
import { expect, test } from '../support/world.ts'

test('what notices say of a recording is told on its page, and taken away there', async ({ world }) => {
  const { house, owner, stranger } = world
  if (owner.kind !== 'member' || stranger.kind !== 'member') throw new Error('no member')
  const id = await registered(world, 'First Light')
  const browserOf = await openDashboard(world)
  const { get, send } = await browserOf(owner.member)
  const path = `/recordings/${id}/notice-facts`
  const told = {
    form: 'notice-facts',
    registrationNumber: 'SR 1-234-567',
    officialUrl: 'https://records.example/first-light',
  }
  const find = () => house.db.tenant(owner.tenantId, (tx) => recordings.find(tx, id))

  const refused = await send(path, { ...told, officialUrl: 'javascript:0' })
  expect(refused.status).toBe(400)
  expect(refused.text).toContain('id="officialUrl-fault"')
  expect(refused.text).toContain('value="SR 1-234-567"')
  expect((await send(path, told)).headers.get('location')).toBe(`/recordings/${id}?done=saved#notice-facts`)
  const { form: _form, ...kept } = told
  expect(await find()).toMatchObject({ ...kept, publicDomain: false })
  expect((await get(`/recordings/${id}`)).text).toContain('value="https://records.example/first-light"')
  await send(path, { form: 'notice-facts', publicDomain: 'on', registrationNumber: '', officialUrl: '' })
  expect(await find()).toMatchObject({ publicDomain: true, registrationNumber: null, officialUrl: null })

  const entries = await house.db.tenant(owner.tenantId, (tx) => auditEntries(tx, 1, 100))
  expect(entries.filter(({ action }) => action === 'recording.edited')).toHaveLength(2)
  const foreign = await browserOf(stranger.member)
  expect((await foreign.send(path, told)).status).toBe(404)
})
