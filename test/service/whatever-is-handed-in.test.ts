import { execFile } from 'node:child_process'
import { readFile, readdir } from 'node:fs/promises'
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { fileOf } from '../../bench/covers/copies.ts'
import { drawCover } from '../../bench/covers/drawn.ts'
import { submitFile, submitUrl } from '../../services/actions/submissions.ts'
import { coverHashes, encodeCover } from '../../services/artwork/cover.ts'
import { luminanceOf } from '../../services/artwork/pdq.ts'
import type { SubmissionId } from '../../services/core/ids.ts'
import { listCases } from '../../services/matches/case-store.ts'
import { leadsIn } from '../../services/matches/lead-store.ts'
import { makeZip } from '../support/archives.ts'
import { disguised, ffmpegPath, piece, unknownPiece } from '../support/music.ts'
import { bytesOf, registeredPiece, tree } from '../support/opened.ts'
import { type Pipeline, ended, startPipeline } from '../support/pipeline.ts'
import { openShelf } from '../support/shelf.ts'
import { type World, expect, test } from '../support/world.ts'

const run = promisify(execFile)
const AAC = ['-c:a', 'aac', '-b:a', '96k', '-ar', '44100', '-ac', '2']

/** Runs ffmpeg in a folder of its own. @returns what it wrote, by name. */
async function made({ folder }: World, args: readonly string[]): Promise<ReadonlyMap<string, Buffer>> {
  const cwd = await mkdtemp(join(folder, 'made-'))
  await run(await ffmpegPath(), ['-v', 'error', '-y', ...args], { cwd })
  const files = await readdir(cwd)
  return new Map(
    await Promise.all(files.map(async (name) => [name, await readFile(join(cwd, name))] as const)),
  )
}

const torrentOf = (name: string): Buffer => {
  const text = (value: string): string => `${Buffer.byteLength(value)}:${value}`
  const files = `l${['01 Piece 1.mp3', 'read me.txt'].map((each) => `d6:lengthi9e4:pathl${text(each)}ee`).join('')}e`
  const info = `d5:files${files}4:name${text(name)}12:piece lengthi16384e6:pieces20:${'a'.repeat(20)}e`
  return Buffer.from(`d4:info${info}e`)
}

const mailWith = (fileName: string, bytes: Buffer): Buffer =>
  Buffer.from(
    [
      'From: sender@sample.example',
      'To: desk@records.example',
      'Subject: look at this',
      'MIME-Version: 1.0',
      'Content-Type: multipart/mixed; boundary="b"',
      '',
      '--b',
      'Content-Type: text/plain',
      '',
      'Somebody sent me this.',
      '--b',
      `Content-Type: audio/ogg; name="${fileName}"`,
      `Content-Disposition: attachment; filename="${fileName}"`,
      'Content-Transfer-Encoding: base64',
      '',
      bytes.toString('base64').replaceAll(/.{76}/g, '$&\r\n'),
      '--b--',
      '',
    ].join('\r\n'),
  )

/** Hands in a file and waits for its end. @returns its items and the places of its cases. */
async function examined(world: World, pipeline: Pipeline, fileName: string, bytes: Uint8Array) {
  const { id } = await submitFile(pipeline.house, world.owner, { fileName, source: bytesOf(bytes) })
  return seen(world, id)
}

async function seen(world: World, id: SubmissionId) {
  const { stage, problem } = await ended(world, id)
  const cases = await world.house.db.tenant(world.owner.tenantId, (tx) => listCases(tx, { limit: 100 }))
  const leads = await world.house.db.system((tx) => leadsIn(tx, id))
  return { end: problem?.type ?? stage, items: await tree(world, id), cases, leads: leads.length }
}

