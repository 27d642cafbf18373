import { z } from 'zod'

/**
 * One sign that a file descends from a bulk leak, or that it does not. Clues are shown as clues: they open no case, and
 * no claim rests on them.
 */
export const Clue = z.object({
  /** Of which kind of leak. */
  leak: z.string(),
  /** What was looked at. */
  kind: z.enum(['codec', 'tags', 'identifiers', 'name', 'audio-hash', 'file-hash']),
  /** What was seen, for people. */
  text: z.string(),
  /** How many times as often it is seen in files of such a leak as in others; below 1 it speaks against it. */
  likelihoodRatio: z.number().positive(),
})
export type Clue = z.infer<typeof Clue>

/** What has to stand beside clues wherever they are shown. */
export const CLUES_ARE_CLUES =
  'Clues to where the file comes from, each judged by how much more often it is seen in such files than in others. ' +
  'They can be forged or be there by chance: no case is opened by them, and no claim rests on them.'

/** A likelihood ratio in words: `20 times as likely if it comes from there`. */
export const likelihoodInWords = (ratio: number): string =>
  ratio >= 1
    ? `${ratio.toLocaleString('en', { maximumSignificantDigits: 3 })} times as likely if it comes from there`
    : `${(1 / ratio).toLocaleString('en', { maximumSignificantDigits: 3 })} times as likely if it comes from elsewhere`

/** What of a file its clues are told by. */
export interface FileFacts {
  /** As file-kind.ts names it. */
  readonly format: string
  /** Bits per second, as its header says or as its size and length give. */
  readonly bitRate: number | undefined
  /** The names under which it was found: of the file, and of what it lay in, outermost first. */
  readonly names: readonly string[]
  /** Every tag as it was written, names in upper case. */
  readonly tags: ReadonlyMap<string, readonly string[]>
}
