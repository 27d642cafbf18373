import { beforeEach } from 'vitest'
import { z } from 'zod'

import type { MemberCaller } from '../../services/actions/account.ts'
import type { House } from '../../services/actions/house.ts'
import {
  addPasskey,
  askPasskey,
  beginTotp,
  confirmPasskey,
  confirmTotp,
  enrolTotp,
  offerPasskey,
  removeFactor,
  resetFactors,
  secondFactorOf,
} from '../../services/actions/second-factor.ts'
import { auditEntries, firstBroken } from '../../services/core/audit.ts'
import { Bytes } from '../../services/core/ids.ts'
import { NewPasskeyAnswer, PasskeyAnswer } from '../../services/tenants/passkeys.ts'
import { requireSecondFactor } from '../../services/tenants/second-factor.ts'
import { findSession, hashPassword, openSession, setPassword } from '../../services/tenants/sign-in.ts'
import { totpCode } from '../../services/tenants/totp.ts'
import { refusalOf } from '../support/allowing.ts'
import { softPasskey } from '../support/passkey.ts'
import { signerSession } from '../support/signing.ts'
import { type World, describe, expect, test } from '../support/world.ts'

const require = ({ house }: Pick<World, 'house'>, caller: MemberCaller) =>
  house.db.tenant(caller.tenantId, (tx) => requireSecondFactor(tx, caller))
const codeAt = (secret: string, seconds: number) => totpCode(secret, new Date(Date.now() + seconds * 1000))

/** Waits out the end of a step: a code of the one before would be too old by the time it is looked at. */
async function steadyStep(): Promise<void> {
  const leftMs = 30_000 - (Date.now() % 30_000)
  if (leftMs < 3_000) await new Promise((resolve) => setTimeout(resolve, leftMs))
}

/** A real session of the world's owner, who has set nothing up. */
async function ownSession(world: World): Promise<MemberCaller> {
  const { owner } = world
  if (owner.kind !== 'member') throw new Error('the owner is a person')
  return world.house.db.system(async (tx) => {
    const session = await findSession(tx, await openSession(tx, owner.member))
    if (!session) throw new Error('no session')
    return { kind: 'member' as const, tenantId: owner.tenantId, ...session }
  })
}

async function enrolled(world: World) {
  const caller = await ownSession(world)
  const { secret } = await beginTotp(world.house, caller)
  await enrolTotp(world.house, caller, codeAt(secret, -30))
  return { caller, secret }
}

const actions = async ({ house }: World, caller: MemberCaller) => {
  const entries = await house.db.tenant(caller.tenantId, (tx) => auditEntries(tx, 1, 100))
  expect(firstBroken(entries)).toBeUndefined()
  return entries.map(({ action }) => action)
}

