import { clockTime } from '../core/clock-time.ts'
import type { ReportLocation } from './report.ts'

/** `2026-11-20 12:00:00 UTC` of an ISO 8601 time in UTC; fractions of a second are left out. */
export const utcWords = (iso: string): string => `${iso.slice(0, 10)} ${utcClock(iso)} UTC`

/** `20 November 2026`. */
export function dateWords(iso: string): string {
  const month = new Intl.DateTimeFormat('en', { month: 'long', timeZone: 'UTC' }).format(new Date(iso))
  return `${Number(iso.slice(8, 10))} ${month} ${iso.slice(0, 4)}`
}

/** `12:00:00`; the seconds may be missing in ISO 8601. */
export const utcClock = (iso: string): string =>
  (iso.slice(11).match(/^\d\d:\d\d:\d\d/) ?? [`${iso.slice(11, 16)}:00`])[0]

/** `3:45.2` or `1:02:03.4`: a time in a recording to the tenth of a second, as passages are cut. */
export function preciseClock(ms: number): string {
  const tenths = Math.round(ms / 100)
  return `${clockTime(tenths * 100)}.${tenths % 10}`
}

/** `9,437,184`. */
export const numberWords = (value: number): string => value.toLocaleString('en')

/** `9,437,184 bytes`. Exact, because it identifies a file. */
export const bytesWords = (bytes: number): string => `${numberWords(bytes)} ${bytes === 1 ? 'byte' : 'bytes'}`

/** A share of 1 as per cent. Rounded down, so that 99.96 % is never called everything; tiny shares stay visible. */
export function shareWords(share: number): string {
  if (share >= 1) return '100 %'
  if (share > 0 && share < 0.001) return 'under 0.1 %'
  return `${(Math.floor(share * 1000 + 1e-9) / 10).toFixed(1)} %`
}

/** The tail of false scores was measured far above this and is extrapolated below; smaller numbers would be boasting. */
const PROBABILITY_SHOWN_MIN = 1e-6

/** `1 in 42,000`, `under 1 in a million`, `12 %`: a probability as people say it. */
export function oddsWords(probability: number): string {
  if (probability <= PROBABILITY_SHOWN_MIN) return 'under 1 in a million'
  if (probability >= 0.01) return shareWords(probability)
  const odds = 1 / probability
  return `1 in ${numberWords(Number(odds.toPrecision(2)))}`
}

/** What a location is called in running text: its address, or the name of the file. */
export const locationName = ({ kind, url, fileName }: ReportLocation): string =>
  (kind === 'url' ? url : fileName) ?? ''

/**
 * Length of the suspect audio in milliseconds: as decoded, or else as far as its last passage reaches.
 *
 * @param passages of this location.
 */
export const suspectDurationMs = (
  { durationMs }: ReportLocation,
  passages: readonly { readonly suspectToMs: number }[],
): number => Math.max(durationMs ?? 0, ...passages.map(({ suspectToMs }) => suspectToMs))
