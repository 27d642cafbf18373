import type { NoticeDocument } from '../notice.ts'
import { cut } from './numbers.ts'
import { COLUMNS, indented, visible, wrapped } from './text-lines.ts'
import { renderText } from './text.ts'
import { wordsIn } from './words/in-language.ts'

export type MailKind = 'notice' | 'reminder' | 'retraction'

/** What a mail says beside the notice. */
export interface MailFacts {
  /** When the notice was sent first. */
  readonly firstSentAt?: Date
  /** 1 for the first reminder. */
  readonly reminder?: number
  /** Why it is taken back, in the words of the sender. */
  readonly reason?: string
  /** The recipient's own numbers for the case. */
  readonly caseNumbers?: readonly string[]
  /** The locations that a reminder or a retraction is about; all where it is not given. */
  readonly locationIds?: readonly string[]
}

/** A number that a recipient gave comes from outside: of it only what can stand in a subject. */
const CASE_NUMBER_CHARACTERS_MAX = 60

/** The subject, with the number of the notice in brackets by which answers are recognised. */
export function mailSubject(document: NoticeDocument, kind: MailKind, facts: MailFacts): string {
  const { titles, urlsOn } = wordsIn(document.language)
  const urls = urlsOn(new Set(document.locations.map(({ url }) => url)).size, document.host)
  const what =
    kind === 'reminder' ? `${titles.reminder} ${facts.reminder ?? 1}: ${titles.notice}` : titles[kind]
  const numbers = caseNumbers(facts).map((number) => ` [${number}]`)
  return `[${document.number}] ${what}: ${urls}${numbers.join('')}`
}

/**
 * The text of a reminder, with the notice in full below as it was sent, or of a retraction. Both name the locations
 * that they are about as they were observed.
 *
 * @param part the notice with only those locations.
 */
export function followUpText(
  part: NoticeDocument,
  whole: NoticeDocument,
  documentSha256: string,
  kind: 'reminder' | 'retraction',
  facts: MailFacts,
): string {
  const words = wordsIn(part.language)
  const sentAt = facts.firstSentAt?.toISOString().slice(0, 10)
  const isReminder = kind === 'reminder'
  const numbers = caseNumbers(facts)
  const intro = isReminder
    ? words.reminder({ reminder: facts.reminder ?? 1, number: part.number, sentAt })
    : words.retraction(part.number, sentAt)
  const lines = [
    isReminder ? `${words.titles.notice} ${part.number}: ${words.titles.reminder}` : words.titles.retraction,
    '='.repeat(COLUMNS),
    ...wrapped(words.to(words.roles[part.recipient.role], part.recipient.name)),
    ...(numbers.length > 0 ? wrapped(`${words.yourNumbers}: ${numbers.join(', ')}`) : []),
    '',
    ...wrapped(intro),
    ...(facts.reason && !isReminder ? ['', ...wrapped(`${words.reason}: ${facts.reason}`)] : []),
    '',
    `${words.concerned}:`,
    ...indented(
      part.locations.map(({ url }) => url),
      '   ',
    ),
    '',
    ...wrapped(isReminder ? words.reminderRequest : words.retractionRequest),
    ...wrapped(words.replyWith(part.number)),
    '',
    ...[part.complainant.name, part.complainant.contact, part.complainant.email].filter(
      (line) => line !== undefined,
    ),
  ]
  const text = `${visible(lines.join('\n'))}\n`
  if (!isReminder) return text
  return `${text}\n${'='.repeat(COLUMNS)}\n${words.original}\n\n${renderText(whole, documentSha256)}`
}

const caseNumbers = ({ caseNumbers = [] }: MailFacts): string[] =>
  caseNumbers
    .map((number) =>
      cut(visible(number.replaceAll(/[\p{Cc}\p{Cs}[\]]+/gu, ' ').trim()), CASE_NUMBER_CHARACTERS_MAX),
    )
    .filter((number) => number !== '')
