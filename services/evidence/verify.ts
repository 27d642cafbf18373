import { z } from 'zod'

import { LOG_BYTES_MAX, type LogDocument, faultOfLog, isWhole, readLog } from './log.ts'
import {
  MANIFEST_BYTES_MAX,
  MANIFEST_PATH,
  Manifest,
  type ManifestItem,
  TIME_STAMP_PATH,
  canonicalValue,
} from './manifest.ts'
import {
  type ByteSource,
  type PlacedEntry,
  ZipFault,
  contentAt,
  crc32,
  directoryOf,
  layoutOf,
  localHeader,
  readDirectory,
} from './zip.ts'

/** One thing that was checked. */
export interface Check {
  readonly name: string
  /** Null: it could not be checked here, and `detail` says how it can. */
  readonly holds: boolean | null
  /** For people: what holds, or what is wrong. */
  readonly detail: string
}

/** What a capsule turned out to be. */
export interface Verification {
  readonly checks: readonly Check[]
  /** The manifest, as far as it can be read; believe it only when everything holds. */
  readonly manifest: Manifest | undefined
  readonly manifestSha256: string | undefined
}

/** What differs between a program and a browser. */
export interface Verifier {
  /** SHA-256 of bytes that come piece by piece, lower-case hex. */
  sha256(chunks: AsyncIterable<Uint8Array>): Promise<string>
  /** What the token over the manifest says, in words. @throws {Error} when it does not hold. Absent where that is not checked. */
  readonly timeStamp?: (token: Uint8Array, manifest: Uint8Array) => Promise<string>
  /** How many bytes were read, of how many. */
  readonly onProgress?: (done: number, total: number) => void
}

/** A file is read in pieces of this many bytes. */
const PIECE_BYTES = 1 << 20
/** A time stamp has some kilobytes (time-stamp.ts). */
const TOKEN_BYTES_MAX = 1 << 20
/** A forged capsule has ten thousand faults; who reads of them wants the first. */
const DETAIL_CHARACTERS_MAX = 2_000

/** Whether everything that was checked holds. */
export const allHold = ({ checks }: Verification): boolean => checks.every(({ holds }) => holds !== false)

async function* piecesOf(source: ByteSource, at: number, bytes: number): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < bytes; done += PIECE_BYTES)
    yield await source.read(at + done, Math.min(PIECE_BYTES, bytes - done))
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

const cut = (text: string, charactersMax: number): string =>
  text.length > charactersMax ? `${text.slice(0, charactersMax)}…` : text

const same = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, index) => byte === b[index])

/** A file of the archive with what its bytes turned out to be. */
interface Examined extends PlacedEntry {
  readonly sha256: string
}

/** Reads every file once, and makes all headers anew from what was read. */
async function examine(
  source: ByteSource,
  verifier: Verifier,
): Promise<{ files: Examined[]; faults: string[] }> {
  const { placed, directoryAt } = layoutOf(await readDirectory(source))
  const files: Examined[] = []
  const faults: string[] = []
  for (const entry of placed) {
    let checksum = 0
    let done = contentAt(entry)
    async function* counted(): AsyncGenerator<Uint8Array> {
      for await (const piece of piecesOf(source, done, entry.bytes)) {
        checksum = crc32(piece, checksum)
        done += piece.length
        verifier.onProgress?.(done, source.bytes)
        yield piece
      }
    }
    const sha256 = await verifier.sha256(counted())
    const header = localHeader({ ...entry, crc32: checksum })
    if (checksum !== entry.crc32) faults.push(`the bytes of ${entry.path} do not fit their checksum`)
    else if (!same(header, await source.read(entry.at, header.length)))
      faults.push(`the header of ${entry.path} is not as it was written`)
    files.push({ ...entry, crc32: checksum, sha256 })
  }
  const directory = await source.read(directoryAt, source.bytes - directoryAt)
  if (faults.length === 0 && !same(directory, directoryOf(files)))
    faults.push('the directory of the archive is not as it was written')
  return { files, faults }
}

