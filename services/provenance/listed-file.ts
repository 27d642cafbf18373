import type { Clue } from './clue.ts'

/** A file whose hash a leak lists, as far as a clue tells of it. */
interface Listed {
  readonly leakName: string
  readonly batchName: string | null
  /** The day on which its batch was published; null: it was not, or it is in none. */
  readonly publishedOn: string | null
}

/**
 * Bytes with the same SHA-256 are the same bytes. What is left is that the leak's makers list a file that went round before,
 * and for most files they wrote tags of their own into them.
 */
const LIKELIHOOD_RATIO = 10_000

/** The clue that a leak lists a file by its hash, with its tier and whether that was published. */
export function listedFileClue({ leakName, batchName, publishedOn }: Listed): Clue {
  const tier =
    batchName === null
      ? ''
      : `, in its batch “${batchName}”, ${publishedOn === null ? 'which is not published yet' : `published on ${publishedOn}`}`
  return {
    leak: `leak called “${leakName}”`,
    kind: 'file-hash',
    text: `The hash of this file is listed in the leak “${leakName}”${tier}`,
    likelihoodRatio: LIKELIHOOD_RATIO,
  }
}
