import { createHash } from 'node:crypto'

import { describe, expect, test } from 'vitest'

import { Language, NoticeDocument, StatementCode } from '../../services/notices/notice.ts'
import {
  namesInWords,
  statementCodes,
  statementTexts,
  statementsDigest,
  wordingNote,
} from '../../services/notices/statements/statements.ts'
import { sampleNotice, sampleRegimes } from '../support/notice-samples.ts'

const given = { regimes: sampleRegimes, rightsHolder: '§1', host: '§2' } as const
const textsIn = (language: Language) => statementTexts({ ...given, language }).texts
const textOf = (code: StatementCode, regimes: (typeof sampleRegimes)[number][], language: Language = 'en') =>
  statementTexts({ ...given, regimes, language }).texts.find((text) => text.code === code)?.text ?? ''

/** The scripts of each language, and what its texts surely have. */
const scripts: Readonly<Record<Language, { readonly all: RegExp; readonly some: RegExp }>> = {
  en: { all: /^\p{Script=Latin}+$/u, some: /the/ },
  de: { all: /^\p{Script=Latin}+$/u, some: /Meldung|Kopien|befugt/ },
  fr: { all: /^\p{Script=Latin}+$/u, some: /présente|pouvoir/ },
  es: { all: /^\p{Script=Latin}+$/u, some: /notificación|autorización/ },
  hi: { all: /^\p{Script=Devanagari}+$/u, some: /है|हैं/ },
  ja: { all: /^[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}ー]+$/u, some: /ます/ },
}

describe.each(Language.options)('in %s', (language) => {
  test('every statement is there, filled and in its own letters', () => {
    const texts = textsIn(language)
    expect(texts.map(({ code }) => code)).toEqual(StatementCode.options)
    for (const { text } of texts) {
      expect(text).not.toMatch(/[{}]|undefined| {2}/)
      expect(text.match(/[\p{L}\p{M}]/gu)?.join('')).toMatch(scripts[language].all)
      expect(text).toMatch(/[.。।]$/)
    }
    expect(texts.map(({ text }) => text).join(' ')).toMatch(scripts[language].some)
    expect(textOf('good_faith', ['GENERIC'], language)).toMatch(/§2.*§1/)
  })

  test('the wording differs where the law differs', () => {
    expect(textOf('authority', ['US_512D'], language)).not.toBe(textOf('authority', ['EU_DSA_16'], language))
    expect(textOf('authority', ['US_512C', 'EU_DSA_16'], language)).toBe(
      textOf('authority', ['US_512C'], language),
    )
    expect(textOf('accuracy', ['UK_ECR_22'], language)).not.toBe(textOf('accuracy', ['GENERIC'], language))
  })

  test('its texts fit into a notice, which says whose wording they are', () => {
    const { statements } = NoticeDocument.parse(sampleNotice({ language, regimes: [...sampleRegimes] }))
    expect(statements.templates).toBe(`earwitness-${language}/1`)
    expect(statements.texts).toHaveLength(StatementCode.options.length)
  })
})

test('no two statements of any language are the same, nor are two notes', () => {
  const texts = Language.options.flatMap((language) => textsIn(language).map(({ text }) => text))
  expect(new Set(texts).size).toBe(6 * 6)
  expect(new Set(Language.options.map(wordingNote)).size).toBe(6)
})

test('perjury is spoken of in the United States only', () => {
  expect(textOf('authority', ['US_512C'])).toContain('penalty of perjury')
  for (const regime of ['EU_DSA_16', 'UK_ECR_22', 'IN_RULE_75', 'GENERIC'] as const)
    expect(textOf('authority', [regime])).not.toContain('perjury')
})

test('each law adds what it asks, once and in one order', () => {
  const core = ['good_faith', 'accuracy', 'authority']
  expect(statementCodes(['GENERIC', 'US_512C', 'UK_ECR_22'])).toEqual(core)
  expect(statementCodes(['EU_DSA_16', 'US_512C', 'EU_DSA_16'])).toEqual([...core, 'dsa_bona_fide'])
  expect(statementCodes(['IN_RULE_75', 'EU_DSA_16'])).toEqual(statementCodes(['EU_DSA_16', 'IN_RULE_75']))
  expect(statementCodes(['IN_RULE_75'])).toEqual([...core, 'in_not_s52', 'in_suit_undertaking_21d'])
})

test('several names are joined as their language joins them, each once', () => {
  const names = ['Sample Records', 'Example Music', 'Sample Records']
  expect(namesInWords(names, 'en')).toBe('Sample Records and Example Music')
  expect(namesInWords(names, 'de')).toBe('Sample Records und Example Music')
  expect(namesInWords(names, 'ja')).toBe('Sample Records、Example Music')
  expect(namesInWords(['Sample Records'], 'hi')).toBe('Sample Records')
})

test('a name that looks like a placeholder stays a name', () => {
  const { texts } = statementTexts({
    regimes: ['US_512C'],
    language: 'en',
    rightsHolder: '{host} $& Sons',
    host: 'sample.example',
  })
  expect(texts[2]?.text).toContain('on behalf of {host} $& Sons, the owner')
})

test('the digest is of the canonical text, whatever the order of the keys', () => {
  const canonical = '[{"code":"accuracy","text":"A “b”"}]'
  const digest = createHash('sha256').update(canonical, 'utf8').digest('hex')
  expect(statementsDigest([{ text: 'A “b”', code: 'accuracy' }])).toBe(digest)
  expect(statementsDigest([{ text: 'A “b”.', code: 'accuracy' }])).not.toBe(digest)
})
