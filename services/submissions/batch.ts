import { z } from 'zod'

import { BatchId } from '../core/ids.ts'
import { canonicalUrlOf } from './canonical-url.ts'
import { SubmissionStage, SubmittedUrl } from './submission.ts'

/** Addresses that may be handed in together: a day's finds of a large search, written in seconds. */
export const BATCH_ADDRESSES_MAX = 10_000
/** So many addresses of the greatest length, with what a table has beside them. */
export const BATCH_BYTES_MAX = 24_000_000
/** Refused lines that are kept: whoever handed in worse has to look at the list anyway. */
export const REFUSED_KEPT_MAX = 1_000
/** What is read of a line: an address and whatever a table has before it. */
const LINE_CHARACTERS_MAX = 10_000
/** Of a refused line: enough to find it again. */
const REFUSED_CHARACTERS_MAX = 200
/** The rate at which a batch moves on is measured over so long. */
export const RATE_OVER_S = 600

/** A line of a list that is no address. Lines count from 1; of a JSON array, its elements. */
export const RefusedLine = z.object({ line: z.number(), text: z.string(), why: z.string() })
export type RefusedLine = z.infer<typeof RefusedLine>

/** What became of a submission, as its batch tells it. */
export const BatchResult = z.enum(['found', 'nothing', 'failed', 'waiting'])
export type BatchResult = z.infer<typeof BatchResult>

/** What was handed in together. */
export const Batch = z.object({
  id: BatchId,
  name: z.string(),
  /** Addresses in the request; what of them was not taken is a duplicate or was refused. */
  given: z.number(),
  /** In the request more than once, or in work already. */
  duplicates: z.number(),
  /** The first of those that are no addresses. */
  refused: z.array(RefusedLine),
  submittedBy: z.string(),
  createdAt: z.date(),
})
export type Batch = z.infer<typeof Batch>

/** How far a batch is: submissions by what became of them, and how many ended lately. */
export const BatchCounts = z.object({
  found: z.number(),
  nothing: z.number(),
  failed: z.number(),
  /** Waiting for their turn. */
  queued: z.number(),
  /** Begun and not ended. */
  atWork: z.number(),
  endedLately: z.number(),
})
export type BatchCounts = z.infer<typeof BatchCounts>

/** One address of a batch and what became of it. */
export const BatchRow = z.object({
  id: z.uuid(),
  url: z.string(),
  stage: SubmissionStage,
  result: BatchResult,
  /** Recordings found in it. */
  recordings: z.number(),
  cases: z.array(z.string()),
  problem: z.string().nullable(),
  createdAt: z.date(),
  endedAt: z.date().nullable(),
})
export type BatchRow = z.infer<typeof BatchRow>

/** How a batch stands, for a bar: how many it has, how many have ended, and how long the others take. */
export function batchProgress(
  { createdAt }: Pick<Batch, 'createdAt'>,
  counts: BatchCounts,
  now: Date,
): { total: number; ended: number; secondsLeft: number | undefined } {
  const ended = counts.found + counts.nothing + counts.failed
  const open = counts.queued + counts.atWork
  const overS = Math.min(RATE_OVER_S, Math.max(1, (now.getTime() - createdAt.getTime()) / 1000))
  const secondsLeft =
    open > 0 && counts.endedLately > 0 ? Math.ceil((open * overS) / counts.endedLately) : undefined
  return { total: ended + open, ended, secondsLeft: open === 0 ? 0 : secondsLeft }
}

/** A list as it was read: its addresses once each, and the lines that are none. */
export interface ReadList {
  readonly addresses: readonly { readonly url: string; readonly key: string }[]
  readonly refused: readonly RefusedLine[]
  /** Lines that were meant as addresses. */
  readonly given: number
  readonly duplicates: number
}

type Line = { readonly line: number; readonly text: string }

const COLUMN = /^(?:url|link|address|location|href)s?$/i

