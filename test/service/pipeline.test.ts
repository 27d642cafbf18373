import { readFile } from 'node:fs/promises'

import { z } from 'zod'

import { decideCase, issueReport } from '../../services/actions/cases.ts'
import { registerRecording, uploadAudio } from '../../services/actions/catalogue.ts'
import { submitFile, submitUrl } from '../../services/actions/submissions.ts'
import { NewRecording } from '../../services/catalog/recording.ts'
import * as recordings from '../../services/catalog/store.ts'
import { caughtMails } from '../../services/core/mail-catcher.ts'
import { jobs } from '../../services/jobs.ts'
import { decisionsOf, listCases } from '../../services/matches/case-store.ts'
import * as matches from '../../services/matches/store.ts'
import { sweep } from '../../services/pipeline.ts'
import * as items from '../../services/submissions/item-store.ts'
import type * as submissions from '../../services/submissions/store.ts'
import type { Caller } from '../../services/tenants/tenant.ts'
import { confirming } from '../support/confirming.ts'
import { startHostileHost } from '../support/hostile-host.ts'
import { disguised, piece, unknownPiece, upload } from '../support/music.ts'
import { type Pipeline, backends, ended, startPipeline, until } from '../support/pipeline.ts'
import { type World, describe, expect, test } from '../support/world.ts'

/** Registers pieces of the tests' catalogue and waits until they are recognisable. */
async function registered({ house }: Pipeline, owner: Caller, numbers: readonly number[]) {
  const made = []
  for (const number of numbers) {
    const given = NewRecording.parse({
      title: `Piece ${number}`,
      artists: ['The Samples'],
      isrc: `AA6Q7200000${number}`,
    })
    const { recording } = await registerRecording(house, owner, given)
    await uploadAudio(house, owner, recording.id, upload(await piece(number)))
    made.push(recording)
  }
  for (const { id } of made) {
    const indexed = await until(`recording ${id}`, async () => {
      const found = await house.db.system((tx) => recordings.find(tx, id))
      return found?.stage !== 'index' && found
    })
    expect(indexed).toMatchObject({ stage: 'done', problem: null })
  }
  return made
}

const matchesOf = (world: World, id: Parameters<typeof submissions.find>[1]) =>
  world.house.db.system((tx) => matches.list(tx, { submissionId: id }))

