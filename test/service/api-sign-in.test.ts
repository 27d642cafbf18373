import { hashPassword, setPassword } from '../../services/tenants/sign-in.ts'
import { type Answer, memberWith, serveApi } from '../support/api.ts'
import { type Account, type World, describe, expect, test } from '../support/world.ts'

const PASSWORD = 'a long enough password'

async function withPassword(world: World, name: string): Promise<Account> {
  const account = await world.account(name)
  const passwordHash = await hashPassword(PASSWORD)
  await world.house.db.system((tx) => setPassword(tx, account.member.id, passwordHash))
  return account
}
const cookieOf = ({ headers }: Answer): string => headers.get('set-cookie')?.split(';')[0] ?? ''

describe('signing in', () => {
  test('opens a session that its cookie proves, until it is closed', async ({ world }) => {
    const { anonymous } = await serveApi(world)
    const { member } = await withPassword(world, 'In And Out')
    const credentials = { email: ` ${member.email.toUpperCase()}`, password: PASSWORD }
    const answer = await anonymous('post', '/v1/session', credentials)
    expect(answer.json).toMatchObject({ id: member.id, email: member.email })
    expect(answer.headers.get('set-cookie')).toMatch(
      /^earwitness=ews_[\w-]{43}; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Lax$/,
    )
    const cookie = { cookie: cookieOf(answer) }
    expect((await anonymous('get', '/v1/members', undefined, cookie)).status).toBe(200)
    const origin = world.house.config.publicUrl
    expect((await anonymous('delete', '/v1/session', undefined, { ...cookie, origin })).status).toBe(204)
    expect((await anonymous('get', '/v1/members', undefined, cookie)).status).toBe(401)
  })

  test('on https sets a cookie that never leaves it', async ({ world }) => {
    const house = { ...world.house, config: { ...world.house.config, publicUrl: 'https://ear.example' } }
    const { anonymous } = await serveApi({ ...world, house })
    const { member } = await withPassword(world, 'Secure')
    const answer = await anonymous('post', '/v1/session', { email: member.email, password: PASSWORD })
    expect(answer.headers.get('set-cookie')).toMatch(
      /^__Host-earwitness=.*; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
    )
    expect(answer.headers.get('strict-transport-security')).toContain('max-age')
  })

  test('tells a wrong password and an unknown address alike', async ({ world }) => {
    const { anonymous } = await serveApi(world)
    const { member } = await withPassword(world, 'Alike')
    const told = async (credentials: unknown) => {
      const { status, json } = await anonymous('post', '/v1/session', credentials)
      return [status, json.detail]
    }
    const wrong = await told({ email: member.email, password: 'not this password' })
    expect(wrong).toEqual([401, 'This e-mail and password do not belong together'])
    expect(await told({ email: 'nobody@example.org', password: PASSWORD })).toEqual(wrong)
  })

  test('is slowed down for one account, and for one address', async ({ world }) => {
    const { anonymous } = await serveApi(world, { limits: { guessesPerAccount: 3, guessesPerAddress: 8 } })
    const { member } = await withPassword(world, 'Guessed')
    const { member: other } = await withPassword(world, 'Other')
    const signIn = async (email: string, password: string) =>
      (await anonymous('post', '/v1/session', { email, password })).status
    const guesses = []
    for (let i = 0; i < 4; i += 1) guesses.push(await signIn(member.email, `guess number ${i}`))
    expect(guesses).toEqual([401, 401, 401, 429])
    // Even the right one has to wait now, in whatever spelling of the address.
    expect(await signIn(member.email.toUpperCase(), PASSWORD)).toBe(429)
    expect(await signIn(other.email, PASSWORD)).toBe(201)
    const spread = []
    for (let i = 0; i < 4; i += 1) spread.push(await signIn(`somebody-${i}@example.org`, 'a guess'))
    expect(spread).toEqual([401, 401, 401, 429])
    expect(await signIn(other.email, PASSWORD)).toBe(429)
  })

  test('is refused when another site sends it, and open to programs', async ({ world }) => {
    const { anonymous } = await serveApi(world)
    const { member } = await withPassword(world, 'Sites')
    const signIn = async (headers: Record<string, string>) =>
      (await anonymous('post', '/v1/session', { email: member.email, password: PASSWORD }, headers)).status
    expect(await signIn({ origin: 'https://evil.example' })).toBe(403)
    expect(await signIn({ 'sec-fetch-site': 'cross-site' })).toBe(403)
    expect(await signIn({ origin: world.house.config.publicUrl })).toBe(201)
    expect(await signIn({})).toBe(201)
  })
})

