import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { z } from 'zod'

import { fileOf } from '../../bench/covers/copies.ts'
import { drawCover } from '../../bench/covers/drawn.ts'
import { run as register } from '../../bin/client/register.ts'
import { registerRecording, uploadAudio } from '../../services/actions/catalogue.ts'
import { submitFile } from '../../services/actions/submissions.ts'
import { coverHashes, decodeCover, encodeCover } from '../../services/artwork/cover.ts'
import { luminanceOf } from '../../services/artwork/pdq.ts'
import { NewRecording } from '../../services/catalog/recording.ts'
import { Bytes } from '../../services/core/ids.ts'
import { Problem } from '../../services/core/problem.ts'
import * as matches from '../../services/matches/store.ts'
import { coverOfItem, itemsOf } from '../../services/submissions/item-store.ts'
import { serveApi } from '../support/api.ts'
import { recordedTerminal } from '../support/fake-terminal.ts'
import { ffmpegPath, piece, unknownPiece, upload } from '../support/music.ts'
import { ended, startPipeline, until } from '../support/pipeline.ts'
import { type World, describe, expect, test } from '../support/world.ts'

const run = promisify(execFile)

/** Audio with a picture in its tags, made by ffmpeg. */
async function covered(
  world: World,
  given: { audio: string; picture: Uint8Array; name: string; cut?: readonly string[] },
): Promise<string> {
  const picture = join(world.folder, `${given.name}.jpg`)
  const path = join(world.folder, given.name)
  await mkdir(world.folder, { recursive: true })
  await writeFile(picture, given.picture)
  const attached = '-map 0:a -map 1:v -c:v copy -disposition:v attached_pic'.split(' ')
  const inputs = [...(given.cut ?? []), '-i', given.audio, '-i', picture]
  await run(await ffmpegPath(), ['-v', 'error', '-y', ...inputs, ...attached, path])
  return path
}

/** A file whose picture declares to be 65,535 pixels wide and high. */
async function asBomb(path: string): Promise<string> {
  const bytes = await readFile(path)
  const frame = bytes.indexOf(Buffer.from([0xff, 0xc0, 0x00, 0x11, 0x08]))
  if (frame < 0) throw new Error('there is no baseline JPEG in it')
  bytes.fill(0xff, frame + 5, frame + 9)
  await writeFile(path, bytes)
  return path
}

const Kept = z.object({ cover: Bytes, source: z.string(), ofRelease: z.boolean() })
const keptCovers = ({ house }: World) =>
  house.db.system(
    (tx) => tx.all(Kept)`select cover, source, release_id is not null as of_release from release_cover`,
  )

const hashesOf = (number: number) => coverHashes(luminanceOf(drawCover(number)))
const given = NewRecording.parse({
  title: 'Paper Orchard',
  artists: ['The Sample Quartet'],
  release: { title: 'Orchards' },
})

