import { createSign, generateKeyPairSync } from 'node:crypto'
import { isIPv4 } from 'node:net'

/** One DER value (ITU-T X.690): tag, length, content. */
function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents)
  const length = content.length
  const header = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...header]), content])
}

const sequence = (...contents: readonly Buffer[]): Buffer => der(0x30, ...contents)
const hex = (text: string): Buffer => Buffer.from(text, 'hex')
/** YYMMDDHHMMSSZ */
const utcTime = (date: Date): Buffer => {
  const digits = date.toISOString().replace(/\D/g, '')
  return der(0x17, Buffer.from(`${digits.slice(2, 14)}Z`))
}

const commonNameOid = hex('0603550403')
const subjectAltNameOid = hex('0603551d11')
const basicConstraintsOid = hex('0603551d13')
const ecdsaWithSha256 = sequence(hex('06082a8648ce3d040302'))

const DAY_MS = 86_400_000

/**
 * A certificate that signs itself, with its key (both PEM), for names and IPv4 addresses. Made anew for each run,
 * so that no key lies in the repository and none expires there.
 */
export function selfSigned(
  names: readonly string[],
  { validTo = new Date(Date.now() + DAY_MS) }: { readonly validTo?: Date } = {},
): { readonly key: string; readonly certificate: string } {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const subject = sequence(der(0x31, sequence(commonNameOid, der(0x0c, Buffer.from(names[0] ?? 'nobody')))))
  const alternatives = names.map((name) =>
    isIPv4(name) ? der(0x87, Buffer.from(name.split('.').map(Number))) : der(0x82, Buffer.from(name)),
  )
  const extensions = sequence(
    sequence(subjectAltNameOid, der(0x04, sequence(...alternatives))),
    sequence(basicConstraintsOid, der(0x04, sequence(hex('0101ff')))),
  )
  const body = sequence(
    der(0xa0, hex('020102')), // Version 3
    hex('020101'), // Serial number
    ecdsaWithSha256,
    subject, // Issuer
    sequence(utcTime(new Date(Date.now() - 30 * DAY_MS)), utcTime(validTo)),
    subject,
    keys.publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions),
  )
  const signature = createSign('sha256').update(body).sign(keys.privateKey)
  const whole = sequence(body, ecdsaWithSha256, der(0x03, Buffer.from([0]), signature))
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? []
  return {
    key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
  }
}