/** The cells of a line of a table (RFC 4180, without line breaks in cells). */
function cellsOf(text: string, separator: string): string[] {
  const cells: string[] = []
  let cell = ''
  let isQuoted = false
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? ''
    if (character === '"' && isQuoted && text[at + 1] === '"') {
      cell += character
      at += 1
    } else if (character === '"' && (isQuoted || cell.trim() === '')) isQuoted = !isQuoted
    else if (character === separator && !isQuoted) {
      cells.push(cell.trim())
      cell = ''
    } else cell += character
  }
  return [...cells, cell.trim()]
}

/** Which column of a table has the addresses, when this line heads one. */
function headOf(text: string): { separator: string; column: number } | undefined {
  for (const separator of [',', ';', '\t']) {
    const column = cellsOf(text, separator).findIndex((cell) => COLUMN.test(cell))
    if (column >= 0) return { separator, column }
  }
  return undefined
}

/** The lines of a text that are not empty and no comment; cut where no address is longer. */
function* linesIn(text: string): Generator<Line> {
  const end = /\r\n?|\n/g
  for (let from = 0, line = 1; from <= text.length; line += 1) {
    const to = end.exec(text)?.index ?? text.length
    const own = text.slice(from, Math.min(to, from + LINE_CHARACTERS_MAX)).trim()
    if (own !== '' && !own.startsWith('#')) yield { line, text: own }
    if (to === text.length) return
    from = end.lastIndex
  }
}

/** The addresses of a text, one in a line, or of a table with a head. */
function* addressesIn(text: string): Generator<Line> {
  let head: ReturnType<typeof headOf>
  let isFirst = true
  for (const { line, text: own } of linesIn(text)) {
    if (isFirst) head = headOf(own)
    if (!isFirst || !head) {
      const address = head ? cellsOf(own, head.separator)[head.column] : own.split('\t', 1)[0]
      yield { line, text: address?.trim() ?? '' }
    }
    isFirst = false
  }
}

/** The elements of a JSON array: addresses, or objects with one as `url`; undefined for other texts. */
function elementsOf(text: string): Line[] | undefined {
  if (!text.startsWith('[')) return undefined
  let read: unknown
  try {
    read = JSON.parse(text)
  } catch {
    return undefined // Then it is a text that begins with a bracket; its lines are told to be no addresses.
  }
  const urlOf = (element: unknown): unknown =>
    typeof element === 'object' && element !== null && 'url' in element ? element.url : element
  return (read as unknown[]).slice(0, BATCH_ADDRESSES_MAX + 1).map((element, index) => {
    const given = urlOf(element)
    return { line: index + 1, text: typeof given === 'string' ? given.trim() : 'no text' }
  })
}

/** What a text has that the database cannot keep, and no address has. */
const UNKEEPABLE = /[\p{Cc}\p{Cs}]/gu

function faultOf(text: string): string | undefined {
  if (text === '') return 'the address is missing'
  if (text.search(UNKEEPABLE) >= 0) return 'has characters that no address has'
  if (text.length > 2048) return 'is longer than 2048 characters'
  return SubmittedUrl.safeParse(text).success ? undefined : 'not an http or https address'
}

/**
 * Reads a list of addresses: one in a line, a table with a column `url`, or a JSON array. It never throws, and stops when
 * there are more than may be handed in together.
 */
export function readList(text: string): ReadList {
  const addresses = new Map<string, string>()
  const refused: RefusedLine[] = []
  let given = 0
  let duplicates = 0
  for (const { line, text: url } of elementsOf(text.trimStart()) ?? addressesIn(text)) {
    given += 1
    if (given > BATCH_ADDRESSES_MAX) break
    const why = faultOf(url)
    if (why !== undefined) {
      refused.push({ line, text: url.slice(0, REFUSED_CHARACTERS_MAX).replaceAll(UNKEEPABLE, '\uFFFD'), why })
      continue
    }
    const key = canonicalUrlOf(url)
    if (addresses.has(key)) duplicates += 1
    else addresses.set(key, url)
  }
  return { addresses: [...addresses].map(([key, url]) => ({ key, url })), refused, given, duplicates }
}
