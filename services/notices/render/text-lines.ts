/** Plain mail is read at 80 columns and quoted with two. Longer words (addresses, hashes) are never broken. */
export const COLUMNS = 78
/** Characters that take two columns where columns count. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303F\uFF00-\uFF60]/u
/** Between these no space is written, so a line may end anywhere but before punctuation. */
const BREAKS =
  /(?<=[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}、。，．：；）」』】])(?![、。，．：；）」』】ーぁぃぅぇぉっゃゅょ\s])/u
/** A percent sign stays with its number. */
const SPACES = /(?<=\S)\s+(?![%=])/u
/**
 * Invisible marks that change the order or the look of what follows (Unicode's bidirectional controls and zero-width
 * characters that are no joiners): spelled out, so that no title rearranges the text around it.
 */
const DECEPTIVE = /[\u00AD\u061C\u200B\u200E\u200F\u2028-\u202E\u2060-\u2069\uFEFF]/gu

/** A text in which nothing is invisible: deceptive marks are spelled as their code point, `[U+202E]`. */
export const visible = (text: string): string =>
  text.replaceAll(
    DECEPTIVE,
    (character) => `[U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
  )

const columnsOf = (text: string): number =>
  Array.from(text).reduce((columns, character) => columns + (WIDE.test(character) ? 2 : 1), 0)

/** Breaks a text into lines of at most `columns`, each paragraph on its own; a longer word has a line to itself. */
export const wrapped = (text: string, columns = COLUMNS): string[] =>
  text.split('\n').flatMap((paragraph) => wrappedParagraph(paragraph, columns))

function wrappedParagraph(text: string, columns: number): string[] {
  const lines: string[] = []
  let [line, used] = ['', 0]
  for (const word of text.trim().split(SPACES)) {
    let space = line === '' ? '' : ' '
    for (const part of WIDE.test(word) ? word.split(BREAKS) : [word]) {
      const width = columnsOf(part)
      if (line !== '' && used + space.length + width > columns) {
        lines.push(line)
        line = part
        used = width
      } else {
        line += space + part
        used += space.length + width
      }
      space = ''
    }
  }
  return [...lines, line]
}

/** Lines moved to the right. */
export const indented = (lines: readonly string[], indent: string): string[] =>
  lines.map((line) => (line === '' ? '' : indent + line))
