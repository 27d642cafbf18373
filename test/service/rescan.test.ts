import { Client } from 'pg'
import { z } from 'zod'

import { registerRecording, uploadAudio } from '../../services/actions/catalogue.ts'
import { submitFile } from '../../services/actions/submissions.ts'
import { ENGINE_VERSION } from '../../services/audio/constants.ts'
import { NewRecording } from '../../services/catalog/recording.ts'
import * as recordings from '../../services/catalog/store.ts'
import type { RecordingId, SubmissionId } from '../../services/core/ids.ts'
import { caughtMails } from '../../services/core/mail-catcher.ts'
import { listCases } from '../../services/matches/case-store.ts'
import * as matches from '../../services/matches/store.ts'
import { enqueue } from '../../services/pipeline.ts'
import type { Caller } from '../../services/tenants/tenant.ts'
import { disguised, piece, unknownPiece, upload } from '../support/music.ts'
import { type Pipeline, ended, startPipeline, until } from '../support/pipeline.ts'
import { type World, describe, expect, test } from '../support/world.ts'

const Rescan = z.object({
  id: z.string(),
  stage: z.string(),
  suspects: z.number().nullable(),
  found: z.number().nullable(),
})

async function register({ house }: Pipeline, owner: Caller, number: number): Promise<RecordingId> {
  const given = NewRecording.parse({ title: `Piece ${number}`, artists: ['The Samples'] })
  const { recording } = await registerRecording(house, owner, given)
  await uploadAudio(house, owner, recording.id, upload(await piece(number)))
  await until('its fingerprint', async () => {
    const now = await house.db.system((tx) => recordings.find(tx, recording.id))
    return now?.stage === 'done'
  })
  return recording.id
}

/** What a disk may do: the stored fingerprint of a suspect is damaged, and beside it there is one of a recording. */
async function damage({ house, owner, databaseUrl }: World, id: SubmissionId): Promise<void> {
  const given = NewRecording.parse({ title: 'Damaged', artists: ['The Samples'] })
  const { recording } = await registerRecording(house, owner, given)
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query(
    `update suspect_fingerprint set fingerprint = 'damaged' where sha256 in (select sha256 from item where submission_id = $1)`,
    [id],
  )
  await client.query(
    `insert into reference (recording_id, tenant_id, engine_version, fingerprint, fingerprint_sha256, duration_ms, made_by)
     values ($1, $2, $3, 'damaged', $4, 1000, 'local')`,
    [recording.id, owner.tenantId, ENGINE_VERSION, 'd'.repeat(64)],
  )
  await client.end()
}

/** Waits for the look back that a registration asks for, and rings for it at once, as the sweeper would within minutes. */
async function lookedBack({ house }: Pipeline, world: World, times: number) {
  return until(`look back ${times}`, async () => {
    const rows = await world.house.db.system(
      (tx) => tx.all(Rescan)`select id, stage, suspects, found from rescan order by created_at`,
    )
    for (const { id, stage } of rows) if (stage === 'rescan') await enqueue(house.queues, stage, id)
    const row = rows[times - 1]
    return row?.stage === 'done' && row
  })
}

describe('a recording that is registered after its copies were examined', () => {
  test('is found in them, whatever is damaged beside them, and the alert says since when they are known', async ({
    world,
  }) => {
    const pipeline = await startPipeline(world, { env: { ALERT_MERGE_S: '1' } })
    const { house } = pipeline
    try {
      await register(pipeline, world.owner, 1)
      const copies = [
        await disguised(1, 'known.ogg', ['-ss', '10', '-t', '20']),
        await disguised(2, 'early.ogg', ['-ss', '5', '-t', '30']),
        await disguised(2, 'early.mp3', ['-ss', '20', '-t', '25']),
        await unknownPiece(),
      ]
      const handedIn: SubmissionId[] = []
      for (const [number, copy] of copies.entries())
        handedIn.push(
          (await submitFile(house, world.owner, { fileName: `copy-${number}`, source: upload(copy) })).id,
        )
      for (const id of handedIn) await ended(world, id)
      const foundIn = async (place: number) =>
        (await house.db.system((tx) => matches.list(tx, { submissionId: handedIn[place]! }))).map(
          ({ recordingId }) => recordingId,
        )
      expect(await foundIn(1)).toEqual([])

      const late = await register(pipeline, world.owner, 2)
      await damage(world, handedIn[3]!)
      expect(await lookedBack(pipeline, world, 1)).toMatchObject({ suspects: 4, found: 2 })
      await until('both copies', async () => (await foundIn(1)).length + (await foundIn(2)).length === 2)
      expect(await foundIn(1)).toEqual([late])
      expect(await foundIn(0)).toHaveLength(1)
      expect(await foundIn(3)).toEqual([])
      const cases = await house.db.tenant(world.owner.tenantId, (tx) =>
        listCases(tx, { recordingId: late, limit: 10 }),
      )
      expect(cases).toHaveLength(2)
      const today = new Date().toISOString().slice(0, 10)
      const mail = await until('the alert', async () =>
        (await caughtMails(`${world.folder}/mail`)).find(({ text }) => text?.includes('Piece 2')),
      )
      expect(mail.text).toMatch(new RegExp(`already seen (2 times since|once, on) ${today}`))
    } finally {
      await pipeline.close()
    }
  })
})
