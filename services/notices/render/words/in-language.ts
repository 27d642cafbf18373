import type { Language } from '../../notice.ts'
import { german } from './de.ts'
import { english } from './en.ts'
import { spanish } from './es.ts'
import { french } from './fr.ts'
import { hindi } from './hi.ts'
import { japanese } from './ja.ts'
import type { Words } from './words.ts'

const languages: Readonly<Record<Language, Words>> = {
  en: english,
  de: german,
  fr: french,
  es: spanish,
  hi: hindi,
  ja: japanese,
}

/** What a notice says around its document, in the language of the notice. */
export const wordsIn = (language: Language): Words => languages[language]
