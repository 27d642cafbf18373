import { clockTime } from '../core/clock-time.ts'
import { numberWords, utcWords } from './report-words.ts'
import type { ReportLocation, ReportMatch } from './report.ts'

/** Whether nothing in a match tells that its work was copied and not another of the catalogue. */
export const isWhollyShared = ({ passages }: Pick<ReportMatch, 'passages'>): boolean =>
  passages.every(({ sharedWith }) => sharedWith !== undefined)

/** That decoding broke off, or undefined when it did not. */
export const decodedWords = ({ truncated, durationMs }: ReportLocation): string | undefined =>
  truncated && durationMs !== undefined
    ? `only the first ${clockTime(durationMs)} could be decoded; what follows was not examined`
    : undefined

/** What the suspect was held against and how sure a claim had to be, or undefined when that was not noted. */
export function comparedWords({ compared }: ReportMatch): string | undefined {
  if (!compared) return undefined
  const { recordings, hours, falseClaimsPerMillion, at } = compared
  const catalogue = `${numberWords(recordings)} ${recordings === 1 ? 'recording' : 'recordings'}`
  const length =
    hours < 1
      ? `${Math.ceil(hours * 60)} min`
      : `${hours.toLocaleString('en', { maximumFractionDigits: 1 })} hours`
  const sure =
    falseClaimsPerMillion === undefined
      ? ''
      : `; of a million files with none of them, at most ${numberWords(falseClaimsPerMillion)} would be claimed`
  return `${catalogue} (${length}) on ${utcWords(at)}${sure}`
}
