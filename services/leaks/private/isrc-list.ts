import { parseIsrc } from '../../metadata/identifiers/identifiers.ts'

/** Codes of one check: a large label's new releases of a year. */
export const LIST_ISRCS_MAX = 10_000
/** What is read of a list: rows of a table with names have some hundred bytes. */
export const LIST_CHARACTERS_MAX = 5_000_000
/** Lines without a code that are told one by one. */
const FAULTS_MAX = 1_000
/** A code with hyphens, a label before it and spaces. */
const CELL_CHARACTERS_MAX = 40
/** Of a line without a code so much is shown. */
const SHOWN_CHARACTERS_MAX = 60

/** A line in which no ISRC stands. */
export interface ListFault {
  /** From 1. */
  readonly line: number
  readonly text: string
}

/** The codes of a list, each once, in its order. */
export interface IsrcList {
  readonly isrcs: readonly string[]
  readonly faults: readonly ListFault[]
  /** Lines without a code, those that are not told one by one among them. */
  readonly faultCount: number
  /** Codes that stand there more than once. */
  readonly repeated: number
  /** There was more than is read: codes, or characters. */
  readonly isCut: boolean
}

/** The codes of a line: of each cell that is one, however it is written. */
function codesOf(line: string): string[] {
  const whole = line.length <= CELL_CHARACTERS_MAX ? parseIsrc(line) : undefined
  if (whole !== undefined) return [whole]
  return line.split(/[\t,;|]/).flatMap((cell) => {
    const text = cell.trim().replaceAll(/^["']|["']$/g, '')
    return (text.length <= CELL_CHARACTERS_MAX ? parseIsrc(text) : undefined) ?? []
  })
}

/** Empty lines, comments, and the headings of a table are no faults. */
const saysNothing = (line: string, isFirst: boolean): boolean =>
  line === '' || line.startsWith('#') || (isFirst && /\bisrc\b/i.test(line))

/** Reads a list of ISRCs as people have them: one a line, or a table with codes in some column. */
export function readIsrcList(text: string, isrcsMax: number = LIST_ISRCS_MAX): IsrcList {
  const isrcs = new Set<string>()
  const faults: ListFault[] = []
  let [faultCount, repeated] = [0, 0]
  let isCut = text.length > LIST_CHARACTERS_MAX
  let isFirst = true
  const lines = text
    .slice(0, LIST_CHARACTERS_MAX)
    .replace(/^\u{FEFF}/u, '')
    .split(/\r\n|\r|\n/)
  for (const [index, raw] of lines.entries()) {
    const line = raw.trim()
    const codes = codesOf(line)
    if (codes.length === 0 && !saysNothing(line, isFirst)) {
      faultCount += 1
      if (faults.length < FAULTS_MAX)
        faults.push({ line: index + 1, text: line.slice(0, SHOWN_CHARACTERS_MAX) })
    }
    if (line !== '') isFirst = false
    for (const code of codes) {
      if (isrcs.has(code)) repeated += 1
      else if (isrcs.size < isrcsMax) isrcs.add(code)
      else isCut = true
    }
  }
  return { isrcs: [...isrcs], faults, faultCount, repeated, isCut }
}
