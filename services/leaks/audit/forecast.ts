import type { Forecast } from '../exposure.ts'
import type { Leak, LeakBatch } from '../leak.ts'

/** Whether a batch was published by a day (ISO 8601). A later date is an announcement. */
export const isPublished = ({ publishedOn }: Pick<LeakBatch, 'publishedOn'>, today: string): boolean =>
  publishedOn !== null && publishedOn <= today

/** The middle of a batch’s popularities; undefined when it is not told by them. */
const middleOf = ({ popularityFrom: from, popularityTo: to }: LeakBatch): number | undefined =>
  from === null || to === null ? undefined : (from + to) / 2

/**
 * Whether the batches that were published went from the least known to the best known; undefined when too few of them are
 * told by popularity to say.
 */
function isRising(published: readonly LeakBatch[]): boolean | undefined {
  const middles = published.flatMap((batch) => middleOf(batch) ?? [])
  const [first, last] = [middles[0], middles.at(-1)]
  return first === undefined || last === undefined || first === last ? undefined : last > first
}

/** The day, then whatever has none in the order in which the leak is expected to go on. */
function inOrder(rising: boolean) {
  return (one: LeakBatch, other: LeakBatch): number => {
    const [day, otherDay] = [one.publishedOn ?? '9999', other.publishedOn ?? '9999']
    if (day !== otherDay) return day < otherDay ? -1 : 1
    const [middle, otherMiddle] = [middleOf(one), middleOf(other)]
    if (middle === undefined || otherMiddle === undefined)
      return Number(middle === undefined) - Number(otherMiddle === undefined) || one.number - other.number
    return (rising ? middle - otherMiddle : otherMiddle - middle) || one.number - other.number
  }
}

function reasonOf(next: LeakBatch, published: readonly LeakBatch[], rising: boolean | undefined): string {
  if (next.publishedOn !== null) return `${next.name} was announced for ${next.publishedOn}.`
  if (middleOf(next) === undefined)
    return 'The batches are not told by popularity: they are expected in the order of their numbers.'
  if (rising === true)
    return 'The batches so far went from the least popular upwards; the next is the least popular that is left.'
  if (rising === false)
    return 'The batches so far went from the most popular downwards; the next is the most popular that is left.'
  return published.length === 0
    ? 'Nothing was published yet; the most popular batch is expected first, as is usual.'
    : 'One batch does not tell in which order it goes on; the most popular that is left is expected first, as is usual.'
}

/**
 * Which batches of a leak are likely to come next: those with an announced day by it, then the others in the order of
 * popularity in which the leak was published so far.
 *
 * @param recordingsIn how many recordings that were asked for are in a batch, and can be published with it.
 * @param today as ISO 8601 date.
 * @returns undefined when there is nothing left to publish, or nothing is known of it.
 */
export function forecastOf(
  { id, batches }: Pick<Leak, 'id' | 'batches'>,
  recordingsIn: (batch: number) => number,
  today: string,
): Forecast | undefined {
  const published = batches
    .filter((batch) => isPublished(batch, today))
    .toSorted((one, other) => (one.publishedOn ?? '').localeCompare(other.publishedOn ?? ''))
  const rising = isRising(published)
  const left = batches.filter((batch) => !isPublished(batch, today)).toSorted(inOrder(rising ?? false))
  const [next] = left
  if (!next) return undefined
  return {
    leakId: id,
    batches: left.map(({ number, name }) => ({
      number,
      name,
      recordings: recordingsIn(number),
      isNext: number === next.number,
    })),
    reason: reasonOf(next, published, rising),
  }
}
