/** How many of several independent events happen: `masses[k]` is the probability of `from + k` of them. */
export interface CountDistribution {
  readonly from: number
  readonly masses: readonly number[]
}

/** Less is left away at both ends: it keeps 10,000 events fast, and no sum of what is lost comes near 1e-12. */
const MASS_LEAST = 1e-18

/**
 * The Poisson-binomial distribution: how many of independent events happen that each have a probability of their own.
 * Exact, by taking in one event after the other (R. E. Barlow and K. D. Heidtmann, “Computing k-out-of-n system
 * reliability”, IEEE Transactions on Reliability 33, 1984): it subtracts nothing, so that rounding does no harm.
 *
 * @param probabilities 0 … 1.
 */
export function countDistribution(probabilities: readonly number[]): CountDistribution {
  const masses = new Float64Array(probabilities.length + 1)
  masses[0] = 1
  let first = 0
  let last = 0
  for (const probability of probabilities) {
    last += 1
    // From above, so that each mass is added to by the one below as it was before this event.
    for (let count = last; count > first; count -= 1)
      masses[count] = massAt(count) * (1 - probability) + massAt(count - 1) * probability
    masses[first] = massAt(first) * (1 - probability)
    while (first < last && massAt(first) < MASS_LEAST) first += 1
    while (last > first && massAt(last) < MASS_LEAST) {
      masses[last] = 0
      last -= 1
    }
  }
  return { from: first, masses: [...masses.subarray(first, last + 1)] }

  function massAt(count: number): number {
    return masses[count] ?? 0
  }
}

/**
 * The counts between which the number lies with at least this probability, with at most half of the rest below and at
 * most half above.
 *
 * @param level such as 0.95.
 */
export function centralInterval(
  { from, masses }: CountDistribution,
  level: number,
): [low: number, high: number] {
  const outside = (1 - level) / 2
  let sum = 0
  const upTo = masses.map((mass) => (sum += mass))
  const low = upTo.findIndex((probability) => probability > outside)
  const high = upTo.findIndex((probability) => probability >= 1 - outside)
  return [from + low, from + (high < 0 ? masses.length - 1 : high)]
}
