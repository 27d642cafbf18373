import { wordsOf } from '../titles/version-words.ts'
import type { NameKeys } from './name-keys.ts'
import type { NameField } from './name-levels.ts'

const fieldNames: Readonly<Record<NameField, string>> = {
  isrc: 'ISRC',
  upc: 'UPC',
  title: 'title',
  artists: 'artists',
  version: 'version',
  duration: 'duration',
  release: 'release',
  year: 'year',
}

const levelTexts: Readonly<Record<string, string>> = {
  'equal-long': 'equal',
  equal: 'equal',
  differs: 'differs',
  near: 'nearly equal',
  close: 'similar',
  part: 'equal as far as it goes',
  some: 'hardly similar',
  other: 'differs',
  'other-script': 'in another script',
  shared: 'equal in part',
  partly: 'similar in part',
  agreed: 'equal',
  edit: 'shortened or lengthened',
  derivative: 'made from ours',
}

/** Log-odds with their sign: `+9.1`, `−6.0`. */
const signed = (logOdds: number): string => `${logOdds < 0 ? '−' : '+'}${Math.abs(logOdds).toFixed(1)}`

const speedOf = (claim: NameKeys, ours: NameKeys): string => (ours.durationMs / claim.durationMs).toFixed(2)

function durationText(level: string, claim: NameKeys, ours: NameKeys): string {
  if (level === 'scaled') return `as at speed ${speedOf(claim, ours)}`
  if (level === 'not-scaled') return `not as the words say, but as at speed ${speedOf(claim, ours)}`
  const seconds = Math.round(Math.abs(claim.durationMs - ours.durationMs / (claim.speed || 1)) / 1000)
  const at = claim.speed === 0 || claim.speed === 1 ? '' : ` at speed ${claim.speed.toFixed(2)}`
  return level === 'equal' ? `equal${at}` : `off by ${seconds} s${at}`
}

function versionText(level: string, claim: NameKeys, ours: NameKeys): string {
  const words = (keys: NameKeys): string => wordsOf(keys.versions).join(', ') || 'nothing'
  if (level === 'unsaid') return `says ${words(claim)}, ours is ${words(ours)}`
  if (level === 'other') return `is another: ${words(claim)}, ours ${words(ours)}`
  return `${levelTexts[level]!} (${words(claim)})`
}

/** One reason in words, with what it adds: `ISRC equal +9.1`. A contradicted ISRC adds nothing and is told by a flag. */
export function reasonText(
  field: NameField,
  level: string,
  logOdds: number,
  claim: NameKeys,
  ours: NameKeys,
): string {
  const said =
    field === 'duration'
      ? durationText(level, claim, ours)
      : field === 'version'
        ? versionText(level, claim, ours)
        : levelTexts[level]!
  return `${fieldNames[field]} ${said} ${signed(logOdds)}`
}
