import { drawDocument } from '../pdf/document.ts'
import { type Flow, paragraph } from '../pdf/flow.ts'
import { body, drawFacts, drawFooters, drawHeading, drawSignature, drawTitle } from '../pdf/parts.ts'
import { drawTable } from '../pdf/table.ts'
import { addressLines, signedDay, workName } from './letter-text.ts'
import { type LetterDocument, letterDigest } from './letter.ts'
import { wordsOf } from './texts/texts.ts'

/**
 * A signed letter as a PDF on A4 in its language: tagged, laid out for PDF/A-2b, the same bytes for the same letter. It
 * says what the plain text says.
 */
export function renderLetterPdf(letter: LetterDocument): Promise<Buffer> {
  const { labels, page, signedOn } = wordsOf(letter.language)
  const { texts, sender, recipient, signature } = letter
  const createdAt = new Date(signature.signedAt)
  const hash = letterDigest(letter)
  return drawDocument({ title: `Letter ${letter.id}`, language: letter.language, createdAt }, (flow) => {
    drawTitle(flow, texts.title, texts.subject)
    drawFacts(flow, [
      { label: labels.from, piece: { text: addressLines(sender).join(' · '), style: 'plain' } },
      { label: labels.to, piece: { text: addressLines(recipient).join(' · '), style: 'plain' } },
      { label: labels.date, piece: { text: signedDay(letter), style: 'plain' } },
    ])
    for (const text of [texts.salutation, ...texts.paragraphs]) paragraph(flow, text, body)
    drawWorks(flow, letter)
    paragraph(flow, texts.closing, body)
    const who = [signature.name, signature.title].filter(Boolean).join(', ')
    drawSignature(flow, signature.text, `${who} · ${signedOn(signedDay(letter))}`, false)
    drawFacts(flow, [{ label: labels.hash, piece: { text: hash, style: 'hash' } }])
    drawFooters(flow, { name: texts.title, hash: `SHA-256 ${hash}`, pageOf: page })
  })
}

function drawWorks(flow: Flow, { texts, works, audit, language }: LetterDocument): void {
  const { labels } = wordsOf(language)
  if (works.length === 0) {
    paragraph(flow, texts.worksIntro, body)
    return
  }
  drawHeading(flow, labels.works)
  paragraph(flow, texts.worksIntro, body)
  drawTable(flow, {
    kind: 'table',
    caption: labels.works,
    columns: [
      { title: labels.isrc, share: 1.4 },
      { title: labels.work, share: 4 },
      { title: labels.place, share: 1.6 },
    ],
    rows: works.map((work) => [
      [{ text: work.isrc ?? '–', style: 'address' }],
      [{ text: workName(work), style: 'plain' }],
      [{ text: work.place ?? '–', style: 'muted' }],
    ]),
  })
  if (audit) drawFacts(flow, [{ label: labels.auditHash, piece: { text: audit.sha256, style: 'hash' } }])
}
