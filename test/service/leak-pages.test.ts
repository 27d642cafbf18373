import { listAudits } from '../../services/leaks/audit-list-store.ts'
import { listLeaks } from '../../services/leaks/leak-store.ts'
import { letterText } from '../../services/letters/letter-text.ts'
import { findLetter, listLetters } from '../../services/letters/store.ts'
import { contentOf } from '../../services/letters/store.ts'
import { createWeb } from '../../web/router.ts'
import { memberWith, serveApi } from '../support/api.ts'
import { openDashboard } from '../support/dashboard.ts'
import { exposedCatalogue } from '../support/exposed-catalogue.ts'
import { sampleLetter, signedLetter } from '../support/leak-calls.ts'
import { signerSession } from '../support/signing.ts'
import { describe, expect, test } from '../support/world.ts'

const form = { name: 'Sample dump', kind: 'streaming-dump', lawfulBasis: 'Given to us for a check' }

describe('the pages of leaks, without scripts', () => {
  test('explain what is missing, and lead from nothing to a leak with parts and a manifest', async ({
    world,
  }) => {
    const account = await world.account('Beginning')
    const browser = await (await openDashboard(world))(account.member)
    expect((await browser.get('/exposure')).text).toContain('There is nothing to ask yet')
    expect((await browser.get('/leaks')).text).toContain('No leaks are known here yet')
    const refused = await browser.send('/leaks', { ...form, lawfulBasis: '' })
    expect(refused.status).toBe(400)
    expect(refused.text).toContain('value="Sample dump"')
    const added = await browser.send('/leaks', form)
    const href = added.headers.get('location')?.split('?')[0] ?? ''
    expect((await browser.get(href)).text).toContain('No manifest yet')

    const overlapping = { 'batch-1-name': 'One', 'batch-1-from': '0', 'batch-1-to': '50' }
    const wrong = await browser.send(`${href}/batches`, {
      ...overlapping,
      'batch-2-name': 'Two',
      'batch-2-from': '40',
      'batch-2-to': '60',
    })
    expect(wrong.status).toBe(400)
    expect(wrong.text).toContain('two batches have the same popularity')
    expect(wrong.text).toContain('value="Two"')
    expect(
      (await browser.send(`${href}/batches`, { ...overlapping, 'batch-1-published': '2026-01-15' })).status,
    ).toBe(303)
    expect((await browser.get(href)).text).toContain('15 Jan 2026')

    const upload = new FormData()
    upload.set('name', 'The <list>')
    for (const name of ['a.jsonl', 'b.jsonl'])
      upload.append('file', new Blob(['{"isrc":"AA6Q70000001"}\n']), name)
    const api = await serveApi(world, { web: createWeb(world.house) })
    const ask = await api.signedIn(account.member)
    expect((await ask('post', `${href}/manifests`, upload)).status).toBe(303)
    const page = (await browser.get(href)).text
    expect(page).toContain('The &lt;list&gt;')
    expect(page).toContain('2 files')
    expect(page).toContain('Waiting for its turn')

    expect((await browser.send(`${href}/remove`)).status).toBe(303)
    expect(await world.house.db.system((tx) => listLeaks(tx))).toEqual([])
  })

  test('show what is exposed and what an audit found, with every name escaped', async ({ world }) => {
    const account = await world.account('Exposed')
    const { auditId, recordingId, leakId } = await exposedCatalogue(world, account)
    const browser = await (await openDashboard(world))(account.member)
    for (const path of ['/exposure', `/exposure/${auditId}`, `/recordings/${recordingId}`, '/leaks']) {
      const { status, text } = await browser.get(path)
      expect(status, path).toBe(200)
      expect(text).toContain('Sample dump')
      expect(text).not.toContain('<img src=x')
    }
    const audit = (await browser.get(`/exposure/${auditId}`)).text
    for (const words of [
      '2 recordings of 2 found',
      'What is likely to come next',
      'The rest',
      'Report (PDF)',
      'row 2',
    ])
      expect(audit).toContain(words)
    expect((await browser.get(`/exposure?leak=${leakId}&status=planned`)).text).toContain(
      'Nothing that is known',
    )

    const pasted = await browser.send('/exposure/audits', { kind: 'isrcs', isrcs: 'AA6Q70000001\nnonsense' })
    expect(pasted.status).toBe(400)
    expect(pasted.text).toContain('the first is line 2: nonsense')
    const asked = await browser.send('/exposure/audits', { kind: 'label', label: 'Sample Records' })
    expect(asked.headers.get('location')).toMatch(/^\/exposure\/[0-9a-f-]{36}$/)
    expect((await browser.get(asked.headers.get('location') ?? '')).text).toContain(
      'The leaks are being asked',
    )
    const stranger = await (await openDashboard(world))((await world.account('Stranger')).member)
    expect((await stranger.get(`/exposure/${auditId}`)).status).toBe(404)
    expect((await stranger.get(`/leaks/${leakId}`)).status).toBe(404)
    const audits = await world.house.db.tenant(account.tenant.id, (tx) =>
      listAudits(tx, { cause: 'asked', limit: 9 }),
    )
    expect(audits).toHaveLength(2)
  })
})

