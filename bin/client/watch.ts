import { setTimeout as sleep } from 'node:timers/promises'

import { bar, createLiveLines } from '../progress.ts'
import { type Terminal, displayWidth, fit, printable } from '../terminal.ts'
import type { Client } from './api-client.ts'
import { nameOf } from './findings.ts'
import type { SubmissionView } from './views.ts'

/** Between two looks: quick enough for a bar, slow enough for a service with many who look. */
const FIRST_LOOK_MS = 300
const LOOK_MS_MAX = 2_000
/** Lines of a screen that are used; the others are counted. */
const LINES_MAX = 12

/** How much of the whole each step takes, as far as it can be told beforehand: decoding is most of it. */
const steps = { queued: 0, fetch: 0.2, unpack: 0.05, follow: 0.1, fingerprint: 0.5, match: 0.15 } as const
const order = Object.keys(steps) as readonly (keyof typeof steps)[]

export const hasEnded = ({ step }: SubmissionView): boolean => step === 'done' || step === 'failed'

/** How far a submission has come, 0 … 1. A file that was handed in begins after the fetching. */
export function shareDone(submission: Pick<SubmissionView, 'kind' | 'step' | 'progress'>): number {
  const { kind, step, progress } = submission
  if (step === 'done' || step === 'failed') return 1
  const before = order.slice(0, order.indexOf(step)).reduce((sum, name) => sum + steps[name], 0)
  const saved = kind === 'file' ? steps.fetch : 0
  return (before + steps[step] * progress - saved) / (1 - saved)
}

const NAME_COLUMNS = 34

/** One submission's line: name, bar, step. */
export function standingLine(submission: SubmissionView): string {
  const name = fit(printable(nameOf(submission)), NAME_COLUMNS)
  const space = ' '.repeat(NAME_COLUMNS - displayWidth(name))
  return `${name}${space}  ${bar(shareDone(submission), 1, 16)}  ${submission.step}`
}

function linesFor(all: readonly SubmissionView[]): readonly string[] {
  const ended = all.filter(hasEnded).length
  const shown = all.length <= LINES_MAX ? all : all.filter((one) => !hasEnded(one)).slice(0, LINES_MAX)
  const lines = shown.map(standingLine)
  return all.length > 1 ? [...lines, `${ended} of ${all.length} examined`] : lines
}

/**
 * Follows submissions until all have ended, with a bar for each.
 *
 * @returns them as they ended, in the order given.
 * @throws as the client does.
 */
export async function watch(
  terminal: Terminal,
  client: Client,
  ids: readonly string[],
): Promise<readonly SubmissionView[]> {
  const live = createLiveLines(terminal)
  const seen = new Map<string, SubmissionView>()
  const all = (): SubmissionView[] => ids.flatMap((id) => seen.get(id) ?? [])
  try {
    for (let waitMs = FIRST_LOOK_MS; ; waitMs = Math.min(LOOK_MS_MAX, waitMs * 1.2)) {
      for (const id of new Set(ids)) {
        const before = seen.get(id)
        if (!before || !hasEnded(before)) seen.set(id, await client.submission(id))
      }
      live.draw(linesFor(all()))
      if (all().every(hasEnded)) return all()
      await sleep(waitMs, undefined, { signal: terminal.signal })
    }
  } finally {
    live.end(linesFor(all()))
  }
}
