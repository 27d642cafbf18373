import { batchOf } from '../batch-of.ts'
import type { TrackCodec, TrackStatus } from '../manifest-row.ts'
import { mergePayloads, unpackPayload } from '../packed/word.ts'
import { PREFIXES_MAX, PREFIX_COUNT, payloadIn, prefixOf, splitBuckets } from './bucket-answer.ts'

/*
 * Asking whether ISRCs are in a leak without telling which: runs in a browser and in the command line. Everything that
 * leaves goes through an `Asker`, which is given prefixes and nothing else.
 */

/** A part in which a leak is published; as services/leaks/leak.ts has it. */
export interface CheckedBatch {
  readonly number: number
  readonly name: string
  readonly popularityFrom: number | null
  readonly popularityTo: number | null
  /** Null: not yet. */
  readonly publishedOn: string | null
}

/** A leak that can be asked, by its manifests. */
export interface CheckedLeak {
  readonly id: string
  readonly name: string
  readonly kind: string
  readonly takenOn: string | null
  readonly announcedOn: string | null
  readonly batches: readonly CheckedBatch[]
  /** Those that can be asked. */
  readonly manifestIds: readonly string[]
}

/** Whoever carries questions to a service. */
export interface Asker {
  leaks(): Promise<readonly CheckedLeak[]>
  /** The bucket of one prefix; the answer may come from a cache on the way. */
  bucket(manifestId: string, prefix: string): Promise<Uint8Array>
  /** The buckets of at most 500 prefixes in their order, as one answer. */
  buckets(manifestId: string, prefixes: readonly string[]): Promise<Uint8Array>
}

/** An ISRC of the list that a leak has. */
export interface CheckedIsrc {
  readonly isrc: string
  readonly leak: CheckedLeak
  readonly status: TrackStatus
  readonly codec: TrackCodec
  /** 0 to 100 as the source counts it; undefined when it does not say. */
  readonly popularity: number | undefined
  /** Undefined when it is in none that is known. */
  readonly batch: CheckedBatch | undefined
}

/** What was asked, and what was found. */
export interface PrivateAnswer {
  readonly leaks: readonly CheckedLeak[]
  /** In the order of the list, and for each code in the order of the leaks. */
  readonly found: readonly CheckedIsrc[]
}

interface Checking {
  /** Asks for every prefix there is, so that not even the prefixes tell anything; some 130 questions a manifest. */
  readonly everything?: boolean
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((done: number, total: number) => void) | undefined
}

/** So few prefixes are asked one by one, because each may lie in a cache. */
const SINGLY_MAX = 8
/** Digests are waited for together, but not all of a long list at once. */
const DIGESTS_AT_ONCE = 500

const encoder = new TextEncoder()

/** The hash by which an ISRC of 12 capital letters and digits is asked for. Browsers have it on secure pages only. */
const digestOf = async (isrc: string): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', encoder.encode(isrc)))

/** Each code with its hash, by prefix. */
type ByPrefix = ReadonlyMap<string, readonly { readonly isrc: string; readonly hash: Uint8Array }[]>

async function byPrefix(isrcs: readonly string[]): Promise<ByPrefix> {
  const groups = new Map<string, { isrc: string; hash: Uint8Array }[]>()
  for (let at = 0; at < isrcs.length; at += DIGESTS_AT_ONCE) {
    const some = isrcs.slice(at, at + DIGESTS_AT_ONCE)
    const hashes = await Promise.all(some.map(digestOf))
    for (const [i, hash] of hashes.entries()) {
      const prefix = prefixOf(((hash[0] as number) << 8) | (hash[1] as number))
      const group = groups.get(prefix)
      const one = { isrc: some[i] as string, hash }
      if (group) group.push(one)
      else groups.set(prefix, [one])
    }
  }
  return groups
}

/** What is asked for: the prefixes of codes, each once and sorted, so that they do not tell the order of a list. */
export const prefixesOf = async (isrcs: readonly string[]): Promise<string[]> =>
  [...(await byPrefix(isrcs)).keys()].toSorted()

const allPrefixes = (): string[] => Array.from({ length: PREFIX_COUNT }, (_, number) => prefixOf(number))

const chunksOf = <T>(list: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size))

/** Asks one manifest, and gives the bucket of each prefix. */
async function* bucketsOf(
  ask: Asker,
  manifestId: string,
  prefixes: readonly string[],
): AsyncGenerator<readonly [prefix: string, bucket: Uint8Array][]> {
  if (prefixes.length <= SINGLY_MAX)
    for (const prefix of prefixes) yield [[prefix, await ask.bucket(manifestId, prefix)]]
  else
    for (const some of chunksOf(prefixes, PREFIXES_MAX)) {
      const buckets = splitBuckets(await ask.buckets(manifestId, some), some.length)
      yield some.map((prefix, i) => [prefix, buckets[i] as Uint8Array])
    }
}

function described(isrc: string, leak: CheckedLeak, payload: number): CheckedIsrc {
  const { popularity, status, codec, batch: own } = unpackPayload(payload)
  const batch = batchOf(leak.batches, { own, popularity })
  return { isrc, leak, status, codec, popularity, batch }
}

/**
 * Asks all leaks for codes and decides here which are in them.
 *
 * @param isrcs of 12 capital letters and digits, each once.
 * @throws {RangeError} for an answer that is none; whatever `ask` throws; the reason of `signal`.
 */
export async function privateCheck(
  isrcs: readonly string[],
  ask: Asker,
  { everything = false, signal, onProgress }: Checking = {},
): Promise<PrivateAnswer> {
  const groups = await byPrefix(isrcs)
  const prefixes = everything ? allPrefixes() : [...groups.keys()].toSorted()
  const leaks = await ask.leaks()
  const total = prefixes.length * leaks.reduce((sum, { manifestIds }) => sum + manifestIds.length, 0)
  const found = new Map<string, CheckedIsrc[]>(isrcs.map((isrc) => [isrc, []]))
  let done = 0
  for (const leak of leaks) {
    const payloads = new Map<string, number>()
    for (const id of leak.manifestIds)
      for await (const buckets of bucketsOf(ask, id, prefixes)) {
        signal?.throwIfAborted()
        for (const [prefix, bucket] of buckets)
          for (const { isrc, hash } of groups.get(prefix) ?? []) {
            const payload = payloadIn(bucket, hash)
            const before = payloads.get(isrc)
            if (payload !== undefined)
              payloads.set(isrc, before === undefined ? payload : mergePayloads(before, payload))
          }
        onProgress?.((done += buckets.length), total)
      }
    for (const [isrc, payload] of payloads) found.get(isrc)?.push(described(isrc, leak, payload))
  }
  return { leaks, found: [...found.values()].flat() }
}
