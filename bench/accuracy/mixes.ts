import type { Passage } from '../../services/audio/search/search.ts'
import { type Recall, type Relatives, relativePair } from './recall.ts'

/** A query made of several recordings, one after the other. */
export interface Mix {
  readonly path: string
  readonly attack: string
  readonly segments: readonly {
    readonly referenceId: string
    readonly fromMs: number
    readonly toMs: number
    readonly referenceFromMs: number
  }[]
}

/**
 * What became of mixes: each segment is one copy, found when a passage names its recording and overlaps it; a passage
 * that names a recording which does not sound at that time is wrong.
 *
 * @param passages of each mix, in the order of the mixes.
 */
export function mixRecall(
  mixes: readonly Mix[],
  passages: readonly (readonly Passage[])[],
  relatives: Relatives,
): readonly Recall[] {
  return [...new Set(mixes.map(({ attack }) => attack))].map((attack) => {
    const cases = mixes.flatMap((mix, place) =>
      mix.attack === attack ? [{ mix, found: passages[place] ?? [] }] : [],
    )
    const hits = cases.flatMap(({ mix, found }) =>
      mix.segments.flatMap((segment) => {
        const passage = found.find(
          (one) => one.referenceId === segment.referenceId && overlaps(one, segment.fromMs, segment.toMs),
        )
        return passage ? [{ segment, passage }] : []
      }),
    )
    const wrong = cases.flatMap(({ mix, found }) =>
      found.filter(
        (one) =>
          !mix.segments.some(
            ({ referenceId, fromMs, toMs }) =>
              (one.referenceId === referenceId ||
                relatives.has(relativePair(referenceId, one.referenceId))) &&
              overlaps(one, fromMs, toMs),
          ),
      ),
    )
    return {
      attack,
      copies: cases.reduce((sum, { mix }) => sum + mix.segments.length, 0),
      found: hits.length,
      wrong: wrong.length,
      furtherWrong: 0,
      strangers: 0,
      falseClaims: 0,
      offsetErrorsMs: hits.map(({ segment, passage }) =>
        Math.abs(
          passage.referenceFromMs - (segment.referenceFromMs + passage.suspectFromMs - segment.fromMs),
        ),
      ),
      speedErrors: hits.map(({ passage }) => Math.abs(passage.speed - 1)),
    }
  })
}

const overlaps = ({ suspectFromMs, suspectToMs }: Passage, fromMs: number, toMs: number): boolean =>
  suspectFromMs < toMs && suspectToMs > fromMs
