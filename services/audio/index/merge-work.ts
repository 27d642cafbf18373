import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import { answerOrders } from '../thread-work.ts'
import type { MergeJob } from './merge-thread.ts'
import { mergeSegments } from './segment-merge.ts'

/** Merges of so many postings (100 MB) begin with collecting. */
const COLLECT_POSTINGS_MIN = 2 ** 24

// Shared memory does not count towards what makes an engine collect: a thread with a small heap would hold on to
// gigabytes of segments that were merged long ago. Contexts made from here on have the function.
setFlagsFromString('--expose-gc')
const collect: unknown = runInNewContext('gc')

// The entry of the thread that merge-thread.ts starts. The segments are in shared memory: nothing is copied.
answerOrders<MergeJob>(async ({ first, second }) => {
  const postings = first.shape.postings + second.shape.postings
  if (postings >= COLLECT_POSTINGS_MIN && typeof collect === 'function') collect()
  return mergeSegments(first, second)
})
