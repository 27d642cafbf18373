import { z } from 'zod'

import { Sha256 } from '../core/ids.ts'

const Country = z.string().regex(/^[A-Z]{2}$/, 'a two-letter country code')

/** Rows of rights that one recording may have: more are kept by a rights society, not by a label. */
export const RIGHTS_MAX = 50

/**
 * A right that the account holds in a recording. Dates are ISO 8601, both days included; an expired document proves
 * nothing, so its right does not count.
 */
export const RecordingRight = z.object({
  role: z.enum(['owner', 'exclusive-licensee', 'agent']),
  // Kept with two decimals: a smaller share would become none.
  sharePercent: z.number().min(0.01).max(100),
  territories: z
    .union([z.tuple([z.literal('Worldwide')]), z.array(Country).min(1).max(250)])
    .describe('Two-letter country codes, or only `Worldwide`'),
  excludedTerritories: z.array(Country).max(250).describe('Only with `Worldwide`'),
  validFrom: z.iso.date().nullable(),
  validTo: z.iso.date().nullable(),
  documentName: z.string().min(1).max(300).nullable(),
  documentSha256: Sha256.nullable(),
  documentExpires: z.iso.date().nullable(),
})
export type RecordingRight = z.infer<typeof RecordingRight>

/** What holds where nothing else was told: the whole, everywhere, for good. */
export const wholeRight: RecordingRight = {
  role: 'owner',
  sharePercent: 100,
  territories: ['Worldwide'],
  excludedTerritories: [],
  validFrom: null,
  validTo: null,
  documentName: null,
  documentSha256: null,
  documentExpires: null,
}

/** A day as callers write it. Earlier ones are slips, and a year 0 no database knows. */
const Day = z.iso.date().refine((day) => day >= '1800', 'a day of the year 1800 or later')

/** A right as a caller writes it: what is left out is as in `wholeRight`. */
export const NewRight = z
  .strictObject({
    role: RecordingRight.shape.role.default(wholeRight.role),
    sharePercent: RecordingRight.shape.sharePercent.default(wholeRight.sharePercent),
    territories: RecordingRight.shape.territories.default(['Worldwide']),
    excludedTerritories: RecordingRight.shape.excludedTerritories.default([]),
    validFrom: Day.nullable().default(null),
    validTo: Day.nullable().default(null),
    documentName: RecordingRight.shape.documentName.default(null),
    documentSha256: RecordingRight.shape.documentSha256.default(null),
    documentExpires: Day.nullable().default(null),
  })
  .refine((right) => right.excludedTerritories.length === 0 || right.territories[0] === 'Worldwide', {
    path: ['excludedTerritories'],
    message: 'only of Worldwide can countries be excluded',
  })
  .refine(({ validFrom, validTo }) => !validFrom || !validTo || validFrom <= validTo, {
    path: ['validTo'],
    message: 'ends before it begins',
  })

/** Where a right stands on a day; of one that has ended it does not matter any more what its document says. */
export type RightState = 'in-force' | 'not-begun' | 'ended' | 'document-expired'

/** @param day ISO 8601. */
export function rightState(right: RecordingRight, day: string): RightState {
  if (right.validTo !== null && right.validTo < day) return 'ended'
  if (right.documentExpires !== null && right.documentExpires < day) return 'document-expired'
  return right.validFrom !== null && day < right.validFrom ? 'not-begun' : 'in-force'
}

const isInForce = (right: RecordingRight, day: string): boolean => rightState(right, day) === 'in-force'

/**
 * Where rights are held on a day. Within one right an exclusion wins over Worldwide; several rights add up.
 *
 * @param rights none means `wholeRight`. @param day ISO 8601.
 * @returns country codes in alphabetical order; or `Worldwide`, followed by `except XX` for each country where
 *   nothing is held; nothing when every right has expired or not begun.
 */
export function territoriesHeld(rights: readonly RecordingRight[], day: string): string[] {
  const inForce = (rights.length > 0 ? rights : [wholeRight]).filter((right) => isInForce(right, day))
  const isWorldwide = ({ territories }: RecordingRight): boolean => territories[0] === 'Worldwide'
  const named = new Set(inForce.flatMap((right) => (isWorldwide(right) ? [] : right.territories)))
  const [first, ...others] = inForce.filter(isWorldwide)
  if (!first) return [...named].toSorted()
  const missing = first.excludedTerritories.filter(
    (country) =>
      !named.has(country) && others.every(({ excludedTerritories }) => excludedTerritories.includes(country)),
  )
  return ['Worldwide', ...[...new Set(missing)].toSorted().map((country) => `except ${country}`)]
}
