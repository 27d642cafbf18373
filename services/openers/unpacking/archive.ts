import { Problem } from '../../core/problem.ts'
import { ArchiveMemory, type Piece } from './archive-memory.ts'
import { listEntries } from './list-entries.ts'
import { type ListedEntry, Listing } from './listing.ts'
import { type EntryKind, type Fault, PIECE_BYTES, type PackedEntry } from './messages.ts'
import type { Outlet } from './outlet.ts'
import type { PackedFile } from './packed-file.ts'
import { isEmptySevenZip } from './seven-zip-header.ts'

/** Bits of `st_mode` that tell what an entry is. */
const kinds: Readonly<Record<number, EntryKind>> = {
  0o100000: 'file',
  0o120000: 'link',
  0o040000: 'folder',
}
/** Of libarchive's own words. */
const WORDS_MAX = 200

const ENCRYPTED: Fault = { type: 'open/encrypted', detail: 'It is encrypted, and no password is tried' }
const NOT_TOLD: Fault = {
  type: 'open/damaged',
  detail: 'It is listed in the archive, and cannot be unpacked',
}
const CUT_OFF: Fault = { type: 'open/damaged', detail: 'It breaks off before the first file in it' }

/** What libarchive says is wrong, as a problem of ours. */
function faultOf(words: string): Fault {
  const said = words.slice(0, WORDS_MAX) || 'it breaks off'
  if (/encrypt|passphrase/i.test(said)) return ENCRYPTED
  if (/allocat|memory/i.test(said))
    return { type: 'open/too-large', detail: 'Unpacking it takes more memory than is allowed' }
  if (/unsupported|not supported/i.test(said))
    return { type: 'open/unsupported', detail: `It is packed in a way that is not read: ${said}` }
  return { type: 'open/damaged', detail: `It cannot be read further: ${said}` }
}

const problemOf = ({ type, detail }: Fault): Problem => new Problem(type, detail)

/** Has libarchive do something. @throws {Problem} as `faultOf` makes it of what libarchive throws. */
function asked<Result>(work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    throw problemOf(faultOf(error instanceof Error ? error.message : String(error)))
  }
}

/**
 * Takes a 7z or RAR apart with libarchive, in memory of its own. The names are those of the archive's headers, because
 * libarchive, as it is built here, knows no letters but those of ASCII.
 *
 * @returns bytes of memory that were used, which only the end of the thread gives back.
 * @throws {Problem} open/damaged, open/encrypted, open/too-large, open/unsupported, when nothing more can be read.
 */
export async function unpackArchive(file: PackedFile, bytes: number, outlet: Outlet): Promise<number> {
  const memory = await ArchiveMemory.load(file, bytes)
  const listing = new Listing(listEntries(memory))
  const archive = asked(() => memory.open())
  const piece = memory.piece(PIECE_BYTES)
  let entries = 0
  for (;;) {
    const entry = asked(() => memory.library.read_next_entry(archive))
    if (entry === 0) break
    entries += 1
    const about = entryTold(memory, entry, listing, outlet)
    if (outlet.isWanted(about))
      outlet.tell({ kind: 'entry-end', fault: giveEntry({ memory, archive, piece }, entry, outlet) })
  }
  const words = asked(() => memory.library.error_string(archive))
  const left = listing.rest()
  tellMissed(left, outlet)
  if (words) throw problemOf(faultOf(words))
  if (entries + left.length === 0) {
    if (memory.library.read_has_encrypted_entries(archive) > 0) throw problemOf(ENCRYPTED)
    // libarchive takes one that breaks off early for one that is empty.
    if (!isEmptySevenZip(memory.view())) throw problemOf(CUT_OFF)
  }
  return memory.usedBytes
}

/** Tells of entries that are listed, and of which libarchive says nothing. */
function tellMissed(missed: readonly ListedEntry[], outlet: Outlet): void {
  for (const { name, isEncrypted } of missed)
    outlet.isWanted({ name, kind: 'file', fault: isEncrypted ? ENCRYPTED : NOT_TOLD })
}

/** What is to be told of an entry of libarchive's, those told before it that it has passed over. */
function entryTold(memory: ArchiveMemory, entry: number, listing: Listing, outlet: Outlet): PackedEntry {
  const { name, kind, isEncrypted } = asked(() => describe(memory, entry))
  const found = listing.find(name)
  tellMissed(found?.passed ?? [], outlet)
  return {
    name: found?.entry.name ?? name ?? '',
    kind,
    fault: isEncrypted || found?.entry.isEncrypted === true ? ENCRYPTED : undefined,
  }
}

function describe(
  { library }: ArchiveMemory,
  entry: number,
): { name: string | undefined; kind: EntryKind; isEncrypted: boolean } {
  const isLink = Boolean(library.entry_symlink(entry) || library.entry_hardlink(entry))
  return {
    name: library.entry_pathname(entry) || undefined,
    kind: isLink ? 'link' : (kinds[library.entry_filetype(entry)] ?? 'other'),
    isEncrypted: library.entry_is_encrypted(entry) !== 0,
  }
}

interface Reading {
  readonly memory: ArchiveMemory
  readonly archive: number
  readonly piece: Piece
}

/** Hands over what an entry holds. @returns what is wrong with it. */
function giveEntry({ memory, archive, piece }: Reading, entry: number, outlet: Outlet): Fault | undefined {
  let bytes = 0
  for (;;) {
    const part = partOf(() => memory.readPiece(archive, piece))
    if (part instanceof Problem) return { type: part.type, detail: part.message }
    if (part.length === 0) break
    bytes += part.length
    if (!outlet.give(part)) return undefined
  }
  // Of the size that is claimed only the lower 32 bits cross over from libarchive.
  return (memory.library.entry_size(entry) | 0) === (bytes | 0)
    ? undefined
    : { type: 'open/damaged', detail: 'It has another length than is said of it' }
}

/** What libarchive gives, or what it says is wrong. */
function partOf(read: () => Uint8Array): Uint8Array | Problem {
  try {
    return asked(read)
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
}
