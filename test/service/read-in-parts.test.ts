import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { compose, stranger } from '../../bin/demo/compose.ts'
import { writeWav } from '../../bin/demo/wav.ts'
import { registerRecording, uploadAudio } from '../../services/actions/catalogue.ts'
import { submitUrl } from '../../services/actions/submissions.ts'
import { NewRecording } from '../../services/catalog/recording.ts'
import * as recordings from '../../services/catalog/store.ts'
import { listCases } from '../../services/matches/case-store.ts'
import { ffmpegPath, upload } from '../support/music.ts'
import { itemsIn } from '../support/opened.ts'
import { ended, startPipeline, until } from '../support/pipeline.ts'
import { honest } from '../support/reading.ts'
import { openShelf } from '../support/shelf.ts'
import { type World, expect, test } from '../support/world.ts'

/** Long enough that parts of it are less than a third. */
const SECONDS = 120

/** A registered piece, a copy of it, and a file that begins with it and goes on with something else. */
async function longPieces({ folder }: World) {
  const at = (name: string): string => join(folder, name)
  const mine = compose(31, { seconds: SECONDS })
  const other = stranger(31, { seconds: SECONDS })
  await writeWav(at('mine.wav'), mine)
  await writeWav(at('other.wav'), other)
  const program = await ffmpegPath()
  const half = `[0:a]atrim=0:${SECONDS / 2}[a];[1:a]atrim=0:${SECONDS / 2}[b];[a][b]concat=n=2:v=0:a=1[out]`
  const mp3 = ['-ar', '44100', '-ac', '2', '-b:a', '128k']
  const run = promisify(execFile)
  await run(program, ['-v', 'error', '-y', '-i', at('mine.wav'), ...mp3, at('copy.mp3')])
  await run(program, [
    '-v',
    'error',
    '-y',
    '-i',
    at('mine.wav'),
    '-i',
    at('other.wav'),
    '-filter_complex',
    half,
    '-map',
    '[out]',
    ...mp3,
    at('half.mp3'),
  ])
  return { wav: at('mine.wav'), copy: await readFile(at('copy.mp3')), half: await readFile(at('half.mp3')) }
}

test('a file is read in parts where they are enough, else whole, and what was found in them is never lost', async ({
  world,
}) => {
  const { wav, copy, half } = await longPieces(world)
  const shelf = await openShelf()
  const pipeline = await startPipeline(world, {
    env: { FETCH_ALLOW_ADDRESSES: shelf.address, HOST_VISITS_MAX: '8' },
  })
  const { house } = pipeline
  try {
    const given = NewRecording.parse({ title: 'Long piece', artists: ['The Samples'] })
    const { recording } = await registerRecording(house, world.owner, given)
    await uploadAudio(house, world.owner, recording.id, upload(wav))
    await until('the recording', async () => {
      const found = await house.db.system((tx) => recordings.find(tx, recording.id))
      return found?.stage === 'done'
    })
    shelf.serve('/copy.mp3', copy)
    shelf.serve('/half.mp3', half)
    // Its host takes the file away while it is examined.
    let whole = 0
    shelf.serve('/gone.mp3', half, (request, response, file) => {
      if (request.headers.range === undefined) whole += 1
      return whole > 1 ? response.writeHead(404).end() : honest(request, response, file)
    })
    shelf.serve('/page', '<!doctype html><html><body><audio src="/gone.mp3?linked"></audio></body></html>')
    let linked = 0
    shelf.serve('/gone.mp3?linked', half, (request, response, file) => {
      if (request.headers.range === undefined) linked += 1
      return linked > 1 ? response.writeHead(410).end() : honest(request, response, file)
    })
    const submitted = []
    for (const path of ['/copy.mp3', '/half.mp3', '/gone.mp3', '/page'])
      submitted.push(await submitUrl(house, world.owner, { url: shelf.url(path) }))
    const heard = []
    for (const { id } of submitted) {
      expect(await ended(world, id)).toMatchObject({ stage: 'done', problem: null })
      heard.push(...(await itemsIn(world, id)))
    }

    const [parts, all, gone, ...onPage] = heard
    expect(parts).toMatchObject({ stage: 'done', read: { totalBytes: copy.length } })
    expect(parts?.bytes).toBeLessThan(copy.length * 0.3)
    expect(all).toMatchObject({ stage: 'done', read: null, bytes: half.length })
    const refused = { type: '/problems/fetch/refused', detail: 'The source answered HTTP 404' }
    expect(gone).toMatchObject({
      stage: 'done',
      problem: null,
      read: { totalBytes: half.length, rest: refused },
    })
    expect(onPage).toMatchObject([{ kind: 'media', stage: 'done', read: { rest: { type: refused.type } } }])

    const cases = await house.db.tenant(world.owner.tenantId, (tx) => listCases(tx, { limit: 10 }))
    expect(new Set(cases.map((each) => each.recordingId))).toEqual(new Set([recording.id]))
    expect(new Set(cases.map(({ location }) => location))).toEqual(
      new Set(['/copy.mp3', '/half.mp3', '/gone.mp3', '/gone.mp3?linked'].map((path) => shelf.url(path))),
    )
  } finally {
    await pipeline.close()
    await shelf.close()
  }
})
