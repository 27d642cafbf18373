import type { NoticeDocument } from '../notice.ts'
import { bulkText } from './bulk.ts'
import { utcText } from './numbers.ts'
import { COLUMNS, visible } from './text-lines.ts'
import { renderText } from './text.ts'
import { wordsIn } from './words/in-language.ts'

/**
 * A sheet to copy from into the form of a portal: for every field that such forms have, its name on a line and its
 * value below, so that a value is marked and copied whole. At the end the whole notice, for a field of free text.
 * It is the recipient's text, with addresses as they were observed: show it as plain text, never as links.
 */
export function renderHand(document: NoticeDocument, documentSha256: string): string {
  const { complainant, recipient, works, statements, details } = document
  const words = wordsIn(document.language)
  const { labels, sections } = words
  const signatory = statements.status === 'made' ? statements.signatory : undefined
  const list = (values: readonly (string | undefined)[]): string =>
    [...new Set(values.filter((value) => value !== undefined && value !== ''))].join('\n')
  const fields: [label: string, value: string | undefined][] = [
    [words.to(words.roles[recipient.role], recipient.name), recipient.formUrl],
    [labels.number, document.number],
    [`${sections.sender}: ${labels.name}`, complainant.name],
    [labels.contact, complainant.contact ?? signatory?.name],
    [labels.address, complainant.address],
    ['ISO 3166-1', complainant.country],
    [labels.phone, complainant.phone],
    [labels.email, document.replyTo ?? complainant.email],
    [labels.holder, list(works.map(({ rightsHolder }) => rightsHolder))],
    [labels.actsAs, list(works.map(({ authority }) => words.basis[authority.basis]))],
    [
      labels.work,
      list(works.map(({ title, artists }) => [title, artists.join(', ')].filter(Boolean).join(' – '))),
    ],
    ['ISRC', list(works.map(({ isrc }) => isrc))],
    [labels.lawfulCopy, list(works.map(({ officialUrl }) => officialUrl))],
    [labels.location, bulkText(document).trimEnd()],
    [words.explanation, details.illegalityExplanation],
    ...statements.texts.map(({ code, text }): [string, string] => [words.statements[code], text]),
    [labels.signature, signatory?.signatureText ?? words.open],
    [labels.signed, signatory && utcText(signatory.signedAt)],
    [labels.documentHash, documentSha256],
  ]
  const sheet = fields.flatMap(([label, value]) => (value ? [`## ${label}`, value, ''] : []))
  return `${visible(sheet.join('\n'))}${'='.repeat(COLUMNS)}\n${renderText(document, documentSha256)}`
}
