import { decodeFingerprint } from '../../services/audio/fingerprint/fingerprint.ts'
import type { FingerprintPool, PooledFingerprint } from '../../services/audio/fingerprint/pool.ts'
import type { ReferenceIndex } from '../../services/audio/index/reference-index.ts'
import { searchIndex } from '../../services/audio/search/search.ts'
import type { SearchResult } from '../../services/audio/search/search.ts'
import { coveredShare } from '../../services/matches/match.ts'
import { asWhole, isEnough } from '../../services/reading/enough.ts'
import { fingerprintParts } from '../../services/reading/fingerprint-parts.ts'
import { readAddress } from '../../services/reading/read-address.ts'
import type { ReadAddress, ReadingTools } from '../../services/reading/reading-tools.ts'

export const OWNER = 'bench'

/** What is said of a suspect. */
export interface Verdict {
  /** Each recording that is in it, in order of its name, and whether all of it is. */
  readonly found: string
  readonly seconds: number
  /** All was read, at once or because parts were not enough. */
  readonly readWhole: boolean
}

export interface VerdictTools extends ReadingTools {
  readonly pool: FingerprintPool
  readonly index: ReferenceIndex
}

/** A recording counts as there as a whole from this share on: fades and silence have nothing to recognise. */
const WHOLE_SHARE = 0.9

/** Reads, listens and searches as the workers do: parts first, unless everything is wanted. */
export async function judge(
  tools: VerdictTools,
  url: string,
  whole: boolean,
  signal: AbortSignal,
): Promise<Verdict> {
  const startedAt = performance.now()
  const told = (found: readonly Found[], readWhole: boolean): Verdict => ({
    found: found
      .map(({ id, shareOfRecording }) => `${id}${shareOfRecording >= WHOLE_SHARE ? ' whole' : ''}`)
      .toSorted()
      .join(', '),
    seconds: (performance.now() - startedAt) / 1000,
    readWhole,
  })
  const first = await readAddress(tools, url, { whole, signal })
  const made = await listen(tools, first, signal)
  const found = made && (await searchFor(tools, made, signal))
  const item = { read: first.read, durationMs: made?.durationMs ?? null }
  if (found && isEnough(item, found)) return told(asWhole(item, found), first.read === null)
  const all = await readAddress(tools, url, { whole: true, signal })
  const heard = await listen(tools, all, signal)
  return told(heard ? await searchFor(tools, heard, signal) : [], true)
}

type Heard = Pick<PooledFingerprint, 'suspect' | 'otherMix' | 'durationMs'>

async function listen(
  { pool, blobs }: VerdictTools,
  { sha256, read }: ReadAddress,
  signal: AbortSignal,
): Promise<Heard | undefined> {
  const path = await blobs.path(sha256)
  if (path === undefined) throw new Error('What was read is not there')
  return read ? fingerprintParts(pool, path, read, { signal }) : pool.fingerprint(path, { signal })
}

interface Found {
  readonly id: string
  readonly passages: Parameters<typeof isEnough>[1][number]['passages']
  readonly shareOfRecording: number
  readonly shareOfSuspect: number
}

async function searchFor({ index }: VerdictTools, heard: Heard, signal: AbortSignal): Promise<Found[]> {
  const { passages } = await searchIndex(index, decodeFingerprint(heard.suspect), {
    owner: OWNER,
    signal,
    ...(heard.otherMix && { otherMix: decodeFingerprint(heard.otherMix) }),
  })
  return [...new Set(passages.map(({ referenceId }) => referenceId))].map((id) =>
    foundOf(id, passages, index.durationMsOf(id) ?? 0, heard.durationMs),
  )
}

function foundOf(id: string, passages: SearchResult['passages'], lengthMs: number, suspectMs: number): Found {
  const own = passages.filter(({ referenceId }) => referenceId === id)
  return {
    id,
    passages: own.map(({ referenceId: _id, ...passage }) => ({
      ...passage,
      sharedWith: passage.sharedWith.map((other) => other as never),
      excluded: false,
      points: [...passage.points],
    })),
    shareOfRecording: coveredShare(
      own.map((each) => [each.referenceFromMs, each.referenceToMs] as const),
      lengthMs,
    ),
    shareOfSuspect: coveredShare(
      own.map((each) => [each.suspectFromMs, each.suspectToMs] as const),
      suspectMs,
    ),
  }
}
