import type { Run } from '../services/core/queue.ts'
import type { ReadingTools } from '../services/reading/reading-tools.ts'
import { visit } from '../services/submissions/politeness-store.ts'
import { hostOf, visitRules } from '../services/submissions/politeness.ts'
import type { Submission } from '../services/submissions/submission.ts'
import type { Tools } from './tools.ts'

/** Whether nobody waits for a submission by itself: it came with many others, or a watched place led to it. */
export const isAutomatic = ({ batchId, watchId }: Pick<Submission, 'batchId' | 'watchId'>): boolean =>
  batchId !== null || watchId !== null

/**
 * Reads at an address when it is its host's turn. @throws {Problem} fetch/later, fetch/resting; what `work` throws.
 */
export const visitAt = <T>(
  tools: Tools,
  run: Run,
  url: string,
  kind: Parameters<typeof visitRules>[1],
  work: (reading: ReadingTools) => Promise<T>,
): Promise<T> =>
  visit(tools.db, hostOf(url), visitRules(tools.config, kind), () => work({ ...tools, log: run.log }))

/** How something is read in a job. */
export const wantedOf = ({ signal, progress }: Run, { whole }: { readonly whole: boolean }) => ({
  whole,
  signal,
  onProgress: (share: number) => void progress(share).catch(() => undefined), // Only a picture of the work.
})
