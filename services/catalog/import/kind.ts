import { Problem } from '../../core/problem.ts'
import type { ImportKind } from './import.ts'

/** Bytes of a file that `kindOf` wants to see: room for a long comment or blank lines before the first sign. */
export const HEAD_BYTES = 4_096

const decoderOf = (head: Uint8Array): string => {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le'
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be'
  return 'utf-8'
}

/**
 * What kind of catalogue a file is, by its first sign: `<` begins XML, `{` or `[` begins JSON, anything else a table.
 *
 * @param head the first bytes of the file.
 * @throws {Problem} file/unsupported for spreadsheets and archives, saying what to do.
 */
export function kindOf(head: Uint8Array): ImportKind {
  const signature = Buffer.from(head.subarray(0, 4)).toString('latin1')
  if (signature === 'PK\u0003\u0004')
    throw new Problem(
      'file/unsupported',
      'This is a ZIP archive or an Excel file; save the sheet as CSV, or unpack it',
    )
  if (signature === '\u00D0\u00CF\u0011\u00E0')
    throw new Problem('file/unsupported', 'This is an old Excel file; save the sheet as CSV')
  const text = new TextDecoder(decoderOf(head)).decode(head).trimStart()
  if (text.startsWith('<')) return 'ern'
  return text.startsWith('{') || text.startsWith('[') ? 'musicbrainz' : 'csv'
}
