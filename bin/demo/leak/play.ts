import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'

import { z } from 'zod'

import { prefixesOf } from '../../../services/leaks/private/private-check.ts'
import { run as leakCheck } from '../../client/leak-check.ts'
import { createProgress } from '../../progress.ts'
import type { RunningService } from '../../service/start.ts'
import type { Terminal } from '../../terminal.ts'
import type { DemoTrack } from '../music-source.ts'
import type { Registered } from '../registering.ts'
import { type Place, placesOf } from './dump-rows.ts'
import { judgeLine } from './judge-lines.ts'
import type { AuditView, LeakClient, LineView, ManifestView } from './leak-client.ts'

const LOOK_MS = 400

/** What the audit says of one recording, and what is wrong with it. */
export interface Audited {
  readonly title: string
  readonly place: Place
  readonly line: LineView | undefined
  readonly faults: readonly string[]
}

/** The private check: what left this program, and what it found. */
export interface Checked {
  readonly isrcs: number
  readonly prefixes: readonly string[]
  readonly found: readonly string[]
}

/** Everything that the demo shows of a leak. */
export interface LeakConclusion {
  readonly manifests: readonly ManifestView[]
  readonly audit: AuditView
  readonly audited: readonly Audited[]
  readonly checked: Checked
  /** The audit's report and table. */
  readonly files: readonly string[]
  /** In words; empty when all is as it should be. */
  readonly wrong: readonly string[]
}

/** Waits until both manifests can be asked. @throws {Error} when one cannot be read. */
async function manifestsRead(
  terminal: Terminal,
  client: LeakClient,
  leakId: string,
): Promise<readonly ManifestView[]> {
  const progress = createProgress(terminal, 'Reading the leak', { unit: '%' })
  try {
    for (;;) {
      const manifests = await client.manifests(leakId)
      const failed = manifests.find(({ stage }) => stage === 'failed')
      if (failed) throw new Error(`“${failed.name}” was not read: ${failed.problem?.detail ?? 'no reason'}`)
      const areRead = manifests.length > 0 && manifests.every(({ stage }) => stage === 'done')
      const [first] = manifests
      progress.show(areRead ? 100 : Math.floor(100 * (first?.progress ?? 0)), 100, `${first?.rows ?? 0} rows`)
      if (areRead) return manifests
      await sleep(LOOK_MS, undefined, { signal: terminal.signal })
    }
  } finally {
    progress.end()
  }
}

async function auditDone({ signal }: Terminal, client: LeakClient): Promise<AuditView> {
  let audit = await client.startAudit()
  while (audit.stage === 'audit') {
    await sleep(LOOK_MS, undefined, { signal })
    audit = await client.audit(audit.id)
  }
  if (audit.stage === 'failed') throw new Error(`The audit failed: ${audit.problem?.detail ?? 'no reason'}`)
  return audit
}

const CheckAnswer = z.object({
  results: z.array(z.object({ isrc: z.string(), found: z.array(z.unknown()) })),
})

/** Asks as a visitor does, with the command that anybody has. */
async function checkPrivately(
  terminal: Terminal,
  server: string,
  isrcs: readonly string[],
): Promise<Checked> {
  if (isrcs.length === 0) return { isrcs: 0, prefixes: [], found: [] }
  const [out, err] = [new PassThrough(), new PassThrough()]
  const arguments_ = [...isrcs, '--server', server, '--visitor', '--json']
  const { env, signal } = terminal
  const status = await leakCheck(arguments_, { out, err, isTty: false, columns: 80, env, signal })
  out.end()
  err.end()
  const [answer, told] = [await text(out), await text(err)]
  const read = CheckAnswer.safeParse(answer === '' ? undefined : JSON.parse(answer))
  if (!read.success) throw new Error(`The private check ended with ${status}: ${told.trim()}`)
  const found = read.data.results.flatMap((result) => (result.found.length > 0 ? [result.isrc] : []))
  return { isrcs: isrcs.length, prefixes: await prefixesOf(isrcs), found }
}

/** Codes that the leak has, on whatever song: a private check knows no names. */
const isListed = (place: Place): boolean => place !== 'absent' && place !== 'names'

function checkFaults(checked: Checked, tracks: readonly DemoTrack[], places: readonly Place[]): string[] {
  const wanted = tracks.flatMap(({ recording }, number) =>
    recording.isrc !== undefined && isListed(places[number] ?? 'absent') ? [recording.isrc] : [],
  )
  const same = wanted.length === checked.found.length && wanted.every((isrc) => checked.found.includes(isrc))
  return same ? [] : [`private check: found ${checked.found.join(', ')} instead of ${wanted.join(', ')}`]
}

async function saveFiles(client: LeakClient, auditId: string, folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true })
  const paths: string[] = []
  for (const [file, name] of [
    ['report.pdf', 'leak-audit.pdf'],
    ['lines.csv', 'leak-audit.csv'],
  ] as const) {
    const path = join(folder, name)
    await writeFile(path, await client.report(auditId, file))
    paths.push(path)
  }
  return paths
}

/** Waits until the leak was read, has the catalogue audited, asks privately, and holds all of it against the truth. */
export async function playLeak(given: {
  readonly terminal: Terminal
  readonly client: LeakClient
  readonly service: Pick<RunningService, 'url'>
  readonly folder: string
  readonly leakId: string
  readonly tracks: readonly DemoTrack[]
  readonly registered: readonly Registered[]
}): Promise<LeakConclusion> {
  const { terminal, client, tracks, registered } = given
  const manifests = await manifestsRead(terminal, client, given.leakId)
  terminal.err.write('Asking for the catalogue in the leak …\n')
  const audit = await auditDone(terminal, client)
  const lines = (await client.lines(audit.id)).filter(({ leakId }) => leakId === given.leakId)
  const places = placesOf(tracks)
  const audited = registered.map(({ id, title }, number): Audited => {
    const place = places[number] ?? 'absent'
    const line = lines.find(({ recordingId }) => recordingId === id)
    return { title, place, line, faults: judgeLine(place, line) }
  })
  const isrcs = tracks.flatMap(({ recording }) => recording.isrc ?? [])
  const checked = await checkPrivately(terminal, given.service.url, isrcs)
  const wrong = [
    ...audited.flatMap(({ title, faults }) => faults.map((fault) => `leak: ${title}: ${fault}`)),
    ...checkFaults(checked, tracks, places),
  ]
  return { manifests, audit, audited, checked, files: await saveFiles(client, audit.id, given.folder), wrong }
}
