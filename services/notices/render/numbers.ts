/** Per cent with one decimal, rounded down: nothing is called more than it is. `97.3 %`. */
export const percent = (share: number): string => `${(Math.floor(share * 1000 + 1e-9) / 10).toFixed(1)} %`

/** A moment in UTC to the second, fractions left out: `2026-11-20T10:15:00Z`, the same in all languages. */
export const utcText = (iso: string): string => `${new Date(iso).toISOString().slice(0, 19)}Z`

/** 1-based numbers as people write a list: `L1–L3, L7`. */
export function numberRanges(prefix: string, numbers: readonly number[]): string {
  const ranges: [from: number, to: number][] = []
  for (const number of numbers.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1)
    if (last && number <= last[1] + 1) last[1] = number
    else ranges.push([number, number])
  }
  return ranges
    .map(([from, to]) => (from === to ? `${prefix}${from}` : `${prefix}${from}–${prefix}${to}`))
    .join(', ')
}

/** A text of at most `unitsMax` UTF-16 code units, never cut inside a character; an ellipsis shows that it was cut. */
export function cut(text: string, unitsMax: number): string {
  if (text.length <= unitsMax) return text
  let kept = ''
  for (const character of text) {
    if (kept.length + character.length > unitsMax - 1) break
    kept += character
  }
  return `${kept}…`
}
