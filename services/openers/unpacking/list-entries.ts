import { Problem } from '../../core/problem.ts'
import type { ArchiveMemory } from './archive-memory.ts'
import { HeaderError } from './header-reader.ts'
import { type ListedEntry, plainLetters } from './listing.ts'
import { listRar4 } from './rar4-headers.ts'
import { listRar5 } from './rar5-headers.ts'
import { readSevenZipHeader } from './seven-zip-header.ts'
import { readSevenZipNames } from './seven-zip-names.ts'

const MAGIC_BYTES_MAX = 8

const listSevenZip = (memory: ArchiveMemory): readonly ListedEntry[] =>
  readSevenZipNames(readSevenZipHeader(memory)).map((name) => ({
    name,
    letters: plainLetters(name),
    isEncrypted: false,
  }))

/**
 * Lists the entries of a 7z or RAR by its headers, as far as they make sense; what is wrong with them libarchive tells.
 * The memory may be changed so that libarchive goes through it without stumbling.
 */
export function listEntries(memory: ArchiveMemory): readonly ListedEntry[] {
  const listed: ListedEntry[] = []
  const magic = memory.view().toString('hex', 0, MAGIC_BYTES_MAX)
  try {
    if (magic.startsWith('377abcaf271c')) return listSevenZip(memory)
    if (magic.startsWith('526172211a0700')) listRar4(memory.view(), listed)
    else if (magic.startsWith('526172211a070100')) listRar5(memory.view(), listed)
  } catch (error) {
    if (!(error instanceof HeaderError || error instanceof Problem)) throw error
  }
  return listed
}
