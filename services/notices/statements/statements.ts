import { createHash } from 'node:crypto'

import canonicalize from 'canonicalize'

import { type Language, type NoticeDocument, type Regime, StatementCode } from '../notice.ts'
import { german } from './de.ts'
import type { StatementsDraft, Wording } from './draft.ts'
import { english } from './en.ts'
import { spanish } from './es.ts'
import { french } from './fr.ts'
import { hindi } from './hi.ts'
import { japanese } from './ja.ts'

type StatementText = NoticeDocument['statements']['texts'][number]

const drafts: Readonly<Record<Language, StatementsDraft>> = {
  en: english,
  de: german,
  fr: french,
  es: spanish,
  hi: hindi,
  ja: japanese,
}

/** Every notice has these, whatever law it rests on: no recipient anywhere objects to them. */
export const coreStatements: readonly StatementCode[] = ['good_faith', 'accuracy', 'authority']

/** What a law asks to be stated beside the core; Article 16(2)(d) of the DSA, rule 75(2) of India's Copyright Rules. */
const further: Readonly<Partial<Record<Regime, readonly StatementCode[]>>> = {
  EU_DSA_16: ['dsa_bona_fide'],
  IN_RULE_75: ['in_not_s52', 'in_suit_undertaking_21d'],
}

/** What the regimes together ask to be stated, each once, always in the same order. */
export function statementCodes(regimes: readonly Regime[]): StatementCode[] {
  const wanted = new Set([...coreStatements, ...regimes.flatMap((regime) => further[regime] ?? [])])
  return StatementCode.options.filter((code) => wanted.has(code))
}

/** What a signer is asked to state. */
export interface StatementsGiven {
  readonly regimes: readonly Regime[]
  readonly language: Language
  /** As the name shall stand in the sentences; of several, what `namesInWords` makes of them. */
  readonly rightsHolder: string
  readonly host: string
}

/**
 * The statements for a notice, in full, and which wording they have: `earwitness-de/1`. They are drafts that the
 * tenant's lawyer has to approve; the note that says so is `wordingNote`.
 */
export function statementTexts(given: StatementsGiven): { templates: string; texts: StatementText[] } {
  const { version, wordings } = drafts[given.language]
  return {
    templates: `earwitness-${given.language}/${version}`,
    texts: statementCodes(given.regimes).map((code) => ({
      code,
      text: filled(wordingFor(wordings[code], given.regimes), given),
    })),
  }
}

/** Names as they stand in a sentence of that language, each once: `A, B, and C`; `A und B`; `A、B`. */
export const namesInWords = (names: readonly string[], language: Language): string =>
  new Intl.ListFormat(language, { type: 'conjunction' }).format(new Set(names))

/** SHA-256, lower-case hex, of the statements in canonical JSON (RFC 8785): what a signer was shown is what they sign. */
export function statementsDigest(texts: readonly StatementText[]): string {
  const text = canonicalize(texts.map(({ code, text }) => ({ code, text })))
  if (text === undefined) throw new Error('Statements have no canonical JSON')
  return createHash('sha256').update(text, 'utf8').digest('hex')
}

/** That the wording is a draft for a lawyer to approve: to be shown beside statements that nobody has made yet. */
export const wordingNote = (language: Language): string => drafts[language].note

const wordingFor = ({ general, regimes = [] }: Wording, given: readonly Regime[]): string =>
  regimes.find(({ of }) => of.some((regime) => given.includes(regime)))?.text ?? general

/** In one pass, so that a name with braces or `$` in it stays what it is. */
const filled = (wording: string, given: Pick<StatementsGiven, 'rightsHolder' | 'host'>): string =>
  wording.replaceAll(/\{(?:rightsHolder|host)\}/g, (place) =>
    place === '{host}' ? given.host : given.rightsHolder,
  )
