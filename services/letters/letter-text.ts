import type { LetterDocument, LetterDraft, LetterWork } from './letter.ts'
import { letterDigest } from './letter.ts'
import { wordsOf } from './texts/texts.ts'

/** Whoever writes or is written to, in lines. */
export const addressLines = (party: {
  readonly name: string
  readonly contactName?: string | null
  readonly address: string | null
  readonly country?: string | null
  readonly phone?: string | null
  readonly email: string | null
}): string[] =>
  [
    party.name,
    party.contactName,
    ...(party.address?.split(/\r?\n/) ?? []),
    party.country,
    party.email,
    party.phone,
  ]
    .map((line) => line?.trim() ?? '')
    .filter((line) => line !== '')

/** A work in a line: its names, as far as they are known. */
export const workName = ({ title, artists }: LetterWork): string =>
  artists.length > 0 ? `${artists.join(', ')}: ${title}` : title

/** The day of a signature, in UTC. */
export const signedDay = ({ signature }: LetterDocument): string => signature.signedAt.slice(0, 10)

const isSigned = (letter: LetterDraft | LetterDocument): letter is LetterDocument => 'signature' in letter

/** A letter as plain text, signed or as it will be; the same text for the same letter. */
export function letterText(letter: LetterDraft | LetterDocument): string {
  const { labels, signedOn } = wordsOf(letter.language)
  const { texts, works } = letter
  const block = (label: string, lines: readonly string[]): string =>
    `${label}:\n${lines.map((line) => `  ${line}`).join('\n')}`
  const signature = isSigned(letter)
    ? [
        letter.signature.text,
        [letter.signature.name, letter.signature.title].filter(Boolean).join(', '),
        signedOn(signedDay(letter)),
        `${labels.hash}: ${letterDigest(letter)}`,
      ].join('\n')
    : `[${labels.unsigned}]`
  return [
    block(labels.from, addressLines(letter.sender)),
    block(labels.to, addressLines(letter.recipient)),
    `${labels.subject}: ${texts.subject}`,
    texts.salutation,
    ...texts.paragraphs,
    texts.worksIntro,
    ...(works.length > 0
      ? [
          works
            .map((work) =>
              [work.isrc, workName(work), work.place && `(${work.place})`].filter(Boolean).join('  '),
            )
            .join('\n'),
        ]
      : []),
    ...(letter.audit ? [`${labels.auditHash}: ${letter.audit.sha256}`] : []),
    texts.closing,
    signature,
    '',
  ].join('\n\n')
}
