import { similarity } from '../similarity.ts'
import { maskOf } from '../titles/version-phrases.ts'
import { type Versions, DERIVATIVES } from '../titles/version-words.ts'

const EDITS = maskOf(['radio-edit', 'extended'])
const OTHERS = maskOf([
  'live',
  'acoustic',
  'remix',
  'instrumental',
  'karaoke',
  'cover',
  'tribute',
  'demo',
  'a-cappella',
  're-recorded',
  'mashup',
  'alternate',
])
const FASTER = maskOf(['sped-up', 'nightcore'])
const SLOWER = maskOf(['slowed'])

/** Names of remixers that differ more than this are two. */
const BY_SIMILARITY_MIN = 0.7

/**
 * How what a claim says of the version meets what we say of ours.
 *
 * - `same`: nothing that makes another recording; remaster, mono or stereo, clean or explicit count for nothing.
 * - `edit`: the same recording, shortened or lengthened.
 * - `derivative`: made from ours: sped up, slowed, nightcore, 8D, reverb, bass boosted.
 * - `other`: the claim speaks of another recording: live, remix, cover and the like, or other remixers.
 * - `unsaid`: ours is such a version and the claim does not say so, which file names often leave out.
 */
export type VersionRelation = 'same' | 'edit' | 'derivative' | 'other' | 'unsaid'

/** Compares by the matrix of `VersionRelation`. */
export function compareVersions(claimed: Versions, ours: Versions): VersionRelation {
  const added = claimed.mask & ~ours.mask
  const lacking = ours.mask & ~claimed.mask
  if ((added & OTHERS) !== 0) return 'other'
  const bothNamed = claimed.by !== '' && ours.by !== '' && (claimed.mask & ours.mask & OTHERS) !== 0
  if (bothNamed && similarity(claimed.by, ours.by) < BY_SIMILARITY_MIN) return 'other'
  if ((lacking & (OTHERS | DERIVATIVES)) !== 0) return 'unsaid'
  if ((added & DERIVATIVES) !== 0) return 'derivative'
  return ((added | lacking) & EDITS) !== 0 ? 'edit' : 'same'
}

/** Which way the words say that the speed was changed: 1 faster, -1 slower, 0 not said. */
export function saidSpeed({ mask }: Versions): -1 | 0 | 1 {
  if ((mask & FASTER) !== 0) return 1
  return (mask & SLOWER) !== 0 ? -1 : 0
}
