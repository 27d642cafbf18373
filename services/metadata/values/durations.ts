const SECOND_MS = 1000
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

/** Nothing in a music catalogue is longer than a day; what is, was written in another unit. */
const DURATION_MAX_MS = 24 * HOUR_MS

/** A duration in words has no more characters; what is longer is not looked at. */
const TEXT_LENGTH_MAX = 60

/** ISO 8601, as DDEX writes it: `PT4M23.583S`, also with zero years, months and days before it. */
const ISO = /^P(?:0+Y)?(?:0+M)?(?:0+D)?T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?$/

/** `m:ss`, `h:mm:ss`, with or without a fraction. Minutes without hours may be more than 59. */
const CLOCK = /^(?:(\d+):(?=\d\d:))?(\d+):([0-5]\d(?:\.\d+)?)$/

/** `4m23s`, `1 h 2 min 3 s`, `225 seconds`. */
const UNITS =
  /^(?=\d)(?:(\d+) ?(?:H|HRS?|HOURS?) ?)?(?:(\d+) ?(?:M|MINS?|MINUTES?) ?)?(?:(\d+(?:\.\d+)?) ?(?:S|SECS?|SECONDS?))?$/

const MILLISECONDS = /^(\d+) ?(?:MS|MSECS?|MILLISECONDS?)$/
const SECONDS = /^(\d+(?:\.\d+)?)$/

const inMilliseconds = (text: string): number | undefined => {
  const alone = MILLISECONDS.exec(text)
  if (alone) return Number(alone[1])
  const seconds = SECONDS.exec(text)
  // A bare number below one is the fraction of a day as which a sheet keeps a time.
  if (seconds) return Number(seconds[1]) < 1 ? undefined : Number(seconds[1]) * SECOND_MS
  const clock = CLOCK.exec(text)
  if (clock?.[1] !== undefined && Number(clock[2]) > 59) return undefined
  const parts = clock ?? ISO.exec(text) ?? UNITS.exec(text)
  if (!parts) return undefined
  const [hours = 0, minutes = 0, rest = 0] = parts.slice(1).map((part) => Number(part ?? 0))
  return hours * HOUR_MS + minutes * MINUTE_MS + rest * SECOND_MS
}

/**
 * A duration as catalogues write it: ISO 8601 (`PT3M45S`), `3:45`, `1:02:03.5`, `4m23s`, `225000 ms`, or plain seconds
 * (`225`, `225.4`, `225,4`). A comma is a decimal mark.
 *
 * @returns whole milliseconds, more than 0 and at most 24 hours; undefined when the text is no duration within that.
 */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim()
  if (trimmed.length > TEXT_LENGTH_MAX) return undefined
  const written = trimmed.normalize('NFKC').toUpperCase().replace(',', '.').replaceAll(/\s+/g, ' ')
  const ms = Math.round(inMilliseconds(written) ?? 0)
  return ms > 0 && ms <= DURATION_MAX_MS ? ms : undefined
}
