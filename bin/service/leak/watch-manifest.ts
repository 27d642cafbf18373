import { setTimeout as sleep } from 'node:timers/promises'

import { type OperatorHouse, manifestNow } from '../../../services/actions/operator-leaks.ts'
import type { LeakManifestId } from '../../../services/core/ids.ts'
import type { LeakManifest } from '../../../services/leaks/leak.ts'
import { bar, createLiveLines, lengthOfTime } from '../../progress.ts'
import { type Terminal, exitCode, paint, printable } from '../../terminal.ts'

/** Between two looks; the worker writes once a second. */
const LOOK_MS = 500
/** Rows that could not be read, of which so many are shown. */
const FAULTS_SHOWN = 5

/** How far the reading of a manifest is, in a line. */
export function readingLine({ name, stage, progress, rows, rate, secondsLeft }: LeakManifest): string {
  const facts = [
    `${rows.toLocaleString('en')} rows`,
    ...(rate === null ? [] : [`${Math.round(rate).toLocaleString('en')} a second`]),
    ...(stage === 'manifest' && secondsLeft !== null ? [`about ${lengthOfTime(secondsLeft)} left`] : []),
  ]
  return `${printable(name)}  ${bar(stage === 'done' ? 1 : progress, 1)}  ${facts.join(', ')}`
}

/** What became of a manifest, for people. */
function conclude(terminal: Terminal, manifest: LeakManifest): number {
  const { stage, problem, remark, faults, faultSample } = manifest
  if (faults > 0) {
    terminal.err.write(`${faults.toLocaleString('en')} rows could not be read:\n`)
    for (const { row, part, detail } of faultSample.slice(0, FAULTS_SHOWN))
      terminal.err.write(`  file ${part + 1}, row ${row}: ${printable(detail)}\n`)
  }
  if (remark) terminal.err.write(`${paint(terminal, 'yellow', remark.title)}: ${printable(remark.detail)}\n`)
  if (problem) terminal.err.write(`${paint(terminal, 'red', problem.title)}: ${printable(problem.detail)}\n`)
  return stage === 'done' ? exitCode.done : exitCode.someFailed
}

/** Shows how a manifest is read, until it was. Whoever interrupts it ends the looking and not the reading. */
export async function watchManifest(
  terminal: Terminal,
  house: OperatorHouse,
  id: LeakManifestId,
): Promise<number> {
  const live = createLiveLines(terminal)
  let last: LeakManifest | undefined
  try {
    for (;;) {
      last = await manifestNow(house, id)
      if (!last || last.stage !== 'manifest') break
      live.draw([readingLine(last)])
      await sleep(LOOK_MS, undefined, { signal: terminal.signal })
    }
  } catch (error) {
    if (!terminal.signal.aborted) throw error
    live.end(last ? [readingLine(last)] : [])
    terminal.err.write('The reading goes on; `earwitness leak list` says how far it is.\n')
    return exitCode.interrupted
  }
  live.end(last ? [readingLine(last)] : [])
  if (last) return conclude(terminal, last)
  terminal.err.write('Its leak was removed meanwhile.\n')
  return exitCode.someFailed
}
