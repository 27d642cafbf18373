import {
  addRecipient,
  changeRecipient,
  chooseRecipient,
  confirmRecipient,
  resolveHosts,
} from '../../services/actions/recipients.ts'
import { auditEntries } from '../../services/core/audit.ts'
import { jobs } from '../../services/jobs.ts'
import { NewRecipient } from '../../services/recipients/new-recipient.ts'
import { freshUntil, isGuess } from '../../services/recipients/recipient.ts'
import {
  candidatesOfHost,
  ensureResolution,
  findResolution,
  startResolution,
} from '../../services/recipients/resolution-store.ts'
import { listRecipients } from '../../services/recipients/store.ts'
import { createMember } from '../../services/tenants/store.ts'
import type { Caller } from '../../services/tenants/tenant.ts'
import { resolve } from '../../workers/resolve.ts'
import { problem } from '../support/fetching.ts'
import { startPipeline, until } from '../support/pipeline.ts'
import {
  type Registries,
  captured,
  domainAnswer,
  networkAnswer,
  runOf,
  startRegistries,
} from '../support/registries.ts'
import { type World, describe, expect, test as base } from '../support/world.ts'

const HOST = 'files.sample.localhost'

/** A world in which a host is looked up at local registries. */
const test = base.extend<{ registries: Registries }>({
  registries: async ({}, use) => {
    const registries = await startRegistries()
    registries.served.set('/rdap/ip/127.0.0.1', { json: networkAnswer('abuse@net.example') })
    registries.served.set('/rdap/domain/sample.localhost', { json: domainAnswer('abuse@registrar.example') })
    registries.served.set('/legal', {
      html: '<p>Copyright notices: <a href="mailto:dmca@sample.example">mail</a>',
    })
    await use(registries)
    await registries.close()
  },
})

/** Has the host looked up and does the work at once, as often as it takes. */
async function lookUp({ house }: World, caller: Caller, { url, safeFetch }: Registries, host = HOST) {
  const config = { ...house.config, RDAP_BOOTSTRAP_URL: `${url}/bootstrap` }
  const work = resolve({ db: house.db, safeFetch, config }, { intervalMs: 0 })
  const { id } = await house.db.tenant(caller.tenantId, (tx) => startResolution(tx, caller.tenantId, host))
  await work({ id }, runOf())
  return house.db.tenant(caller.tenantId, async (tx) => ({
    resolution: await findResolution(tx, id),
    candidates: await candidatesOfHost(tx, caller.tenantId, host),
  }))
}

const short = (candidates: Awaited<ReturnType<typeof lookUp>>['candidates']) =>
  candidates.map(({ role, source, email }) => `${role} ${source} ${email}`)

const SEARCH = ['search_engine platform_registry null', 'search_engine platform_registry null']