describe('a letter about a leak', () => {
  test('is previewed, signed by a person with a fresh second factor, kept for ever and never sent', async ({
    world,
  }) => {
    const { db } = world.house
    const account = await world.account('Writing')
    const exposed = await exposedCatalogue(world, account)
    const path = `/leaks/${exposed.leakId}/letter`
    const chosen = {
      kind: 'rights-reservation',
      language: 'de',
      recipientName: 'Sample AI',
      recipientEmail: 'legal@ai.example',
      auditId: exposed.auditId,
    }
    const asked = `${path}?${new URLSearchParams(chosen).toString()}`
    const open = await openDashboard(world)
    const owner = await open(account.member)
    const bare = (await owner.get(asked)).text
    expect(bare).toContain('set a contact with a mail or postal address')
    expect((await owner.get(`${path}?kind=rights-reservation&language=en&recipientName=`)).status).toBe(400)

    await signedLetter(world, account, exposed)
    const session = await signerSession(world, 'B. Signer', { tenantId: account.tenant.id })
    const { cookie, caller } = session
    const api = await serveApi(world, { web: createWeb(world.house) })
    const headers = { cookie, origin: world.house.config.publicUrl }
    const page = (await api.anonymous('get', asked, undefined, headers)).text
    expect(page).toContain('Nutzungsvorbehalt')
    expect(page).toContain('1 recording found and not named')
    expect(page).not.toContain('Not Out Yet')
    const shown = /name="shown" value="([0-9a-f]{64})"/.exec(page)?.[1] ?? ''
    const sign = (more: Record<string, string>) =>
      api.anonymous('post', path, new URLSearchParams({ ...chosen, shown, ...more }).toString(), {
        ...headers,
        'content-type': 'application/x-www-form-urlencoded',
      })
    expect((await sign({ signatureText: '/s/ Somebody Else' })).text).toContain('must be /s/ B. Signer')
    expect((await sign({ signatureText: '/s/ B. Signer', shown: '0'.repeat(64) })).status).toBe(409)
    await session.age(20)
    const stale = await sign({ signatureText: '/s/ B. Signer' })
    expect(stale.headers.get('location')).toContain('/settings/security?then=')
    await session.age(0)
    expect((await sign({ signatureText: '/s/ B. Signer' })).headers.get('location')).toContain(
      'done=letter-signed',
    )

    const [letter] = await db.tenant(account.tenant.id, (tx) => listLetters(tx, { limit: 5 }))
    expect(letter).toMatchObject({
      kind: 'rights-reservation',
      recipient: 'Sample AI',
      signedByName: 'B. Signer',
    })
    if (!letter) throw new Error('no letter')
    const content = await db.tenant(account.tenant.id, (tx) => contentOf(tx, letter.id))
    expect(content?.works).toMatchObject([{ isrc: 'AA6Q70000001', place: 'row 1' }])
    const text = await api.withKey(account.key)('get', `/v1/letters/${letter.id}/download?format=text`)
    expect(content && letterText(content)).toBe(text.text)
    expect(text.text).toContain(`SHA-256 dieses Schreibens: ${letter.sha256}`)
    const pdf = await api.withKey(account.key)('get', `/v1/letters/${letter.id}/download`)
    expect(pdf.text.slice(0, 5)).toBe('%PDF-')
    await expect(
      db.system((tx) => tx.run`update letter set recipient = 'Other' where id = ${letter.id}`),
    ).rejects.toThrow()
    expect(caller.member.name).toBe('B. Signer')
    expect(await db.tenant(world.stranger.tenantId, (tx) => findLetter(tx, letter.id))).toBeUndefined()
  })

  test('is signed by no key and nobody without the role, and names what is to be removed', async ({
    world,
  }) => {
    const account = await world.account('Refusing')
    const { leakId, auditId } = await exposedCatalogue(world, account)
    const api = await serveApi(world, { web: createWeb(world.house) })
    const preview = (body: unknown) =>
      api.withKey(account.key)('post', `/v1/leaks/${leakId}/letters/preview`, body)
    const empty = await preview(sampleLetter)
    expect(empty.json.open.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      '/sender',
      '/auditId',
    ])
    const full = await preview({ ...sampleLetter, auditId })
    expect(full.json).toMatchObject({ unreleased: 1, draft: { worksTotal: 1 } })
    expect(full.json.text).toContain('Article 4(3) of Directive (EU) 2019/790')
    expect((await preview({ ...sampleLetter, auditId: leakId })).json.faults[0].pointer).toBe('/auditId')
    const reviewer = await api.signedIn(await memberWith(world, account, ['reviewer']))
    const body = new URLSearchParams({ kind: 'data-set-removal', language: 'en', recipientName: 'Sample AI' })
    const sent = await reviewer('post', `/leaks/${leakId}/letter`, body.toString(), {
      'content-type': 'application/x-www-form-urlencoded',
    })
    expect(sent.status).toBe(403)
  })
})
