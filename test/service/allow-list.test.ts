import { readFile } from 'node:fs/promises'

import express from 'express'
import { Client } from 'pg'
import { z } from 'zod'

import { allowPlace, endLeave, excludeSegments } from '../../services/actions/allow-list.ts'
import { issueReport } from '../../services/actions/cases.ts'
import { editRecording, registerRecording, uploadAudio } from '../../services/actions/catalogue.ts'
import { submitUrl } from '../../services/actions/submissions.ts'
import type { NewAllowEntry } from '../../services/allowlist/entry.ts'
import { NewRecording } from '../../services/catalog/recording.ts'
import * as recordings from '../../services/catalog/store.ts'
import { withdraw } from '../../services/catalog/withdrawal.ts'
import { RecordingId } from '../../services/core/ids.ts'
import { caseCounts, decide, decisionsOf, findCase, listCases } from '../../services/matches/case-store.ts'
import * as matches from '../../services/matches/store.ts'
import { confirmedCase, entry, refusalOf, sign } from '../support/allowing.ts'
import { disguised, piece, upload } from '../support/music.ts'
import { ended, startPipeline, until } from '../support/pipeline.ts'
import { type World, describe, expect, test } from '../support/world.ts'

test('a find at an allowed place is kept and told to nobody, and the next one after the end is', async ({
  world,
}) => {
  const copy = await readFile(await disguised(1, 'allowed.ogg', ['-ss', '10', '-t', '20', '-b:a', '96k']))
  const app = express()
  app.get('/ours/away', (_request, response) => response.redirect('/theirs/a.ogg'))
  app.use((_request, response) => response.type('audio/ogg').send(copy))
  const host = await world.listen(app)
  const pipeline = await startPipeline(world, { env: { FETCH_ALLOW_ADDRESSES: new URL(host).host } })
  const { house } = pipeline
  const { tenantId } = world.owner
  try {
    const { recording } = await registerRecording(
      house,
      world.owner,
      NewRecording.parse({ title: 'Song', artists: ['The Samples'], isrc: 'AA6Q72000071' }),
    )
    await uploadAudio(house, world.owner, recording.id, upload(await piece(1)))
    await until('the recording', async () =>
      house.db.system(async (tx) => (await recordings.find(tx, recording.id))?.stage === 'done'),
    )

    /** Hands in an address and tells where its case stands, and how many alerts there are. */
    const examined = async (path: string) => {
      const { id } = await submitUrl(house, world.owner, { url: host + path })
      expect(await ended(world, id)).toMatchObject({ stage: 'done' })
      return house.db.system(async (tx) => {
        const [match] = await matches.list(tx, { submissionId: id })
        if (!match) throw new Error('nothing was found')
        const { count } = await tx.one(z.object({ count: z.number() }))`
          select count(*) from alert_case where case_id = ${match.caseId}`
        const decisions = (await decisionsOf(tx, match.caseId)).map(({ kind }) => kind)
        return {
          id: match.caseId,
          state: (await findCase(tx, match.caseId))?.state,
          alerts: count,
          decisions,
        }
      })
    }

    const ours = await allowPlace(
      house,
      world.owner,
      entry({
        kind: 'url-prefix',
        value: `${host}/ours`,
        reason: 'Our own server',
        recordingId: recording.id,
      }),
    )
    const kept = await examined('/ours/a.ogg')
    expect(kept).toMatchObject({ state: 'allowed', alerts: 0, decisions: ['opened', 'allowed'] })
    const [, why] = await house.db.system((tx) => decisionsOf(tx, kept.id))
    expect(why).toMatchObject({ actor: 'system', allowEntryId: ours.id })
    expect(why?.comment).toContain('Our own server')
    // A place that only begins alike, and one where a redirect from an allowed place leads.
    expect(await examined('/oursnot/a.ogg')).toMatchObject({ state: 'needs_review', alerts: 1 })
    expect(await examined('/ours/away')).toMatchObject({ state: 'needs_review', alerts: 1 })

    // Apart in lists and counts.
    await house.db.tenant(tenantId, async (tx) => {
      expect(await listCases(tx, { limit: 10 })).toHaveLength(2)
      expect(await listCases(tx, { state: 'allowed', limit: 10 })).toMatchObject([{ id: kept.id }])
      expect(await caseCounts(tx)).toMatchObject({ needsReview: 2, allowed: 1 })
    })

    // Over, it comes up with the next find; what a person decides then stays, whatever the list says.
    await endLeave(house, world.owner, ours.id)
    expect(await examined('/ours/a.ogg')).toMatchObject({
      id: kept.id,
      state: 'needs_review',
      alerts: 1,
      decisions: ['opened', 'allowed', 'joined', 'reopened'],
    })

    // Policies: watched only, then allowed everywhere.
    await editRecording(house, world.owner, recording.id, { policy: 'monitor' })
    expect(await examined('/new/a.ogg')).toMatchObject({ state: 'monitored', alerts: 0 })
    await editRecording(house, world.owner, recording.id, { policy: 'allow' })
    expect(await examined('/new/a.ogg')).toMatchObject({ state: 'allowed', alerts: 0 })
    await editRecording(house, world.owner, recording.id, { policy: 'block' })

    // Nothing but a part that is not ours.
    await excludeSegments(house, world.owner, recording.id, [
      { fromMs: 5_000, toMs: 35_000, reason: 'A sample' },
    ])
    const excluded = await examined('/sampled/a.ogg')
    expect(excluded).toMatchObject({ state: 'excluded', alerts: 0, decisions: ['opened', 'excluded'] })
    const [match] = await house.db.system((tx) => matches.list(tx, { caseId: excluded.id }))
    expect(match?.excluded).toBe(true)
  } finally {
    await pipeline.close()
  }
})

