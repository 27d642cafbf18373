import { answerOrders } from '../thread-work.ts'
import { collectSegments } from './collect.ts'
import type { MergeJob } from './merge-thread.ts'
import { mergeSegments } from './segment-merge.ts'

// The entry of the thread that merge-thread.ts starts. The segments are in shared memory: nothing is copied.
answerOrders<MergeJob>(async ({ first, second }) => {
  collectSegments(first.shape.postings + second.shape.postings)
  return mergeSegments(first, second)
})
