import { access, constants } from 'node:fs/promises'
import { basename } from 'node:path'

import type { FingerprintPool } from '../../services/audio/fingerprint/pool.ts'
import type { ReferenceIndex } from '../../services/audio/index/reference-index.ts'
import type { SearchPool } from '../../services/audio/search/search-pool.ts'
import type { Passage } from '../../services/audio/search/search.ts'
import { failureText } from '../client/failure.ts'
import { eachOf } from '../client/walk.ts'
import type { Progress } from '../progress.ts'
import { FOLDER_OWNER } from './index-folder.ts'
import type { ToDraw } from './pictures.ts'

/** What was found in one file, best first; or why it could not be examined. */
export type Identified = { readonly passages: readonly Passage[] } | { readonly problem: string }

/** What files are compared with, and by whom. */
export interface Identifier {
  /** Its recordings belong to `FOLDER_OWNER`. */
  readonly index: ReferenceIndex
  readonly pool: FingerprintPool
  readonly searchPool: SearchPool
  readonly signal: AbortSignal
  readonly progress: Progress
  /** See `SearchOptions`. */
  readonly falseClaimsPerMillion?: number | undefined
  /** Told of each file that was examined, when its fingerprint is still there. */
  readonly onFound?: ((found: ToDraw) => Promise<void>) | undefined
}

/** Of one file's work, what the fingerprint is; the rest is comparing. */
const FINGERPRINT_SHARE = 0.5

/**
 * Says for each file what it contains. Each core has one file at a time, first to fingerprint and then to compare.
 *
 * @param onProblem told of each file that cannot be examined, when that is known.
 * @returns in the order of the files.
 * @throws the reason of `signal` when it is aborted.
 */
export async function identifyFiles(
  { index, pool, searchPool, signal, progress, onFound, falseClaimsPerMillion }: Identifier,
  paths: readonly string[],
  onProblem: (path: string, problem: string) => void,
): Promise<readonly Identified[]> {
  const found: Identified[] = []
  const shares = paths.map(() => 0)
  // A sum kept up to date: adding up the shares of ten thousand files at each step would take longer than the step.
  let done = 0
  const show = (place: number, share: number): void => {
    done += share - (shares[place] ?? 0)
    shares[place] = share
    progress.show(done, paths.length, basename(paths[place] ?? ''))
  }
  // One more than threads, so that none is idle while a file is opened or drawn.
  await eachOf(paths, pool.threads + 1, async (path, place) => {
    try {
      // The pool's threads would tell a missing file as a mistake of ours.
      await access(path, constants.R_OK)
      const { suspect, otherMix, sketch } = await pool.fingerprint(path, { signal })
      show(place, FINGERPRINT_SHARE)
      const { passages } = await searchPool.search(index, FOLDER_OWNER, suspect, {
        signal,
        otherMix,
        ...(falseClaimsPerMillion !== undefined && { falseClaimsPerMillion }),
      })
      await onFound?.({ place, passages, sketch })
      found[place] = { passages }
    } catch (error) {
      const problem = failureText(error)
      if (signal.aborted || problem === undefined) throw error
      found[place] = { problem }
      onProblem(path, problem)
    }
    show(place, 1)
  })
  return found
}
