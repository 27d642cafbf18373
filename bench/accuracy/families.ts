import type { Recall } from './recall.ts'

/** Kinds of attacks, by how their names begin. */
const families: readonly (readonly [name: string, prefixes: readonly string[]])[] = [
  ['codec', ['ogg160', 'opus75', 'mp3_', 'mp4']],
  ['clip', ['clip']],
  ['noise', ['noise', 'pink', 'white', 'speech', 'music', 'phone', 'reverb', 'eqclip', 'lowbit']],
  ['speed', ['speed', 'slowed', 'nightcore']],
  ['pitch', ['pitch']],
  ['tempo', ['tempo']],
  ['mix', ['mix', 'embed']],
]

const familyOf = (attack: string): string =>
  families.find(([, prefixes]) => prefixes.some((prefix) => attack.startsWith(prefix)))?.[0] ?? 'other'

/** Shares of the copies found, in percent: of each family the mean over its attacks, so that each counts alike. */
export function familyShares(
  recalls: readonly Recall[],
): readonly { readonly family: string; readonly percent: number }[] {
  const judged = recalls.filter(({ copies }) => copies > 0)
  return [...new Set(judged.map(({ attack }) => familyOf(attack)))].map((family) => {
    const shares = judged
      .filter(({ attack }) => familyOf(attack) === family)
      .map(({ found, copies }) => (100 * found) / copies)
    return { family, percent: shares.reduce((sum, share) => sum + share, 0) / shares.length }
  })
}
