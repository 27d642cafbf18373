import { nameKey } from '../../../metadata/normalise.ts'
import type { ImportedRecording, ImportedRights } from '../entry.ts'

/** Words for values, `|` between; compared without case and punctuation. */
const dictionary = <Value extends string | boolean>(
  ...entries: readonly (readonly [Value, string])[]
): ReadonlyMap<string, Value> =>
  new Map(
    entries.flatMap(([value, words]) => words.split('|').map((word) => [nameKey(word), value] as const)),
  )

/** Whether lyrics are marked as explicit; a cleaned version is not. */
export const explicitWords = dictionary<boolean>(
  [
    true,
    'yes|y|true|1|explicit|explicit content|parental advisory|pa|e|x|ja|oui|sí|explizit|explicite|explícito',
  ],
  [
    false,
    'no|n|false|0|not explicit|non explicit|clean|cleaned|edited|clean version|no advisory|not required' +
      '|no parental advisory|nein|non|nicht explizit|no explícito',
  ],
)

/** What is to happen with copies that are found. */
export const policyWords = dictionary<NonNullable<ImportedRecording['policy']>>(
  ['block', 'block|takedown|take down|remove'],
  ['monitor', 'monitor|track|watch|report only'],
  ['allow', 'allow|allowed|permit'],
)

/** In which part the sender has the rights. */
export const roleWords = dictionary<NonNullable<ImportedRights['role']>>(
  ['owner', 'owner|master owner|copyright owner|rights owner|rights holder'],
  ['exclusive-licensee', 'exclusive licensee|exclusive licence|exclusive license|exclusive'],
  ['agent', 'agent|administrator|rights administrator|representative'],
)

/** The only rights that are registered here, in words of sheets that also have others. */
export const recordingRightWords: ReadonlySet<string> = new Set(
  ['sound_recording', 'recording', 'master', 'masters', 'master recording', 'phonogram', 'sr'].map(nameKey),
)

/** What sheets write into cells of which nothing is known. Not `NA`: that is Namibia. */
export const nothingWords: ReadonlySet<string> = new Set([
  '-',
  '--',
  '–',
  '—',
  'n/a',
  '#n/a',
  'none',
  'null',
  'nil',
  'tbd',
  'tba',
])
