/** What of a batch tells which records are in it; services/leaks/leak.ts has the rest. */
export interface BatchRange {
  readonly number: number
  /** Both null when it is not told by popularity. */
  readonly popularityFrom: number | null
  readonly popularityTo: number | null
}

/**
 * The batch that a record of a leak is in: its own, or else the one that has its popularity.
 *
 * @param own the number in the record; 0 for none.
 */
export function batchOf<Batch extends BatchRange>(
  batches: readonly Batch[],
  { own, popularity }: { readonly own: number; readonly popularity: number | undefined },
): Batch | undefined {
  if (own > 0) return batches.find(({ number }) => number === own)
  if (popularity === undefined) return undefined
  return batches.find(
    ({ popularityFrom: from, popularityTo: to }) =>
      from !== null && to !== null && from <= popularity && popularity <= to,
  )
}
