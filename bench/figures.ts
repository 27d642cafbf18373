import { type Terminal, table } from '../bin/terminal.ts'

/** One number that a bench found. */
export interface Figure {
  readonly name: string
  /** Four digits: more would only be noise. */
  readonly value: number
  /** As people write it after the number; '' for counts and ratios. */
  readonly unit: string
  /** What the value is held against, e.g. `≤ 250`; null when it depends on the machine alone. */
  readonly target: string | null
  /** Whether the target is met; true without one. */
  readonly holds: boolean
}

/**
 * A bench: runs with the rest of the command line and tells progress on the terminal's `err`.
 *
 * @returns its figures, or an exit status when there was nothing to measure (`--help`, called wrongly).
 */
export type Bench = (argv: readonly string[], terminal: Terminal) => Promise<readonly Figure[] | number>

const rounded = (value: number): number => Number(value.toPrecision(4))

/** A number to know, without a target. */
export const plain = (name: string, value: number, unit: string): Figure => ({
  name,
  value: rounded(value),
  unit,
  target: null,
  holds: true,
})

/** A number that must not be larger than `limit`. */
export const atMost = (name: string, value: number, unit: string, limit: number): Figure => ({
  ...plain(name, value, unit),
  target: `≤ ${limit}`,
  holds: rounded(value) <= limit,
})

/** A number that must not be smaller than `limit`. */
export const atLeast = (name: string, value: number, unit: string, limit: number): Figure => ({
  ...plain(name, value, unit),
  target: `≥ ${limit}`,
  holds: rounded(value) >= limit,
})

/** A count that must be just this. It is not rounded: one in a hundred thousand counts. */
export const exactly = (name: string, value: number, unit: string, wanted: number): Figure => ({
  name,
  value,
  unit,
  target: `= ${wanted}`,
  holds: value === wanted,
})

/** The rule of the exit status: a bench passes when no target is missed. */
export const allHold = (figures: readonly Figure[]): boolean => figures.every(({ holds }) => holds)

const NAME_COLUMNS = 60

/** The figures as an aligned table, each line ended. */
export const figureTable = (figures: readonly Figure[]): string =>
  table(
    figures.map(({ name, value, unit, target, holds }) => [
      name,
      String(value),
      unit,
      target ?? '',
      target === null ? '' : holds ? 'yes' : 'NO',
    ]),
    [
      { title: 'figure', columnsMax: NAME_COLUMNS },
      { title: 'value', align: 'right' },
      { title: 'unit' },
      { title: 'target' },
      { title: 'holds' },
    ],
  )

/**
 * The value below which a share of the values lies (nearest rank).
 *
 * @param share 0 … 1. @returns NaN for no values, which holds no target.
 */
export function percentile(values: readonly number[] | Float64Array, share: number): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}
