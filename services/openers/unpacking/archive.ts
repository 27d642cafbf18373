import { type LibarchiveWasm, libarchiveWasm } from 'libarchive-wasm'

import { Problem } from '../../core/problem.ts'
import { type EntryKind, type Fault, PIECE_BYTES, type PackedEntry } from './messages.ts'
import type { Outlet } from './outlet.ts'
import type { PackedFile } from './packed-file.ts'

/** Bits of `st_mode` that tell what an entry is. */
const kinds: Readonly<Record<number, EntryKind>> = {
  0o100000: 'file',
  0o120000: 'link',
  0o040000: 'folder',
}
/** Of libarchive's own words. */
const WORDS_MAX = 200

/** What libarchive says is wrong, as a problem of ours. */
function faultOf(words: string): Fault {
  const said = words.slice(0, WORDS_MAX) || 'it breaks off'
  if (/encrypt|passphrase/i.test(said))
    return { type: 'open/encrypted', detail: 'It is encrypted, and no password is tried' }
  if (/allocat|memory/i.test(said))
    return { type: 'open/too-large', detail: 'Unpacking it takes more memory than is allowed' }
  if (/unsupported|not supported/i.test(said))
    return { type: 'open/unsupported', detail: `It is packed in a way that is not read: ${said}` }
  return { type: 'open/damaged', detail: `It cannot be read further: ${said}` }
}

const saidBy = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/**
 * Takes a 7z or RAR apart with libarchive, in memory of its own.
 *
 * @returns bytes of memory that were used, which only the end of the thread gives back.
 * @throws {Problem} open/damaged, open/encrypted, open/too-large, open/unsupported, when nothing more can be read.
 */
export async function unpackArchive(file: PackedFile, bytes: number, outlet: Outlet): Promise<number> {
  const library = await libarchiveWasm()
  const { module } = library
  const data: number = module._malloc(bytes)
  if (data === 0) throw new Problem('open/too-large', 'It takes more memory than is allowed')
  // The views are made anew when the memory grows.
  file.readInto(new Uint8Array(module.HEAPU8.buffer, data, bytes))
  const piece: number = module._malloc(PIECE_BYTES)
  try {
    let entries = 0
    const archive = library.read_new_memory(data, bytes)
    for (
      let entry = library.read_next_entry(archive);
      entry !== 0;
      entry = library.read_next_entry(archive)
    ) {
      const about = describe(library, entry)
      entries += 1
      if (!outlet.isWanted(about)) continue
      outlet.tell({ kind: 'entry-end', fault: giveEntry(library, archive, entry, piece, outlet) })
    }
    const words = library.error_string(archive)
    if (words) throw problemOf(faultOf(words))
    // Of a RAR 5 that begins with an encrypted file nothing is told but that there is one.
    if (entries === 0 && library.read_has_encrypted_entries(archive) > 0)
      throw problemOf(faultOf('encrypted'))
  } catch (error) {
    throw error instanceof Problem ? error : problemOf(faultOf(saidBy(error)))
  }
  return module.HEAPU8.length
}

const problemOf = ({ type, detail }: Fault): Problem => new Problem(type, detail)

function describe(library: LibarchiveWasm, entry: number): PackedEntry {
  const isLink = Boolean(library.entry_symlink(entry) || library.entry_hardlink(entry))
  return {
    name: library.entry_pathname(entry),
    kind: isLink ? 'link' : (kinds[library.entry_filetype(entry)] ?? 'other'),
    isEncrypted: library.entry_is_encrypted(entry) !== 0,
  }
}

/** Hands over what an entry holds. @returns what is wrong with it. */
function giveEntry(
  library: LibarchiveWasm,
  archive: number,
  entry: number,
  piece: number,
  outlet: Outlet,
): Fault | undefined {
  let bytes = 0
  try {
    for (;;) {
      const read = library.read_data(archive, piece, PIECE_BYTES)
      if (read === 0) break
      bytes += read
      if (!outlet.give(new Uint8Array(library.module.HEAPU8.buffer, piece, read))) return undefined
    }
  } catch (error) {
    return faultOf(saidBy(error))
  }
  // Of the size that is claimed only the lower 32 bits cross over from libarchive.
  return (library.entry_size(entry) | 0) === (bytes | 0)
    ? undefined
    : { type: 'open/damaged', detail: 'It has another length than is said of it' }
}
