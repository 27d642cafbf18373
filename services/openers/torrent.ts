import { Problem } from '../core/problem.ts'
import { kindOfEnding } from './address.ts'
import { BencodeReader } from './bencode.ts'
import type { FoundName, Opener } from './opener.ts'
import { placeName } from './place.ts'
import { readWhole } from './text-opener.ts'

/** Most of a torrent are the hashes of its pieces: 20 MiB of them are of some terabytes. */
const TORRENT_BYTES_MAX = 20 * 2 ** 20
/** Names held at once, so that the best can go first; more than any caller takes. */
const FILES_MAX = 200_000
/** Folders of a file tree (BEP 52) in each other. */
const FOLDERS_MAX = 32

interface NamedFile {
  readonly path: string
  readonly bytes: number | undefined
}

/** Names and sizes of a torrent. Trackers, peers, web seeds and who made it are passed over. */
class TorrentReading {
  readonly #reader: BencodeReader
  readonly #check: () => void
  name = ''
  files: readonly NamedFile[] = []
  isCut = false

  /** @param check called now and then; it throws when it has taken too long. */
  constructor(bytes: Buffer, check: () => void) {
    this.#reader = new BencodeReader(bytes)
    this.#check = check
  }

  /** @throws {Problem} open/damaged; what was read until then stays. */
  read(): void {
    let isThere = false
    for (const key of this.#reader.keys()) {
      if (key === 'info' && this.#reader.next() === 'dictionary') {
        isThere = true
        this.#info()
      } else this.#reader.skip()
    }
    if (!isThere) throw new Problem('open/damaged', 'The torrent says nothing of its files')
  }

  #info(): void {
    let length: number | undefined
    const tree: NamedFile[] = []
    const listed: NamedFile[] = []
    try {
      for (const key of this.#reader.keys()) {
        const next = this.#reader.next()
        if (/^name(?:\.utf-8)?$/.test(key) && next === 'bytes') this.name = textOf(this.#reader.bytes())
        else if (key === 'length' && next === 'integer') length = this.#size()
        else if (key === 'files' && next === 'list') this.#list(listed)
        else if (key === 'file tree' && next === 'dictionary') this.#tree(tree, '', 0)
        else this.#reader.skip()
      }
    } finally {
      // A hybrid has both; the tree has no padding in it.
      if (tree.length > 0) this.files = this.#within(tree)
      else if (listed.length > 0) this.files = this.#within(listed)
      else if (this.name !== '') this.files = [{ path: this.name, bytes: length }]
    }
  }

  /** A torrent of one file has its name as the tree's only entry; else the name is the folder of all. */
  #within(files: readonly NamedFile[]): readonly NamedFile[] {
    const isWhole = this.name === '' || (files.length === 1 && files[0]?.path === this.name)
    return isWhole ? files : files.map(({ path, bytes }) => ({ path: `${this.name}/${path}`, bytes }))
  }

  #size(): number | undefined {
    const size = this.#reader.integer()
    return size >= 0 ? size : undefined
  }

  #keep(files: NamedFile[], file: NamedFile): void {
    this.#check()
    if (files.length < FILES_MAX) files.push(file)
    else this.isCut = true
  }

  /** Version 1: a list of dictionaries with `path` and `length`. */
  #list(files: NamedFile[]): void {
    for (const _ of this.#reader.members()) {
      let path = ''
      let bytes: number | undefined
      let isPadding = false
      for (const key of this.#reader.keys()) {
        const next = this.#reader.next()
        if ((key === 'path' || key === 'path.utf-8') && next === 'list') path = this.#path()
        else if (key === 'length' && next === 'integer') bytes = this.#size()
        else if (key === 'attr' && next === 'bytes') isPadding = this.#reader.bytes().includes('p')
        else this.#reader.skip()
      }
      if (!isPadding && !path.startsWith('.pad/')) this.#keep(files, { path, bytes })
    }
  }

  #path(): string {
    const parts: string[] = []
    for (const _ of this.#reader.members()) {
      if (this.#reader.next() !== 'bytes') this.#reader.skip()
      else if (parts.length < FOLDERS_MAX) parts.push(textOf(this.#reader.bytes()))
      else this.#reader.bytes()
    }
    return parts.join('/')
  }

  /** Version 2 (BEP 52): a dictionary for each folder; that of a file has one entry without a name. */
  #tree(files: NamedFile[], path: string, depth: number): void {
    if (depth > FOLDERS_MAX)
      throw new Problem('open/damaged', `Folders lie more than ${FOLDERS_MAX} deep in each other`)
    for (const key of this.#reader.keys()) {
      if (this.#reader.next() !== 'dictionary') this.#reader.skip()
      else if (key === '') this.#keep(files, { path, bytes: this.#lengthOfFile() })
      else this.#tree(files, path === '' ? key : `${path}/${key}`, depth + 1)
    }
  }

  #lengthOfFile(): number | undefined {
    let bytes: number | undefined
    for (const key of this.#reader.keys()) {
      if (key === 'length' && this.#reader.next() === 'integer') bytes = this.#size()
      else this.#reader.skip()
    }
    return bytes
  }
}

/** Longer names are none; the path is cut where it is shown anyway. */
const NAME_BYTES_MAX = 1_024

/** A name as UTF-8, which it should be, or in one byte for each letter. */
function textOf(bytes: Buffer): string {
  const some = bytes.subarray(0, NAME_BYTES_MAX)
  const text = some.toString('utf8')
  return text.includes('\uFFFD') ? some.toString('latin1') : text
}

/** What is looked for goes first: audio and video, pictures, archives, then all else. */
function ranked(files: readonly NamedFile[]): readonly NamedFile[] {
  const ranks: [NamedFile[], NamedFile[], NamedFile[], NamedFile[]] = [[], [], [], []]
  for (const file of files) {
    const ending = /\.([a-z0-9]{1,7})$/i.exec(file.path.slice(-10))?.[1] ?? ''
    const kind = kindOfEnding(ending)
    const rank = kind === 'media' ? 0 : kind === 'cover' ? 1 : kind === 'archive' ? 2 : 3
    ranks[rank].push(file)
  }
  return ranks.flat()
}

/**
 * Torrents of both versions and hybrids, of at most 20 MiB: names and sizes of their files, audio first. Nothing of their
 * content is fetched, and neither trackers nor peers nor web seeds are kept.
 */
export const openTorrent: Opener = async function* open(source, budget, signal) {
  const bytes = await readWhole(source, TORRENT_BYTES_MAX, signal)
  const reading = new TorrentReading(bytes, () => budget.checkTime())
  let problem: Problem | undefined
  try {
    reading.read()
  } catch (error) {
    if (!(error instanceof Problem) || error.type !== 'open/damaged') throw error
    problem = error
  }
  for (const { path, bytes: size } of ranked(reading.files)) {
    signal.throwIfAborted()
    budget.countItem()
    const found: FoundName = { kind: 'listed', name: placeName(path), bytes: size }
    yield found
  }
  if (problem) throw problem
  if (reading.isCut) throw new Problem('open/too-many', `The torrent has more than ${FILES_MAX} files`)
}
