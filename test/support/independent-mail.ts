import { spawn } from 'node:child_process'
import { json } from 'node:stream/consumers'

import { simpleParser } from 'mailparser'
import { z } from 'zod'

/** A mail as its recipient reads it. */
const Mail = z.object({
  /** First value of each header, by lower-case name. */
  headers: z.record(z.string(), z.string()),
  text: z.string(),
  attachments: z.array(z.object({ fileName: z.string(), mediaType: z.string(), bytes: z.number() })),
  /** What the parser finds wrong with the message. */
  defects: z.array(z.string()),
})
export type IndependentMail = z.infer<typeof Mail>

/** Python's own parser of mail (the `email` package), by the rules of today: RFC 5322 and MIME. */
const program = `
import email, email.policy, json, sys
mail = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
body = mail.get_body(('plain',))
headers = {}
for name, value in mail.items():
    headers.setdefault(name.lower(), str(value).strip())
parts = list(mail.walk())
json.dump({
    'headers': headers,
    'text': body.get_content() if body else '',
    'attachments': [{'fileName': part.get_filename() or '', 'mediaType': part.get_content_type(),
                     'bytes': len(part.get_payload(decode=True) or b'')} for part in mail.iter_attachments()],
    'defects': [str(defect) for part in parts for defect in part.defects],
}, sys.stdout)
`

/** The parser that the product itself uses, where there is no other. */
async function byOwnParser(raw: Buffer): Promise<IndependentMail> {
  console.warn('There is no python3: mails are read by the parser that the product uses itself.')
  const mail = await simpleParser(raw)
  const headers: Record<string, string> = {}
  for (const { key, line } of mail.headerLines)
    headers[key] ??= line
      .slice(line.indexOf(':') + 1)
      .replaceAll(/\s+/g, ' ')
      .trim()
  return {
    headers,
    text: mail.text ?? '',
    attachments: mail.attachments.map(({ filename, contentType, size }) => ({
      fileName: filename ?? '',
      mediaType: contentType,
      bytes: size,
    })),
    defects: [],
  }
}

/** Reads a mail by a parser that shares nothing with the product, where this machine has python3. */
export async function readIndependently(raw: Buffer): Promise<IndependentMail> {
  const python = spawn('python3', ['-c', program], { stdio: ['pipe', 'pipe', 'inherit'] })
  const isThere = new Promise<boolean>((resolve) => {
    python.once('spawn', () => resolve(true))
    python.once('error', () => resolve(false))
  })
  if (!(await isThere)) return byOwnParser(raw)
  python.stdin.end(raw)
  return Mail.parse(await json(python.stdout))
}
