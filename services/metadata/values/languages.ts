import { nameKey } from '../normalise.ts'

/** Languages in which catalogues name languages. */
const NAMING_LOCALES = ['en', 'de', 'fr', 'es']

/** Codes of two letters with their names, made at first use: some 180 languages in four tongues. */
let namesOfLanguages: ReadonlyMap<string, string> | undefined

function languageNames(): ReadonlyMap<string, string> {
  const names = new Map([
    ['instrumental', 'zxx'],
    ['no lyrics', 'zxx'],
    ['no linguistic content', 'zxx'],
    ['multiple', 'mul'],
    ['multilingual', 'mul'],
    ['mandarin', 'cmn'],
    ['cantonese', 'yue'],
  ])
  const letters = 'abcdefghijklmnopqrstuvwxyz'
  for (const locale of NAMING_LOCALES) {
    const display = new Intl.DisplayNames([locale], { type: 'language', fallback: 'none' })
    for (const first of letters)
      for (const second of letters) {
        const name = display.of(first + second)
        if (name !== undefined) names.set(nameKey(name), names.get(nameKey(name)) ?? first + second)
      }
  }
  return names
}

/**
 * A language as catalogues name it: a BCP 47 tag (`pt-BR`, also `pt_BR`), a code of two or three letters of ISO 639, or its
 * name in English, German, French or Spanish.
 *
 * @returns a canonical BCP 47 tag, or undefined when it names no language.
 */
export function readLanguage(text: string): string | undefined {
  namesOfLanguages ??= languageNames()
  const named = namesOfLanguages.get(nameKey(text))
  if (named !== undefined) return named
  const tag = text.replaceAll('_', '-')
  if (!/^[a-z]{2,3}(?:-[a-z0-9]{2,8}){0,3}$/i.test(tag)) return undefined
  try {
    const [canonical] = Intl.getCanonicalLocales(tag)
    const display = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' })
    return canonical !== undefined && display.of(canonical.split('-')[0]!) !== undefined
      ? canonical
      : undefined
  } catch (error) {
    // Well-formed at first sight, and no tag: `en-a`.
    if (error instanceof RangeError) return undefined
    throw error
  }
}
