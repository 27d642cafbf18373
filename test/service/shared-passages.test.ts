import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { issueReport } from '../../services/actions/cases.ts'
import { registerRecording, uploadAudio } from '../../services/actions/catalogue.ts'
import { submitFile } from '../../services/actions/submissions.ts'
import { NewRecording } from '../../services/catalog/recording.ts'
import * as recordings from '../../services/catalog/store.ts'
import type { MatchId } from '../../services/core/ids.ts'
import { listCases } from '../../services/matches/case-store.ts'
import * as matches from '../../services/matches/store.ts'
import { renderText } from '../../services/reports/report-text.ts'
import * as items from '../../services/submissions/item-store.ts'
import { changeTenant } from '../../services/tenants/store.ts'
import { createWeb } from '../../web/router.ts'
import { serveApi } from '../support/api.ts'
import { disguised, piece, upload } from '../support/music.ts'
import { type Pipeline, ended, startPipeline, until } from '../support/pipeline.ts'
import { type Account, type World, expect, test } from '../support/world.ts'

/** Another piece with 20 seconds of the first in its middle, as with a sample that both are made of. */
const withSample = async (): Promise<string> =>
  disguised(2, 'with-20-of-1.wav', [
    '-i',
    await piece(1),
    '-filter_complex',
    '[0:a]atrim=0:20,asetpts=PTS-STARTPTS[a];[1:a]atrim=30:50,asetpts=PTS-STARTPTS[b];' +
      '[0:a]atrim=20:40,asetpts=PTS-STARTPTS[c];[a][b][c]concat=n=3:v=0:a=1',
  ])

async function register({ house }: Pipeline, { caller }: Account, title: string, isrc: string, path: string) {
  const given = NewRecording.parse({ title, isrc, artists: ['The Samples'] })
  const { recording } = await registerRecording(house, caller, given)
  await uploadAudio(house, caller, recording.id, upload(path))
  const indexed = await until(`“${title}” to be indexed`, async () => {
    const found = await house.db.system((tx) => recordings.find(tx, recording.id))
    return found?.stage !== 'index' && found
  })
  expect(indexed).toMatchObject({ stage: 'done', problem: null })
  return indexed
}

/** Hands in a file and waits for what is found in it. */
async function examined(world: World, { house }: Pipeline, { caller }: Account, path: string) {
  const { id } = await submitFile(house, caller, { fileName: 'suspect.ogg', source: upload(path) })
  expect(await ended(world, id)).toMatchObject({ stage: 'done' })
  return house.db.system(async (tx) => {
    const found = await matches.list(tx, { submissionId: id })
    return { id, found, item: (await items.itemsOf(tx, id))[0] }
  })
}

const passagesOf = (world: World, id: MatchId) => world.house.db.system((tx) => matches.passagesOf(tx, id))

