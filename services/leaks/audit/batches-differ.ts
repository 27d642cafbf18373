import type { LeakBatch } from '../leak.ts'

const told = (batches: readonly LeakBatch[]): string =>
  JSON.stringify(
    batches
      .toSorted((one, other) => one.number - other.number)
      .map(({ number, popularityFrom, popularityTo, publishedOn }) => [
        number,
        popularityFrom,
        popularityTo,
        publishedOn,
      ]),
  )

/** Whether other batches give other answers: other names alone do not. */
export const batchesDiffer = (before: readonly LeakBatch[], after: readonly LeakBatch[]): boolean =>
  told(before) !== told(after)
