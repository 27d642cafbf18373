import type { LetterKind, LetterLanguage, LetterTexts } from '../letter.ts'
import { german } from './de.ts'
import { english } from './en.ts'

/** What the sentences of a letter are filled with. */
export interface LetterFacts {
  /** Who writes. */
  readonly sender: string
  /** To whom. */
  readonly recipient: string
  /** What the data set or leak is called. */
  readonly leak: string
  /** Works that were found in it, and how many of them the letter lists. */
  readonly worksTotal: number
  readonly worksListed: number
  /** How the sender is reached. */
  readonly contact: string
}

/** The words of a letter in one language. */
export interface LetterWords {
  readonly texts: Readonly<Record<LetterKind, (facts: LetterFacts) => LetterTexts>>
  readonly labels: {
    readonly from: string
    readonly to: string
    readonly subject: string
    readonly date: string
    readonly works: string
    readonly isrc: string
    readonly work: string
    readonly place: string
    readonly hash: string
    readonly auditHash: string
    readonly unsigned: string
  }
  readonly page: (page: number, pages: number) => string
  readonly signedOn: (day: string) => string
}

const words: Readonly<Record<LetterLanguage, LetterWords>> = { en: english, de: german }

/** The words of letters in a language. They are ours, and counsel has to approve them before a letter is signed. */
export const wordsOf = (language: LetterLanguage): LetterWords => words[language]
