import { mkdir, readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'

import { vi } from 'vitest'

import { submitUrl } from '../../services/actions/submissions.ts'
import type { SubmissionId } from '../../services/core/ids.ts'
import { jobs } from '../../services/jobs.ts'
import { startHostileHost } from '../support/hostile-host.ts'
import { disguised } from '../support/music.ts'
import { itemsIn, registeredPiece } from '../support/opened.ts'
import { ended, startPipeline } from '../support/pipeline.ts'
import { type World, expect, test } from '../support/world.ts'

const table: Readonly<Record<string, string>> = {
  '/redirect-loop': 'fetch/too-many-redirects',
}
void table

/** How a submission ended: its problem, or those of what is in it. */
async function outcomeOf(world: World, id: SubmissionId): Promise<string> {
  const { problem, stage } = await ended(world, id)
  const items = await itemsIn(world, id)
  const types = new Set(
    [problem, ...items.map((item) => item.problem)].flatMap((each) => each?.type.replace('/problems/', '') ?? []),
  )
  return [...types].toSorted().join(', ') || stage
}

test('all', async ({ world }) => {
  const host = await startHostileHost()
  for (const job of [jobs.fetch, jobs.follow]) Object.assign(job, { backoffMs: 50 })
  Object.assign((await import('../../services/openers/budget.ts')).openingLimits, { itemsMax: 60 })
  const temporary = join(world.folder, 'tmp')
  await mkdir(temporary)
  vi.stubEnv('TMPDIR', temporary)
  const pipeline = await startPipeline(world, {
    env: {
      FETCH_ALLOW_ADDRESSES: host.addresses.join(','),
      FETCH_BYTES_MAX: '20000000', FETCH_TIMEOUT_MS: '2500', FETCH_IDLE_TIMEOUT_MS: '700', HOST_VISITS_MAX: '100',
    },
  })
  try {
    await registeredPiece(pipeline, world.owner, 1)
    host.serve('/honest.ogg', await readFile(await disguised(1, 'copy.ogg', ['-c:a', 'libvorbis', '-b:a', '96k'])))
    const paths = ((await import('../support/hostile-host.ts')) as any).paths as string[]
    const at = Date.now(); const rss = process.memoryUsage().rss; let peak = 0; const t = setInterval(() => peak = Math.max(peak, process.memoryUsage().rss), 50)
    const subs = await Promise.all(paths.map(async (p) => ({ p, id: (await submitUrl(pipeline.house, world.owner, { url: host.url(p) })).id })))
    const out: string[] = []
    for (const { p, id } of subs) out.push(`  '${p}': '${await outcomeOf(world, id).catch((e) => String(e))}', // ${Date.now() - at}`)
    clearInterval(t); console.log(rss/1e6, peak/1e6); console.log(out.join('\n'))
    console.log(await readdir(temporary))
  } finally {
    await pipeline.close()
    await host.close()
  }
})
void expect