test('audio that two recordings share is told as shared, and claimed for none of them alone', async ({
  world,
}) => {
  const pipeline = await startPipeline(world)
  try {
    const account = await world.account('Sampled')
    const { tenantId } = account.caller
    await world.house.db.tenant(tenantId, (tx) => changeTenant(tx, tenantId, { falseClaimsPerMillion: 77 }))
    const song = await register(pipeline, account, 'Song', 'AA6Q72000071', await piece(1))
    const other = await register(pipeline, account, 'Other', 'AA6Q72000072', await withSample())
    const api = await serveApi(world, { web: createWeb(world.house) })
    const ask = api.withKey(account.key)
    const page = await api.signedIn(account.member)
    const pageText = async (path: string) =>
      (await page('get', path)).text.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ')
    const casesNow = () => world.house.db.tenant(tenantId, (tx) => listCases(tx, { limit: 10 }))

    // A copy of the whole song: the other is in it only where it has the song's own sample.
    const whole = await examined(world, pipeline, account, await disguised(1, 'whole.ogg', ['-b:a', '96k']))
    const [own, beside] = whole.found
    expect(whole.found).toHaveLength(2)
    expect(own).toMatchObject({ recordingId: song.id, besideId: null, shared: false })
    expect(beside).toMatchObject({
      recordingId: other.id,
      besideId: own?.id,
      caseId: own?.caseId,
      shared: true,
    })
    expect(await casesNow()).toMatchObject([{ recordingId: song.id, shared: false }])
    expect(whole.item?.compared).toMatchObject({ recordings: 2, falseClaimsPerMillion: 77 })
    const [shared] = beside ? await passagesOf(world, beside.id) : []
    expect(shared?.sharedWith).toEqual([song.id])
    expect(shared?.speedError).toBeGreaterThan(0)
    expect(shared?.speedError).toBeLessThan(0.005)
    // It is told under its own name, although its case is that of the song.
    const told = (await ask('get', `/v1/matches/${beside?.id}`)).json
    expect(told).toMatchObject({ recordingTitle: 'Other', besideId: own?.id, shared: true })
    expect((await ask('get', `/v1/cases/${own?.caseId}`)).json.matches).toHaveLength(1)
    expect(await pageText(`/matches/${own?.id}`)).toMatch(
      /Also matches: .*Other.* at most 77 false claims per million files/,
    )
    // A case speaks of it, though not its own: it cannot be removed.
    expect((await ask('delete', `/v1/recordings/${other.id}`)).status).toBe(409)
    expect(await pageText(`/matches/${beside?.id}`)).toMatch(/“Song” explains all of this audio and more/)
    expect(await pageText(`/submissions/${whole.id}`)).toContain('1 recording of yours found')

    // The sample alone: nothing tells which of the two was copied, so each has a case that says so.
    const clip = await disguised(1, 'sample.ogg', ['-ss', '31', '-t', '18', '-b:a', '96k'])
    const alone = await examined(world, pipeline, account, clip)
    expect(alone.found).toHaveLength(2)
    for (const match of alone.found) expect(match).toMatchObject({ besideId: null, shared: true })
    const open = await casesNow()
    expect(open).toHaveLength(3)
    const flagged = open.filter((each) => each.shared)
    expect(flagged.map(({ recordingTitle }) => recordingTitle).toSorted()).toEqual(['Other', 'Song'])

    const ofSong = flagged.find(({ recordingId }) => recordingId === song.id)
    if (!ofSong) throw new Error('no case of the song')
    const casePage = await pageText(`/cases/${ofSong.id}`)
    expect(casePage).toContain('Shared audio')
    expect(casePage).toContain('the same audio is also in “Other” (ISRC AA-6Q7-20-00072) of your catalogue')
    const report = await issueReport(world.house, account.caller, ofSong.id)
    const [reported] = report.document.matches
    expect(reported?.passages[0]?.sharedWith).toEqual([
      { workId: other.id, title: 'Other', isrc: 'AA6Q72000072' },
    ])
    expect(reported?.compared).toMatchObject({ falseClaimsPerMillion: 77 })
    expect(reported?.summary).toContain('has in common with other recordings')
    expect(renderText(report.document).replaceAll(/\s+/g, ' ')).toContain(
      'Shared passage: the same audio is also in “Other” (ISRC AA-6Q7-20-00072) of the same catalogue.',
    )
  } finally {
    await pipeline.close()
  }
})

test('a file of which only the beginning can be decoded says so wherever it is told', async ({ world }) => {
  const pipeline = await startPipeline(world)
  try {
    const account = await world.account('Broken')
    await register(pipeline, account, 'Song', 'AA6Q72000071', await piece(1))
    const flac = await readFile(await disguised(1, 'whole.flac', []))
    const broken = join(world.folder, 'broken.flac')
    // The second half is not FLAC.
    await writeFile(broken, Buffer.concat([flac.subarray(0, flac.length / 2), Buffer.alloc(50_000, 0x55)]))
    const { id, item } = await examined(world, pipeline, account, broken)
    expect(item).toMatchObject({ stage: 'done', truncated: true })
    expect(item?.durationMs).toBeLessThan(45_000)
    const api = await serveApi(world, { web: createWeb(world.house) })
    const { json } = await api.withKey(account.key)('get', `/v1/submissions/${id}`)
    expect(json.items[0]).toMatchObject({ truncated: true })
    const page = await (await api.signedIn(account.member))('get', `/submissions/${id}`)
    expect(page.text).toMatch(/Only the first 0:\d\d could be decoded/)
    const [opened] = await world.house.db.tenant(account.caller.tenantId, (tx) => listCases(tx, { limit: 1 }))
    if (!opened) throw new Error('no case')
    const { document } = await issueReport(world.house, account.caller, opened.id)
    expect(document.locations[0]).toMatchObject({ truncated: true, durationMs: item?.durationMs })
    expect(renderText(document)).toContain('could be decoded')
  } finally {
    await pipeline.close()
  }
})
