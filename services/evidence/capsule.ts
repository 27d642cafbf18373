import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'

import { z } from 'zod'

import { CapsuleId, CaseId, NoticeId, TenantId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import { StoredProblem } from '../core/stages.ts'
import type { Transitions } from '../core/stages.ts'
import {
  ITEMS_MAX,
  type ItemKind,
  MANIFEST_PATH,
  type Manifest,
  type ManifestItem,
  TIME_STAMP_PATH,
  manifestBytes,
} from './manifest.ts'
import {
  ENTRIES_MAX,
  type ZipEntry,
  ZIP_BYTES_MAX,
  crc32,
  directoryOf,
  localHeader,
  zipBytes,
} from './zip.ts'

/** The file of a capsule is kept for so long after it was built; then it can be built again. */
export const CAPSULE_DAYS = 30

export const CapsuleStage = z.enum(['capsule', 'done', 'failed'])
export type CapsuleStage = z.infer<typeof CapsuleStage>
export const capsuleTransitions = { capsule: ['done'] } as const satisfies Transitions

/** A capsule that was asked for: built by a job, kept for a while. Its manifest's hash and time stamp stay. */
export const Capsule = z.object({
  id: CapsuleId,
  tenantId: TenantId,
  caseId: CaseId.nullable(),
  noticeId: NoticeId.nullable(),
  stage: CapsuleStage,
  problem: StoredProblem.nullable(),
  progress: z.number(),
  manifestSha256: z.string().nullable(),
  timeStamped: z.boolean(),
  sha256: z.string().nullable(),
  bytes: z.number().nullable(),
  held: z.boolean(),
  requestedBy: z.string(),
  createdAt: z.date(),
  /** When it was built, or given up. */
  endedAt: z.date().nullable(),
})
export type Capsule = z.infer<typeof Capsule>

/** Bytes in memory, or a file that is not written to meanwhile. */
export type Content = Uint8Array | { readonly file: string }

/** A file that goes into a capsule. */
export interface CapsuleFile {
  readonly path: string
  readonly kind: ItemKind
  readonly mediaType: string
  readonly capturedAt: Date
  readonly content: Content
  /** The hash that was recorded for it when it was seen; it has to have it still. */
  readonly recordedSha256?: string | undefined
}

/** A file that was seen and is not in the capsule. */
export type AbsentFile = Omit<CapsuleFile, 'content' | 'recordedSha256'> & {
  readonly sha256: string
  readonly bytes: number
}

/** What stands in a manifest besides its items. */
export type CapsuleHead = Omit<Manifest, 'format' | 'items' | 'createdAt'> & { readonly createdAt: Date }

/** A capsule whose contents are fixed: what is left is to stamp its manifest and to write it. */
export interface Sealed {
  readonly manifest: Manifest
  readonly manifestBytes: Uint8Array
  readonly manifestSha256: string
  readonly files: readonly { readonly entry: ZipEntry; readonly content: Content }[]
}

async function* chunksOf(content: Content): AsyncGenerator<Uint8Array> {
  if (content instanceof Uint8Array) yield content
  else for await (const chunk of createReadStream(content.file)) yield chunk as Uint8Array
}

async function measured(content: Content): Promise<{ sha256: string; bytes: number; crc32: number }> {
  const hash = createHash('sha256')
  let bytes = 0
  let checksum = 0
  for await (const chunk of chunksOf(content)) {
    hash.update(chunk)
    checksum = crc32(chunk, checksum)
    bytes += chunk.length
  }
  return { sha256: hash.digest('hex'), bytes, crc32: checksum }
}

const itemOf = (
  { path, kind, mediaType, capturedAt }: AbsentFile | CapsuleFile,
  facts: Pick<ManifestItem, 'sha256' | 'bytes' | 'held'>,
): ManifestItem => ({ path, kind, mediaType, capturedAt: capturedAt.toISOString(), ...facts })

const byPath = (a: { path: string }, b: { path: string }): number => (a.path < b.path ? -1 : 1)

/**
 * Hashes everything that goes into a capsule and writes its manifest.
 *
 * @throws {Problem} evidence/tampered when a file is not any more what was recorded; request/too-large of too many
 *   files; {z.ZodError} of paths that a capsule cannot have.
 */
export async function sealCapsule(
  head: CapsuleHead,
  files: readonly CapsuleFile[],
  absent: readonly AbsentFile[],
): Promise<Sealed> {
  if (files.length + absent.length > ITEMS_MAX)
    throw new Problem('request/too-large', `The capsule would have more than ${ITEMS_MAX} files`)
  const items: ManifestItem[] = absent.map((file) =>
    itemOf(file, { sha256: file.sha256, bytes: file.bytes, held: false }),
  )
  const sealed: Sealed['files'][number][] = []
  for (const file of files.toSorted(byPath)) {
    const { sha256, bytes, crc32 } = await measured(file.content)
    if (file.recordedSha256 !== undefined && file.recordedSha256 !== sha256)
      throw new Problem(
        'evidence/tampered',
        `${file.path} has another SHA-256 than the one that was recorded`,
      )
    items.push(itemOf(file, { sha256, bytes, held: true }))
    sealed.push({ entry: { path: file.path, bytes, crc32 }, content: file.content })
  }
  const manifest: Manifest = {
    ...head,
    format: 'earwitness/capsule/1',
    createdAt: head.createdAt.toISOString(),
    items: items.toSorted(byPath),
  }
  const bytes = manifestBytes(manifest)
  const manifestSha256 = createHash('sha256').update(bytes).digest('hex')
  return { manifest, manifestBytes: bytes, manifestSha256, files: sealed }
}

/**
 * The bytes of a capsule, in its one order: the manifest, its time stamp, the files by their paths. The same contents
 * give the same bytes.
 *
 * @param timeStamp the token over the manifest (time-stamp.ts), if there is one.
 * @throws {Problem} request/too-large above 4 GiB; evidence/tampered when a file changed since it was sealed.
 */
export async function* capsuleBytes(sealed: Sealed, timeStamp?: Uint8Array): AsyncGenerator<Uint8Array> {
  const first = (path: string, content: Uint8Array) => ({
    entry: { path, bytes: content.length, crc32: crc32(content) },
    content,
  })
  const all = [
    first(MANIFEST_PATH, sealed.manifestBytes),
    ...(timeStamp ? [first(TIME_STAMP_PATH, timeStamp)] : []),
    ...sealed.files,
  ]
  const entries = all.map(({ entry }) => entry)
  if (entries.length > ENTRIES_MAX || zipBytes(entries) > ZIP_BYTES_MAX)
    throw new Problem(
      'request/too-large',
      'The capsule would have more files or bytes than a zip archive takes',
    )
  for (const { entry, content } of all) {
    yield localHeader(entry)
    let checksum = 0
    for await (const chunk of chunksOf(content)) {
      checksum = crc32(chunk, checksum)
      yield chunk
    }
    if (checksum !== entry.crc32)
      throw new Problem('evidence/tampered', `${entry.path} changed while the capsule was written`)
  }
  yield directoryOf(entries)
}
