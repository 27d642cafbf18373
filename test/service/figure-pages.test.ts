import type { CaseId } from '../../services/core/ids.ts'
import { createWeb } from '../../web/router.ts'
import { serveApi } from '../support/api.ts'
import { foundCase } from '../support/found-case.ts'
import { madeNotice } from '../support/made-notice.ts'
import { recipientFor } from '../support/noticing.ts'
import { type World, describe, expect, test } from '../support/world.ts'

const HOST = 'files.hoster.example'

/** A browser of the owner, and a recipient that was sent a notice today. */
async function scene(world: World, { isSent = true } = {}) {
  const { owner } = world
  if (owner.kind !== 'member') throw new Error('the owner is a person')
  const recipientId = await recipientFor(world, HOST)
  const caseId: CaseId = await foundCase(world, { title: 'Sample', url: `https://${HOST}/d/1` })
  if (isSent) await madeNotice(world, { recipientId, caseIds: [caseId], sentAt: new Date() })
  const api = await serveApi(world, { web: createWeb(world.house) })
  return { recipientId, caseId, browser: await api.signedIn(owner.member) }
}

describe('the page of figures', () => {
  test('is in the menu, and says what to do where there are none', async ({ world }) => {
    const { browser } = await scene(world, { isSent: false })
    const page = await browser('get', '/figures')
    expect(page.status).toBe(200)
    expect(page.text).toContain('No notice was sent in this time')
    expect(page.text).toMatch(/<a href="\/figures" aria-current="page"/)
    expect(page.text).not.toContain('format=csv')
  })

  test('shows counts with rates, by recipient and by year, and gives them away as CSV', async ({ world }) => {
    const { browser, recipientId } = await scene(world)
    const { text } = await browser('get', '/figures')
    expect(text).toContain('0 of 1')
    expect(text).toContain(`href="/recipients/${recipientId}"`)
    expect(text).toContain('Figures by recipient, those with the most locations first')
    expect(text).toContain('Notices of the year by provider and action taken')
    const links = [...text.matchAll(/href="(\/v1\/[^"]+format=csv)"/g)].map(([, href = '']) =>
      href.replaceAll('&amp;', '&'),
    )
    expect(links).toHaveLength(2)
    for (const link of links) {
      const file = await browser('get', link)
      expect([file.status, file.headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8'])
      expect(file.text).toContain(`Sample Hosting of ${HOST},hosting`)
    }
  })

  test('refuses a period that is none, and keeps what was typed', async ({ world }) => {
    const { browser } = await scene(world)
    const page = await browser('get', '/figures?from=2026-02-02&to=2026-02-01')
    expect(page.status).toBe(400)
    expect(page.text).toContain('is after the end of the period')
    expect(page.text).toContain('value="2026-02-02"')
    expect((await browser('get', '/figures?from=soon')).text).toContain('is no date')
    expect((await browser('get', '/v1/figures?from=2026-02-02&to=2026-02-01')).json).toMatchObject({
      type: '/problems/request/invalid',
      faults: [{ pointer: '/from' }],
    })
  })
})

describe('looking again', () => {
  test('is asked for on the page of a case, and by the API', async ({ world }) => {
    const { browser, caseId } = await scene(world)
    expect((await browser('get', `/cases/${caseId}`)).text).toContain('Nobody has looked again')
    const started = await browser('post', `/v1/cases/${caseId}/rechecks`)
    expect(started).toMatchObject({ status: 202, json: { id: expect.any(String) } })
    // A look that is under way counts.
    const again = await browser('post', `/cases/${caseId}/rechecks`)
    expect([again.status, again.headers.get('location')]).toEqual([
      303,
      `/cases/${caseId}?done=look-started#looks`,
    ])
    expect((await browser('get', `/cases/${caseId}`)).text).toContain('It is being looked at now')
    expect((await browser('get', `/v1/cases/${caseId}/rechecks`)).json).toEqual({ rechecks: [] })
    await world.house.db.system(
      (tx) =>
        tx.run`update recheck set stage = 'done', verdict = 'gone', checked_at = now(),
                      seen = '{"status":404,"finalUrl":null,"mediaType":null,"bytes":null,"etag":null,"sha256":null,"problem":null}'`,
    )
    expect((await browser('get', `/cases/${caseId}`)).text).toContain('answered 404')
    expect((await browser('get', `/v1/cases/${caseId}/rechecks`)).json).toMatchObject({
      rechecks: [{ id: started.json.id, verdict: 'gone', seen: { status: 404 } }],
    })
  })
})

describe('who was asked already', () => {
  test('is told beside the candidates', async ({ world }) => {
    const { browser, caseId } = await scene(world)
    await world.house.db.system(async (tx) => {
      await tx.run`update notice_location set outcome = 'no_response', outcome_by = 'clock', outcome_at = now()`
      await tx.run`update case_file set state = 'escalated' where id = ${caseId}`
    })
    expect((await browser('get', `/v1/hosts/${HOST}/candidates`)).json.candidates).toMatchObject([
      { askedInVain: 1 },
    ])
    expect((await browser('get', `/recipients/hosts/${HOST}`)).text).toContain('Asked already, no answer')
    expect((await browser('get', '/notices/new')).text).toContain('Asked already, no answer')
  })
})
