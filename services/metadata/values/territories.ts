import { nameKey } from '../normalise.ts'
import { countries, countryAliases, countryGroups } from './countries.ts'

/** Every country there is; stored in place of their codes. The word is that of DDEX. */
export const WORLDWIDE = 'Worldwide'

const WORLDWIDE_NAMES =
  'Worldwide; World; World wide; Whole world; WW; Global; Globally; All; All countries; All territories; ' +
  '2WL; 2136'

/** Words with which a text takes something away. Read as a plain list it would mean the opposite. */
const EXCLUDING =
  /\b(?:all but|but|ex|exc|excl|except|excepting|excluding|excludes|minus|not|other than|rest|without)\b/

/** The same said with a sign: `WW, -US`; but not the dash inside a name, `Congo - Kinshasa`. */
const MINUS = /(?:^|[,;|/(])\s*[\p{Pd}\u2212!~]|\s[\p{Pd}\u2212!~](?=\p{L})/u

/** `St. Lucia` is `saint lucia`, `Trinidad & Tobago` has an and, and no name needs its articles. */
const placeKey = (text: string): string =>
  nameKey(text.replaceAll('&', ' and '))
    .replaceAll(/\bst\b/g, 'saint')
    .replaceAll(/\bthe\b/g, '')
    .replaceAll(/ +/g, ' ')
    .trim()

const everyCountry: readonly string[] = countries.map(({ alpha2 }) => alpha2)

const byCode = new Map<string, readonly string[]>(
  countries.flatMap(({ alpha2, alpha3 }) => [
    [alpha2, [alpha2]],
    [alpha3, [alpha2]],
  ]),
)

const byName = new Map<string, readonly string[]>([
  ...countries.map(({ name, alpha2 }) => [placeKey(name), [alpha2]] as const),
  ...Object.entries(countryAliases).flatMap(([alpha2, names]) =>
    names.split('; ').map((name) => [placeKey(name), [alpha2]] as const),
  ),
  ...countryGroups.flatMap(({ names, members }) => names.map((name) => [placeKey(name), members] as const)),
  ...WORLDWIDE_NAMES.split('; ').map((name) => [placeKey(name), [WORLDWIDE]] as const),
])

const byNumber = new Map(countries.map(({ numeric, alpha2 }) => [Number(numeric), [alpha2]]))

/** One territory under any of its codes and names. Codes in one case only: "No" is an answer, not Norway. */
const readOne = (text: string): readonly string[] | undefined => {
  const place = /^(?:[A-Z]\.){2,3}$/.test(text) ? text.replaceAll('.', '') : text
  if (/^(?:[A-Z]{2,3}|[a-z]{2,3})$/.test(place) && place !== 'no') {
    const coded = byCode.get(place.toUpperCase())
    if (coded) return coded
  }
  const key = placeKey(place)
  return byName.get(key) ?? (/^\d{1,4}$/.test(key) ? byNumber.get(Number(key)) : undefined)
}

/** Codes with nothing but spaces between them, or names joined with "and": taken only when every one is known. */
const readJoined = (text: string): readonly string[] | undefined => {
  const parts = /^[A-Z]{2}(?:\s+[A-Z]{2})+$/.test(text) ? text.split(/\s+/) : text.split(/\s+and\s+|\s*&\s*/i)
  if (parts.length === 1) return undefined
  const read = parts.map(readOne)
  return read.every((codes) => codes !== undefined) ? read.flat() : undefined
}

/**
 * Reads where rights are held, as sheets and messages write it: ISO 3166-1 codes of two or three letters or digits, CISAC
 * TIS numbers of countries, names and common groups of countries, one to a text or several with `,` `;` `|` `/` between.
 *
 * @returns the two-letter codes in alphabetical order, or only `Worldwide`; and every text that is none, as written. A part
 * of a country (`ES-CN`) is unknown, as its country would be more than was said; so is a text that excludes something.
 * Where anything is unknown the codes may be too many: it is for a person to say what was meant.
 */
export function readTerritories(texts: readonly string[]): { territories: string[]; unknown: string[] } {
  const found = new Set<string>()
  const unknown: string[] = []
  const take = (text: string, others: (text: string) => void): void => {
    const codes = readOne(text) ?? readJoined(text)
    if (codes) for (const code of codes) found.add(code)
    else others(text)
  }
  for (const text of texts.map((text) => text.normalize('NFKC').trim())) {
    if (text === '') continue
    if (MINUS.test(text) || EXCLUDING.test(nameKey(text))) unknown.push(text)
    else
      take(text, () => {
        for (const part of text.split(/[,;|/\n]/).map((part) => part.trim()))
          if (part !== '') take(part, (part) => unknown.push(part))
      })
  }
  return { territories: found.has(WORLDWIDE) ? [WORLDWIDE] : [...found].toSorted(), unknown }
}

/**
 * The countries that remain: those of `territories` less those of `excluded`, which always win.
 *
 * @param territories two-letter codes or `Worldwide`, from `readTerritories`; `excluded` likewise.
 */
export function expandTerritories(
  territories: readonly string[],
  excluded: readonly string[],
): ReadonlySet<string> {
  const remaining = new Set(territories.includes(WORLDWIDE) ? everyCountry : territories)
  for (const code of excluded.includes(WORLDWIDE) ? [...remaining] : excluded) remaining.delete(code)
  return remaining
}

/** Territories for people: `Worldwide except US, CA`; `DE, FR`; `nowhere` when everything is excluded. */
export function describeTerritories(territories: readonly string[], excluded: readonly string[]): string {
  const remaining = expandTerritories(territories, excluded)
  if (remaining.size === 0) return 'nowhere'
  if (!territories.includes(WORLDWIDE)) return [...remaining].join(', ')
  return excluded.length === 0 ? WORLDWIDE : `${WORLDWIDE} except ${excluded.join(', ')}`
}
