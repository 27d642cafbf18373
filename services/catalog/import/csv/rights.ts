import { nameKey } from '../../../metadata/normalise.ts'
import type { DateOrder } from '../../../metadata/values/dates.ts'
import { expandTerritories, readTerritories, WORLDWIDE } from '../../../metadata/values/territories.ts'
import { entryLimits } from '../entry-limits.ts'
import type { ImportedRecording, ImportedRights } from '../entry.ts'
import { remembered } from '../remembered.ts'
import { quoted, readShare } from '../row-checks.ts'
import type { CsvCells } from './cells.ts'
import { readDate } from './dates.ts'
import type { CsvField } from './fields.ts'
import { policyWords, recordingRightWords, roleWords } from './words.ts'

/** Territories of a text. The longest lists of a sheet are the same in each row, and cost more than the rest of it. */
const territoriesOf = remembered((text) => readTerritories(text.split('|')))

/** Codes of a column, or undefined when it says nothing. What is no territory is an error each. */
function readPlaces(
  cells: CsvCells,
  field: 'territories' | 'excluded_territories',
): readonly string[] | undefined {
  const text = cells.limited('error', field, entryLimits.territoriesCharacters)
  if (text === undefined) return undefined
  const { territories, unknown } = territoriesOf(text)
  for (const place of unknown) cells.error(field, 'unknown-value', `${quoted(place)} is no territory`)
  return territories
}

/** Where the rights are held: exclusions stay beside `Worldwide` and are taken out of a list. */
function readWhere(cells: CsvCells): Pick<ImportedRights, 'territories' | 'excludedTerritories'> | undefined {
  const included = readPlaces(cells, 'territories')
  const excluded = readPlaces(cells, 'excluded_territories')
  if (included === undefined && excluded === undefined) return undefined
  const territories = included ?? [WORLDWIDE]
  if (excluded === undefined) return { territories, excludedTerritories: [] }
  const remaining = expandTerritories(territories, excluded)
  if (remaining.size === 0 && territories.length > 0)
    cells.error('excluded_territories', 'contradiction', 'every territory is excluded')
  return territories.includes(WORLDWIDE)
    ? { territories, excludedTerritories: excluded }
    : { territories: [...remaining].toSorted(), excludedTerritories: [] }
}

/** A value that must be one of some words: rights are never guessed. */
function readExactly<Value>(
  cells: CsvCells,
  field: CsvField,
  words: ReadonlyMap<string, Value>,
): Value | undefined {
  const text = cells.text(field)
  const value = text === undefined ? undefined : words.get(nameKey(text))
  if (text !== undefined && value === undefined)
    cells.error(
      field,
      'unknown-value',
      `${quoted(text)} is none of ${[...new Set(words.values())].join(', ')}`,
    )
  return value
}

function shareOf(cells: CsvCells): number | undefined {
  const text = cells.text('share_percent')
  const share = text === undefined ? undefined : readShare(text)
  if (text !== undefined && share === undefined)
    cells.error('share_percent', 'malformed', `${quoted(text)} is no share of 0.01 to 100 percent`)
  return share
}

function readDay(
  cells: CsvCells,
  field: 'valid_from' | 'valid_to',
  order: DateOrder | undefined,
): string | undefined {
  const { date, fault } = readDate(cells, field, order)
  if (fault !== undefined) cells.error(field, 'malformed', fault)
  return date
}

/** Rights of a row; undefined when it says nothing about them. Whatever is not understood is an error. */
export function readRights(cells: CsvCells, dateOrder: DateOrder | undefined): ImportedRights | undefined {
  const right = cells.text('right_type')
  if (right !== undefined && !recordingRightWords.has(nameKey(right)))
    cells.error('right_type', 'unknown-value', `${quoted(right)} is no right in a sound recording`)
  const role = readExactly(cells, 'role', roleWords)
  const sharePercent = shareOf(cells)
  const where = readWhere(cells)
  const validFrom = readDay(cells, 'valid_from', dateOrder)
  const validTo = readDay(cells, 'valid_to', dateOrder)
  if (validFrom !== undefined && validTo !== undefined && validFrom > validTo)
    cells.error('valid_to', 'contradiction', `${validTo} is before ${validFrom}`)
  if (!role && sharePercent === undefined && !where && !validFrom && !validTo) return undefined
  return {
    ...(where ?? { territories: [WORLDWIDE], excludedTerritories: [] }),
    ...(role && { role }),
    ...(sharePercent !== undefined && { sharePercent }),
    ...(validFrom !== undefined && { validFrom }),
    ...(validTo !== undefined && { validTo }),
  }
}

/** What is to happen with copies; undefined when the row does not say. */
export const readPolicy = (cells: CsvCells): ImportedRecording['policy'] =>
  readExactly(cells, 'policy', policyWords)

/** A web address, with or without its scheme: `https://example.org/band`, `example.org/band`. */
const isAddress = (text: string): boolean =>
  text.length <= entryLimits.addressCharacters &&
  /^(?:https?:\/\/)?[^\s/:@]+\.[^\s/:@]{2,}(?::\d{1,5})?(?:[/?#]\S*)?$/i.test(text) &&
  URL.canParse(/^https?:/i.test(text) ? text : `https://${text}`)

/** Where the recording may be found. One that is not understood is an error: left out, its owner would be reported. */
export function readAuthorised(cells: CsvCells): readonly string[] | undefined {
  const lists = (['authorised_urls', 'authorised_channels'] as const).flatMap((field) =>
    (cells.text(field)?.split('|') ?? [])
      .map((text) => ({ field, text: text.trim() }))
      .filter(({ text }) => text !== ''),
  )
  for (const { field, text } of lists)
    if (field === 'authorised_urls' ? !isAddress(text) : text.length > entryLimits.addressCharacters)
      cells.error(field, 'malformed', `${quoted(text)} is no address`)
  if (lists.length > entryLimits.authorised)
    cells.error(
      lists[0]!.field,
      'too-many',
      `${lists.length} values; at most ${entryLimits.authorised} are kept`,
    )
  return lists.length === 0 ? undefined : [...new Set(lists.map(({ text }) => text))]
}
