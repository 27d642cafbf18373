import { codecWords, statusWords } from '../../../services/leaks/words.ts'
import { type Terminal, paint, table } from '../../terminal.ts'
import { placeWords } from './judge-lines.ts'
import type { Audited, LeakConclusion } from './play.ts'

/** Prefixes that are shown; the others are counted. */
const PREFIXES_SHOWN = 8

const foundWords = { isrc: 'ISRC', alternative: 'alternative', names: 'names', address: 'address' } as const

function rowOf({ title, place, line, faults }: Audited): string[] {
  const right = faults.length === 0 ? '✓' : '✗'
  if (!line) return [title, placeWords[place], 'not in it', '', '', right]
  const published = line.publishedOn === null ? 'not published yet' : `published ${line.publishedOn}`
  return [
    title,
    placeWords[place],
    [statusWords[line.status], codecWords[line.codec]].filter((word) => word !== '').join(', '),
    line.batchName === null ? '' : `${line.batchName}, ${published}`,
    foundWords[line.foundBy],
    right,
  ]
}

/** What the demo tells of a leak, in lines for the terminal. */
export function leakLines(terminal: Terminal, conclusion: LeakConclusion): string[] {
  const { manifests, audit, audited, checked, files } = conclusion
  const rows = manifests.map(({ name, rows }) => `${name} (${rows} rows)`).join('; ')
  const titles = ['recording', 'the invented leak has', 'the audit says', 'part', 'found by', 'right']
  const verdicts = table(
    audited.map(rowOf),
    titles.map((title) => ({ title })),
  )
    .replaceAll(/✓$/gm, paint(terminal, 'green', '✓'))
    .replaceAll(/✗$/gm, paint(terminal, 'red', '✗'))
  const { summary } = audit
  const told = summary
    ? `${summary.listed} of ${summary.asked} recordings are in it, of ${summary.audio} the audio, of ${summary.published} in a part that is published; ${summary.contradicted} not counted, whose ISRC is on another song`
    : ''
  const more = checked.prefixes.length - PREFIXES_SHOWN
  const prefixes = checked.prefixes.slice(0, PREFIXES_SHOWN).join(' ') + (more > 0 ? ` and ${more} more` : '')
  return [
    `Leak\n  Read:    ${rows}\n  Audit:   ${told}`,
    ...(summary?.forecasts ?? []).map(({ reason }) => `  Next:    ${reason}`),
    ...files.map((path) => `  ${path}`),
    '',
    verdicts,
    `Private check, without an account\n  Left:    ${prefixes}\n  Found:   ${checked.found.length} of ${checked.isrcs} ISRCs; the service was not told which were meant\n`,
  ]
}
