import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Merges of so many postings (100 MB) are worth a collection, which takes some tens of milliseconds. */
const POSTINGS_MIN = 2 ** 24

// Shared memory does not count towards what makes an engine collect: a thread with a small heap would hold on to
// gigabytes of segments that were merged long ago. Contexts made from here on have the function.
setFlagsFromString('--expose-gc')
const collect: unknown = runInNewContext('gc')

/** Frees the segments that this thread does not use any more, if those of a merge were large. */
export function collectSegments(postings: number): void {
  if (postings >= POSTINGS_MIN && typeof collect === 'function') collect()
}
