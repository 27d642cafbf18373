import { drawDocument } from '../pdf/document.ts'
import { paragraph, type Flow } from '../pdf/flow.ts'
import {
  drawFacts,
  drawFooters,
  drawHeading,
  drawSignature,
  drawStatement,
  drawTitle,
  muted,
} from '../pdf/parts.ts'
import { drawTable, type Piece } from '../pdf/table.ts'

/** What a certificate is made of. Everything else on it is for people to fill in. */
export interface BsaCertificateFacts {
  /** The party that produces the record. */
  readonly tenantName: string
  /** Who signs Part A; left open when it is not known. */
  readonly personName?: string
  readonly place?: string
  /** What the record is called, such as the name of the capsule. */
  readonly documentName: string
  /** Lower-case hex. */
  readonly manifestSha256: string
  readonly items: readonly BsaItem[]
  /** The moment of which date and time are printed, in Indian Standard Time. */
  readonly at: Date
}

export interface BsaItem {
  readonly name: string
  readonly sha256: string
  readonly bytes: number
  readonly capturedAt: Date
}

const IST_OFFSET_MS = 5.5 * 60 * 60_000
const OPEN = '______________________________________'

/** A moment as date and time in Indian Standard Time, to the second: `2026-11-20 17:30:00 IST`. */
export const istText = (at: Date): string =>
  `${new Date(at.getTime() + IST_OFFSET_MS).toISOString().slice(0, 19).replace('T', ' ')} IST`

/**
 * A certificate for an electronic record as section 63(4)(c) of the Bharatiya Sakshya Adhiniyam, 2023 asks for one, on
 * A4 and pre-filled with what the service knows: Part A for the party, Part B left open for the expert, the hash report
 * enclosed. It is unsigned, and a certificate only when both have filled it in and signed it. The wording is our own and
 * follows the elements of the Schedule; a lawyer has to approve it before use.
 */
export function renderBsaCertificate(given: BsaCertificateFacts): Promise<Buffer> {
  const facts = {
    title: 'Certificate under section 63(4)(c), Bharatiya Sakshya Adhiniyam 2023',
    language: 'en',
    createdAt: given.at,
  }
  return drawDocument(facts, (flow) => {
    drawTitle(
      flow,
      'Certificate for an electronic record',
      'Bharatiya Sakshya Adhiniyam, 2023, section 63(4)(c) · pre-filled; not valid before both parts are signed',
    )
    drawRecord(flow, given)
    drawPartA(flow, given)
    drawPartB(flow, given)
    drawHashReport(flow, given)
    drawFooters(flow, {
      name: `Certificate, section 63(4)(c): ${given.documentName}`,
      hash: `SHA-256 ${given.manifestSha256}`,
      pageOf: (page, pages) => `page ${page} of ${pages}`,
    })
  })
}

const fact = (label: string, text: string, style: Piece['style'] = 'plain') => ({
  label,
  piece: { text, style },
})

function drawRecord(flow: Flow, { documentName, manifestSha256, items, at }: BsaCertificateFacts): void {
  drawHeading(flow, 'The record')
  drawFacts(flow, [
    fact('Electronic record', documentName),
    fact('Parts of the record', `${items.length}, listed in the hash report at the end`),
    fact('Hash value of its manifest', manifestSha256, 'hash'),
    fact('Hash algorithm', '[x] SHA-256   [ ] SHA-1   [ ] MD5   [ ] other'),
    fact('Filled in on', istText(at)),
  ])
}

/** What the device is, beside what a person has to say about it. */
function drawDevice(flow: Flow): void {
  drawFacts(flow, [
    fact('Digital source', 'Earwitness, the service that captured, compared and stored the record'),
    fact(
      'It runs on',
      '[ ] computer or storage medium   [ ] server   [ ] cloud   [ ] mobile telephone   [ ] flash drive   ' +
        '[ ] CD or DVD   [ ] recorder   [ ] other',
    ),
    fact('Make, model, colour', OPEN),
    fact('Serial number', OPEN),
    fact('IMEI, UIN, UID, MAC or cloud id', OPEN),
    fact('Other details of it', OPEN),
  ])
}

