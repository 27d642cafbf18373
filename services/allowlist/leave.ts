import type { RecordingPolicy } from '../catalog/recording.ts'
import type { AllowEntryId } from '../core/ids.ts'
import {
  type AllowEntry,
  type AllowKind,
  type Place,
  concerns,
  covers,
  matchesEntry,
  readValue,
} from './entry.ts'

/** What of a recording decides whether a copy may be. */
export interface Claimed {
  readonly id: string
  readonly releaseId: string | null
  readonly policy: RecordingPolicy
  /** Places as a catalogue names them: addresses and channels, but also plain words, which allow nothing. */
  readonly authorised: readonly string[]
}

/** Why a find does not wait for a person, in words, and what becomes of its case. */
export interface Leave {
  readonly state: 'allowed' | 'monitored'
  readonly words: string
  /** The entry of the allow-list that gives leave, if it is one. */
  readonly entryId: AllowEntryId | undefined
  /** Whether it is given for the place or for the recording, wherever it is. */
  readonly concerns: 'location' | 'work'
}

/** What an entry stands for, as people say it. */
export const kindNames: Readonly<Record<AllowKind, string>> = {
  channel: 'a channel',
  domain: 'a domain with its subdomains',
  'url-prefix': 'an address and what is under it',
  file: 'one file without an address',
}

/** An entry with what it says, for the history of a case and for refusals. */
export const entryWords = ({ value, licensee, expiresOn, reason }: AllowEntry): string =>
  `“${value}” is on the allow-list${licensee === null ? '' : ` for ${licensee}`}` +
  `${expiresOn === null ? '' : ` until ${expiresOn}`}: ${reason}`

/** The first of the places that a recording's own list names as authorised and that covers a place. */
function authorisedAt(authorised: readonly string[], place: Place): string | undefined {
  return authorised.find((text) =>
    (['channel', 'url-prefix', 'domain'] as const).some((kind) => {
      const read = readValue(kind, text)
      return read.fault === undefined && covers({ kind, value: read.value }, place)
    }),
  )
}

/**
 * Whether a copy of a recording at a place may be, at a time. Leave goes before watching: of a recording that is only
 * monitored, a copy at an allowed place is allowed.
 *
 * @param entries those that may cover the place; the first that does is named.
 * @returns undefined when a person has to look at it.
 */
export function leaveOf(
  recording: Claimed,
  place: Place,
  entries: readonly AllowEntry[],
  at: Date,
): Leave | undefined {
  const entry = entries.find((each) => concerns(each, recording) && matchesEntry(each, place, at))
  if (entry) return { state: 'allowed', words: entryWords(entry), entryId: entry.id, concerns: 'location' }
  const authorised = authorisedAt(recording.authorised, place)
  if (authorised !== undefined)
    return {
      state: 'allowed',
      words: `The catalogue names “${authorised}” as an authorised place of this recording`,
      entryId: undefined,
      concerns: 'location',
    }
  if (recording.policy === 'block') return undefined
  const about = { entryId: undefined, concerns: 'work' } as const
  return recording.policy === 'allow'
    ? { ...about, state: 'allowed', words: 'The policy of this recording is to allow copies' }
    : { ...about, state: 'monitored', words: 'The policy of this recording is to watch copies only' }
}