describe('an authenticator app', () => {
  beforeEach(steadyStep)

  test('counts after its first right code, in this session, for a quarter of an hour', async ({ world }) => {
    const caller = await ownSession(world)
    expect(await refusalOf(require(world, caller))).toMatchObject({
      type: 'auth/second-factor',
      message: expect.stringContaining('Set up'),
    })
    const { secret, uri } = await beginTotp(world.house, caller)
    expect(uri).toMatch(/^otpauth:\/\/totp\/Earwitness:.*secret=[A-Z2-7]{32}.*period=30/)
    expect((await refusalOf(confirmTotp(world.house, caller, codeAt(secret, 0))))?.type).toBe(
      'auth/second-factor',
    )
    expect((await refusalOf(require(world, caller)))?.message).toContain('Set up')
    await enrolTotp(world.house, caller, codeAt(secret, -30))
    expect(await require(world, caller)).toBe('totp')
    expect((await secondFactorOf(world.house, caller)).totp).toBe(true)

    const elsewhere = await ownSession(world)
    expect((await refusalOf(require(world, elsewhere)))?.message).toContain('again')
    const fresh = await confirmTotp(world.house, elsewhere, codeAt(secret, 0).replace(/^.../, '$& '))
    expect(fresh.until.getTime() - Date.now()).toBeGreaterThan(14 * 60_000)
    expect(await actions(world, caller)).toEqual([
      'factor.totp-begun',
      'factor.totp-enrolled',
      'factor.confirmed',
    ])
  })

  test('is stale after fifteen minutes, and no key ever has one', async ({ world }) => {
    const signer = await signerSession(world)
    await signer.age(14)
    expect(await require(world, signer.caller)).toBe('totp')
    await signer.age(16)
    expect((await refusalOf(require(world, signer.caller)))?.type).toBe('auth/second-factor')
    await confirmTotp(world.house, signer.caller, signer.totp())
    expect(await require(world, signer.caller)).toBe('totp')
    const key = { kind: 'key', tenantId: world.owner.tenantId, keyId: '' as never } as const
    const asked = world.house.db.tenant(key.tenantId, (tx) => requireSecondFactor(tx, key))
    expect((await refusalOf(asked))?.type).toBe('auth/second-factor')
    const forged = { ...signer.caller, member: (await ownSession(world)).member }
    expect((await refusalOf(require(world, forged)))?.type).toBe('auth/second-factor')
  })

  test('takes a code once, and none of a step before the last', async ({ world }) => {
    const { caller, secret } = await enrolled(world)
    const now = codeAt(secret, 0)
    await confirmTotp(world.house, caller, now)
    expect((await refusalOf(confirmTotp(world.house, caller, now)))?.type).toBe('request/invalid')
    expect((await refusalOf(confirmTotp(world.house, caller, codeAt(secret, -30))))?.type).toBe(
      'request/invalid',
    )
    const next = codeAt(secret, 30)
    const both = await Promise.allSettled([1, 2].map(() => confirmTotp(world.house, caller, next)))
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  test('cannot be guessed: five wrong codes in a quarter of an hour, however many come at once', async ({
    world,
  }) => {
    const { caller, secret } = await enrolled(world)
    const wrong = () => refusalOf(confirmTotp(world.house, caller, 'abcdef'))
    const types = (await Promise.all([1, 2, 3, 4, 5, 6, 7].map(wrong))).map((problem) => problem?.type)
    expect(types.toSorted((a, b) => String(a).localeCompare(String(b)))).toEqual([
      ...Array(5).fill('request/invalid'),
      'request/too-many',
      'request/too-many',
    ])
    const right = () => confirmTotp(world.house, caller, codeAt(secret, 0))
    expect((await refusalOf(right()))?.type).toBe('request/too-many')
    await world.house.db.system(
      (tx) => tx.run`
        update member set factor_failed_at = array(select at - interval '16 minutes' from unnest(factor_failed_at) at)`,
    )
    await right()
    expect((await wrong())?.type).toBe('request/invalid')
    expect((await actions(world, caller)).filter((action) => action === 'factor.refused')).toHaveLength(6)
  })

  test('is set up once, by whoever knows the password, and sealed', async ({ world }) => {
    const passwordHash = await hashPassword('a long enough password')
    const { member } = await ownSession(world)
    await world.house.db.system((tx) => setPassword(tx, member.id, passwordHash))
    const caller = await ownSession(world)
    const begin = (password?: string) => beginTotp(world.house, caller, password)
    expect((await refusalOf(begin()))?.faults).toEqual([{ pointer: '/password', detail: expect.any(String) }])
    const { secret } = await begin('a long enough password')
    await enrolTotp(world.house, caller, codeAt(secret, -30))
    expect((await refusalOf(begin('a long enough password')))?.type).toBe('row/stage')
    const { totpSealed } = await world.house.db.system(
      (tx) => tx.one(z.object({ totpSealed: Bytes }))`select totp_sealed from member where id = ${member.id}`,
    )
    expect(Buffer.from(totpSealed).includes(secret)).toBe(false)
    const stranger = await ownSession({ ...world, owner: world.stranger })
    await world.house.db.system(
      (tx) =>
        tx.run`update member set totp_sealed = ${totpSealed}, totp_confirmed_at = now() where id = ${stranger.member.id}`,
    )
    expect((await refusalOf(confirmTotp(world.house, stranger, codeAt(secret, 0))))?.type).toBe(
      'secret/unreadable',
    )
  })

  test('is removed by whoever shows it, or by an owner who shows their own', async ({ world }) => {
    const signer = await signerSession(world)
    const { caller: owner } = await enrolled(world)
    await signer.age(20)
    const remove = () => removeFactor(world.house, signer.caller, { kind: 'totp' })
    expect((await refusalOf(remove()))?.type).toBe('auth/second-factor')
    await confirmTotp(world.house, signer.caller, signer.totp())
    const reset = (by: MemberCaller, id = signer.caller.member.id) => resetFactors(world.house, by, id)
    expect((await refusalOf(reset(signer.caller)))?.type).toBe('auth/forbidden')
    expect((await refusalOf(reset(owner, owner.member.id)))?.type).toBe('auth/forbidden')
    expect((await refusalOf(reset(await ownSession(world))))?.type).toBe('auth/second-factor')
    const stranger = await ownSession({ ...world, owner: world.stranger })
    expect((await refusalOf(reset(stranger)))?.type).toBe('row/unknown')
    await reset(owner)
    expect((await refusalOf(require(world, signer.caller)))?.message).toContain('Set up')
    await removeFactor(world.house, owner, { kind: 'totp' })
    expect((await refusalOf(require(world, owner)))?.message).toContain('Set up')
    expect(await actions(world, owner)).toEqual(expect.arrayContaining(['factor.reset', 'factor.removed']))
  })
})

describe('a passkey', () => {
  const origin = 'https://ear.example'
  const onHttps = ({ house }: World): House => ({ ...house, config: { ...house.config, publicUrl: origin } })
  const made = (answer: unknown) => NewPasskeyAnswer.parse(answer)
  const given = (answer: unknown) => PasskeyAnswer.parse(answer)

  async function added(world: World, device = softPasskey(origin)) {
    const house = onHttps(world)
    const caller = await ownSession(world)
    device.challenge = (await offerPasskey(house, caller)).challenge
    await addPasskey(house, caller, 'My key', made(device.create()))
    return { house, caller, device }
  }

  test('is added, counts as shown, and answers again in another session', async ({ world }) => {
    const { house, device, caller } = await added(world)
    expect(await require(world, caller)).toBe('passkey')
    const elsewhere = await ownSession(world)
    const options = await askPasskey(house, elsewhere)
    expect(options).toMatchObject({
      rpId: 'ear.example',
      allowCredentials: [{ id: device.id, transports: ['usb'] }],
    })
    device.challenge = options.challenge
    const answer = given(device.get())
    expect((await refusalOf(confirmPasskey(house, caller, answer)))?.type).toBe('row/stage')
    await confirmPasskey(house, elsewhere, answer)
    expect(await require(world, elsewhere)).toBe('passkey')
    expect((await secondFactorOf(house, caller)).passkeys).toMatchObject([{ name: 'My key', counter: 2 }])
    expect((await refusalOf(confirmPasskey(house, elsewhere, answer)))?.type).toBe('row/stage')
    expect(await actions(world, caller)).toEqual(['factor.passkey-added', 'factor.confirmed'])
  })

  test('is refused on another site, for another challenge, with a copied counter, or too late', async ({
    world,
  }) => {
    const { house, caller, device } = await added(world)
    const ask = async () => (device.challenge = (await askPasskey(house, caller)).challenge)
    const confirm = async () => (await refusalOf(confirmPasskey(house, caller, given(device.get()))))?.type
    await ask()
    device.challenge = Buffer.from('another').toString('base64url')
    expect(await confirm()).toBe('request/invalid')
    await ask()
    device.counter = 0
    expect(await confirm()).toBe('request/invalid')
    device.counter = 10
    await ask()
    await world.house.db.system((tx) => tx.run`update session set challenge_expires_at = now()`)
    expect(await confirm()).toBe('row/stage')
    const phished = softPasskey('https://ear.example.evil.example')
    phished.challenge = (await offerPasskey(house, caller)).challenge
    const add = addPasskey(house, caller, 'Phished', made(phished.create()))
    expect((await refusalOf(add))?.type).toBe('request/invalid')
    await ask()
    expect(await confirm()).toBeUndefined()
  })

  test('is not added with the challenge by which another one is to be shown', async ({ world }) => {
    const { house } = await added(world)
    const elsewhere = await ownSession(world)
    const forged = softPasskey(origin)
    forged.challenge = (await askPasskey(house, elsewhere)).challenge
    const add = addPasskey(house, elsewhere, 'Forged', made(forged.create()))
    expect((await refusalOf(add))?.type).toBe('row/stage')
    expect((await secondFactorOf(house, elsewhere)).passkeys).toMatchObject([{ name: 'My key' }])
    expect((await secondFactorOf(house, elsewhere)).fresh).toBeUndefined()
  })

  test('of somebody else does not answer for one', async ({ world }) => {
    const { house, device } = await added(world)
    const signer = await signerSession(world)
    const own = softPasskey(origin)
    own.challenge = (await offerPasskey(house, signer.caller)).challenge
    await addPasskey(house, signer.caller, 'Own', made(own.create()))
    device.challenge = (await askPasskey(house, signer.caller)).challenge
    const foreign = confirmPasskey(house, signer.caller, given(device.get()))
    expect((await refusalOf(foreign))?.type).toBe('request/invalid')
  })

  test('needs a name and https, and a fresh factor when there is one already', async ({ world }) => {
    const caller = await ownSession(world)
    expect((await secondFactorOf(world.house, caller)).passkeysPossible).toBe(false)
    expect((await refusalOf(offerPasskey(world.house, caller)))?.type).toBe('request/conflict')
    const { house, device } = await added(world)
    expect((await refusalOf(offerPasskey(house, caller)))?.type).toBe('auth/second-factor')
    const which = { kind: 'passkey', id: device.id } as const
    expect((await refusalOf(removeFactor(house, caller, which)))?.type).toBe('auth/second-factor')
    expect((await refusalOf(removeFactor(house, caller, { kind: 'passkey', id: 'unknown' })))?.type).toBe(
      'row/unknown',
    )
  })
})
