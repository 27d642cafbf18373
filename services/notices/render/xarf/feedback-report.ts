import type { NoticeDocument, NoticeLocation } from '../../notice.ts'
import { asUri, hostOf } from '../uri.ts'

/** Header values are ASCII words here: whatever else an issuer's version has is dropped. */
const NOT_IN_TOKEN = /[^A-Za-z0-9.+_-]+/g
const CONTROL = /\p{Cc}+/gu
/** A line of a mail (RFC 5322, section 2.1.1), which nothing encodes here. */
const LINE_CHARACTERS_MAX = 998

/**
 * The machine-readable part of an abuse report mail (RFC 5965) about one location; `xarf` is the type that XARF uses,
 * though it is not a registered one. ASCII lines that end in CRLF; an address that is too long for a line stands in the
 * report itself alone.
 */
export function feedbackReport({ issuer, host }: NoticeDocument, location: NoticeLocation): string {
  const domain = hostOf(location.url) ?? host
  const fields = [
    ['Feedback-Type', 'xarf'],
    ['User-Agent', `${issuer.service}/${issuer.version.replaceAll(NOT_IN_TOKEN, '') || '1'}`],
    ['Version', '1'],
    ['Source-IP', location.address],
    ['Reported-Domain', /^[\x21-\x7e]+$/.test(domain) ? domain : undefined],
    ['Reported-URI', asUri(location.url)],
    // RFC 5322 wants an offset; the words are those of UTC.
    ['Arrival-Date', new Date(location.observedAt).toUTCString().replace('GMT', '+0000')],
  ]
  return fields
    .map(([name, value]) => value && `${name}: ${value.replaceAll(CONTROL, '')}`)
    .filter((line) => line && line.length <= LINE_CHARACTERS_MAX)
    .map((line) => `${line}\r\n`)
    .join('')
}
