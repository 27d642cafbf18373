import type { Passage } from './match.ts'

/** Whether a find says nothing: every passage of it lies in excluded parts of the recording. */
export const isWhollyExcluded = (passages: readonly Pick<Passage, 'excluded'>[]): boolean =>
  passages.length > 0 && passages.every(({ excluded }) => excluded)

/**
 * What it means that passages lie in excluded parts, in a sentence; undefined when none does.
 *
 * @param passages for each in its order whether it does.
 */
export function excludedInWords(passages: readonly boolean[]): string | undefined {
  const numbers = passages.flatMap((excluded, index) => (excluded ? [index + 1] : []))
  if (numbers.length === 0) return undefined
  const before = numbers.slice(0, -1).join(', ')
  const named = [before, numbers.at(-1)].filter(Boolean).join(' and ')
  const subject =
    numbers.length === passages.length
      ? numbers.length === 1
        ? 'The passage lies'
        : 'All passages lie'
      : `Passage${numbers.length > 1 ? 's' : ''} ${named} ${numbers.length > 1 ? 'lie' : 'lies'}`
  const ground = numbers.length > 1 ? 'they are no ground' : 'it is no ground'
  return `${subject} in parts of the recording that are not its holder’s own, such as a sample: ${ground} for a claim.`
}
