import { createHash } from 'node:crypto'

import canonicalize from 'canonicalize'

import type { NoticeFormat } from '../recipients/recipient.ts'
import type { NoticeDocument } from './notice.ts'

/**
 * SHA-256, lower-case hex, of all that people decide about in a notice: who asks whom for what, by which law, in which
 * words and form. A signer sends back that of what they read, and signs nothing that somebody changed meanwhile. What
 * moves by itself, such as when a copy was last seen, is left out: to read a page takes longer than that.
 */
export function shownDigest(document: NoticeDocument, format: NoticeFormat): string {
  const { recipientId, role, name, email, formUrl } = document.recipient
  const text = canonicalize({
    number: document.number,
    version: document.version,
    format,
    language: document.language,
    regimes: document.regimes,
    complainant: document.complainant,
    recipient: { recipientId, role, name, email, formUrl },
    host: document.host,
    works: document.works,
    locations: document.locations.map(({ url, workIds }) => ({ url, workIds })),
    details: document.details,
    statements: document.statements.texts.map(({ code, text: words }) => ({ code, text: words })),
  })
  if (text === undefined) throw new Error('A notice has no canonical JSON')
  return createHash('sha256').update(text, 'utf8').digest('hex')
}