function drawPartA(
  flow: Flow,
  { tenantName, personName, place, at, manifestSha256 }: BsaCertificateFacts,
): void {
  drawHeading(flow, 'Part A: to be completed by the party')
  drawFacts(flow, [
    fact('Name', personName ?? OPEN),
    fact('Son, daughter or spouse of', OPEN),
    fact('Address, place of work', OPEN),
    fact('On behalf of', tenantName),
  ])
  drawDevice(flow)
  const lines = [
    'I state, sincerely and solemnly, that I have produced the electronic record named above, taken from the device or ' +
      'digital source described above.',
    'In the period in which the record was made, that device or source was regularly used to create, store or process ' +
      'information for activities that were regularly carried on, and information of this kind was regularly fed into ' +
      'it in the ordinary course of those activities.',
    'Throughout the material part of that period it was working properly; where it was not, this did not affect the ' +
      'record or the accuracy of what it holds.',
    'It was under lawful control, and it is:  [ ] owned   [ ] maintained   [ ] managed   [ ] operated   by me or by ' +
      'those on whose behalf I sign.',
    `The record has the hash value ${manifestSha256}, reckoned with the algorithm SHA-256; the hash report is enclosed.`,
  ]
  for (const [index, line] of lines.entries())
    drawStatement(flow, { title: `Statement A${index + 1}`, text: line, made: false })
  drawSigning(
    flow,
    personName ?? 'name of the person',
    place,
    `date and time (IST), pre-filled ${istText(at)}`,
  )
}

function drawPartB(flow: Flow, { manifestSha256 }: BsaCertificateFacts): void {
  drawHeading(flow, 'Part B: to be completed by the expert')
  drawFacts(flow, [
    fact('Name', OPEN),
    fact('Son, daughter or spouse of', OPEN),
    fact('Address, place of work', OPEN),
    fact('Qualification or office', OPEN),
  ])
  const lines = [
    'I state, sincerely and solemnly, that the electronic record named above was obtained from the device or digital ' +
      'source described in Part A.',
    'I reckoned its hash value myself. It is:  ______________________________________________________________',
    'Algorithm that I used:  [ ] SHA-256   [ ] SHA-1   [ ] MD5   [ ] other: ____________. The hash report is enclosed.',
  ]
  for (const [index, line] of lines.entries())
    drawStatement(flow, { title: `Statement B${index + 1}`, text: line, made: false })
  paragraph(flow, `For comparison, the value of Part A: ${manifestSha256}`, {
    ...muted,
    style: 'mono',
    size: 6.8,
  })
  drawSigning(flow, 'name and designation of the expert', undefined, 'date and time (IST)')
}

const drawSigning = (flow: Flow, who: string, place: string | undefined, when: string): void =>
  drawSignature(flow, '', `Signature: ${who} · place: ${place ?? OPEN} · ${when}`, true)

function drawHashReport(flow: Flow, { items }: BsaCertificateFacts): void {
  drawHeading(flow, 'Hash report')
  paragraph(
    flow,
    'SHA-256 of every part of the record, as its manifest lists them. Times are Indian Standard Time.',
    muted,
  )
  drawTable(flow, {
    kind: 'table',
    caption: 'Hash report',
    columns: [
      { title: 'Part and SHA-256', share: 0.62 },
      { title: 'Bytes', share: 0.13, align: 'right' },
      { title: 'Captured', share: 0.25 },
    ],
    rows: items.map(({ name, sha256, bytes, capturedAt }) => [
      [
        { text: name, style: 'plain' },
        { text: sha256, style: 'hash' },
      ],
      [{ text: bytes.toLocaleString('en'), style: 'plain' }],
      [{ text: istText(capturedAt), style: 'plain' }],
    ]),
  })
}
