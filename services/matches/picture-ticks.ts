/** Distances between marks that people read easily, in seconds: up to a minute, then minutes, then hours. */
const TIME_STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 36_000]

/**
 * Round times for an axis from `fromMs` to `toMs`, at most `countMax` of them, ascending.
 * Ranges longer than the largest step allows get multiples of ten hours.
 */
export function timeTicksMs(fromMs: number, toMs: number, countMax: number): number[] {
  const wantedS = (toMs - fromMs) / 1000 / Math.max(countMax, 1)
  const stepS = TIME_STEPS_S.find((step) => step >= wantedS) ?? Math.ceil(wantedS / 36_000) * 36_000
  const stepMs = stepS * 1000
  const ticks: number[] = []
  for (let ms = Math.ceil(fromMs / stepMs) * stepMs; ms <= toMs; ms += stepMs) ticks.push(ms)
  return ticks
}

/** Round frequencies for a logarithmic axis: one, two and five times the powers of ten. */
export function pitchTicksHz(fromHz: number, toHz: number): number[] {
  const ticks: number[] = []
  for (let decade = 10; decade <= toHz; decade *= 10)
    for (const hz of [decade, 2 * decade, 5 * decade]) if (hz >= fromHz && hz <= toHz) ticks.push(hz)
  return ticks
}