describe.each(backends())('the pipeline on %s', (backend) => {
  test('finds a registered recording in a file and at an address, opens a case, mails once, and issues a report', async ({
    world,
  }) => {
    const host = await startHostileHost()
    const pipeline = await startPipeline(world, {
      backend,
      env: { FETCH_ALLOW_ADDRESSES: host.addresses.join(',') },
    })
    const { house } = pipeline
    try {
      const [first] = await registered(pipeline, world.owner, [1, 2])
      const copy = await disguised(1, 'copy.ogg', ['-c:a', 'libvorbis', '-b:a', '96k'])
      host.serve('/leak/copy.ogg', await readFile(copy))

      const byUrl = await submitUrl(house, world.owner, { url: host.url('/leak/copy.ogg') })
      const byFile = await submitFile(house, world.owner, { fileName: 'copy.ogg', source: upload(copy) })
      for (const { id } of [byUrl, byFile]) {
        expect(await ended(world, id)).toMatchObject({ stage: 'done' })
        const [match, ...more] = await matchesOf(world, id)
        expect(more).toEqual([])
        expect(match).toMatchObject({ recordingId: first?.id })
        expect(match?.shareOfRecording).toBeGreaterThan(0.9)
        expect(match?.falseMatchProbability).toBe(1e-6)
      }

      const opened = await world.house.db.tenant(world.owner.tenantId, (tx) => listCases(tx, { limit: 10 }))
      expect(opened).toHaveLength(2)
      const atAddress = opened.find(({ location }) => location.includes('/leak/'))
      if (!atAddress) throw new Error('no case for the address')
      expect(await house.db.system((tx) => decisionsOf(tx, atAddress.id))).toMatchObject([
        { kind: 'opened', actor: 'system' },
      ])

      const mails = await until('the mail', async () => {
        const all = await caughtMails(pipeline.mailFolder)
        return all.length > 0 && all
      })
      expect(mails[0]?.subject).toMatch(/^\[EW-\d{4}-\d{6}\] Found: Piece 1/)
      expect(mails[0]?.text).toContain('hxxp://')
      expect(mails[0]?.text).not.toContain(host.url('/leak'))
      expect(mails[0]?.headers['list-unsubscribe']).toContain('/unsubscribe/ewu_')

      await decideCase(house, world.owner, atAddress.id, confirming)
      const report = await issueReport(house, world.owner, atAddress.id)
      expect(report).toMatchObject({ version: 1, statements: 'open', number: atAddress.number })
      expect(report.document.locations[0]).toMatchObject({
        kind: 'url',
        httpStatus: 200,
        url: host.url('/leak/copy.ogg'),
      })
      expect(report.document.openPoints.map(({ code }) => code)).toContain('statement_missing')
      expect(await issueReport(house, world.owner, atAddress.id)).toMatchObject({ version: 2 })

      // Nothing waits or runs any more: no job went round in a circle.
      for (const job of Object.values(jobs)) {
        await until(`${job.name} to be idle`, async () => {
          const { waiting = 0, active = 0, delayed = 0 } = await house.queues.counts(job as never)
          return waiting + active + delayed === 0
        })
      }
    } finally {
      await pipeline.close()
      await host.close()
    }
  })

  test('answers “nothing found” with what was compared, and shows a tenant only its own catalogue', async ({
    world,
  }) => {
    const pipeline = await startPipeline(world, { backend })
    try {
      await registered(pipeline, world.owner, [1])
      const never = await submitFile(pipeline.house, world.owner, {
        fileName: 'never.wav',
        source: upload(await unknownPiece()),
      })
      const foreign = await submitFile(pipeline.house, world.stranger, {
        fileName: 'one.wav',
        source: upload(await piece(1)),
      })
      expect(await ended(world, never.id)).toMatchObject({ stage: 'done' })
      expect(await ended(world, foreign.id)).toMatchObject({ stage: 'done' })
      expect(await matchesOf(world, never.id)).toEqual([])
      expect(await matchesOf(world, foreign.id)).toEqual([])
      const [mine] = await world.house.db.system((tx) => items.itemsOf(tx, never.id))
      const [theirs] = await world.house.db.system((tx) => items.itemsOf(tx, foreign.id))
      expect(mine?.compared).toMatchObject({ recordings: 1 })
      expect(theirs?.compared).toMatchObject({ recordings: 0 })
    } finally {
      await pipeline.close()
    }
  })
})

test('stopping in the middle of a file, again and again, costs it no try', async ({ world }) => {
  const twentyMinutes = await disguised(1, 'twenty.flac', ['-af', 'aloop=loop=19:size=2000000'])
  const { db } = world.house
  const started = await startPipeline(world)
  const { id } = await submitFile(started.house, world.owner, {
    fileName: 'long.flac',
    source: upload(twentyMinutes),
  })
  const Standing = z.object({ stage: z.string(), tries: z.number() })
  const standing = () =>
    db.system((tx) => tx.maybe(Standing)`select stage, tries from item where submission_id = ${id}`)
  let pipeline = started
  for (let stop = 1; stop <= 3; stop += 1) {
    await until('the decoder to be at work', async () => (await standing())?.tries === 1)
    await pipeline.close()
    expect(await standing()).toEqual({ stage: 'fingerprint', tries: 0 })
    pipeline = await startPipeline(world)
    await db.system(
      (tx) => tx.run`update item set stage_since = now() - interval '1 hour' where submission_id = ${id}`,
    )
    await sweep(db, pipeline.house.queues)
  }
  expect(await ended(world, id)).toMatchObject({ stage: 'done', problem: null })
  await pipeline.close()
})