describe('looking up a host', () => {
  test('finds its page, network and registrar, in their order, and tells what was asked', async ({
    world,
    registries,
  }) => {
    await captured(world, world.owner, registries, HOST)
    const { resolution, candidates } = await lookUp(world, world.owner, registries)
    expect(short(candidates)).toEqual([
      'platform site dmca@sample.example',
      'hosting rdap_ip abuse@net.example',
      'registrar rdap_domain abuse@registrar.example',
      ...SEARCH,
    ])
    expect(candidates[1]).toMatchObject({ name: 'SAMPLE-NET', country: 'NL', rank: 2, isChosen: false })
    expect(resolution).toMatchObject({ stage: 'done', problem: null })
    expect(resolution?.notes?.map(({ found }) => found)).toEqual([true, true, true])
    expect(registries.requests).not.toContainEqual(expect.stringContaining('security.txt'))
    expect(
      await world.house.db.tenant(world.stranger.tenantId, (tx) => listRecipients(tx, { limit: 9 })),
    ).toEqual([])
  })

  test('guesses only where nobody is named, and says what was not found', async ({ world, registries }) => {
    registries.served.clear()
    for (const name of ['dns', 'ipv4'])
      registries.served.set(`/bootstrap/${name}.json`, { json: { services: [] } })
    const { resolution, candidates } = await lookUp(world, world.owner, registries)
    expect(short(candidates)).toEqual([...SEARCH, 'platform rfc2142 abuse@sample.localhost'])
    expect(candidates.map(isGuess)).toEqual([false, false, true])
    expect(resolution?.notes?.filter(({ found }) => !found)).toHaveLength(3)
    expect(resolution?.notes?.[0]?.text).toBe('The host does not answer')
  })

  test('behind a CDN names the CDN and not its network as the host', async ({ world, registries }) => {
    await captured(world, world.owner, registries, HOST)
    registries.served.set('/dmca', (_request, response) => response.setHeader('cf-ray', '8f-AMS').end())
    const { candidates } = await lookUp(world, world.owner, registries)
    expect(candidates.map(({ role, key }) => `${role} ${key}`)).toEqual([
      'platform sample.localhost',
      'cdn cloudflare.com',
      'registrar iana-9999',
      'search_engine google.com',
      'search_engine bing.com',
    ])
  })

  test('waits for a registry that is throttling, and in the end does without it', async ({
    world,
    registries,
  }) => {
    await captured(world, world.owner, registries, HOST)
    registries.served.set('/rdap/ip/127.0.0.1', (_request, response) =>
      response.writeHead(429, { 'retry-after': '90' }).end(),
    )
    for (let i = 1; i < 3; i += 1)
      await expect(lookUp(world, world.owner, registries)).rejects.toEqual(problem('registry/unreachable'))
    const asked = registries.requests.filter((each) => each.includes('/rdap/'))
    expect(asked).toHaveLength(1)
    const { resolution, candidates } = await lookUp(world, world.owner, registries)
    expect(resolution).toMatchObject({ stage: 'done', tries: 0 })
    expect(candidates.map(({ role }) => role)).not.toContain('hosting')
    expect(resolution?.notes).toContainEqual(
      expect.objectContaining({ found: false, text: expect.stringContaining('left alone') }),
    )
  })

  test('keeps answers of registries for a day, for all accounts', async ({ world, registries }) => {
    await captured(world, world.owner, registries, HOST)
    await captured(world, world.stranger, registries, HOST)
    await lookUp(world, world.owner, registries)
    await lookUp(world, world.stranger, registries)
    const about = registries.requests.filter((each) => /rdap|bootstrap/.test(each))
    expect(about).toHaveLength(4)
    await world.house.db.system((tx) => tx.run`update rdap_answer set expires_at = now()`)
    await lookUp(world, world.owner, registries)
    expect(registries.requests.filter((each) => /rdap|bootstrap/.test(each))).toHaveLength(8)
  })

  test('leaves alone what a person entered, changed or confirmed', async ({ world, registries }) => {
    const { house, owner } = world
    await captured(world, owner, registries, HOST)
    const entered = await addRecipient(
      house,
      owner,
      NewRecipient.parse({
        role: 'designated_agent',
        key: 'https://Sample.localhost/',
        name: 'Agent of Sample',
        email: 'Agent@law.example',
        source: 'copyright_office_directory',
      }),
    )
    expect(entered).toMatchObject({ key: 'sample.localhost', email: 'agent@law.example' })
    const first = await lookUp(world, owner, registries)
    expect(short(first.candidates).slice(0, 2)).toEqual([
      'designated_agent copyright_office_directory agent@law.example',
      'platform site dmca@sample.example',
    ])
    const [, site, network, registrar] = first.candidates
    if (!site || !network || !registrar) throw new Error('too few candidates')
    await changeRecipient(house, owner, site.id, { email: 'notices@sample.example' })
    await changeRecipient(house, owner, network.id, { urlsMax: 7, class: 'slow' })
    await confirmRecipient(house, owner, registrar.id)

    registries.served.set('/rdap/ip/127.0.0.1', { json: networkAnswer('abuse@net.example') })
    registries.served.set('/rdap/domain/sample.localhost', { json: domainAnswer('new@registrar.example') })
    await house.db.system((tx) => tx.run`delete from rdap_answer`)
    await house.db.system((tx) => tx.run`update recipient set resolved_at = now() - interval '40 days'`)
    const second = await lookUp(world, owner, registries)
    const of = (id: string) => second.candidates.find((each) => each.id === id)
    expect(of(site.id)).toMatchObject({ email: 'notices@sample.example', source: 'manual' })
    expect(of(registrar.id)).toMatchObject({ email: 'abuse@registrar.example' })
    expect(of(network.id)).toMatchObject({ urlsMax: 7, class: 'slow', source: 'rdap_ip' })
    const now = Date.now()
    expect([network.id, registrar.id].map((id) => freshUntil(of(id) ?? network).getTime() > now)).toEqual([
      true,
      false,
    ])
    const kept = second.resolution?.notes?.filter(({ asked }) => asked.startsWith('Entry'))
    expect(kept?.map(({ text }) => text)).toEqual([
      expect.stringContaining('dmca@sample.example'),
      expect.stringContaining('new@registrar.example'),
    ])
    const stale = await house.db.tenant(owner.tenantId, (tx) =>
      listRecipients(tx, { state: 'stale', limit: 9 }),
    )
    expect(stale.map(({ id }) => id)).toEqual([registrar.id])
  })

  test('keeps first whom a person chose', async ({ world, registries }) => {
    const { house, owner } = world
    await captured(world, owner, registries, HOST)
    const { candidates } = await lookUp(world, owner, registries)
    const [, network, registrar] = candidates
    if (!network || !registrar) throw new Error('too few candidates')
    for (const { id } of [registrar, network]) await chooseRecipient(house, owner, HOST, id)
    const again = await lookUp(world, owner, registries)
    expect(again.candidates.map(({ isChosen }) => isChosen)).toEqual([true, false, false, false, false])
    expect(again.candidates[0]?.id).toBe(network.id)
    await expect(chooseRecipient(house, world.stranger, HOST, network.id)).rejects.toEqual(
      problem('row/unknown'),
    )
  })

  test('is asked for once at a time, by job, and anew after a week', async ({ world }) => {
    const { house, owner } = world
    const twice = await resolveHosts(house, owner, [HOST, HOST])
    const [first] = twice
    expect(twice).toHaveLength(1)
    expect((await resolveHosts(house, owner, [HOST]))[0]?.id).toBe(first?.id)
    expect(await house.queues.counts(jobs.resolve as never)).toMatchObject({ waiting: 1 })
    const ensure = () => house.db.tenant(owner.tenantId, (tx) => ensureResolution(tx, owner.tenantId, HOST))
    await house.db.system((tx) => tx.run`update host_resolution set stage = 'done'`)
    expect(await ensure()).toMatchObject({ id: first?.id, stage: 'done' })
    await house.db.system((tx) => tx.run`update host_resolution set created_at = now() - interval '8 days'`)
    expect((await ensure()).id).not.toBe(first?.id)
  })

  test('is noted, and changing who is written to takes an owner or a signer', async ({ world }) => {
    const account = await world.account('Keepers')
    const { house } = world
    const member = await house.db.system((tx) =>
      createMember(tx, account.tenant.id, {
        email: 'reviewer@keepers.example',
        name: 'A reviewer',
        roles: ['reviewer'],
      }),
    )
    const reviewer: Caller = { kind: 'member', tenantId: account.tenant.id, member, sessionHash: '' }
    const given = NewRecipient.parse({
      role: 'hosting',
      key: 'host.example',
      name: 'Sample Hosting',
      email: 'abuse@host.example',
    })
    await expect(addRecipient(house, reviewer, given)).rejects.toEqual(problem('auth/forbidden'))
    const { id } = await addRecipient(house, account.caller, given)
    await expect(addRecipient(house, account.caller, given)).rejects.toEqual(problem('request/conflict'))
    await expect(confirmRecipient(house, reviewer, id)).rejects.toEqual(problem('auth/forbidden'))
    const unreachable = changeRecipient(house, account.caller, id, { email: null })
    await expect(unreachable).rejects.toEqual(problem('request/invalid'))
    await chooseRecipient(house, reviewer, HOST, id)
    const actions = await house.db.tenant(account.tenant.id, async (tx) =>
      (await auditEntries(tx, 1, 100))
        .map(({ action }) => action)
        .filter((action) => action.startsWith('recipient')),
    )
    expect(actions).toEqual(['recipient.made', 'recipient.chosen'])
  })

  test('is done by the workers, of an address without a name as well', async ({ world, registries }) => {
    const { house, owner } = world
    await captured(world, owner, registries, '127.0.0.1')
    const pipeline = await startPipeline(world, {
      env: {
        RDAP_BOOTSTRAP_URL: `${registries.url}/bootstrap`,
        FETCH_ALLOW_ADDRESSES: `127.0.0.1:${registries.port}`,
      },
    })
    await resolveHosts(pipeline.house, owner, ['127.0.0.1'])
    const candidates = await until('candidates', async () => {
      const found = await house.db.tenant(owner.tenantId, (tx) =>
        candidatesOfHost(tx, owner.tenantId, '127.0.0.1'),
      )
      return found.length > 0 && found
    })
    expect(short(candidates)).toEqual([
      'platform site dmca@sample.example',
      'hosting rdap_ip abuse@net.example',
      ...SEARCH,
    ])
    await pipeline.close()
  })
})