describe('a member', () => {
  test('is invited, signs in once by the link with a password, and then by the password', async ({
    world,
  }) => {
    const api = await serveApi(world)
    const { member } = await world.account('Inviting')
    const owner = await api.signedIn(member)
    const invited = await owner('post', '/v1/members', {
      email: 'Rita@Example.org',
      name: 'Rita',
      roles: ['reviewer'],
    })
    expect(invited.json).toMatchObject({ email: 'rita@example.org', hasPassword: false, roles: ['reviewer'] })
    const { pathname, origin } = new URL(invited.json.signInUrl)
    expect(origin).toBe(world.house.config.publicUrl)
    const path = `/v1/sign-in-links/${pathname.split('/').at(-1)}`
    const tooShort = await api.anonymous('post', path, { password: 'short' })
    expect(tooShort.json.faults[0].pointer).toBe('/password')
    const spent = await api.anonymous('post', path, { password: PASSWORD })
    expect(spent.json).toMatchObject({ name: 'Rita', hasPassword: true })
    const account = await api.anonymous('get', '/v1/account', undefined, { cookie: cookieOf(spent) })
    expect(account.json.name).toBe('Inviting')
    expect((await api.anonymous('post', path)).json.type).toBe('/problems/row/unknown')
    const signedIn = await api.anonymous('post', '/v1/session', {
      email: 'rita@example.org',
      password: PASSWORD,
    })
    expect(signedIn.status).toBe(201)
    const twice = await owner('post', '/v1/members', {
      email: 'rita@example.org',
      name: 'R',
      roles: ['signer'],
    })
    expect([twice.status, twice.json.type]).toEqual([409, '/problems/request/conflict'])
  })

  test('who is shut out is out at once, and cannot come back by a link', async ({ world }) => {
    const api = await serveApi(world)
    const account = await world.account('Shutting')
    const owner = await api.signedIn(account.member)
    const clerk = await memberWith(world, account, ['reviewer'])
    const browser = await api.signedIn(clerk)
    expect((await browser('get', '/v1/account')).status).toBe(200)
    const out = await owner('patch', `/v1/members/${clerk.id}`, { disabled: true })
    expect(out.json.disabledAt).toMatch(/^\d{4}-.*Z$/)
    expect((await browser('get', '/v1/account')).status).toBe(401)
    expect((await owner('post', `/v1/members/${clerk.id}/sign-in-link`)).json.type).toBe(
      '/problems/row/stage',
    )
  })

  test('cannot be the last owner to go, not even of two who go at once', async ({ world }) => {
    const api = await serveApi(world)
    const account = await world.account('Owners')
    const second = await memberWith(world, account, ['owner'])
    const [one, two] = [await api.signedIn(account.member), await api.signedIn(second)]
    const answers = await Promise.all([
      one('patch', `/v1/members/${account.member.id}`, { roles: ['reviewer'] }),
      two('patch', `/v1/members/${second.id}`, { disabled: true }),
    ])
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409])
  })

  test('changes a password with the present one only, and other sessions end', async ({ world }) => {
    const api = await serveApi(world)
    const { member } = await withPassword(world, 'Changing')
    const [here, elsewhere] = [await api.signedIn(member), await api.signedIn(member)]
    const next = 'another long password'
    for (const given of [{ password: next }, { password: next, present: 'wrong one' }]) {
      expect((await here('post', '/v1/session/password', given)).status).toBe(400)
    }
    const changed = await here('post', '/v1/session/password', { password: next, present: PASSWORD })
    expect(changed.status).toBe(200)
    expect((await elsewhere('get', '/v1/account')).status).toBe(401)
    const kept = await api.anonymous('get', '/v1/account', undefined, { cookie: cookieOf(changed) })
    expect(kept.status).toBe(200)
  })
})

describe('a key', () => {
  test('is shown once, works, and is told apart by its hint', async ({ world }) => {
    const api = await serveApi(world)
    const { member } = await world.account('Keys')
    const browser = await api.signedIn(member)
    const { json } = await browser('post', '/v1/keys', { name: 'import' })
    expect(json.secret).toMatch(/^ewk_[\w-]{43}$/)
    expect((await api.withKey(json.secret)('get', '/v1/account')).json.name).toBe('Keys')
    const { items } = (await browser('get', '/v1/keys')).json
    expect(items[0]).toMatchObject({ name: 'import', hint: json.secret.slice(0, 9), revokedAt: null })
    expect(JSON.stringify(items)).not.toContain(json.secret)
    // Revoking twice is the same as once.
    for (let i = 0; i < 2; i += 1) expect((await browser('delete', `/v1/keys/${json.id}`)).status).toBe(204)
  })
})
