import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { main } from '../../bin/earwitness.ts'
import { addLeak } from '../../services/actions/leaks.ts'
import { addManifest } from '../../services/actions/manifests.ts'
import { NewLeak } from '../../services/leaks/leak.ts'
import { findManifest } from '../../services/leaks/manifest-store.ts'
import { serveApi } from '../support/api.ts'
import { recordedTerminal } from '../support/fake-terminal.ts'
import { startPipeline, until } from '../support/pipeline.ts'
import { expect, test } from '../support/world.ts'

test('earwitness leak audit asks, waits, and saves the report and the table', async ({ world }) => {
  const account = await world.account('Command Line')
  const pipeline = await startPipeline(world)
  const { house } = pipeline
  const leak = await addLeak(
    house,
    account.caller,
    NewLeak.parse({ name: 'Sample dump', kind: 'streaming-dump', lawfulBasis: 'Given for a check' }),
  )
  async function* rows() {
    yield Buffer.from('{"isrc":"AA6Q70000001","name":"Song","status":"success","popularity":80}\n')
  }
  const { id } = await addManifest(house, account.caller, leak.id, async (take) => {
    await take({ fileName: 'list.jsonl', source: rows() })
    return { batch: 0 }
  })
  await until(
    'the manifest to be read',
    async () => (await house.db.system((tx) => findManifest(tx, id)))?.stage === 'done',
  )

  const api = await serveApi({ ...world, house })
  const run = async (...argv: string[]) => {
    const env = { EARWITNESS_SERVER: api.url, EARWITNESS_KEY: account.key }
    const terminal = recordedTerminal({ env })
    const status = await main(['leak', 'audit', ...argv], terminal)
    return { status, out: terminal.outText(), err: terminal.errText() }
  }
  const list = join(world.folder, 'codes.txt')
  const [pdf, csv] = [join(world.folder, 'report.pdf'), join(world.folder, 'lines.csv')]
  await writeFile(list, 'AA-6Q7-00-00001\nAA6Q70000002\n')
  const asked = await run('--isrcs', list, '--pdf', pdf, '--csv', csv)
  expect(asked, asked.err).toMatchObject({ status: 0, out: expect.stringMatching(/^[0-9a-f-]{36}\n$/) })
  expect(asked.err).toContain('1 of 2 in a leak, 1 with audio, 0 published')
  expect(asked.err).toMatch(/AA6Q70000001 +Sample dump +audio/)
  expect((await readFile(pdf)).subarray(0, 5).toString()).toBe('%PDF-')
  expect((await readFile(csv, 'utf8')).split('\r\n')).toHaveLength(3)

  const whole = await run('--json', '--isrcs', list)
  expect(JSON.parse(whole.out)).toMatchObject({ stage: 'done', summary: { asked: 2, listed: 1 } })
  await writeFile(list, 'AA6Q70000001\nnonsense\n')
  expect((await run('--isrcs', list)).err).toContain('the first is line 2: nonsense')
  expect((await run('--label', 'Nobody')).status).toBe(1)
  expect((await run('--label', 'A', '--release', 'B')).status).toBe(2)
  await pipeline.close()
})
