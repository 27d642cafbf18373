import { main } from '../../bin/earwitness.ts'
import { auditEntries } from '../../services/core/audit.ts'
import { requireSecondFactor } from '../../services/tenants/second-factor.ts'
import { recordedTerminal } from '../support/fake-terminal.ts'
import { signerSession } from '../support/signing.ts'
import { expect, test } from '../support/world.ts'

test('an only owner who lost the device gets a second factor reset on the machine of the service', async ({
  world,
}) => {
  const { house, owner } = world
  const env = { DATABASE_URL: world.databaseUrl, DATA_DIR: world.folder }
  const reset = async (...argv: string[]) => {
    const terminal = recordedTerminal({ env })
    const status = await main(['reset-second-factor', ...argv], terminal)
    return { status, out: terminal.outText(), err: terminal.errText() }
  }
  const lost = await signerSession(world, 'A. Sample')
  const other = await signerSession(world, 'B. Sample')
  const { email, id } = lost.caller.member
  await house.db.tenant(
    owner.tenantId,
    (tx) => tx.run`
      insert into passkey (id, tenant_id, member_id, name, public_key, counter, transports)
      values ('sample-credential-id', ${owner.tenantId}, ${id}, 'My key', ${Buffer.from('key')}, 0, '{}')`,
  )
  expect((await reset('--help')).out).toContain('Usage: earwitness reset-second-factor EMAIL')
  expect((await reset()).status).toBe(2)
  expect(await reset('nobody@sample.example')).toMatchObject({
    status: 1,
    err: expect.stringContaining('Nobody has the address nobody@sample.example'),
  })

  const done = await reset(email.toUpperCase())
  expect(done).toMatchObject({ status: 0, err: '' })
  expect(done.out).toContain(`Took the authenticator app and 1 passkey of A. Sample <${email}>`)
  const asSigner = (caller: typeof lost.caller) =>
    house.db.tenant(owner.tenantId, (tx) => requireSecondFactor(tx, caller))
  await expect(asSigner(lost.caller)).rejects.toThrow('Set up')
  await expect(asSigner(other.caller)).resolves.toBeDefined()
  expect((await reset(email)).out).toContain('nothing was changed')

  const entries = await house.db.tenant(owner.tenantId, (tx) => auditEntries(tx, 1, 100))
  expect(entries.filter(({ action }) => action === 'factor.reset')).toMatchObject([
    { actor: 'system', subject: `member:${id}` },
  ])
})
