import { csvText } from '../../core/csv.ts'
import { formatIsrc } from '../../metadata/identifiers/identifiers.ts'
import { codecWords, statusWords } from '../words.ts'
import type { CheckedIsrc, PrivateAnswer } from './private-check.ts'

/** One line of the answer, for people: a code in one leak, or in none. */
export interface AnswerLine {
  readonly isrc: string
  readonly isFound: boolean
  /** '' for a code that is in no leak; so are the others. */
  readonly leak: string
  readonly how: string
  readonly quality: string
  readonly popularity: string
  readonly batch: string
  /** A day, or 'not yet' of a batch that is known. */
  readonly published: string
}

const none = { leak: '', how: '', quality: '', popularity: '', batch: '', published: '' }

function lineOf(isrc: string, found: CheckedIsrc): AnswerLine {
  const { leak, status, codec, popularity, batch } = found
  return {
    isrc,
    isFound: true,
    leak: leak.name,
    how: statusWords[status],
    quality: codecWords[codec],
    popularity: popularity === undefined ? '' : String(popularity),
    batch: batch?.name ?? '',
    published: batch ? (batch.publishedOn ?? 'not yet') : '',
  }
}

/** A line for each code and leak that has it, and one for each code that none has, in the order of the list. */
export function answerLines(isrcs: readonly string[], { found }: PrivateAnswer): AnswerLine[] {
  const byIsrc = new Map<string, CheckedIsrc[]>()
  for (const one of found) byIsrc.set(one.isrc, [...(byIsrc.get(one.isrc) ?? []), one])
  return isrcs.flatMap((isrc) => {
    const own = byIsrc.get(isrc)
    const written = formatIsrc(isrc)
    return own ? own.map((one) => lineOf(written, one)) : [{ isrc: written, isFound: false, ...none }]
  })
}

const headings = ['isrc', 'in_a_leak', 'leak', 'how', 'quality', 'popularity', 'batch', 'published'] as const

/** The lines as a table (RFC 4180). */
export const answerCsv = (lines: readonly AnswerLine[]): string =>
  csvText([
    headings,
    ...lines.map(({ isrc, isFound, leak, how, quality, popularity, batch, published }) => [
      isrc,
      isFound ? 'yes' : 'no',
      leak,
      how,
      quality,
      popularity,
      batch,
      published,
    ]),
  ])

/** What was found, counted. */
export interface AnswerCounts {
  readonly asked: number
  readonly found: number
  /** Whose audio was taken: as they are, or by another copy of them. */
  readonly audio: number
  /** Whose audio is in a batch that was published. */
  readonly published: number
}

/** Counts codes, each once however many leaks have it. */
export function answerCounts(isrcs: readonly string[], { found }: PrivateAnswer): AnswerCounts {
  const withAudio = found.filter(({ status }) => status === 'audio' || status === 'sibling')
  const codes = (some: readonly CheckedIsrc[]): number => new Set(some.map(({ isrc }) => isrc)).size
  return {
    asked: isrcs.length,
    found: codes(found),
    audio: codes(withAudio),
    published: codes(withAudio.filter(({ batch }) => (batch?.publishedOn ?? null) !== null)),
  }
}
