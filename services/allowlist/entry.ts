import { z } from 'zod'

import { AllowEntryId, RecordingId, ReleaseId, Sha256 } from '../core/ids.ts'
import {
  type Read,
  domainsOf,
  hostOf,
  isUnderPrefix,
  isWithinDomain,
  readDomain,
  readPrefix,
  siteOfAddress,
  siteOfPrefix,
  urlOf,
} from './address.ts'
import { channelOf, readChannel } from './channel.ts'
import { isSharedSite } from './public-suffixes.ts'

/**
 * What is allowed. `domain`: with its subdomains. `url-prefix`: an address and what is under it. `channel`: an account
 * on a platform. `file`: one file that was handed in without an address.
 */
export const AllowKind = z.enum(['domain', 'url-prefix', 'channel', 'file'])
export type AllowKind = z.infer<typeof AllowKind>

/** Leave for copies at a place. Entries are ended, never deleted. */
export const AllowEntry = z.object({
  id: AllowEntryId,
  kind: AllowKind,
  /** In its one spelling; see `readValue`. */
  value: z.string(),
  /** Of one recording or one release only; of the whole catalogue when both are null. */
  recordingId: RecordingId.nullable(),
  releaseId: ReleaseId.nullable(),
  /** The title of either, as far as it is still there. */
  scopeTitle: z.string().nullable(),
  reason: z.string(),
  licensee: z.string().nullable(),
  ownerId: z.string(),
  ownerName: z.string(),
  createdAt: z.date(),
  /** The last day on which it holds, in UTC; ISO 8601. */
  expiresOn: z.string().nullable(),
  endedAt: z.date().nullable(),
  endedBy: z.string().nullable(),
})
export type AllowEntry = z.infer<typeof AllowEntry>

/** As long as an address that can be handed in. */
const VALUE_LENGTH_MAX = 2048

/** A value of a kind in the one spelling in which it is kept, or why it is none. */
export function readValue(kind: AllowKind, text: string): Read {
  const read = readers[kind](text)
  return read.fault === undefined && read.value.length > VALUE_LENGTH_MAX
    ? { fault: `at most ${VALUE_LENGTH_MAX} characters` }
    : read
}

/** Paths of shared sites that tell nothing without what follows: whatever is shown there begins with them. */
const BARE_PATH =
  /^\/(d|embed|file|files|folders|p|playlist|post|posts|reel|results|search|shorts|status|video|videos|watch)\/?$/

/** A prefix under which not everybody's uploads are. */
function readOwnPrefix(text: string): Read {
  const url = urlOf(text)
  if (url && isSharedSite(hostOf(url)) && !url.search && BARE_PATH.test(url.pathname))
    return { fault: 'everything on this site begins so: give the whole address' }
  return readPrefix(text)
}

const readers: Readonly<Record<AllowKind, (text: string) => Read>> = {
  domain: readDomain,
  'url-prefix': readOwnPrefix,
  channel: readChannel,
  file(text) {
    const sha256 = Sha256.safeParse(
      text
        .trim()
        .toLowerCase()
        .replace(/^sha256:/, ''),
    )
    return sha256.success ? { value: sha256.data } : { fault: 'not a SHA-256: 64 digits from 0 to f' }
  },
}

/** What is given to make an entry; `normalised` checks what one field alone does not tell. */
export const newEntryFields = {
  kind: AllowKind.describe(
    '`domain`: with its subdomains. `url-prefix`: an address and what is under it. `channel`: an account on a ' +
      'platform. `file`: the SHA-256 of a file that was handed in without an address',
  ),
  value: z.string().trim().min(1).max(VALUE_LENGTH_MAX).describe('For example youtube.com/@name'),
  recordingId: RecordingId.optional().describe('For this recording only'),
  releaseId: ReleaseId.optional().describe('For the recordings of this release only'),
  reason: z.string().trim().min(1).max(500).describe('Why it is allowed'),
  licensee: z.string().trim().min(1).max(300).optional().describe('Who was given leave'),
  expiresOn: z.iso.date().optional().describe('The last day on which it holds, in UTC'),
}
const Fields = z.strictObject(newEntryFields)

