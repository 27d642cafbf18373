import { issueReport } from '../../services/actions/cases.ts'
import { registerRecording } from '../../services/actions/catalogue.ts'
import { NewRecording } from '../../services/catalog/recording.ts'
import { CaseId } from '../../services/core/ids.ts'
import { createWeb } from '../../web/router.ts'
import { seed, serveApi } from '../support/api.ts'
import { describe, expect, test } from '../support/world.ts'

const ISRC = 'AA6Q72000047'

describe('a conflict', () => {
  test('is listed by the API and the dashboard, shown with the recording and its match, and noted in reports', async ({
    world,
  }) => {
    const account = await world.account('Disputed Records')
    const scene = await seed(world, account)
    const api = await serveApi(world, { web: createWeb(world.house) })
    const own = api.withKey(account.key)
    await own('patch', `/v1/recordings/${scene.recordingId}`, { isrc: ISRC })
    const claim = { title: 'Theirs', artists: ['Another Band'], isrc: ISRC, territories: ['IN'] }
    await registerRecording(world.house, world.stranger, NewRecording.parse(claim))

    expect((await own('get', `/v1/recordings/${scene.recordingId}`)).json).toMatchObject({ disputed: true })
    const open = await own('get', '/v1/conflicts?state=open')
    expect(open.json.items).toMatchObject([
      { recordingId: scene.recordingId, sameIsrc: true, territories: ['IN'], endedAt: null },
    ])
    expect(open.text).not.toMatch(/Stranger|Theirs|Another Band/)
    expect((await own('get', '/v1/conflicts?state=ended')).json.items).toEqual([])

    const browser = await api.signedIn(account.member)
    for (const path of [
      '/recordings',
      '/recordings/conflicts',
      `/recordings/${scene.recordingId}`,
      `/recordings/${scene.recordingId}/rights`,
      `/matches/${scene.matchId}`,
    ]) {
      const page = await browser('get', path)
      expect({ path, status: page.status }).toEqual({ path, status: 200 })
      expect(page.text).toContain('in dispute')
      expect(page.text).not.toMatch(/Stranger|Theirs|Another Band/)
    }
    const { document } = await issueReport(world.house, account.caller, CaseId.parse(scene.caseId))
    expect(document.openPoints).toContainEqual({
      code: 'ownership_disputed',
      pointer: '/works/0',
      todo: expect.stringMatching(/another account claims the same ISRC since \d{4}-\d\d-\d\d \(IN\)/),
    })
  })
})
