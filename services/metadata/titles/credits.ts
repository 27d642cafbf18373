/** The artists of a recording as a credit line tells them. */
export interface Credits {
  /** The line without those who are only featured, as written: names may contain joining words. */
  readonly whole: string
  /** The same taken apart at joining words. */
  readonly main: readonly string[]
  readonly featured: readonly string[]
}

/** No more of a credit line is read, and no more names are taken from it. */
const LINE_LENGTH_MAX = 500
const NAMES_MAX = 20

/**
 * All patterns here look for single spaces in text whose spaces were made single, so that none of them can go back
 * over a run of spaces again and again.
 */
const FEATURING = /(?:^| |(?<=[([]))(?:feat|ft|featuring)(?:\. ?| )(?=\S)|[([](?:with|w\/|con|avec|mit|com) /i

/** What stands between the names of artists who are on an equal footing. */
const JOINING =
  / ?[,;、，] ?| ?[+×] ?| (?:&|and|und|et|y|e|og|och|x|vs\.?|versus|with|w\/|meets|pres\.?|presents|и|і|と|\/) |(?<=\S) ?＆ ?/iu

const BRACKETS = /[()[\]]/g

/** A line that names nobody. */
const NOBODY =
  /^(?:va|v\/a|various(?: artists)?|unknown(?: artist)?|n\/?a|verschiedene(?: interpreten)?|varios(?: artistas)?|varie|multi[- ]interpr[eè]tes)$/iu

const spaced = (line: string): string => line.slice(0, LINE_LENGTH_MAX).replaceAll(/\s+/g, ' ').trim()

/** Whether the text is what stands for 'nobody in particular': `VA`, `Various Artists`, `Unknown artist`. */
export const namesNobody = (line: string): boolean => NOBODY.test(spaced(line))

/** Names joined by `&`, `and`, `x`, `vs.`, commas and the like, taken apart. At most 20. */
const splitNames = (line: string): string[] =>
  spaced(line)
    .split(JOINING, NAMES_MAX)
    .map((name) => name.trim())
    .filter(Boolean)

/** A line as what stands before `feat.` and the names after it; the second is empty where there is no such word. */
export function splitFeaturing(line: string): { before: string; featured: string[] } {
  const text = spaced(line)
  const found = FEATURING.exec(text)
  if (!found) return { before: text, featured: [] }
  const before = text.slice(0, found.index).replace(/[ ([]+$/, '')
  const after = text.slice(found.index + found[0].length).replaceAll(BRACKETS, ' ')
  // `A feat. B feat. C`: the second word joins like the others.
  const featured = splitFeaturing(after)
  return { before, featured: [...splitNames(featured.before), ...featured.featured].slice(0, NAMES_MAX) }
}

/**
 * Artists as given (one line, or a list as in tags) into a whole line and sets of names. Both are kept because
 * joining words are also parts of names: compare sets and whole lines, and let the better one win.
 */
export function readCredits(artists: readonly string[] | string): Credits {
  const lines = (typeof artists === 'string' ? [artists] : artists).slice(0, NAMES_MAX)
  const parts = lines.filter((line) => !namesNobody(line)).map(splitFeaturing)
  const before = parts.map((part) => part.before).filter(Boolean)
  return {
    whole: before.join(' & '),
    main: before.flatMap(splitNames).slice(0, NAMES_MAX),
    featured: parts.flatMap((part) => part.featured).slice(0, NAMES_MAX),
  }
}
