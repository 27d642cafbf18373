import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'

import { registerRecording, uploadAudio } from '../../services/actions/catalogue.ts'
import { submitFile } from '../../services/actions/submissions.ts'
import { dossierOf } from '../../services/case-dossier.ts'
import { NewRecording } from '../../services/catalog/recording.ts'
import * as recordings from '../../services/catalog/store.ts'
import type { CaseId, SubmissionId } from '../../services/core/ids.ts'
import { findAudit, startAudits } from '../../services/leaks/audit-store.ts'
import { removeLeak } from '../../services/leaks/leak-store.ts'
import * as matches from '../../services/matches/store.ts'
import { enqueue } from '../../services/pipeline.ts'
import { leakOf, manifestOf } from '../support/audited.ts'
import { disguised, piece, upload } from '../support/music.ts'
import { ended, startPipeline, until } from '../support/pipeline.ts'
import { type World, expect, test } from '../support/world.ts'

const sha256Of = async (path: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex')

const listing = (sha256: string) => ({
  name: 'Piece 1',
  artists: ['The Samples'],
  sha256,
  status: 'success',
  popularity: 70,
})

const caseOf = async ({ house }: World, submissionId: SubmissionId): Promise<CaseId> => {
  const [match] = await house.db.system((tx) => matches.list(tx, { submissionId }))
  return match?.caseId ?? expect.fail('nothing was found')
}

const cluesOf = async ({ house, owner }: World, id: CaseId) => {
  const { matches: found } = await house.db.tenant(owner.tenantId, (tx) => dossierOf(tx, id))
  return found.flatMap(({ item }) => item.clues ?? []).filter(({ kind }) => kind === 'file-hash')
}

test('a case says that a leak lists its file, whichever came first, as long as there is the leak', async ({
  world,
}) => {
  const pipeline = await startPipeline(world)
  const { house } = pipeline
  try {
    const given = NewRecording.parse({ title: 'Piece 1', artists: ['The Samples'] })
    const { recording } = await registerRecording(house, world.owner, given)
    await uploadAudio(house, world.owner, recording.id, upload(await piece(1)))
    await until('its fingerprint', async () => {
      const now = await house.db.system((tx) => recordings.find(tx, recording.id))
      return now?.stage === 'done'
    })
    const copies = [
      await disguised(1, 'listed-later.ogg', ['-ss', '10', '-t', '20']),
      await disguised(1, 'listed-before.mp3', ['-ss', '5', '-t', '25']),
    ]
    const [later, before] = [copies[0] ?? '', copies[1] ?? '']
    const handIn = async (path: string): Promise<CaseId> => {
      const { id } = await submitFile(house, world.owner, { fileName: 'a file', source: upload(path) })
      await ended(world, id)
      return caseOf(world, id)
    }
    const first = await handIn(later)
    expect(await cluesOf(world, first)).toEqual([])

    const leak = await leakOf(world, {
      batches: [
        { number: 1, name: 'Popular', popularityFrom: 60, popularityTo: 100, publishedOn: '2025-12-20' },
      ],
    })
    await manifestOf(world, leak, [listing(await sha256Of(later)), listing(await sha256Of(before))])
    const [audit] = await house.db.system((tx) => startAudits(tx, leak, 'manifest'))
    const id = audit ?? expect.fail('no audit')
    await enqueue(house.queues, 'audit', id)
    const done = await until('the audit', async () => {
      const now = await house.db.system((tx) => findAudit(tx, id))
      return now?.stage === 'done' && now
    })
    expect(done.summary).toMatchObject({ asked: 1, listed: 1, audio: 1, published: 1 })
    expect(await cluesOf(world, first)).toMatchObject([
      {
        text: 'The hash of this file is listed in the leak “Sample dump”, in its batch “Popular”, published on 2025-12-20',
      },
    ])

    const second = await handIn(before)
    expect(await cluesOf(world, second)).toHaveLength(1)

    await house.db.system((tx) => removeLeak(tx, leak.id))
    expect(await cluesOf(world, second)).toEqual([])
  } finally {
    await pipeline.close()
  }
})