test('a mail, an album, a torrent, a video with two sounds and streams on pages are opened to the music in them', async ({
  world,
}) => {
  const shelf = await openShelf()
  const pipeline = await startPipeline(world, {
    env: { FETCH_ALLOW_ADDRESSES: shelf.address, HOST_VISITS_MAX: '8' },
  })
  try {
    const cover = drawCover(4)
    const registeredCover = encodeCover(coverHashes(luminanceOf(cover)))
    const recordingId = await registeredPiece(pipeline, world.owner, 1, registeredCover)
    const copy = await readFile(await disguised(1, 'followed.ogg', ['-c:a', 'libvorbis', '-b:a', '96k']))

    const mail = await examined(world, pipeline, 'forwarded.eml', mailWith('song.ogg', copy))
    expect(mail).toMatchObject({ end: 'done', items: [expect.stringMatching(/song\.ogg: media, done$/)] })
    expect(mail.cases).toHaveLength(1)

    const cue =
      'TITLE "Pieces"\nFILE "whole.ogg" WAVE\n  TRACK 01 AUDIO\n    PERFORMER "The Samples"\n    TITLE "Piece 1"\n    INDEX 01 00:00:00\n'
    const album = makeZip([
      { name: 'Pieces/whole.ogg', bytes: copy },
      { name: 'Pieces/cover.jpg', bytes: Buffer.from(await fileOf(cover, 500)) },
      { name: 'Pieces/whole.cue', bytes: Buffer.from(cue) },
    ])
    const opened = await examined(world, pipeline, 'album.zip', album)
    expect(opened.end).toBe('done')
    expect(opened.items).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^album\.zip › .*whole\.ogg: media, done$/),
        expect.stringMatching(/^album\.zip › .*cover\.jpg: cover, done$/),
        expect.stringMatching(/whole\.cue › .*Piece 1.*: listed, done$/),
      ]),
    )
    expect(opened.leads).toBeGreaterThan(0)

    const torrent = await examined(world, pipeline, 'pieces.torrent', torrentOf('The Samples - Pieces'))
    expect(torrent).toMatchObject({
      end: 'done',
      items: expect.arrayContaining([expect.stringMatching(/01 Piece 1\.mp3: listed, done$/)]),
    })
    expect(torrent.leads).toBeGreaterThan(0)

    const video = await made(world, [
      '-f',
      'lavfi',
      '-i',
      'color=black:s=64x64:r=5:d=60',
      '-i',
      await unknownPiece(),
      '-i',
      await piece(1),
      '-map',
      '0:v',
      '-map',
      '1:a',
      '-map',
      '2:a',
      '-c:v',
      'mpeg4',
      ...AAC,
      '-shortest',
      'two.mkv',
    ])
    const two = await examined(world, pipeline, 'two.mkv', video.get('two.mkv') ?? Buffer.alloc(0))
    expect(two.end).toBe('done')
    expect(two.items.filter((line) => line.endsWith(': media, done'))).toHaveLength(2)
    // The same file in the mail and in the album is one case.
    expect(two.cases).toHaveLength(2)

    const hls = await made(world, [
      '-i',
      await piece(1),
      ...AAC,
      '-f',
      'hls',
      '-hls_time',
      '10',
      '-hls_list_size',
      '0',
      'list.m3u8',
    ])
    const dash = await made(world, [
      '-i',
      await piece(1),
      ...AAC,
      '-f',
      'dash',
      '-seg_duration',
      '10',
      'list.mpd',
    ])
    for (const [name, bytes] of hls) shelf.serve(`/hls/${name}`, bytes)
    for (const [name, bytes] of dash) shelf.serve(`/dash/${name}`, bytes)
    for (const [kind, list] of [
      ['hls', 'list.m3u8'],
      ['dash', 'list.mpd'],
    ]) {
      const link = shelf.url(`/${kind}/${list}`)
      shelf.serve(
        `/${kind}`,
        `<!doctype html><html><body><video><source src="${link}"></video></body></html>`,
      )
      const { id } = await submitUrl(pipeline.house, world.owner, { url: shelf.url(`/${kind}`) })
      const found = await seen(world, id)
      expect({ kind, ...found }).toMatchObject({
        end: 'done',
        items: expect.arrayContaining([expect.stringMatching(/^page › .*: media, done$/)]),
      })
      expect(found.cases).toContainEqual(
        expect.objectContaining({ recordingId, location: link, pageUrl: shelf.url(`/${kind}`) }),
      )
    }
  } finally {
    await pipeline.close()
    await shelf.close()
  }
})