/** Lets an entry's last day be past, as time would. Only the tables' owner can. */
async function expire({ databaseUrl }: World, id: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query(`update allow_entry set expires_on = current_date - 2 where id = $1`, [id])
  await client.end()
}

describe('a notice', () => {
  const url = 'https://shop.example/songs/a.mp3'

  test('is not signed for a place that was allowed since, and the refusal names the entry', async ({
    world,
  }) => {
    const { account, id } = await confirmedCase(world, url)
    const given = entry({
      kind: 'domain',
      value: 'shop.example',
      reason: 'Our shop',
      expiresOn: '2999-12-31',
    })
    const { id: entryId } = await allowPlace(world.house, account.caller, given)
    expect(await refusalOf(sign(world, account, id))).toMatchObject({
      type: 'request/conflict',
      message: expect.stringContaining('“shop.example” is on the allow-list until 2999-12-31: Our shop'),
    })
    // A draft says that nothing may be sent, but not to whom leave was given.
    const draft = await issueReport(world.house, account.caller, id)
    expect(draft.document.openPoints[0]).toMatchObject({ code: 'use_allowed', pointer: '/locations/0' })
    expect(JSON.stringify(draft.document)).not.toContain('Our shop')

    await endLeave(world.house, account.caller, entryId)
    expect((await sign(world, account, id)).statements).toBe('made')
  })

  test('is not signed for a case that somebody is just setting aside', async ({ world }) => {
    const { account, id } = await confirmedCase(world, url)
    const { tenantId } = account.caller
    const signing = await world.house.db.tenant(tenantId, async (tx) => {
      await decide(tx, { id, tenantId }, { kind: 'allowed', actor: 'system' })
      const begun = { refusal: refusalOf(sign(world, account, id)) }
      await new Promise((resolve) => setTimeout(resolve, 300))
      return begun
    })
    expect(await signing.refusal).toMatchObject({
      type: 'row/stage',
      message: expect.stringContaining('allowed'),
    })
  })

  test('is signed when the entry has expired or speaks of something else', async ({ world }) => {
    const { account, id, unusedRecordingId } = await confirmedCase(world, url)
    const add = (given: z.input<typeof NewAllowEntry>) =>
      allowPlace(world.house, account.caller, entry(given))
    const old = await add({ kind: 'domain', value: 'shop.example', reason: 'x', expiresOn: '2999-01-01' })
    await add({ kind: 'domain', value: 'evil-shop.example', reason: 'x' })
    await add({ kind: 'url-prefix', value: 'shop.example/song', reason: 'x' })
    const other = RecordingId.parse(unusedRecordingId)
    await add({ kind: 'channel', value: 'youtube.com/@shop', reason: 'x' })
    await add({ kind: 'url-prefix', value: 'shop.example/songs', reason: 'x', recordingId: other })
    expect(await refusalOf(sign(world, account, id))).toMatchObject({
      message: expect.stringContaining('2999'),
    })
    await expire(world, old.id)
    expect((await sign(world, account, id)).statements).toBe('made')
  })

  test('is not signed for a recording that is no longer claimed, or not against copies', async ({
    world,
  }) => {
    const { account, id, recordingId } = await confirmedCase(world, url)
    const edit = (policy: 'block' | 'monitor' | 'allow') =>
      editRecording(world.house, account.caller, recordingId, { policy })
    for (const policy of ['monitor', 'allow'] as const) {
      await edit(policy)
      expect(await refusalOf(sign(world, account, id))).toMatchObject({
        type: 'request/conflict',
        message: expect.stringContaining('policy'),
      })
    }
    await edit('block')
    await excludeSegments(world.house, account.caller, recordingId, [
      { fromMs: 0, toMs: 38_000, reason: 'A sample' },
    ])
    expect(await refusalOf(sign(world, account, id))).toMatchObject({
      message: expect.stringContaining('excluded parts'),
    })
    await excludeSegments(world.house, account.caller, recordingId, [])
    await world.house.db.system((tx) => withdraw(tx, [recordingId]))
    expect(await refusalOf(sign(world, account, id))).toMatchObject({
      type: 'request/conflict',
      message: expect.stringContaining('withdrawn'),
    })
  })
})
