import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'

import { Problem } from '../core/problem.ts'
import { MANIFEST_PATH, Manifest, canonicalValue } from './manifest.ts'
import { verifyTimeStamp } from './time-stamp.ts'
import { type Verification, type Verifier, verifyCapsule } from './verify.ts'
import { type ByteSource, ZipFault, contentAt, layoutOf, readDirectory } from './zip.ts'

/** SHA-256 of bytes that come piece by piece, lower-case hex. */
export async function sha256Of(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of chunks) hash.update(chunk)
  return hash.digest('hex')
}

/** SHA-256 of a file, lower-case hex. */
export const sha256OfFile = (path: string): Promise<string> => sha256Of(createReadStream(path))

/** Verifies capsules with all that this machine can. */
export const nodeVerifier: Verifier = {
  sha256: sha256Of,
  async timeStamp(token, manifest) {
    const { at, authority, serialNumber } = await verifyTimeStamp(token, manifest)
    return `by ${authority} at ${at.toISOString()}, serial number ${serialNumber}; whether to trust it is yours to judge`
  },
}

/** The bytes of an array. */
export const sourceOf = (bytes: Uint8Array): ByteSource => ({
  bytes: bytes.length,
  read: (at, length) => Promise.resolve(bytes.subarray(at, at + length)),
})

function sourceOfFile(file: FileHandle, bytes: number): ByteSource {
  return {
    bytes,
    async read(at, length) {
      const buffer = Buffer.alloc(length)
      const { bytesRead } = await file.read(buffer, 0, length, at)
      if (bytesRead !== length)
        throw new Problem('file/unsupported', 'The file became shorter while it was read')
      return buffer
    },
  }
}

/**
 * Verifies a capsule in a file.
 *
 * @param given.knownSha256 of the manifest, when it is known from elsewhere.
 * @throws {Problem} file/empty, file/unsupported when it is no zip archive at all; the system's error when it cannot be read.
 */
export async function verifyFile(
  path: string,
  given: { knownSha256?: string | undefined; onProgress?: Verifier['onProgress'] } = {},
): Promise<Verification> {
  const file = await open(path)
  try {
    const facts = await file.stat()
    if (!facts.isFile()) throw new Problem('file/unsupported', 'It is not a file')
    if (facts.size === 0) throw new Problem('file/empty', 'It has no bytes')
    const source = sourceOfFile(file, facts.size)
    const begin = Buffer.from(await source.read(0, Math.min(4, facts.size))).toString('latin1')
    const end = Buffer.from(
      await source.read(Math.max(0, facts.size - 22), Math.min(4, facts.size)),
    ).toString('latin1')
    if (begin !== 'PK\u0003\u0004' && end !== 'PK\u0005\u0006')
      throw new Problem('file/unsupported', 'It is no zip archive')
    const { onProgress } = given
    return await verifyCapsule(
      source,
      { ...nodeVerifier, ...(onProgress && { onProgress }) },
      given.knownSha256,
    )
  } finally {
    await file.close()
  }
}

/** The manifest of a capsule that was verified before. @throws {ZipFault} when it is none. */
export async function readManifest(path: string): Promise<Manifest> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const source = sourceOfFile(file, size)
    const entry = layoutOf(await readDirectory(source)).placed.find((each) => each.path === MANIFEST_PATH)
    if (!entry) throw new ZipFault('It has no manifest')
    return Manifest.parse(canonicalValue(await source.read(contentAt(entry), entry.bytes)))
  } finally {
    await file.close()
  }
}
