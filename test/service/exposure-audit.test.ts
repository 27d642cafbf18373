import { rm } from 'node:fs/promises'
import { join } from 'node:path'

import { editRecording } from '../../services/actions/catalogue.ts'
import { type Recording, RecordingEdit } from '../../services/catalog/recording.ts'
import { type LeakManifestId, ReleaseId } from '../../services/core/ids.ts'
import { startAudits } from '../../services/leaks/audit-store.ts'
import { manifestFolder } from '../../services/leaks/folders.ts'
import { OpenLeaks, type OpenManifest } from '../../services/leaks/open-leaks.ts'
import { neededBlobs } from '../../services/submissions/blob-use.ts'
import { auditOf, doAudit, leakOf, linesOf, manifestOf } from '../support/audited.ts'
import { changes, exposures, isrcOf, newsOf, register, scene, taken, track } from '../support/exposed.ts'
import { describe, expect, test } from '../support/world.ts'

describe('an audit of a catalogue', () => {
  test('tells of each recording how a leak has it, with evidence', async ({ world }) => {
    const { recordings, leak, manifestId } = await scene(world)
    const audit = await auditOf(world)
    expect(audit).toMatchObject({ stage: 'done', problem: null })
    const lines = new Map((await linesOf(world, audit)).map((line) => [line.recordingId, line]))
    const lineOf = ({ id }: Recording) => lines.get(id)
    expect(lineOf(recordings.audio)).toMatchObject({
      status: 'audio',
      codec: 'vorbis-160',
      popularity: 80,
      batch: 1,
      batchName: 'Popular',
      publishedOn: '2025-12-20',
      foundBy: 'isrc',
      takenAt: new Date(Date.UTC(2025, 6, 1)),
      // Its sibling, too, after it.
      rows: [{ manifestId, row: 2, part: 0, sha256: ['ab'.repeat(8)], trackId: 'other' }, { row: 1 }],
      rowsFound: 2,
    })
    expect(lineOf(recordings.sibling)).toMatchObject({ status: 'sibling', batch: 2, publishedOn: null })
    expect(lineOf(recordings.alternative)).toMatchObject({
      status: 'sibling',
      foundBy: 'alternative',
      codec: 'vorbis-160',
      rows: [{ row: 5 }, { row: 4 }],
      rowsFound: 2,
    })
    expect(lineOf(recordings.names)).toMatchObject({
      status: 'planned',
      foundBy: 'names',
      rows: [{ row: 6 }],
    })
    expect(lineOf(recordings.bare)).toMatchObject({ status: 'metadata', foundBy: 'isrc' })
    expect(lineOf(recordings.bare)?.probability).toBeLessThan(0.9)
    expect(lineOf(recordings.bare)?.advice).toMatch(/^Compare the rows with your recording first/)
    expect(lineOf(recordings.trap)).toBeUndefined()
    expect(lineOf(recordings.absent)).toBeUndefined()
    expect(audit.summary).toMatchObject({
      asked: 7,
      listed: 5,
      audio: 3,
      published: 2,
      contradicted: 1,
      leaks: [{ leakId: leak.id, name: 'Sample dump', listed: 5, audio: 3, published: 2 }],
      forecasts: [{ batches: [{ number: 2, name: 'The rest', recordings: 2, isNext: true }] }],
    })
    expect(audit.summary?.releases[0]).toMatchObject({ title: 'First Album', asked: 2, listed: 2, audio: 2 })
    // The most exposed first.
    const scores = (await linesOf(world, audit)).map(({ score }) => score)
    expect(scores).toEqual(scores.toSorted((one, other) => other - one))
    expect(await exposures(world, recordings.audio)).toMatchObject([{ leakId: leak.id, status: 'audio' }])
    expect(await exposures(world, recordings.trap)).toEqual([])
    expect(await newsOf(world)).toEqual([])
  })

  test('finds our row beside another song that has our code and says more', async ({ world }) => {
    const recording = await register(world, { title: 'Ours', isrc: isrcOf(1) })
    const leak = await leakOf(world, { name: 'Sample dump' })
    const isrc = { external_id_isrc: isrcOf(1) }
    const stranger = { ...isrc, ...taken, artists: [{ name: 'Somebody Else' }], duration_ms: 61_000 }
    await manifestOf(world, leak, [
      track('Quite Another Thing', stranger),
      track('Ours', { ...isrc, status: 'skipped_low_priority' }),
    ])
    const audit = await auditOf(world)
    expect(audit.summary).toMatchObject({ listed: 1, audio: 0, contradicted: 1 })
    expect(await exposures(world, recording)).toMatchObject([{ status: 'planned', rows: [{ row: 2 }] }])
  })

  test('of a label, a release or a list of codes asks for that alone', async ({ world }) => {
    const { recordings } = await scene(world)
    const label = await auditOf(world, { kind: 'label', label: 'Sample Label' })
    expect(label.summary).toMatchObject({ asked: 2, listed: 2 })
    const releaseId = ReleaseId.parse(recordings.audio.releaseId)
    expect((await auditOf(world, { kind: 'release', releaseId })).summary?.asked).toBe(2)
    expect(await exposures(world, recordings.names)).toEqual([])
    // Codes that nobody here registered are answered by the code alone, and not kept.
    const codes = await auditOf(world, { kind: 'isrcs', isrcs: [isrcOf(4), isrcOf(99), isrcOf(98)] })
    expect(codes.summary).toMatchObject({ asked: 3, listed: 2 })
    const lines = await linesOf(world, codes)
    expect(lines).toHaveLength(2)
    expect(lines).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ recordingId: null, isrc: isrcOf(99), foundBy: 'isrc' }),
        expect.objectContaining({ recordingId: recordings.names.id, isrc: isrcOf(4), foundBy: 'names' }),
      ]),
    )
  })

  test('made again changes nothing, and notes no change', async ({ world }) => {
    const { recordings } = await scene(world)
    await auditOf(world)
    const { resultSha256 } = await auditOf(world)
    expect(await changes(world, recordings.audio)).toMatchObject([
      { before: null, after: { status: 'audio' } },
    ])
    // Nobody clears the result away.
    const needed = await world.house.db.system((tx) => neededBlobs(tx, [resultSha256 ?? '']))
    expect(needed.size).toBe(1)
  })

  test('finds by the address of a lawful copy what a data set lists', async ({ world }) => {
    const recording = await register(world, { title: 'Seen', isrc: isrcOf(1) })
    await editRecording(
      world.house,
      world.owner,
      recording.id,
      RecordingEdit.parse({ officialUrl: 'https://www.youtube.com/watch?v=abcdefghijk' }),
    )
    const leak = await leakOf(world, { kind: 'data-set', name: 'Sample set' })
    await manifestOf(world, leak, [{ video_id: 'abcdefghijk' }, { video_id: 'zzzzzzzzzzz' }])
    const [line, ...others] = await linesOf(world, await auditOf(world))
    expect(line).toMatchObject({ foundBy: 'address', status: 'metadata', rows: [{ row: 1 }] })
    expect(line?.advice).toMatch(/Reserve your rights/)
    expect(others).toEqual([])
  })

  test('begins anew when another manifest becomes readable meanwhile', async ({ world }) => {
    const recording = await register(world, { title: 'Late', isrc: isrcOf(1) })
    const leak = await leakOf(world)
    await manifestOf(world, leak, [track('Something else', { external_id_isrc: isrcOf(50) })])
    const [id] = await world.house.db.system((tx) => startAudits(tx, leak, 'manifest'))
    class WhileItIsAsked extends OpenLeaks {
      #isFirst = true
      override async of(asked: LeakManifestId): Promise<OpenManifest | undefined> {
        const open = await super.of(asked)
        const isFirst = this.#isFirst
        this.#isFirst = false
        if (isFirst) await manifestOf(world, leak, [track('Late', { external_id_isrc: isrcOf(1), ...taken })])
        return open
      }
    }
    const leaks = new WhileItIsAsked(world.house.config)
    const audit = await doAudit(world, id ?? expect.fail('no audit'), leaks)
    await leaks.close()
    expect(audit.summary).toMatchObject({ asked: 1, audio: 1 })
    expect(await exposures(world, recording)).toMatchObject([{ status: 'audio' }])
  })

  test('says which manifest is damaged, and keeps what was known', async ({ world }) => {
    const { recordings, manifestId } = await scene(world)
    await auditOf(world)
    await rm(join(manifestFolder(world.house.config, manifestId), 'rows.blocks'))
    await expect(auditOf(world)).rejects.toMatchObject({
      type: 'index/damaged',
      message: expect.stringContaining('Sample dump'),
    })
    await rm(manifestFolder(world.house.config, manifestId), { recursive: true })
    await expect(auditOf(world)).rejects.toMatchObject({ message: expect.stringContaining('are gone') })
    expect(await exposures(world, recordings.audio)).toHaveLength(1)
  })
})
