import { requestCapsule } from '../../services/actions/evidence.ts'
import { CaseId } from '../../services/core/ids.ts'
import { findCase } from '../../services/matches/case-store.ts'
import * as matches from '../../services/matches/store.ts'
import { createMember } from '../../services/tenants/store.ts'
import type { Role } from '../../services/tenants/tenant.ts'
import { createWeb } from '../../web/router.ts'
import { serveApi } from '../support/api.ts'
import { foundCase } from '../support/found-case.ts'
import { type World, describe, expect, test } from '../support/world.ts'

const HOUR_MS = 3_600_000
/** What nobody may read who may not know it, wherever it stands: its title, as in its address, and its ISRC. */
const secret = /Midnight|AA-?6Q7-?20-?00051/

/** An unreleased recording and a released one, each found at an address that names it. */
async function twoFinds(world: World) {
  const url = (title: string): string => `https://leaks.example.org/${title}.mp3`
  const embargoUntil = new Date(Date.now() + 24 * HOUR_MS).toISOString()
  const secret = await foundCase(world, { title: 'Midnight', url: url('Midnight'), embargoUntil })
  const released = await foundCase(world, { title: 'Monsoon', url: url('Monsoon') })
  await world.house.db.system(
    (tx) => tx.run`update recording set isrc = 'AA6Q72000051' where title = 'Midnight'`,
  )
  return { released, ...(await pathsOf(world, secret)) }
}

/** Where a case, its recording and its find are seen; each is the same on the pages and, under `/v1`, in the API. */
async function pathsOf({ house }: World, id: CaseId) {
  const [opened, [match]] = await house.db.system(async (tx) => [
    await findCase(tx, id),
    await matches.list(tx, { caseId: id }),
  ])
  if (!opened || !match) throw new Error('no find')
  const recording = `/recordings/${opened.recordingId}`
  return {
    recording,
    submission: `/submissions/${match.submissionId}`,
    paths: ['/cases', `/cases/${id}`, '/recordings', recording, `/matches/${match.id}`],
  }
}

/** Reads pages and the API as a member with one role. */
async function readerWith(world: World, role: Role) {
  const { house, owner } = world
  const given = { email: `${role}@example.org`, name: `A ${role}`, roles: [role] }
  const member = await house.db.system((tx) => createMember(tx, owner.tenantId, given))
  const api = await serveApi(world, { web: createWeb(house) })
  const client = await api.signedIn(member)
  return (path: string) => client('get', path)
}

describe('an unreleased recording', () => {
  test('has no evidence for who only signs: a capsule has its name and its sound', async ({ world }) => {
    const { house, owner } = world
    const { released, paths } = await twoFinds(world)
    const id = CaseId.parse(paths[1]?.split('/').at(-1))
    const given = { email: 'signer@example.org', name: 'A signer', roles: ['signer'] as const }
    const member = await house.db.system((tx) => createMember(tx, owner.tenantId, given))
    const signer = await (await serveApi(world, { web: createWeb(house) })).signedIn(member)
    expect((await signer('post', `/v1/cases/${id}/evidence`)).status).toBe(403)
    expect((await signer('post', `/v1/cases/${released}/evidence`)).status).toBe(202)
    const { id: capsuleId } = await requestCapsule(house, owner, { caseId: id })
    for (const file of ['download', 'certificate'])
      expect((await signer('get', `/v1/capsules/${capsuleId}/${file}`)).status).toBe(403)
    expect((await signer('get', `/cases/${id}`)).text).not.toContain('Evidence capsule')
    expect((await signer('get', `/cases/${id}/capsules`)).status).toBe(404)
    expect((await signer('get', `/cases/${released}`)).text).toContain('Evidence capsule')
  })

  test('has no name where somebody looks who only signs', async ({ world }) => {
    const { released, recording, submission, paths } = await twoFinds(world)
    const read = await readerWith(world, 'signer')
    for (const path of [...paths, ...paths.map((each) => `/v1${each}`)]) {
      const { status, text } = await read(path)
      const told = {
        path,
        status,
        secret: secret.exec(text)?.[0],
        unnamed: text.includes('unreleased recording'),
      }
      expect(told).toEqual({ path, status: 200, secret: undefined, unnamed: true })
    }
    expect((await read(`/cases/${released}`)).text).toContain('Monsoon')
    expect((await read(`${recording}/rights`)).status).toBe(403)
    expect((await read('/')).text).toContain('an unreleased recording')
    // What was handed in stays readable; what it was recognised as does not.
    const { matches: found } = (await read(`/v1${submission}`)).json.items[0]
    expect(found).toMatchObject([{ recordingTitle: 'an unreleased recording', recordingArtists: [] }])
    expect((await read(submission)).text).toContain('an unreleased recording')
  })

  test.for(['owner', 'reviewer'] as const)('is named to one who is %s', async (role, { world }) => {
    const { paths } = await twoFinds(world)
    const read = await readerWith(world, role)
    for (const path of ['/', ...paths, ...paths.map((each) => `/v1${each}`)])
      expect((await read(path)).text, path).toContain('Midnight')
  })

  test('is named to a program', async ({ world }) => {
    const account = await world.account('Programs')
    const api = await serveApi(world)
    const embargoUntil = new Date(Date.now() + 24 * HOUR_MS).toISOString()
    const given = { title: 'Midnight', artists: ['A'], embargoUntil }
    const key = api.withKey(account.key)
    expect((await key('post', '/v1/recordings', given)).json).toMatchObject({ title: 'Midnight' })
    expect((await key('get', '/v1/recordings')).json.items).toMatchObject([{ title: 'Midnight' }])
  })
})