/** Whether the archive has just the files that the manifest says are in it, in their order. */
function faultOfList(files: readonly Examined[], items: readonly ManifestItem[]): string | undefined {
  const listed = items.filter(({ held }) => held).map(({ path }) => path)
  const first = files[1]?.path === TIME_STAMP_PATH ? 2 : 1
  const there = files.slice(first).map(({ path }) => path)
  const [isListed, isThere] = [new Set(listed), new Set(there)]
  const missing = listed.filter((path) => !isThere.has(path))
  const strange = there.filter((path) => !isListed.has(path))
  if (missing.length > 0) return `missing: ${missing.join(', ')}`
  if (strange.length > 0) return `not in the manifest: ${strange.join(', ')}`
  if (there.length !== listed.length || there.some((path, index) => path !== listed[index]))
    return 'the files are not in their order, or there twice'
  return undefined
}

function checkOfFile(item: ManifestItem, file: Examined): Check {
  const { path: name } = item
  if (file.bytes !== item.bytes)
    return { name, holds: false, detail: `has ${file.bytes} bytes instead of ${item.bytes}` }
  if (file.sha256 !== item.sha256)
    return { name, holds: false, detail: `is not what was recorded: its SHA-256 is ${file.sha256}` }
  return { name, holds: true, detail: `SHA-256 ${item.sha256}` }
}

/** What the checks of single parts have in common. */
interface Opened {
  readonly manifest: Manifest
  readonly files: ReadonlyMap<string, Examined>
  readonly read: (path: string, bytesMax: number) => Promise<Uint8Array>
  readonly verifier: Verifier
}

/** The log of a capsule; undefined when there is none that can be read. */
async function logOf({ manifest, files, read }: Opened): Promise<LogDocument | undefined> {
  const item = manifest.items.find(({ kind }) => kind === 'log')
  return item?.held && files.has(item.path) ? readLog(await read(item.path, LOG_BYTES_MAX)) : undefined
}

async function checkOfLog({ manifest, verifier }: Opened, log: LogDocument | undefined): Promise<Check> {
  const name = 'Audit log'
  if (!log) return { name, holds: false, detail: 'there is none that can be read' }
  const fault = await faultOfLog(log, (bytes) => verifier.sha256(only(bytes)))
  if (fault) return { name, holds: false, detail: fault }
  const head = log.entries.at(-1)
  if (head?.entryHash !== manifest.auditHead.entryHash || head.number !== manifest.auditHead.number)
    return { name, holds: false, detail: 'it does not end at the head that the manifest names' }
  const whole = log.entries.filter(isWhole).length
  return {
    name,
    holds: true,
    detail: `${whole} entries about it; ${log.entries.length} in all, up to entry ${head.number}`,
  }
}

/** The hashes that entries of the log name: those of what was signed and issued are among them. */
function loggedHashes(log: LogDocument | undefined): ReadonlySet<string> {
  const details = (log?.entries ?? []).filter(isWhole).map((entry) => entry.details)
  return new Set(details.flatMap((each) => Object.values(each)).filter((value) => typeof value === 'string'))
}

/** Signed notices and issued reports are the very bytes whose hash the log has. */
function checkOfDocuments(opened: Opened, log: LogDocument | undefined): Check[] {
  const { subject, items } = opened.manifest
  const documents = items.filter(({ kind, held }) => held && (kind === 'notice' || kind === 'report'))
  const logged = loggedHashes(log)
  const checks = documents.map(({ path, sha256 }): Check => {
    const holds = logged.has(opened.files.get(path)?.sha256 ?? '')
    const detail = holds ? `the audit log has its hash ${sha256}` : 'no entry of the audit log has its hash'
    return { name: `Document ${path}`, holds, detail }
  })
  if (subject.kind !== 'notice') return checks
  const holds = documents.some(({ path }) => opened.files.get(path)?.sha256 === subject.documentSha256)
  const detail = holds ? subject.documentSha256 : 'no file has the hash of the signed notice'
  return [...checks, { name: `Notice ${subject.number}`, holds, detail }]
}

