import type { Language } from '../notice.ts'
import { namesInWords } from './statements.ts'

/**
 * Characters that the names of rights holders may take in a statement: with the longest wording and the longest host each
 * statement stays within its 2,000 (NoticeDocument). The works of a notice name every holder in full.
 */
export const HOLDERS_CHARACTERS_MAX = 900

/** What stands for the holders that are not named one by one. */
const others: Readonly<Record<Language, (count: number) => string>> = {
  en: (count) => `${count} more that this notice names`,
  de: (count) => `${count} weitere, die diese Meldung nennt`,
  fr: (count) => `${count} autres que cette notification désigne`,
  es: (count) => `${count} más que este aviso nombra`,
  hi: (count) => `इस सूचना में नामित ${count} अन्य`,
  ja: (count) => `この通知に記載の他${count}名`,
}

/** The rights holders as they stand in a statement, each once; of very many the first, and how many more there are. */
export function holdersInWords(names: readonly string[], language: Language): string {
  const all = [...new Set(names)]
  for (let shown = all.length; shown > 1; shown -= 1) {
    const left = all.length - shown
    const words = namesInWords(
      [...all.slice(0, shown), ...(left > 0 ? [others[language](left)] : [])],
      language,
    )
    if (words.length <= HOLDERS_CHARACTERS_MAX) return words
  }
  // One name is 300 characters at the most (services/catalog/recording.ts).
  const left = all.length - 1
  return namesInWords([...all.slice(0, 1), ...(left > 0 ? [others[language](left)] : [])], language)
}
