import { html, type Html } from '../../services/core/html.ts'
import { formatIsrc } from '../../services/metadata/identifiers/identifiers.ts'
import type { Item } from '../../services/submissions/submission.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

const dayFormat = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
})

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`

/** `1 recording`, `2 recordings`, `1,204 recordings`; `many` where an s does not do. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`

/** How long ago, as people say it: `just now`, `5 minutes ago`; a date when it is more than a week. */
export function ago(at: Date, now: Date = new Date()): string {
  const passedMs = now.getTime() - at.getTime()
  if (passedMs < MINUTE_MS) return 'just now'
  if (passedMs < HOUR_MS) return `${plural(Math.floor(passedMs / MINUTE_MS), 'minute')} ago`
  if (passedMs < DAY_MS) return `${plural(Math.floor(passedMs / HOUR_MS), 'hour')} ago`
  if (passedMs < 7 * DAY_MS) return `${plural(Math.floor(passedMs / DAY_MS), 'day')} ago`
  return dayFormat.format(at)
}

/** `22 Nov 2026, 14:03:05 UTC`: exact, where a time is evidence. */
export const exactTime = (at: Date): string =>
  `${dayFormat.format(at)}, ${at.toISOString().slice(11, 19)} UTC`

/** `22 Nov 2026`: a day that was written as an ISO 8601 date. */
export const dayExact = (day: string): Html =>
  html`<time datetime="${day}">${dayFormat.format(new Date(`${day}T00:00:00Z`))}</time>`

/** A time for lists: roughly, with the exact one at hand. */
export const timeAgo = (at: Date): Html =>
  html`<time datetime="${at.toISOString()}" title="${exactTime(at)}">${ago(at)}</time>`

/** A time for records: exact. */
export const timeExact = (at: Date): Html =>
  html`<time datetime="${at.toISOString()}">${exactTime(at)}</time>`

const KILO = 1000
const units = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const

/** `812 bytes`, `9.4 MB`: for people; where a size identifies a file it is shown in full beside it. */
export function sizeInWords(bytes: number): string {
  let [size, unit] = [bytes, 0]
  while (size >= KILO && unit < units.length - 1) {
    size /= KILO
    unit += 1
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit] ?? ''}`
}

/** How sure a search had to be, as it was when it was made; undefined where that was not noted. */
export const acceptedInWords = ({ compared }: Pick<Item, 'compared'>): string | undefined =>
  compared?.falseClaimsPerMillion === undefined
    ? undefined
    : `at most ${counted(compared.falseClaimsPerMillion, 'false claim')} per million files`

/** An ISRC as people read it. */
export const isrcCode = (isrc: string): Html => html`<span class="code">${formatIsrc(isrc)}</span>`

/** The first and last characters of a hash, for a line; the whole stands in its title. */
export const shortHash = (sha256: string): Html =>
  html`<code class="hash" title="SHA-256 ${sha256}">${sha256.slice(0, 10)}…${sha256.slice(-6)}</code>`

/** A share of 1 as whole per cent, rounded down so that 99.9 % is never called everything. */
export const percent = (share: number): string => {
  if (share > 0 && share < 0.01) return 'under 1 %'
  return `${Math.floor(share * 100 + 1e-9)} %`
}
