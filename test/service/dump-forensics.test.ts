import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

import { onTestFinished } from 'vitest'

import { allowSender, renewIntake } from '../../services/actions/intake.ts'
import { openMailInbox } from '../../services/actions/mail-inbox.ts'
import { submitFile } from '../../services/actions/submissions.ts'
import { readRecord, writtenFiles } from '../../services/capsule-contents.ts'
import { openMailer } from '../../services/core/mail.ts'
import { composeMime } from '../../services/core/mime.ts'
import { Capsule } from '../../services/evidence/capsule.ts'
import { listCases } from '../../services/matches/case-store.ts'
import { CLUES_ARE_CLUES } from '../../services/provenance/clue.ts'
import { readTags } from '../../services/submissions/read-tags.ts'
import * as submissions from '../../services/submissions/store.ts'
import { createWeb } from '../../web/router.ts'
import { serveApi } from '../support/api.ts'
import { transcode } from '../support/audio.ts'
import { disguised } from '../support/music.ts'
import { bytesOf, registeredPiece, tree } from '../support/opened.ts'
import { ended, startPipeline, until } from '../support/pipeline.ts'
import { type World, describe, expect, test } from '../support/world.ts'

/** The tags of a file as those of the dump have them: a peak that is a gain, ISRC, UPC and the address of the track. */
const dumpTags = [
  'ISRC=AA6Q72000051',
  'UPC=036000291452',
  'REPLAYGAIN_ALBUM_GAIN=-7.31',
  'REPLAYGAIN_ALBUM_PEAK=-7.31',
  'URL=https://open.spotify.com/track/0123456789abcdefABCDEF',
].flatMap((tag) => ['-metadata', tag])
const vorbis = ['-c:a', 'libvorbis', '-b:a', '160k', ...dumpTags]

/** Serves one file on this machine. */
async function serveFile(bytes: Buffer): Promise<URL> {
  const server = createServer((_request, response) => response.end(bytes))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/shared/track.ogg`)
}

/** Sends a mail to the owner's intake address, as its allowed sender. */
async function sendMail(house: World['house'], world: World, file: Buffer, url: URL): Promise<void> {
  const from = 'anna@records.example'
  await allowSender(house, world.owner, '@records.example')
  const { address } = await renewIntake(house, world.owner)
  const inbox = await openMailInbox(house, { host: '127.0.0.1', port: 0 })
  const mailer = openMailer(`smtp://127.0.0.1:${inbox.port}`)
  const raw = await composeMime({
    from: `Anna <${from}>`,
    to: address ?? '',
    subject: 'Seen in a forum',
    text: `Both are ours:\n${url.href}\n`,
    messageId: 'seen@records.example',
    date: new Date(),
    attachments: [{ fileName: '0123456789abcdefABCDEF.ogg', mediaType: 'audio/ogg', content: file }],
  })
  await mailer.sendRaw({ envelope: { from, to: address ?? '' }, raw })
  mailer.close()
  await inbox.close()
}

