import { registerRecording, uploadAudio } from '../../services/actions/catalogue.ts'
import { submitFile } from '../../services/actions/submissions.ts'
import { NewRecording } from '../../services/catalog/recording.ts'
import { leadsIn } from '../../services/matches/lead-store.ts'
import * as matches from '../../services/matches/store.ts'
import * as items from '../../services/submissions/item-store.ts'
import { disguised, piece, unknownPiece, upload } from '../support/music.ts'
import { ended, startPipeline, until } from '../support/pipeline.ts'
import { type World, describe, expect, test } from '../support/world.ts'

/** Registers a recording by its names. */
async function named({ house, owner }: World, title: string, more: Record<string, unknown> = {}) {
  const given = NewRecording.parse({ title, artists: ['The Sample Quartet'], ...more })
  return (await registerRecording(house, owner, given)).recording
}

describe('the names of a suspect', () => {
  test('say which recording it may be where nothing is heard, and why', async ({ world }) => {
    const pipeline = await startPipeline(world)
    const { house } = pipeline
    try {
      const meant = await named(world, 'Lanterns over Quillon', { isrc: 'AA6Q72000047' })
      await named(world, 'Lanterns over Quillon', { version: 'Live in Sampleton', isrc: 'AA6Q72000048' })
      await named(world, 'Paper Orchard')
      const leadsOf = async (fileName: string, path: string) => {
        const { id } = await submitFile(house, world.owner, { fileName, source: upload(path) })
        const end = await ended(world, id)
        const leads = await house.db.tenant(world.owner.tenantId, (tx) => leadsIn(tx, id))
        return { stage: end.stage, leads }
      }
      const unheard = await leadsOf(
        'The Sample Quartet - Lanterns Over Quillon (Official Video).mp3',
        await unknownPiece(),
      )
      expect(unheard.stage).toBe('done')
      expect(unheard.leads.map(({ recordingId }) => recordingId)).toEqual([meant.id])
      expect(unheard.leads[0]?.names?.probability).toBeGreaterThan(0.9)
      expect(unheard.leads[0]?.names?.reasons.map(({ field }) => field)).toContain('title')
      expect(unheard.leads[0]?.names?.claimed).toContain('Lanterns Over Quillon')
      expect((await leadsOf('holiday in july.mp3', await unknownPiece())).leads).toEqual([])

      const torn = await disguised(1, 'torn.ogg', ['-t', '5'])
      const silent = await submitFile(house, world.owner, {
        fileName: '01-the_sample_quartet-paper_orchard-grp.mp3',
        source: (async function* broken() {
          // An Ogg page without anything behind it: a file that is audio by its first bytes and cannot be decoded.
          for await (const bytes of upload(torn)) {
            yield bytes.subarray(0, 60)
            return
          }
        })(),
      })
      expect(await ended(world, silent.id)).toMatchObject({ stage: 'failed' })
      const leads = await house.db.tenant(world.owner.tenantId, (tx) => leadsIn(tx, silent.id))
      expect(leads).toHaveLength(1)
    } finally {
      await pipeline.close()
    }
  })

  test('stand beside what was heard, and an ISRC of another title is flagged', async ({ world }) => {
    const pipeline = await startPipeline(world)
    const { house } = pipeline
    try {
      const heard = await named(world, 'Paper Orchard', { isrc: 'AA6Q72000049' })
      await uploadAudio(house, world.owner, heard.id, upload(await piece(4)))
      await until('its fingerprint', async () => {
        const rows = await house.db.system(
          (tx) => tx.run`select from recording where id = ${heard.id} and stage = 'done'`,
        )
        return rows === 1
      })
      const tags = ['-metadata', 'title=Paper Orchard', '-metadata', 'artist=The Sample Quartet']
      const copy = await disguised(4, 'tagged.mp3', ['-ss', '5', '-t', '30', ...tags])
      const { id } = await submitFile(house, world.owner, { fileName: 'track.mp3', source: upload(copy) })
      await ended(world, id)
      const [match] = await house.db.system((tx) => matches.list(tx, { submissionId: id }))
      expect(match).toMatchObject({ recordingId: heard.id, names: { relation: 'same' } })
      expect(match?.names?.probability).toBeGreaterThan(0.8)
      expect(await house.db.system((tx) => leadsIn(tx, id))).toEqual([])
      const [item] = await house.db.system((tx) => items.itemsOf(tx, id))
      expect(item?.tags).toMatchObject({ title: 'Paper Orchard' })
    } finally {
      await pipeline.close()
    }
  })
})
