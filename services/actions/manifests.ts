import { mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'

import { z } from 'zod'

import { audit } from '../core/audit.ts'
import { type LeakId, LeakManifestId, newId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import { uploadFolder } from '../leaks/folders.ts'
import { type Leak, type LeakManifest, MANIFEST_FILES_MAX, type ManifestFile } from '../leaks/leak.ts'
import * as manifests from '../leaks/manifest-store.ts'
import { ManifestMapping } from '../leaks/manifest/fields.ts'
import { BATCHES_MAX } from '../leaks/packed/word.ts'
import { type Caller, actorOf, hasRole } from '../tenants/tenant.ts'
import { type House, ring } from './house.ts'
import { ownLeak } from './leaks.ts'

/** Characters of a mapping as JSON: names of columns for every field, and room. */
const MAPPING_LENGTH_MAX = 20_000

/** A mapping as people write it down: JSON from our names of fields to those of the file. */
export const MappingText = z
  .string()
  .max(MAPPING_LENGTH_MAX)
  .transform((text, context) => {
    const refuse = (message: string): never => {
      context.addIssue({ code: 'custom', message })
      return z.NEVER
    }
    let json: unknown
    try {
      json = JSON.parse(text)
    } catch {
      return refuse('not JSON, e.g. {"isrc": "ISRC", "title": "Track Title"}')
    }
    const read = ManifestMapping.safeParse(json)
    return read.success ? read.data : refuse(z.prettifyError(read.error))
  })

/** What is said of a manifest beside its files. */
export const manifestWords = {
  name: z.string().trim().min(1).max(200).optional().describe('What it is called; else as its first file'),
  batch: z.coerce
    .number()
    .int()
    .min(0)
    .max(BATCHES_MAX)
    .default(0)
    .describe('The batch that all its rows are of; 0 when they are of several'),
  mapping: MappingText.optional().describe(
    'Which columns its fields are read from, as JSON, where their names are not known',
  ),
}
export const ManifestWords = z.object(manifestWords)
export type ManifestWords = z.infer<typeof ManifestWords>

/** Manifests of one leak: a list that is added week by week for years. */
const MANIFESTS_MAX = 200

/** A file as it comes in; its name is kept as text and never becomes a path. */
export interface GivenPart {
  readonly fileName: string
  readonly source: AsyncIterable<Uint8Array>
}

/** @throws {Problem} auth/forbidden: a key stands for the account, but of persons only its owners bring manifests. */
function requireBringer(caller: Caller): void {
  if (caller.kind === 'member' && !hasRole(caller, 'owner'))
    throw new Problem('auth/forbidden', 'Only an owner of the account, or its API key, can add manifests')
}

/** @throws {Problem} request/invalid when the leak has no batch of this number. */
export function requireBatch({ batches }: Leak, batch: number): void {
  if (batch === 0 || batches.some(({ number }) => number === batch)) return
  throw new Problem('request/invalid', `The leak has no batch ${batch}`, {
    faults: [{ pointer: '/batch', detail: 'the leak has no batch of this number' }],
  })
}

/** Writes one file to its place. @returns its bytes, which are on the disk. @throws {Problem} request/too-large. */
async function write(path: string, source: AsyncIterable<Uint8Array>, bytesMax: number): Promise<number> {
  const file = await open(path, 'wx', 0o640)
  let bytes = 0
  try {
    for await (const chunk of source) {
      bytes += chunk.length
      if (bytes > bytesMax)
        throw new Problem('request/too-large', 'The files are larger together than a manifest may be')
      await file.appendFile(chunk)
    }
    await file.sync()
  } finally {
    await file.close()
  }
  return bytes
}

/** Files as they come in, one behind the other, into the folder of an upload. */
function takeInto(folder: string, bytesMax: number) {
  const files: ManifestFile[] = []
  const used = (): number => files.reduce((sum, { bytes }) => sum + bytes, 0)
  return {
    files,
    take: async ({ fileName, source }: GivenPart): Promise<void> => {
      if (files.length >= MANIFEST_FILES_MAX)
        throw new Problem('request/too-large', `A manifest has at most ${MANIFEST_FILES_MAX} files`)
      const bytes = await write(join(folder, String(files.length)), source, bytesMax - used())
      if (bytes === 0) throw new Problem('file/empty', `“${fileName}” has no bytes`)
      files.push({ name: fileName.slice(0, 500), bytes, path: null })
    },
  }
}

/**
 * Takes the files of a manifest of the caller's own leak, and has them read. When it rejects nothing of them is left.
 *
 * @param receive hands each file to `take`, one after the other, and returns what is said of them.
 * @throws {Problem} auth/forbidden, row/unknown, request/too-large, request/invalid, file/empty; what `receive` throws.
 */
export async function addManifest(
  house: House,
  caller: Caller,
  leakId: LeakId,
  receive: (take: (part: GivenPart) => Promise<void>) => Promise<ManifestWords>,
): Promise<LeakManifest> {
  requireBringer(caller)
  await house.db.tenant(caller.tenantId, (tx) => ownLeak(tx, caller, leakId))
  const id = newId(LeakManifestId)
  const folder = uploadFolder(house.config, id)
  await mkdir(folder, { recursive: true })
  const taking = takeInto(folder, house.config.MANIFEST_BYTES_MAX)
  try {
    const words = await receive(taking.take)
    const added = await keep(house, caller, leakId, { id, words, files: taking.files })
    await ring(house, added.stage, added.id)
    return added
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

function keep(
  house: House,
  caller: Caller,
  leakId: LeakId,
  { id, words, files }: { id: LeakManifestId; words: ManifestWords; files: readonly ManifestFile[] },
): Promise<LeakManifest> {
  const [first] = files
  if (!first) throw new Problem('request/invalid', 'Choose a file first')
  return house.db.tenant(caller.tenantId, async (tx) => {
    // Again: it may have been removed while its files came in.
    const leak = await ownLeak(tx, caller, leakId)
    requireBatch(leak, words.batch)
    const by = actorOf(caller)
    const given = {
      id,
      name: words.name ?? first.name.slice(0, 200),
      files,
      mapping: words.mapping ?? {},
      batch: words.batch,
      by,
    }
    const added = await manifests.addManifest(tx, leak, given)
    if ((await manifests.listManifests(tx, leakId)).length > MANIFESTS_MAX)
      throw new Problem('request/conflict', `A leak has at most ${MANIFESTS_MAX} manifests`)
    const { name, bytes, batch } = added
    await audit(tx, caller.tenantId, {
      actor: by,
      action: 'leak.manifest-added',
      subject: `manifest:${id}`,
      details: { leak: leakId, name, files: files.length, bytes, batch },
    })
    return added
  })
}
