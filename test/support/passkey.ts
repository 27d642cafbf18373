import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'

const sha256 = (data: string | Buffer): Buffer => createHash('sha256').update(data).digest()

/** Flags of authenticator data (WebAuthn, section 6.1): user present, and key data attached. */
const PRESENT = 0x01
const ATTACHED = 0x40

/** A text as CBOR (RFC 8949): none here is longer than 23 bytes. */
const cborText = (text: string): Buffer => Buffer.concat([Buffer.of(0x60 + text.length), Buffer.from(text)])

/** A public P-256 key as COSE writes it (RFC 9053): {1: 2, 3: -7, -1: 1, -2: x, -3: y}. */
function coseKey(x: Buffer, y: Buffer): Buffer {
  const head = Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01])
  return Buffer.concat([head, Buffer.from([0x21, 0x58, 32]), x, Buffer.from([0x22, 0x58, 32]), y])
}

/** An authenticator in software (ES256, no attestation), as a security key would answer a browser. */
export interface SoftPasskey {
  readonly id: string
  /** What the server asked last; the next answer is to it. */
  challenge: string
  /** How often it was used; a test may turn it back. */
  counter: number
  create(): Record<string, unknown>
  get(): Record<string, unknown>
}

/** Makes one that believes to be on the page of `origin`. */
export function softPasskey(origin: string): SoftPasskey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  const rawId = randomBytes(32)
  const id = rawId.toString('base64url')
  const rpIdHash = sha256(new URL(origin).hostname)
  const clientData = (type: string, challenge: string): Buffer =>
    Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }))
  const headOf = (flags: number, counter: number): Buffer => {
    const head = Buffer.alloc(37)
    rpIdHash.copy(head)
    head.writeUInt8(flags, 32)
    head.writeUInt32BE(counter, 33)
    return head
  }
  return {
    id,
    challenge: '',
    counter: 1,
    create() {
      const key = coseKey(Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url'))
      const aaguid = Buffer.alloc(16)
      const authData = Buffer.concat([
        headOf(PRESENT + ATTACHED, this.counter),
        aaguid,
        Buffer.from([0, rawId.length]),
        rawId,
        key,
      ])
      const attestationObject = Buffer.concat([
        Buffer.of(0xa3),
        cborText('fmt'),
        cborText('none'),
        cborText('attStmt'),
        Buffer.of(0xa0),
        cborText('authData'),
        Buffer.from([0x58, authData.length]),
        authData,
      ])
      const response = {
        clientDataJSON: clientData('webauthn.create', this.challenge).toString('base64url'),
        attestationObject: attestationObject.toString('base64url'),
        transports: ['usb'],
      }
      return { id, rawId: id, type: 'public-key', response, clientExtensionResults: {} }
    },
    get() {
      this.counter += 1
      const authenticatorData = headOf(PRESENT, this.counter)
      const clientDataJSON = clientData('webauthn.get', this.challenge)
      const signature = sign('sha256', Buffer.concat([authenticatorData, sha256(clientDataJSON)]), privateKey)
      const response = {
        clientDataJSON: clientDataJSON.toString('base64url'),
        authenticatorData: authenticatorData.toString('base64url'),
        signature: signature.toString('base64url'),
      }
      return { id, rawId: id, type: 'public-key', response, clientExtensionResults: {} }
    },
  }
}
