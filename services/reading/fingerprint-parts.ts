import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { joinFingerprints, joinSketches } from '../audio/fingerprint/join.ts'
import type { FingerprintPool, PooledFingerprint } from '../audio/fingerprint/pool.ts'
import { Problem } from '../core/problem.ts'
import type { PartsRead } from '../submissions/parts-read.ts'
import { partsOf } from './part-files.ts'

/**
 * The fingerprint of a file of which only parts were read, as one suspect with nothing between them.
 *
 * @param path of the stored parts, one after the other.
 * @returns undefined when nothing can be heard in one of them: then all has to be read.
 * @throws {Problem} as `FingerprintPool.fingerprint`, of limits; the reason of `signal` when it is aborted.
 */
export async function fingerprintParts(
  pool: FingerprintPool,
  path: string,
  read: PartsRead,
  { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress?: (share: number) => void },
): Promise<Omit<PooledFingerprint, 'reference'> | undefined> {
  const parts = await partsOf(path, read)
  const folder = await mkdtemp(join(tmpdir(), 'earwitness-parts-'))
  try {
    const heard: { readonly fromMs: number; readonly made: PooledFingerprint }[] = []
    for (const [index, { pieces, fromMs }] of parts.entries()) {
      const file = join(folder, String(index))
      await writeFile(file, Buffer.concat(pieces))
      const made = await pool.fingerprint(file, { signal }).catch((error: unknown) => {
        if (error instanceof Problem && unheard.has(error.type)) return undefined
        throw error
      })
      if (!made) return undefined
      heard.push({ fromMs, made })
      onProgress?.((index + 1) / parts.length)
    }
    const last = heard.at(-1)
    if (!last) return undefined
    const durationMs = Math.max(read.durationMs ?? 0, Math.ceil(last.fromMs + last.made.durationMs))
    const placed = (bytes: (made: PooledFingerprint) => Uint8Array) =>
      heard.map(({ fromMs, made }) => ({ fromMs, bytes: bytes(made) }))
    return {
      suspect: joinFingerprints(
        placed(({ suspect }) => suspect),
        durationMs,
      ),
      ...(heard.some(({ made }) => made.otherMix) && {
        otherMix: joinFingerprints(
          placed(({ suspect, otherMix }) => otherMix ?? suspect),
          durationMs,
        ),
      }),
      sketch: joinSketches(
        placed(({ sketch }) => sketch),
        durationMs,
      ),
      durationMs,
      // A part begins and ends within the music; what a decoder says of its edges is no damage of the file.
      truncated: false,
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** A part that says nothing about the others. */
const unheard: ReadonlySet<string> = new Set([
  'audio/indistinct',
  'audio/too-short',
  'audio/undecodable',
  'file/empty',
])
