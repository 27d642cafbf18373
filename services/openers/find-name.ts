import { clockTime } from '../core/clock-time.ts'

/** Titles are some hundred characters long; what is longer is an attack on who reads it. */
const TITLE_LENGTH_MAX = 200

/** Words of a stranger on one line: no controls and nothing that changes the direction of what follows. */
export const oneLine = (text: string): string =>
  text
    .slice(0, TITLE_LENGTH_MAX * 5)
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '')
    .trim()
    .slice(0, TITLE_LENGTH_MAX)
    .trim()

/** `link 3: Title`, or only the place when there is no title. */
export function named(place: string, title: string | undefined): string {
  const words = oneLine(title ?? '')
  return words === '' ? place : `${place}: ${words}`
}

/** `player 2 at 1:02:03`. */
export function atTime(place: string, seconds: number | undefined): string {
  if (seconds === undefined) return place
  return `${place} at ${clockTime(seconds * 1_000)}`
}

/** A day: what begins later begins nowhere. */
const START_MAX_S = 86_400

/**
 * Seconds that a text such as `31`, `31.5`, `1:02:03`, `npt:31`, `31,45` or `1m30s` begins at (W3C Media Fragments, and
 * what players made of it); undefined when it is none of them.
 */
export function secondsOf(text: string): number | undefined {
  const first = text.slice(0, 40).replace(/^npt:/, '').split(',', 1)[0] ?? ''
  const units = /^(?:(\d{1,3})h)?(?:(\d{1,4})m)?(?:(\d{1,6})s?)?$/.exec(first)
  const clock = /^(?:(\d{1,2}):)?(\d{1,4}):(\d{1,2}(?:\.\d{1,6})?)$/.exec(first)
  const parts = units ?? clock ?? /^()()(\d{1,6}\.\d{1,6})$/.exec(first)
  if (first === '' || parts === null) return undefined
  const [hours, minutes, seconds] = parts.slice(1).map((part) => Number(part || 0))
  const all = (hours ?? 0) * 3_600 + (minutes ?? 0) * 60 + (seconds ?? 0)
  return all <= START_MAX_S ? all : undefined
}

/** Where a player begins that is given an address: `#t=31`, or `start=31` as embedded players have it. */
export function startIn(address: string): number | undefined {
  const { hash, searchParams } = new URL(address)
  const text =
    new URLSearchParams(hash.slice(1)).get('t') ?? searchParams.get('start') ?? searchParams.get('t')
  return text === null ? undefined : secondsOf(text)
}
