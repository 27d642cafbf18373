import { type Term } from './coverage.ts'
import type { ErnArtist, ErnFile } from './message.ts'
import { EARLIEST, LATEST, type Period, readDay, readLastDay } from './period.ts'
import { readTerritorySet, type TerritorySet } from './territory-set.ts'
import { childrenOf, elementsAt, textAt, type XmlElement } from './xml.ts'

/** What all versions of ERN write alike. */

/** The one that is shown where nothing else is asked for: marked so, else for no language in particular, else the first. */
export const preferred = (elements: readonly XmlElement[]): XmlElement | undefined =>
  elements.find(({ attributes }) => attributes.get('IsDefault') === 'true') ??
  elements.find(({ attributes }) => !attributes.has('LanguageAndScriptCode')) ??
  elements[0]

/** Texts of every element at a path, without empty ones. */
export const textsAt = (element: XmlElement | undefined, ...path: readonly string[]): readonly string[] =>
  elementsAt(element, ...path).flatMap(({ text }) => (text === '' ? [] : [text]))

/** Full name of a party, out of its PartyName elements. */
export function partyName(party: XmlElement | undefined): string | undefined {
  const name = preferred(childrenOf(party, 'PartyName'))
  const parts = [...textsAt(name, 'NamesBeforeKeyName'), ...textsAt(name, 'KeyName')]
  return textAt(name, 'FullName') ?? (parts.length > 0 ? parts.join(' ') : undefined)
}

/** Text of an element, or, where its value is the sender's own, that. */
export const ownWords = (element: XmlElement): string =>
  element.text === 'UserDefined' ? (element.attributes.get('UserDefinedValue') ?? '') : element.text

/** Roles of an artist and where the artist stands among the others. */
export function artistOf(
  element: XmlElement,
  roleElement: string,
): Pick<ErnArtist, 'featured' | 'main' | 'sequence'> {
  const roles = textsAt(element, roleElement)
  const sequence = Number(element.attributes.get('SequenceNumber'))
  return {
    featured: roles.includes('FeaturedArtist'),
    main: roles.some((role) => role === 'MainArtist' || role === 'Artist'),
    sequence: Number.isInteger(sequence) && sequence > 0 ? sequence : Number.MAX_SAFE_INTEGER,
  }
}

/** A (P) or (C) line with its year in front, where the text does not have it. */
export function rightsLine(line: XmlElement | undefined, textElement: string): string | undefined {
  const text = textAt(line, textElement)
  const year = textAt(line, 'Year')
  return text === undefined || year === undefined || text.includes(year) ? text : `${year} ${text}`
}

/** Every resource that a release lists, in its groups and the groups in these. */
export const resourceReferences = (release: XmlElement): readonly string[] =>
  release.children.flatMap((child) =>
    child.name === 'ReleaseResourceReference' ? child.text : resourceReferences(child),
  )

/** Where a file lies beside the message, and its hash; the names of the elements differ between versions. */
export const fileOf = (
  path: string,
  hash: XmlElement | undefined,
  algorithmElement: string,
  valueElement: string,
): ErnFile => ({
  path,
  hashAlgorithm: textAt(hash, algorithmElement),
  hash: textAt(hash, valueElement),
})

/** A period; why it cannot be read, when it cannot. No element is a period without end. */
function periodOf(element: XmlElement | undefined): Period | string {
  const start = textAt(element, 'StartDate') ?? textAt(element, 'StartDateTime')
  const endDate = textAt(element, 'EndDate')
  const end = endDate ?? textAt(element, 'EndDateTime')
  const from = start === undefined ? EARLIEST : readDay(start)
  const to = end === undefined ? LATEST : endDate === undefined ? readLastDay(end) : readDay(end)
  if (from === undefined) return `${start} is no day`
  if (to === undefined) return `${end} is no day`
  return from <= to ? { from, to } : `${start} is after ${end}`
}

/** Territories that an element names, under these names, and what of them is not understood. */
export function territoriesOf(
  element: XmlElement,
  includedElement: string,
  excludedElement: string,
): { set: TerritorySet; doubts: readonly string[] } {
  const included = textsAt(element, includedElement)
  const excluded = textsAt(element, excludedElement)
  const { set, unknown } = readTerritorySet(included, excluded)
  return {
    set,
    doubts:
      included.length + excluded.length === 0
        ? ['names no territory']
        : unknown.map((text) => `territory ${text} is not known`),
  }
}

/** Territories crossed with periods; what cannot be read grants nothing and is a doubt. */
export function termsOf(
  territories: TerritorySet,
  periods: readonly (XmlElement | undefined)[],
): { terms: readonly Term[]; doubts: readonly string[] } {
  const read = periods.map(periodOf)
  return {
    terms: read.flatMap((period) => (typeof period === 'string' ? [] : [{ territories, period }])),
    doubts: read.filter((period) => typeof period === 'string'),
  }
}
