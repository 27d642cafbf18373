import type { ByteRange, FetchedHead } from './fetched.ts'
import { Problem } from './problem.ts'

/** A part of a file. */
export interface PartWanted extends ByteRange {
  /** The length of the whole, where it is known. */
  readonly totalBytes?: number | undefined
  /** Validators that the file was sent with before: by them the source tells whether it is still that one. */
  readonly etag?: string | undefined
  readonly lastModified?: string | undefined
}

/** A strong validator: a weak one says that two files mean the same, not that they have the same bytes (RFC 9110, 8.8). */
const STRONG_ETAG = /^"[\x21\x23-\x7e]*"$/

/** The headers that ask for a part of the file that was met before, and for all of it when it is another by now. */
export function rangeHeaders({ from, to, etag, lastModified }: PartWanted): Record<string, string> {
  const validator = etag !== undefined && STRONG_ETAG.test(etag) ? etag : lastModified
  return { range: `bytes=${from}-${to}`, ...(validator !== undefined && { 'if-range': validator }) }
}

/** A source sent another part of a file than it was asked for, or than it says. */
export const wrongPart = (what: string): Problem =>
  new Problem('fetch/wrong-part', `A part of the file was asked for and the source sent ${what}`)

/**
 * The part that an answer brings, held against what was asked for; undefined when it brings none, and is judged as any
 * other.
 *
 * @throws {Problem} fetch/wrong-part when it brings another part, or one of another file.
 */
export function sentPart(
  { status, headers }: FetchedHead,
  { from, to, totalBytes, etag, lastModified }: PartWanted,
): (ByteRange & { readonly totalBytes?: number }) | undefined {
  if (status === 416) throw wrongPart('word that there is none')
  if (status !== 206) return undefined
  if (!/^(?:identity)?$/i.test(headers['content-encoding']?.trim() ?? ''))
    throw wrongPart('a part of a compressed form of it')
  const [, first, last, total] =
    /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/i.exec(headers['content-range'] ?? '') ?? []
  if (first === undefined) throw wrongPart('something without saying which part it is')
  if (Number(first) !== from || Number(last) !== to) throw wrongPart('another part')
  const isSame = (now: string | undefined, before: string | undefined): boolean =>
    now === undefined || before === undefined || now === before
  if (
    (totalBytes !== undefined && Number(total) !== totalBytes) ||
    !isSame(headers['etag'], etag) ||
    !isSame(headers['last-modified'], lastModified)
  )
    throw wrongPart('a part of another file')
  return { from, to, ...(total !== '*' && { totalBytes: Number(total) }) }
}
