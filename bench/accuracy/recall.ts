import type { Passage } from '../../services/audio/search/search.ts'

/** A file to identify, with the truth about it. */
export interface Query {
  readonly id: string
  readonly path: string
  readonly attack: string
  /** The recording it was made of, and whether that is among the references: else nothing must be found. */
  readonly sourceId: string
  readonly isCopy: boolean
  /** Where in the recording the moment `queryFromMs` of the query is. */
  readonly referenceFromMs: number
  readonly queryFromMs: number
  /** How much faster than the recording it plays. */
  readonly rate: number
}

/** What became of the queries of one attack. */
export interface Recall {
  readonly attack: string
  /** Queries that are copies, and those of them whose best passage names the right recording. */
  readonly copies: number
  readonly found: number
  /** Copies whose best passage names another recording. */
  readonly wrong: number
  /** Claims beside the best one, in copies, that name another recording: its neighbours in a mix, or a false claim. */
  readonly furtherWrong: number
  /** Queries that are strangers, and those of them for which anything is claimed. */
  readonly strangers: number
  readonly falseClaims: number
  /** Of the copies found: how far place and speed are from the truth. */
  readonly offsetErrorsMs: readonly number[]
  readonly speedErrors: readonly number[]
}

/** Pairs of recordings that share audio: to name the one for the other is no mistake. */
export type Relatives = ReadonlySet<string>

/** How a pair is written in `Relatives`. */
export const relativePair = (one: string, other: string): string => `${one}\t${other}`

/**
 * Compares what was found with the truth, attack by attack in the order of the queries.
 *
 * @param found the passages of each query, in the order of the queries; none where it could not be examined.
 */
export function recallOf(
  queries: readonly Query[],
  found: readonly (readonly Passage[])[],
  relatives: Relatives = new Set(),
): readonly Recall[] {
  const judged = queries.map((query, place) => ({ query, passages: found[place] ?? [] }))
  const isRelated = (one: string, other: string): boolean => relatives.has(relativePair(one, other))
  return [...new Set(queries.map(({ attack }) => attack))].map((attack) => {
    const of = judged.filter(({ query }) => query.attack === attack)
    const copies = of.filter(({ query }) => query.isCopy)
    const strangers = of.filter(({ query }) => !query.isCopy)
    const first = copies.flatMap(({ query, passages: [best] }) => (best ? [{ query, best }] : []))
    const right = first.filter(({ query, best }) => best.referenceId === query.sourceId)
    const wrong = first.filter(({ query, best }) => best.referenceId !== query.sourceId)
    return {
      attack,
      copies: copies.length,
      found: right.length,
      wrong: wrong.filter(({ query, best }) => !isRelated(query.sourceId, best.referenceId)).length,
      furtherWrong: copies.reduce(
        (sum, { query, passages: [, ...further] }) =>
          sum +
          further.filter(
            ({ referenceId }) => referenceId !== query.sourceId && !isRelated(query.sourceId, referenceId),
          ).length,
        0,
      ),
      strangers: strangers.length,
      falseClaims: strangers.filter(({ query, passages }) =>
        passages.some(({ referenceId }) => !isRelated(query.sourceId, referenceId)),
      ).length,
      offsetErrorsMs: right.map(({ query, best }) =>
        Math.abs(best.referenceFromMs - expectedMs(query, best)),
      ),
      speedErrors: right.map(({ query, best }) => Math.abs(best.speed / query.rate - 1)),
    }
  })
}

/** Where in the recording a passage must begin, by the truth about its query. */
const expectedMs = (query: Query, { suspectFromMs }: Passage): number =>
  query.referenceFromMs + (suspectFromMs - query.queryFromMs) * query.rate