describe('covers', () => {
  test('inside uploaded and suspect files are compared, and a hostile one costs nothing', async ({
    world,
  }) => {
    const pipeline = await startPipeline(world)
    const { house } = pipeline
    try {
      const ours = await fileOf(drawCover(1), 600)
      const { recording } = await registerRecording(house, world.owner, given)
      const audio = await covered(world, { audio: await piece(3), picture: ours, name: 'master.flac' })
      await uploadAudio(house, world.owner, recording.id, upload(audio))
      await until('its fingerprint', async () => {
        const rows = await house.db.system(
          (tx) => tx.run`select from recording where id = ${recording.id} and stage = 'done'`,
        )
        return rows === 1
      })
      expect(await keptCovers(world)).toMatchObject([{ source: 'tags', ofRelease: true }])

      const examined = async (fileName: string, path: string) => {
        const { id } = await submitFile(house, world.owner, { fileName, source: upload(path) })
        expect(await ended(world, id)).toMatchObject({ stage: 'done' })
        return house.db.system(async (tx) => {
          const [item] = await itemsOf(tx, id)
          const [match] = await matches.list(tx, { submissionId: id })
          return { match, cover: item && (await coverOfItem(tx, item.id)) }
        })
      }
      const cut = ['-ss', '10', '-t', '15']
      const suspect = async (name: string, picture: number, side: number) =>
        covered(world, { audio: await piece(3), picture: await fileOf(drawCover(picture), side), name, cut })

      const same = await examined('a.mp3', await suspect('a.mp3', 1, 240))
      expect(same.match?.artwork).toMatchObject({ relation: 'same' })
      expect(same.match?.confidenceReasons?.map(({ part }) => part)).toEqual(
        expect.arrayContaining(['audio', 'artwork']),
      )
      const other = await examined('b.mp3', await suspect('b.mp3', 2, 240))
      expect(other.match?.artwork).toMatchObject({ relation: 'different' })
      expect(other.match?.caseId).toBeDefined()
      expect(other.match!.confidence).toBeLessThanOrEqual(same.match!.confidence)

      const hostile = await examined('c.mp3', await asBomb(await suspect('c.mp3', 1, 300)))
      expect(hostile.match).toMatchObject({ recordingId: recording.id, artwork: null })
      expect(hostile.cover).toBeUndefined()

      // The right cover around other music: nothing was heard, so nothing is found.
      const stranger = await covered(world, {
        audio: await unknownPiece(),
        picture: ours,
        name: 'd.mp3',
        cut,
      })
      const unheard = await examined('d.mp3', stranger)
      expect(unheard.cover).toBeDefined()
      expect(unheard.match).toBeUndefined()
      const cases = await house.db.system((tx) => tx.run`select from case_file`)
      expect(cases).toBe(3)
    } finally {
      await pipeline.close()
    }
  })

  test('come as hashes with a registration, once for a release, and are refused when they are none', async ({
    world,
  }) => {
    const { house, owner } = world
    const cover = encodeCover(hashesOf(1))
    const registered = (title: string, hashes: Uint8Array) =>
      registerRecording(house, owner, { ...given, title }, undefined, undefined, hashes)
    await registered('One', cover)
    await registered('Two', cover)
    expect(await keptCovers(world)).toEqual([
      { cover: Buffer.from(cover), source: 'upload', ofRelease: true },
    ])
    const plain = encodeCover({ ...hashesOf(1), quality: 10 })
    await registered('Three', plain)
    expect(await keptCovers(world)).toHaveLength(1)
    const refusal = await registered('Four', cover.slice(0, 40)).catch((error: unknown) => error)
    expect(Problem.from(refusal).type).toBe('cover/malformed')
    const seen = await house.db.tenant(world.stranger.tenantId, (tx) => tx.run`select from release_cover`)
    expect(seen).toBe(0)
  })

  test('of files that the command line registers are hashed there', async ({ world }) => {
    const { url } = await serveApi(world)
    const { key } = await world.account('Command line')
    const terminal = recordedTerminal({
      env: {
        PATH: process.env['PATH'],
        FFMPEG_PATH: process.env['FFMPEG_PATH'],
        EARWITNESS_SERVER: url,
        EARWITNESS_KEY: key,
        XDG_STATE_HOME: join(world.folder, 'state'),
      },
    })
    const picture = await fileOf(drawCover(1), 600)
    const cut = ['-t', '20']
    const good = { audio: await piece(1), picture, name: 'The Samples - Good.flac', cut }
    const bad = { audio: await piece(2), picture, name: 'The Samples - Bad.mp3', cut }
    const files = [await covered(world, good), await asBomb(await covered(world, bad))]
    expect(await register(files, terminal)).toBe(0)
    const [kept, ...more] = await keptCovers(world)
    expect(kept).toMatchObject({ source: 'upload', ofRelease: false })
    expect(decodeCover(kept!.cover).quality).toBeGreaterThan(50)
    expect(more).toEqual([])
    expect(terminal.errText()).toContain('its cover is left out: ')
  })
})
