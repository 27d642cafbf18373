/** Rows of the dump of 2025, for which every rate is projected. */
export const DUMP_ROWS = 256_000_000

/** `10 M`, `200 k`: a size in the name of a figure. */
export const sizeName = (count: number): string =>
  count % 1e6 === 0 ? `${count / 1e6} M` : count % 1e3 === 0 ? `${count / 1e3} k` : String(count)

/** The most memory that this process has had, in megabytes. */
export const peakMemoryMb = (): number => (process.resourceUsage().maxRSS * 1024) / 1e6
