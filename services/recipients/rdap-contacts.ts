import { z } from 'zod'

import { mailAddressOf } from './mail-address.ts'

/** Registries nest two or three levels; what lies deeper was put there to harm. */
const DEPTH_MAX = 12
/** The longest honest answer has some twenty entities. */
const ENTITIES_MAX = 300
const CONTACTS_MAX = 10
const NAME_CHARACTERS_MAX = 200
const URL_CHARACTERS_MAX = 2048

/**
 * What an RDAP answer (RFC 9083) says of who can be told about abuse. Nothing else of it is kept: registrations carry
 * data of persons that nobody here needs.
 */
export const RdapContacts = z.object({
  /** Of entities with the role `abuse`, at any depth; lower case. */
  emails: z.array(z.string()),
  tels: z.array(z.string()),
  handle: z.string().optional(),
  /** Name of the network, or of the domain. */
  name: z.string().optional(),
  /** First and last address of the network. */
  range: z.object({ from: z.string(), to: z.string() }).optional(),
  /** ISO 3166-1 alpha-2. */
  country: z.string().optional(),
  registrar: z.object({ name: z.string(), ianaId: z.string().optional() }).optional(),
  /** The registrar's own answer about the same domain. */
  relatedUrl: z.string().optional(),
})
export type RdapContacts = z.infer<typeof RdapContacts>

type Fields = Readonly<Record<string, unknown>>

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** One line of text without control characters; undefined when nothing is left of it. */
function lineOf(value: unknown, charactersMax = NAME_CHARACTERS_MAX): string | undefined {
  if (typeof value !== 'string') return undefined
  const line = value
    .slice(0, charactersMax)
    .replaceAll(/[\p{Cc}\p{Cs}]+/gu, ' ')
    .trim()
  return line === '' ? undefined : line
}

/** The texts of a vCard's rows of one name (RFC 7095: `[name, parameters, type, value…]`; a value may be a list). */
function vcardTexts(entity: Fields, name: string): string[] {
  return listOf(listOf(entity['vcardArray'])[1]).flatMap((row) => {
    const [rowName, , , ...values] = listOf(row)
    if (typeof rowName !== 'string' || rowName.toLowerCase() !== name) return []
    return values.flat().flatMap((value) => lineOf(value) ?? [])
  })
}

const hasRole = (entity: Fields, role: string): boolean =>
  listOf(entity['roles']).some((each) => typeof each === 'string' && each.toLowerCase() === role)

/** Every entity of an answer, the outer before the inner, up to the limits. */
function entitiesOf(document: Fields): Fields[] {
  const found: Fields[] = []
  let level = [document]
  for (let depth = 0; depth < DEPTH_MAX && level.length > 0; depth += 1) {
    level = level
      .flatMap((parent) => listOf(parent['entities']).map(fieldsOf))
      .slice(0, ENTITIES_MAX - found.length)
    found.push(...level)
  }
  return found
}

function registrarOf(entities: readonly Fields[]): RdapContacts['registrar'] {
  const registrar = entities.find((entity) => hasRole(entity, 'registrar'))
  if (!registrar) return undefined
  const ids = listOf(registrar['publicIds']).map(fieldsOf)
  const ianaId = lineOf(ids.find(({ type }) => type === 'IANA Registrar ID')?.['identifier'], 20)
  const name = vcardTexts(registrar, 'fn')[0] ?? lineOf(registrar['handle'])
  return name === undefined ? undefined : { name, ...(ianaId !== undefined && { ianaId }) }
}

/** The address of the same object at another server, if the answer links to one. */
function relatedOf(document: Fields): string | undefined {
  for (const link of listOf(document['links']).map(fieldsOf)) {
    const { rel, href, type } = link
    if (rel !== 'related' || typeof href !== 'string' || href.length > URL_CHARACTERS_MAX) continue
    if (typeof type === 'string' && !type.includes('rdap')) continue
    if (/^https?:\/\//.test(href) && URL.canParse(href)) return new URL(href).href
  }
  return undefined
}

const unique = (texts: readonly string[]): string[] => [...new Set(texts)].slice(0, CONTACTS_MAX)

/** Reads an answer of any server: what does not look as it should is left out, whatever it is. */
export function readContacts(answer: unknown): RdapContacts {
  const document = fieldsOf(answer)
  const entities = entitiesOf(document)
  const abuse = entities.filter((entity) => hasRole(entity, 'abuse'))
  const [from, to] = [lineOf(document['startAddress']), lineOf(document['endAddress'])]
  const country = lineOf(document['country'])?.toUpperCase()
  const registrar = registrarOf(entities)
  const named = { handle: lineOf(document['handle']), relatedUrl: relatedOf(document) }
  const name = lineOf(document['name']) ?? lineOf(document['ldhName'])
  return {
    emails: unique(
      abuse.flatMap((each) => vcardTexts(each, 'email')).flatMap((each) => mailAddressOf(each) ?? []),
    ),
    tels: unique(abuse.flatMap((each) => vcardTexts(each, 'tel')).map((each) => each.replace(/^tel:/i, ''))),
    ...(named.handle !== undefined && { handle: named.handle }),
    ...(name !== undefined && { name }),
    ...(from !== undefined && to !== undefined && { range: { from, to } }),
    ...(country !== undefined && /^[A-Z]{2}$/.test(country) && { country }),
    ...(registrar && { registrar }),
    ...(named.relatedUrl !== undefined && { relatedUrl: named.relatedUrl }),
  }
}
