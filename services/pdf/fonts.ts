import { readFileSync } from 'node:fs'

import { create, type Font } from 'fontkit'

/** How text is set. `mono` is for hashes and addresses, compared character by character. */
export type TextStyle = 'plain' | 'strong' | 'mono'

const files = {
  sans: 'NotoSans-Regular.ttf',
  bold: 'NotoSans-Bold.ttf',
  mono: 'RobotoMono-Regular.ttf',
  japanese: 'NotoSansJP-Regular.ttf',
  korean: 'NotoSansKR-Hangul.ttf',
  arabic: 'NotoSansArabic-Regular.ttf',
  hebrew: 'NotoSansHebrew-Regular.ttf',
  thai: 'NotoSansThai-Regular.ttf',
} as const

export type FontName = keyof typeof files
export const fontNames = Object.keys(files) as readonly FontName[]

/** Fonts for one script each. They have one weight: a bold Japanese title is set regular. */
const scripts = ['japanese', 'korean', 'arabic', 'hebrew', 'thai'] as const
/** First choice by style; Noto Sans has Latin, Greek, Cyrillic and Devanagari. */
const order: Readonly<Record<TextStyle, readonly FontName[]>> = {
  plain: ['sans', ...scripts],
  strong: ['bold', 'sans', ...scripts],
  mono: ['mono', 'sans', ...scripts],
}

interface LoadedFont {
  readonly bytes: Uint8Array
  readonly font: Font
  readonly codePoints: ReadonlySet<number>
}
const loaded = new Map<FontName, LoadedFont>()

/** A font's file and what it can show; read once per process (the Japanese one is 5 MB). */
function load(name: FontName): LoadedFont {
  const known = loaded.get(name)
  if (known) return known
  const bytes = readFileSync(new URL(`fonts/${files[name]}`, import.meta.url))
  const font = create(bytes)
  const entry = { bytes, font, codePoints: new Set(font.characterSet) }
  loaded.set(name, entry)
  return entry
}

/** The bytes of a font file, for embedding. */
export const fontBytes = (name: FontName): Uint8Array => load(name).bytes

/** How a stretch is written: Arabic and Hebrew from right to left; Devanagari with vowels moved before consonants. */
export type Direction = 'leftToRight' | 'rightToLeft' | 'reordered'

/** A stretch of text in one font and one direction. */
export interface FontRun {
  readonly font: FontName
  readonly text: string
  readonly direction: Direction
}

const characters = new Intl.Segmenter('en', { granularity: 'grapheme' })
const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}]/u
const REORDERED = /\p{Script=Devanagari}/u
/** Characters that belong to no script of their own, such as spaces and full stops. */
const NEUTRAL = /^[\p{Script=Common}\p{Script=Inherited}]+$/u
/** Invisible characters that could make a text look like another one; joiners have a meaning and stay. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}]/u
const JOINERS = /[\u200C\u200D]/g

/**
 * Splits text into stretches of one font each, so that every script is shaped by a font that knows it.
 * PDFKit does not fall back by itself. What no font has, or what would be invisible, is spelled as its
 * code point, `[U+D55C]`: a reader sees that something is there, and what.
 */
export function splitByFont(text: string, style: TextStyle): FontRun[] {
  const runs: FontRun[] = []
  for (const { segment } of characters.segment(text.normalize('NFC'))) {
    const last = runs.at(-1)
    const next = fontOf(segment, style, last)
    if (last && last.font === next.font && last.direction === next.direction)
      runs[runs.length - 1] = { ...last, text: last.text + next.text }
    else runs.push(next)
  }
  return runs.map((run) =>
    canShape(run) ? run : { font: 'sans', text: spelled(run.text), direction: 'leftToRight' },
  )
}

/** Whether a run survives shaping: fontkit 2.0.4 throws on a few rare Arabic letters, such as U+06A2. */
function canShape({ font, text }: FontRun): boolean {
  if (!scripts.some((script) => script === font)) return true
  try {
    load(font).font.layout(text)
    return true
  } catch {
    return false
  }
}

function fontOf(character: string, style: TextStyle, before: FontRun | undefined): FontRun {
  const direction = directionOf(character)
  const visible = character.replaceAll(JOINERS, '')
  if (!INVISIBLE.test(visible)) {
    // A full stop after 東京 looks right in the font of 東京, and the spaces of a Hindi title belong to it.
    const stay = before && before.direction !== 'rightToLeft' && NEUTRAL.test(visible)
    if (stay && shows(before.font, visible)) return { ...before, text: character }
    const font = order[style].find((name) => shows(name, visible))
    if (font) return { font, text: character, direction }
  }
  return { font: style === 'strong' ? 'bold' : 'sans', text: spelled(character), direction: 'leftToRight' }
}

function directionOf(character: string): Direction {
  if (RIGHT_TO_LEFT.test(character)) return 'rightToLeft'
  return REORDERED.test(character) ? 'reordered' : 'leftToRight'
}

function shows(name: FontName, text: string): boolean {
  const { codePoints } = load(name)
  for (const character of text) if (!codePoints.has(character.codePointAt(0) ?? 0)) return false
  return true
}

const spelled = (text: string): string =>
  Array.from(text, (c) => `[U+${(c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`).join(
    '',
  )
