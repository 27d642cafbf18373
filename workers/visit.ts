import type { Run } from '../services/core/queue.ts'
import type { SafeFetch } from '../services/core/safe-fetch.ts'
import type { ReadingTools } from '../services/reading/reading-tools.ts'
import { type Visit, visit } from '../services/submissions/politeness-store.ts'
import { hostOf, visitRules } from '../services/submissions/politeness.ts'
import type { Submission } from '../services/submissions/submission.ts'
import type { Tools } from './tools.ts'

/** Whether nobody waits for a submission by itself: it came with many others, or a watched place led to it. */
export const isAutomatic = ({ batchId, watchId }: Pick<Submission, 'batchId' | 'watchId'>): boolean =>
  batchId !== null || watchId !== null

/**
 * The way out for what is done in a visit: each host that is asked, also by a redirect, is a part of the visit.
 *
 * @param mayRead what is asked of an address that a redirect leads to; what it throws ends the fetch.
 */
export function politely(
  safeFetch: SafeFetch,
  { enter }: Pick<Visit, 'enter'>,
  mayRead?: (url: string) => Promise<void>,
): SafeFetch {
  const begin = async (url: string): Promise<void> => {
    // What is no address is refused where it is fetched.
    if (URL.canParse(url)) await enter(hostOf(url))
  }
  const beforeRedirect = async (to: string): Promise<void> => {
    await mayRead?.(to)
    await begin(to)
  }
  return {
    async get(url, request) {
      await begin(url)
      return safeFetch.get(url, { ...request, beforeRedirect })
    },
    async ask(url, request) {
      await begin(url)
      return safeFetch.ask(url, { ...request, beforeRedirect })
    },
  }
}

/**
 * Reads at an address when it is its host's turn, and at those that it leads to.
 *
 * @param mayRead as for `politely`. @throws {Problem} fetch/later, fetch/resting; what `work` throws.
 */
export const visitAt = <T>(
  tools: Tools,
  run: Run,
  url: string,
  kind: Parameters<typeof visitRules>[1],
  work: (reading: ReadingTools) => Promise<T>,
  mayRead?: (url: string) => Promise<void>,
): Promise<T> =>
  visit(tools.db, hostOf(url), visitRules(tools.config, kind), (turn) =>
    work({ ...tools, safeFetch: politely(tools.safeFetch, turn, mayRead), log: run.log }),
  )

/** How something is read in a job. */
export const wantedOf = ({ signal, progress }: Run, { whole }: { readonly whole: boolean }) => ({
  whole,
  signal,
  onProgress: (share: number) => void progress(share).catch(() => undefined), // Only a picture of the work.
})
