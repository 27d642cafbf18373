import { draftNotices } from '../../services/actions/notices.ts'
import { signNotices } from '../../services/actions/sign-notices.ts'
import { auditEntries } from '../../services/core/audit.ts'
import { CaseId } from '../../services/core/ids.ts'
import { Problem } from '../../services/core/problem.ts'
import { capsulesOf, stages } from '../../services/evidence/store.ts'
import { seed } from '../support/api.ts'
import { capsuleScene } from '../support/capsule-calls.ts'
import { openDashboard } from '../support/dashboard.ts'
import {
  completeContact,
  confirmedAt,
  planOf,
  recipientFor,
  signatureFor,
  signedAbout,
} from '../support/noticing.ts'
import { signerSession } from '../support/signing.ts'
import { describe, expect, test } from '../support/world.ts'

describe('the pages of evidence', () => {
  test('have a capsule of a case made, and show how it gets on', async ({ world }) => {
    const { house } = world
    const account = await world.account('Evidence')
    const caseId = CaseId.parse((await seed(world, account)).caseId)
    const { get, send } = await (await openDashboard(world))(account.member)
    const page = async () => (await get(`/cases/${caseId}`)).text
    const rows = () => house.db.tenant(account.tenant.id, (tx) => capsulesOf(tx, { caseId }, 10))
    expect(await page()).toContain('Make one')

    const asked = await send(`/cases/${caseId}/capsules`)
    expect(asked.headers.get('location')).toBe(`/cases/${caseId}?done=capsule-asked#evidence`)
    await send(`/cases/${caseId}/capsules`)
    const [capsule, ...others] = await rows()
    if (!capsule) throw new Error('no capsule')
    expect(others).toEqual([])
    for (const text of [await page(), (await get(`/cases/${caseId}/capsules`)).text]) {
      expect(text).toContain(`hx-get="/cases/${caseId}/capsules"`)
      expect(text).toContain('Building the capsule')
      expect(text).not.toContain('Make one')
    }

    const broken = new Problem('evidence/tampered', 'suspect/leak.wav has another SHA-256')
    await house.db.system((tx) => stages.fail(tx, capsule.id, 'capsule', broken))
    expect(await page()).toContain('suspect/leak.wav has another SHA-256')
    expect(await page()).toContain('Make another one')
    expect(await page()).not.toContain('hx-get="/cases/')

    const id = await capsuleScene(world, account, caseId)
    const built = (await rows()).find((row) => row.id === id)
    const shown = await page()
    for (const text of [
      built?.manifestSha256 ?? 'no hash',
      'No time stamp',
      'held until',
      'earwitness verify',
    ])
      expect(shown).toContain(text)
    for (const file of ['download', 'certificate']) {
      const href = `/v1/capsules/${id}/${file}`
      expect(shown).toContain(`href="${href}"`)
      expect((await get(href)).status).toBe(200)
    }
    const entries = await house.db.tenant(account.tenant.id, (tx) => auditEntries(tx, 1, 100))
    expect(entries.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['capsule.requested', 'capsule.downloaded', 'capsule.certificate-made']),
    )

    await house.db.system((tx) => tx.run`update capsule set held = false where id = ${id}`)
    expect(await page()).toContain('its file was deleted')
    expect(await page()).not.toContain(`/v1/capsules/${id}`)
  })

  test('show those of a notice once it is signed', async ({ world }) => {
    const { house, owner } = world
    if (owner.kind !== 'member') throw new Error('no member')
    await completeContact(world)
    await recipientFor(world, 'files.hoster.example')
    const caseId = await confirmedAt(world, 'https://files.hoster.example/d/1')
    const { caller } = await signerSession(world)
    const [draft] = await draftNotices(house, owner, planOf([caseId]))
    if (!draft) throw new Error('no draft')
    const { get, send } = await (await openDashboard(world))(caller.member)
    const path = `/notices/${draft.id}`
    expect((await get(path)).text).not.toContain('Evidence capsule')
    expect((await get(`${path}/capsules`)).status).toBe(404)
    expect((await send(`${path}/capsules`)).status).toBe(409)
    await signNotices(house, caller, await signatureFor(world, caller, [draft.id]))
    expect((await get(path)).text).toContain('everything that is held of this notice')
    expect((await send(`${path}/capsules`)).headers.get('location')).toContain('#evidence')
    expect((await get(path)).text).toContain(`hx-get="${path}/capsules"`)
  })

  test('show nothing to another account', async ({ world }) => {
    await completeContact(world)
    await recipientFor(world, 'files.hoster.example')
    const caseId = await confirmedAt(world, 'https://files.hoster.example/d/1')
    const { caller } = await signerSession(world)
    const [notice] = await signedAbout(world, caller, [caseId])
    if (!notice || world.stranger.kind !== 'member') throw new Error('no notice')
    const { get, send } = await (await openDashboard(world))(world.stranger.member)
    for (const path of [`/cases/${caseId}/capsules`, `/notices/${notice.id}/capsules`]) {
      expect((await get(path)).status).toBe(404)
      expect((await send(path)).status).toBe(404)
    }
  })
})
