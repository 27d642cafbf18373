import { isKeepable } from '../../../core/keepable.ts'
import { entryLimits } from '../entry-limits.ts'
import type { ImportedRecording, ImportedRelease, RowError } from '../entry.ts'
import type { RowErrorCode } from '../row-error.ts'

const lengths = {
  title: entryLimits.titleCharacters,
  version: entryLimits.versionCharacters,
  rightsHolder: entryLimits.rightsHolderCharacters,
  pLine: entryLimits.lineCharacters,
  language: entryLimits.languageCharacters,
  genre: entryLimits.genreCharacters,
  ownId: entryLimits.ownIdCharacters,
} as const satisfies Partial<Record<keyof ImportedRecording, number>>
const texts = Object.keys(lengths) as (keyof typeof lengths)[]
const releaseLengths = {
  title: entryLimits.titleCharacters,
  label: entryLimits.labelCharacters,
  catalogNumber: entryLimits.catalogNumberCharacters,
  cLine: entryLimits.lineCharacters,
} as const satisfies Partial<Record<keyof ImportedRelease, number>>
const releaseTexts = Object.keys(releaseLengths) as (keyof typeof releaseLengths)[]
const forms = { isrc: /^[A-Z]{2}[A-Z0-9]{3}\d{7}$/, iswc: /^T\d{10}$/ } as const
const releaseForms = {
  upc: /^(\d{8}|\d{12,14})$/,
  grid: /^A1[A-Z0-9]{16}$/,
  releaseDate: /^\d{4}-\d\d-\d\d$/,
} as const

type Tell = (column: string, code: RowErrorCode, message: string) => void

function checkText(tell: Tell, column: string, text: string | undefined, lengthMax: number): void {
  if (text === undefined) return
  if (text.length > lengthMax) tell(column, 'too-long', `longer than ${lengthMax} characters`)
  else if (text === '') tell(column, 'malformed', 'is empty')
  else if (!isKeepable(text)) tell(column, 'encoding', 'holds a character that is no text')
}

function checkTexts(
  tell: Tell,
  column: string,
  texts: readonly string[] | undefined,
  limits: { most: number; lengthMax: number },
): void {
  if (!texts) return
  if (texts.length > limits.most) tell(column, 'too-many', `more than ${limits.most}`)
  for (const text of texts) checkText(tell, column, text, limits.lengthMax)
}

function checkForms<Name extends string>(
  tell: Tell,
  under: string,
  given: { readonly [N in NoInfer<Name>]?: string },
  wanted: { readonly [N in Name]: RegExp },
): void {
  for (const [name, form] of Object.entries<RegExp>(wanted)) {
    const text: string | undefined = given[name as Name]
    if (text !== undefined && !form.test(text))
      tell(under + name, 'identifier-malformed', 'does not have its form')
  }
}

/**
 * What of a recording the database could not keep. Readers have checked the words of their file; this is the last
 * look before many rows are written at once, so that one of them cannot spoil the others.
 *
 * @param titleKey its title as a key; '' for a title without a letter or a digit.
 */
export function faultsOf(row: number, recording: ImportedRecording, titleKey: string): RowError[] {
  const faults: RowError[] = []
  const tell: Tell = (column, code, message) => faults.push({ row, column, code, message })
  for (const name of texts) checkText(tell, name, recording[name], lengths[name])
  if (titleKey === '') tell('title', 'malformed', 'needs a letter or a digit')
  const people = { most: entryLimits.artists, lengthMax: entryLimits.artistCharacters }
  if (recording.artists.length === 0) tell('artists', 'missing', 'nobody is named')
  checkTexts(tell, 'artists', recording.artists, people)
  checkTexts(tell, 'featured', recording.featured, people)
  const addresses = { most: entryLimits.authorised, lengthMax: entryLimits.addressCharacters }
  checkTexts(tell, 'authorised', recording.authorised, addresses)
  checkForms(tell, '', recording, forms)
  const { durationMs, release } = recording
  if (
    durationMs !== undefined &&
    !(Number.isInteger(durationMs) && durationMs > 0 && durationMs <= entryLimits.durationMs)
  )
    tell('durationMs', 'malformed', 'is no duration from a millisecond to a day')
  if (!release) return faults
  for (const name of releaseTexts) checkText(tell, `release.${name}`, release[name], releaseLengths[name])
  checkForms(tell, 'release.', release, releaseForms)
  return faults
}