async function checkOfTimeStamp({ manifest, files, read, verifier }: Opened): Promise<Check> {
  const name = 'Time stamp'
  if (files.has(TIME_STAMP_PATH) !== manifest.timeStamped)
    return {
      name,
      holds: false,
      detail: manifest.timeStamped ? 'it was taken out' : 'the manifest says that there is none',
    }
  if (!files.has(TIME_STAMP_PATH)) return { name, holds: null, detail: 'the capsule has none' }
  if (!verifier.timeStamp)
    return {
      name,
      holds: null,
      detail:
        'its signature is not checked here: use `earwitness verify` or `openssl ts -verify` (README.txt)',
    }
  try {
    const token = await read(TIME_STAMP_PATH, TOKEN_BYTES_MAX)
    const detail = await verifier.timeStamp(token, await read(MANIFEST_PATH, MANIFEST_BYTES_MAX))
    return { name, holds: true, detail }
  } catch (error) {
    return { name, holds: false, detail: error instanceof Error ? error.message : String(error) }
  }
}

async function checksWithin(opened: Opened): Promise<Check[]> {
  const { manifest, files } = opened
  const fault = faultOfList([...files.values()], manifest.items)
  const checks: Check[] = [
    {
      name: 'List of files',
      holds: fault === undefined,
      detail: fault ?? `${files.size} files, each accounted for`,
    },
  ]
  for (const item of manifest.items) {
    const file = files.get(item.path)
    if (item.held && file) checks.push(checkOfFile(item, file))
  }
  const log = await logOf(opened)
  checks.push(await checkOfLog(opened, log), ...checkOfDocuments(opened, log))
  return [...checks, await checkOfTimeStamp(opened)]
}

/** The manifest of some bytes, or why they are none. */
function manifestOf(bytes: Uint8Array): { manifest?: Manifest; fault?: string } {
  const value = canonicalValue(bytes)
  if (value === undefined) return { fault: 'it is not canonical JSON (RFC 8785)' }
  const parsed = Manifest.safeParse(value)
  return parsed.success ? { manifest: parsed.data } : { fault: z.prettifyError(parsed.error) }
}

/**
 * Verifies a capsule from nothing but its bytes: that the archive has no byte that is not accounted for, that each file
 * is what the manifest lists, that the audit log's entries follow from each other, that documents have the hashes that
 * were logged, and the time stamp. Any single changed byte is found. Who made the whole of it anew is found by the time
 * stamp, or by a hash of the manifest that is known from elsewhere.
 *
 * @param knownSha256 such a hash.
 */
export async function verifyCapsule(
  source: ByteSource,
  verifier: Verifier,
  knownSha256?: string,
): Promise<Verification> {
  const failed = (name: string, detail: string): Verification => ({
    checks: [{ name, holds: false, detail }],
    manifest: undefined,
    manifestSha256: undefined,
  })
  try {
    const { files, faults } = await examine(source, verifier)
    const archive: Check = {
      name: 'Archive',
      holds: faults.length === 0,
      detail: faults.length > 0 ? faults.join('; ') : 'every byte of it is accounted for',
    }
    const byPath = new Map(files.map((file) => [file.path, file]))
    const read = async (path: string, bytesMax: number): Promise<Uint8Array> => {
      const file = byPath.get(path)
      if (!file || file.bytes > bytesMax) throw new ZipFault(`${path} is missing or too large`)
      return source.read(contentAt(file), file.bytes)
    }
    if (byPath.size !== files.length) return failed('Archive', 'a file is there twice')
    const [first] = files
    if (first?.path !== MANIFEST_PATH) return failed('Archive', `its first file is not ${MANIFEST_PATH}`)
    const { manifest, fault } = manifestOf(await read(MANIFEST_PATH, MANIFEST_BYTES_MAX))
    const known = knownSha256 === undefined || knownSha256 === first.sha256
    const told: Check = {
      name: 'Manifest',
      holds: manifest !== undefined && known,
      detail:
        fault ?? (known ? `SHA-256 ${first.sha256}` : `its SHA-256 is ${first.sha256}, not the given one`),
    }
    const checks = manifest ? await checksWithin({ manifest, files: byPath, read, verifier }) : []
    const all = [archive, told, ...checks].map((check) => ({
      ...check,
      detail: cut(check.detail, DETAIL_CHARACTERS_MAX),
    }))
    return { checks: all, manifest, manifestSha256: first.sha256 }
  } catch (error) {
    if (!(error instanceof ZipFault)) throw error
    return failed('Archive', error.message)
  }
}
