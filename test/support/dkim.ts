import { createHash, createVerify } from 'node:crypto'

/** A header field as it stands in the message, unfolded only where canonicalisation says so. */
interface Field {
  readonly name: string
  readonly text: string
}

function split(raw: string): { fields: Field[]; body: string } {
  const at = raw.indexOf('\r\n\r\n')
  const lines = raw.slice(0, at).split(/\r\n(?![ \t])/)
  const fields = lines.map((text) => ({ name: text.slice(0, text.indexOf(':')).toLowerCase(), text }))
  return { fields, body: raw.slice(at + 4) }
}

/** RFC 6376, section 3.4.2. */
const relaxedField = ({ name, text }: Field): string =>
  `${name.trim()}:${text
    .slice(text.indexOf(':') + 1)
    .replaceAll(/\r\n/g, '')
    .replaceAll(/[ \t]+/g, ' ')
    .trim()}`

/** RFC 6376, section 3.4.4. */
function relaxedBody(body: string): string {
  const lines = body.split('\r\n').map((line) => line.replaceAll(/[ \t]+/g, ' ').replace(/ $/, ''))
  while (lines.at(-1) === '') lines.pop()
  return lines.length === 0 ? '' : `${lines.join('\r\n')}\r\n`
}

/** What a DKIM signature says and whether it holds: RFC 6376, relaxed/relaxed, rsa-sha256, written for these tests. */
export function checkDkim(raw: Buffer, publicKey: string) {
  const { fields, body } = split(raw.toString('latin1'))
  const signature = fields.find(({ name }) => name === 'dkim-signature')
  if (!signature) throw new Error('there is no DKIM signature')
  const value = signature.text.slice(signature.text.indexOf(':') + 1)
  const tags = Object.fromEntries(
    value.split(';').map((tag) => {
      const at = tag.indexOf('=')
      return [tag.slice(0, at).trim(), tag.slice(at + 1).replaceAll(/\s/g, '')] as const
    }),
  )
  const bodyHolds = createHash('sha256').update(relaxedBody(body), 'latin1').digest('base64') === tags['bh']
  const rest = [...fields]
  const signed = (tags['h'] ?? '').split(':').flatMap((name) => {
    const at = rest.findLastIndex((field) => field.name === name.toLowerCase())
    return at === -1 ? [] : rest.splice(at, 1).map(relaxedField)
  })
  const own = relaxedField({ ...signature, text: signature.text.replace(/(;\s*b=)[^;]*$/, '$1') })
  const verifier = createVerify('RSA-SHA256').update([...signed, own].join('\r\n'), 'latin1')
  return { tags, bodyHolds, signatureHolds: verifier.verify(publicKey, tags['b'] ?? '', 'base64') }
}
