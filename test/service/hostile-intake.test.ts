import { mkdir, readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'

import { afterAll, beforeAll, vi } from 'vitest'

import { submitUrl } from '../../services/actions/submissions.ts'
import type { SubmissionId } from '../../services/core/ids.ts'
import { jobs } from '../../services/jobs.ts'
import * as matches from '../../services/matches/store.ts'
import { openingLimits } from '../../services/openers/budget.ts'
import { type HostileHost, hostilePaths, startHostileHost } from '../support/hostile-host.ts'
import { disguised } from '../support/music.ts'
import { itemsIn, registeredPiece } from '../support/opened.ts'
import { type Pipeline, ended, startPipeline } from '../support/pipeline.ts'
import { type World, describe, expect, test } from '../support/world.ts'

/** How each behaviour ends: the problem of the submission, or those of what is in it. */
const table: Readonly<Record<string, string>> = {
  '/file': 'audio/undecodable',
  '/named': 'audio/undecodable',
  '/no-length': 'audio/undecodable',
  '/wrong-type': 'audio/undecodable',
  '/echo': 'file/unsupported',
  '/redirects': 'audio/undecodable',
  '/redirect-loop': 'fetch/too-many-redirects',
  '/redirect-nowhere': 'fetch/refused',
  '/redirect-loopback': 'fetch/forbidden-address',
  '/redirect-metadata': 'fetch/forbidden-address',
  '/redirect-v6': 'fetch/forbidden-address',
  '/redirect-file': 'fetch/forbidden-url',
  '/redirect-gopher': 'fetch/forbidden-url',
  '/redirect-endless-body': 'audio/undecodable',
  '/401': 'fetch/refused',
  '/403': 'fetch/refused',
  '/404': 'fetch/refused',
  '/410': 'fetch/refused',
  '/500': 'fetch/unreachable',
  '/206': 'fetch/incomplete',
  '/empty': 'fetch/empty',
  '/no-content': 'fetch/empty',
  '/too-long-told': 'fetch/too-large',
  '/shorter-than-told': 'fetch/incomplete',
  '/longer-than-told': 'open/nothing',
  '/broken-chunks': 'fetch/incomplete',
  '/malformed-chunks': 'fetch/incomplete',
  '/reset-at-once': 'fetch/unreachable',
  '/reset-in-body': 'fetch/incomplete',
  '/no-http': 'fetch/unreachable',
  '/silent': 'fetch/too-slow',
  '/stall-after-headers': 'fetch/too-slow',
  '/stall-in-body': 'fetch/too-slow',
  '/drip': 'open/nothing',
  '/drip-forever': 'fetch/too-slow',
  '/endless': 'fetch/too-large',
  '/huge-chunk': 'fetch/too-large',
  '/header-flood': 'fetch/too-large',
  '/many-headers': 'open/nothing',
  '/gzip': 'audio/undecodable',
  '/gzip-cut': 'fetch/incomplete',
  '/gzip-lie': 'fetch/incomplete',
  '/gzip-bomb': 'fetch/too-large',
  '/gzip-of-nothing': 'fetch/too-large',
  '/unknown-coding': 'fetch/refused',
  '/zip-bomb': 'open/too-large',
  '/gzip-file-bomb': 'open/too-large',
  '/bzip2-bomb': 'open/too-large',
  '/zstd-bomb': 'open/too-large',
  '/tar-gz-bomb': 'open/too-large',
  '/zip-overlap': 'open/damaged',
  '/zip-crowd': 'open/damaged, open/too-many',
  '/zip-deep': 'open/too-deep',
  '/gzip-deep': 'open/too-deep',
  '/zip-encrypted': 'open/encrypted',
  '/zip-cut': 'open/damaged',
  '/zip-empty': 'open/nothing',
  '/zip-wrong-sum': 'open/damaged',
  '/zip-outside': 'file/empty',
  '/zip-link': 'open/unsupported',
  '/tar-cut': 'open/damaged',
  '/7z-encrypted': 'open/encrypted',
  '/7z-cut': 'open/damaged',
  '/rar4-encrypted': 'open/encrypted',
  '/rar5-encrypted': 'open/encrypted',
  '/page-of-links': 'fetch/forbidden-url, open/too-many',
  '/page-deep': 'open/damaged',
  '/page-of-itself': 'open/nothing',
  '/meta-refresh': 'open/nothing',
  '/page-inward': 'fetch/forbidden-address',
  '/page-schemes': 'open/nothing',
  '/maze': 'open/too-deep',
  '/cookie-wall': 'fetch/too-many-redirects',
  '/feed-laughs': 'file/unsupported',
  '/feed-file-entity': 'file/unsupported',
  '/feed-inward': 'fetch/forbidden-address',
  '/xspf-inward': 'fetch/forbidden-address',
  '/m3u-endless': 'open/too-deep',
  '/m3u-of-itself': 'open/nothing',
  '/m3u-crowd': 'fetch/forbidden-url, open/too-many',
  '/pls-inward': 'fetch/forbidden-address',
  '/url-list-ports': 'fetch/forbidden-url',
  '/no-addresses': 'open/nothing',
  '/hls-endless-segment': 'fetch/too-large',
  '/hls-missing-segment': 'fetch/refused',
  '/hls-inward': 'fetch/forbidden-address',
  '/hls-encrypted': 'open/encrypted',
  '/hls-of-itself': 'open/nothing',
  '/hls-crowd': 'fetch/refused, open/too-many',
  '/hls-nothing': 'open/nothing',
  '/dash-inward': 'fetch/forbidden-address',
  '/dash-crowd': 'fetch/refused, open/too-many',
  '/dash-cut': 'open/damaged',
  '/torrent-crowd': 'open/too-many',
  '/torrent-deep': 'open/damaged',
  '/torrent-length': 'open/damaged',
  '/torrent-nothing': 'open/nothing',
  '/mail-deep': 'open/too-deep',
  '/mail-nothing': 'open/nothing',
  '/mail-bomb': 'open/too-large',
  '/silence': 'audio/indistinct',
  '/short': 'audio/too-short',
  '/wav-lie': 'audio/too-short',
  '/mp3-of-nothing': 'audio/undecodable',
  '/picture-huge': 'image/too-large',
  '/picture-cut': 'image/unreadable',
  '/pdf': 'file/unsupported',
  // Parts that are none lead to the whole file, which is silent.
  '/range-other': 'audio/indistinct',
  '/range-endless': 'audio/indistinct',
  '/range-refused': 'audio/indistinct',
  '/range-changed': 'audio/indistinct',
}

/** Hosts that ask for patience get it, for minutes and hours: politeness.test.ts. */
const patient: ReadonlySet<string> = new Set(['/429', '/503'])

/** Limits that are reached within seconds; the largest is that of one fetch, tried twice. */
const limits = {
  FETCH_BYTES_MAX: '8000000',
  FETCH_TIMEOUT_MS: '4000',
  FETCH_IDLE_TIMEOUT_MS: '700',
  HOST_VISITS_MAX: '100',
}
const ITEMS_MAX = 60
/** Handed in together: three times as many as are fetched at once. */
const AT_ONCE = 24
/** On two cores with other work; half of it is waiting for hosts that send nothing. */
const ALL_ENDED_S_MAX = 100
/** Of all that is opened, beside what a worker needs for one file: some tens of MiB for each of its jobs. */
const MEMORY_MB_MAX = 600
/** An honest submission waits its turn behind two dozen hostile ones, bombs of every kind among them. */
const SLOWED_MAX = 8
/** A program that outlives its work by longer was forgotten. */
const ENDING_MAX_MS = 10_000
/** Shorter times are within what a machine with other work adds. */
const ALONE_S_MIN = 1

/** How a submission ended: its problem, or those of what is in it. */
async function outcomeOf(world: World, id: SubmissionId): Promise<string> {
  const { problem, stage } = await ended(world, id)
  const found = [problem, ...(await itemsIn(world, id)).map((item) => item.problem)]
  const types = new Set(found.flatMap((each) => each?.type.replace('/problems/', '') ?? []))
  return [...types].toSorted().join(', ') || stage
}

/**
 * What a program was started as: a number alone explains no failure. Nothing where it has ended: the compiler that
 * a thread starts for its TypeScript is ended with the thread, before it could be waited for.
 */
async function commandOf(pid: string): Promise<string> {
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  return line.replaceAll('\0', ' ').trim()
}

/** Processes that this one has started and that run, as "number command". */
async function children(): Promise<string[]> {
  if (process.platform !== 'linux') return []
  const threads = await readdir('/proc/self/task')
  const lists = await Promise.all(
    // A thread may end between two looks.
    threads.map((thread) => readFile(`/proc/self/task/${thread}/children`, 'utf8').catch(() => '')),
  )
  const pids = lists.flatMap((list) => list.split(' ').filter(Boolean))
  const commands = await Promise.all(pids.map(commandOf))
  return pids.flatMap((pid, i) => (commands[i] ? [`${pid} ${commands[i]}`] : []))
}

/** Seconds until an honest copy is found at an address. */
async function secondsToFind(world: World, pipeline: Pipeline, url: string): Promise<number> {
  const startedAt = performance.now()
  const { id } = await submitUrl(pipeline.house, world.owner, { url })
  await ended(world, id)
  const seconds = (performance.now() - startedAt) / 1000
  const found = await world.house.db.system((tx) => matches.list(tx, { submissionId: id }))
  expect(found).toHaveLength(1)
  return seconds
}

/** Hands in everything of the table, some at a time, and an honest file beside the bombs. */
async function besiege(world: World, pipeline: Pipeline, host: HostileHost) {
  const startedAt = performance.now()
  const paths = Object.keys(table)
  const outcomes: Record<string, string> = {}
  let beside: number | undefined
  for (let from = 0; from < paths.length; from += AT_ONCE) {
    const wave = paths.slice(from, from + AT_ONCE)
    const handedIn = await Promise.all(
      wave.map(async (path) => {
        const { id } = await submitUrl(pipeline.house, world.owner, { url: host.url(path) })
        return { path, id }
      }),
    )
    if (wave.includes('/zip-bomb'))
      beside = await secondsToFind(world, pipeline, host.url('/honest/beside.ogg'))
    for (const { path, id } of handedIn) outcomes[path] = await outcomeOf(world, id)
  }
  if (beside === undefined) throw new Error('No honest file was handed in')
  return { outcomes, beside, seconds: (performance.now() - startedAt) / 1000 }
}

describe('a hostile host', () => {
  const tried = [jobs.fetch, jobs.follow].map((job) => ({ job, before: { ...job } }))
  const { itemsMax } = openingLimits
  beforeAll(() => {
    // Many tries, the time between them and thousands of items make a test long, and nothing else.
    for (const { job } of tried) Object.assign(job, { backoffMs: 50, attemptsMax: 2 })
    Object.assign(openingLimits, { itemsMax: ITEMS_MAX })
  })
  afterAll(() => {
    for (const { job, before } of tried) Object.assign(job, before)
    Object.assign(openingLimits, { itemsMax })
  })

  test('has at least sixty behaviours, and each is in the table', () => {
    expect(Object.keys(table).length).toBeGreaterThanOrEqual(60)
    expect(hostilePaths.filter((path) => !Object.hasOwn(table, path) && !patient.has(path))).toEqual([])
  })

  test('gets its named problem for each, within limits, slows nobody and leaves nothing', async ({
    world,
  }) => {
    const temporary = join(world.folder, 'temporary')
    await mkdir(temporary)
    vi.stubEnv('TMPDIR', temporary)
    const host = await startHostileHost()
    const pipeline = await startPipeline(world, {
      env: { ...limits, FETCH_ALLOW_ADDRESSES: host.addresses.join(',') },
    })
    let peakBytes = 0
    const look = setInterval(() => {
      peakBytes = Math.max(peakBytes, process.memoryUsage.rss())
    }, 50)
    try {
      await registeredPiece(pipeline, world.owner, 1)
      const copy = await readFile(await disguised(1, 'copy.ogg', ['-c:a', 'libvorbis', '-b:a', '96k']))
      const other = await readFile(await disguised(1, 'album-1.ogg', ['-c:a', 'libvorbis', '-b:a', '96k']))
      host.serve('/honest/alone.ogg', copy)
      // As long, and not the same bytes: what was heard once is not decoded again.
      host.serve('/honest/beside.ogg', Buffer.concat([other, Buffer.from('another')]))
      const alone = await secondsToFind(world, pipeline, host.url('/honest/alone.ogg'))
      const [childrenBefore, bytesBefore] = [await children(), process.memoryUsage.rss()]
      peakBytes = bytesBefore

      const { outcomes, beside, seconds } = await besiege(world, pipeline, host)
      const bytesAfter = process.memoryUsage.rss()
      const mb = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`
      process.stdout.write(
        `${Object.keys(table).length} hostile submissions in ${seconds.toFixed(1)} s; memory ${mb(bytesBefore)} before, ` +
          `${mb(peakBytes)} at most, ${mb(bytesAfter)} after; honest: ${alone.toFixed(1)} s alone, ${beside.toFixed(1)} s beside\n`,
      )
      expect(outcomes).toEqual(table)
      expect(seconds).toBeLessThan(ALL_ENDED_S_MAX)
      expect((peakBytes - bytesBefore) / 1e6).toBeLessThan(MEMORY_MB_MAX)
      expect(beside / Math.max(ALONE_S_MIN, alone)).toBeLessThan(SLOWED_MAX)

      // Programs that were told to end need a moment, on a busy machine some seconds.
      const leftOver = async () => ({
        files: await readdir(temporary),
        blobs: await readdir(join(pipeline.config.blobDir, 'incoming')),
        programs: (await children()).filter((program) => !childrenBefore.includes(program)),
      })
      await expect.poll(leftOver, { timeout: ENDING_MAX_MS }).toEqual({ files: [], blobs: [], programs: [] })
    } finally {
      clearInterval(look)
      vi.unstubAllEnvs()
      await pipeline.close()
      await host.close()
    }
  })
})