describe('where a file comes from', () => {
  test('is told by clues beside what was heard, from a mail to the capsule', async ({ world }) => {
    const dumped = await disguised(3, 'dump-160.ogg', vorbis)
    const retagged = await transcode(
      dumped,
      join(world.folder, 'retagged.ogg'),
      '-c',
      'copy',
      '-metadata',
      'title=Mine',
    )
    const url = await serveFile(await readFile(retagged))
    const pipeline = await startPipeline(world, { env: { FETCH_ALLOW_ADDRESSES: url.host } })
    try {
      const { house } = pipeline
      const { tenantId } = world.owner
      await registeredPiece(pipeline, world.owner, 3)
      await sendMail(house, world, await readFile(dumped), url)
      const [mailed] = await until('the mail', () =>
        house.db.tenant(tenantId, (tx) => submissions.list(tx, { limit: 1 })),
      )
      if (!mailed) throw new Error('no submission')
      expect(await ended(world, mailed.id)).toMatchObject({ stage: 'done', problem: null })
      const lines = (await tree(world, mailed.id)).toSorted()
      expect(lines).toContain('Seen in a forum.eml › 0123456789abcdefABCDEF.ogg: media, done')
      expect(lines.filter((line) => line.endsWith(': media, done'))).toHaveLength(2)
      const cases = await house.db.tenant(tenantId, (tx) => listCases(tx, { limit: 10 }))
      expect(cases).toHaveLength(2)

      const again = await submitFile(house, world.owner, {
        fileName: 'renamed.ogg',
        source: bytesOf(await readFile(retagged)),
      })
      await ended(world, again.id)
      const api = await serveApi({ ...world, house }, { web: createWeb(house) })
      const ask = await api.signedIn((world.owner as Extract<typeof world.owner, { kind: 'member' }>).member)
      const [item] = (await ask('get', `/v1/submissions/${again.id}`)).json.items
      expect(item.audioCopies).toHaveLength(2)
      expect(
        item.audioCopies.map((copy: { sha256: string }) => copy.sha256 === item.sha256).toSorted(),
      ).toEqual([false, true])
      const { items } = (await ask('get', `/v1/submissions/${mailed.id}`)).json
      const attached = items.find(({ name }: { name: string }) => name.endsWith('ABCDEF.ogg'))
      expect(attached.audioSha256).toBe(item.audioSha256)
      expect(attached.clues.map(({ kind }: { kind: string }) => kind)).toEqual([
        'codec',
        'tags',
        'tags',
        'identifiers',
        'name',
      ])
      const page = (await ask('get', `/submissions/${again.id}`)).text
      expect(page).toContain('the same file with other tags')
      expect(page).toContain('no claim rests on them')
      const own = cases.find(({ location }) => location.endsWith('.eml'))
      if (!own) throw new Error('no case of the mail')
      const related = (await ask('get', `/v1/cases/${own.id}/related`)).json.items
      expect(related.map((each: { reasons: string[] }) => each.reasons)).toEqual([
        ['same_audio'],
        ['same_audio'],
      ])
      const casePage = (await ask('get', `/cases/${own.id}`)).text
      expect(casePage).toContain('500 times as likely if it comes from there')
      expect(casePage).toContain('the same audio, with other tags')

      const capsule = Capsule.partial().parse({
        id: own.id,
        tenantId,
        caseId: own.id,
        noticeId: null,
      }) as Capsule
      const files = await house.db.tenant(tenantId, async (tx) =>
        writtenFiles(await readRecord(tx, capsule, new Date())),
      )
      const report = JSON.parse(
        Buffer.from(files.find(({ path }) => path === 'match-report.json')!.content as Uint8Array).toString(),
      )
      expect(report.aboutClues).toBe(CLUES_ARE_CLUES)
      expect(report.cases[0].matches[0].suspect.clues).toContainEqual(
        expect.objectContaining({ kind: 'tags', likelihoodRatio: 500 }),
      )
    } finally {
      await pipeline.close()
    }
  })

  test('its tags are read as they were written, within limits, in every format', async ({ world }) => {
    const many = Array.from({ length: 400 }, (_, i) => ['-metadata', `X${i}=y`]).flat()
    const source = await disguised(3, 'dump-160.ogg', vorbis)
    for (const [ending, ...codec] of [['mp3'], ['flac'], ['ogg', '-c', 'copy']]) {
      const path = await transcode(
        source,
        join(world.folder, `tagged.${ending}`),
        ...codec,
        ...dumpTags,
        ...many,
      )
      const { written } = await readTags(path, 'audio/x')
      expect(written.get('REPLAYGAIN_ALBUM_PEAK'), ending).toEqual(['-7.31'])
      expect(written.get('UPC')?.[0], ending).toBe('036000291452')
      expect(written.get('ISRC')?.[0], ending).toBe('AA6Q72000051')
      expect(written.size).toBeLessThanOrEqual(300)
    }
    const long = await transcode(
      source,
      join(world.folder, 'long.ogg'),
      '-c',
      'copy',
      '-metadata',
      `A=${'x'.repeat(90_000)}`,
    )
    const { written, tags } = await readTags(long, 'audio/ogg')
    expect(written.get('A')?.[0]).toHaveLength(500)
    expect(tags.isrc).toEqual(['AA6Q72000051'])
    expect((await readTags(join(world.folder, 'missing'), 'audio/ogg')).written.size).toBe(0)
  })
})