/** For `transform`: an entry with its value in the one spelling in which it is kept. */
export function normalised<T extends z.output<typeof Fields>>(given: T, context: z.RefinementCtx<T>): T {
  if (given.recordingId && given.releaseId)
    context.addIssue({ code: 'custom', path: ['releaseId'], message: 'either one recording or one release' })
  const read = readValue(given.kind, given.value)
  if (read.fault === undefined) return { ...given, value: read.value }
  context.addIssue({ code: 'custom', path: ['value'], message: read.fault })
  return z.NEVER
}

export const NewAllowEntry = Fields.transform(normalised)
export type NewAllowEntry = z.output<typeof NewAllowEntry>

/** Where a copy is: its address, or the SHA-256 of a file that was handed in without one. */
export type Place = { readonly address: string } | { readonly sha256: string }

/** The place that the key of a case's location names. */
export function placeOfKey(locationKey: string): Place {
  const [, sha256] = /^sha256:([0-9a-f]{64})$/.exec(locationKey) ?? []
  return sha256 === undefined ? { address: locationKey } : { sha256 }
}

/** Under what an entry is looked for; see `lookupKeysOf`. */
export const lookupKeyOf = ({ kind, value }: Pick<AllowEntry, 'kind' | 'value'>): string =>
  kind === 'url-prefix' ? siteOfPrefix(value) : value

/** Under what all entries stand that may cover a place, and few others. */
export function lookupKeysOf(place: Place): string[] {
  if ('sha256' in place) return [place.sha256]
  const url = urlOf(place.address)
  if (!url) return []
  const channel = channelOf(url)
  return [...domainsOf(hostOf(url)), siteOfAddress(url), ...(channel ? [channel] : [])]
}

/** Whether a thing of a kind covers a place. */
export function covers({ kind, value }: Pick<AllowEntry, 'kind' | 'value'>, place: Place): boolean {
  if ('sha256' in place) return kind === 'file' && value === place.sha256
  const url = urlOf(place.address)
  if (!url) return false
  switch (kind) {
    case 'domain':
      return isWithinDomain(hostOf(url), value)
    case 'url-prefix':
      return isUnderPrefix(url, value)
    case 'channel':
      return channelOf(url) === value
    case 'file':
      // A file that may be handed to somebody may not for that reason be offered by everybody.
      return false
  }
}

/** Whether an entry stands at a time: not ended, and not past its last day. */
export const isInForce = (
  { expiresOn, endedAt }: Pick<AllowEntry, 'expiresOn' | 'endedAt'>,
  at: Date,
): boolean =>
  (endedAt === null || at < endedAt) && (expiresOn === null || at.toISOString().slice(0, 10) <= expiresOn)

/** Whether an entry gives leave for copies at a place at a time; of what, `concerns` tells. */
export const matchesEntry = (entry: AllowEntry, place: Place, at: Date): boolean =>
  isInForce(entry, at) && covers(entry, place)

/** Whether an entry speaks of a recording. */
export const concerns = (
  entry: Pick<AllowEntry, 'recordingId' | 'releaseId'>,
  recording: { readonly id: string; readonly releaseId: string | null },
): boolean =>
  entry.recordingId !== null
    ? entry.recordingId === recording.id
    : entry.releaseId === null || entry.releaseId === recording.releaseId

/** What can be allowed around a place, the narrowest first; for people to choose from. */
export function offersFor(place: Place): Pick<AllowEntry, 'kind' | 'value'>[] {
  if ('sha256' in place) return [{ kind: 'file', value: place.sha256 }]
  const url = urlOf(place.address)
  if (!url) return []
  const folder = new URL('.', url)
  folder.search = ''
  const wanted = [
    ['url-prefix', url.href],
    ['url-prefix', folder.href],
    ['channel', url.href],
    ['domain', hostOf(url)],
  ] as const
  const offers = wanted.flatMap(([kind, text]) => {
    const read = readValue(kind, text)
    const offer = read.fault === undefined ? { kind, value: read.value } : undefined
    return offer && covers(offer, place) ? [offer] : []
  })
  return offers.filter(
    ({ kind, value }, index) =>
      offers.findIndex((other) => other.kind === kind && other.value === value) === index,
  )
}
