import { createHash, randomBytes } from 'node:crypto'

import * as asn1js from 'asn1js'
import {
  AlgorithmIdentifier,
  type Certificate,
  ContentInfo,
  ExtKeyUsage,
  MessageImprint,
  PKIStatus,
  SignedData,
  TSTInfo,
  TimeStampReq,
  TimeStampResp,
  id_ContentType_SignedData,
  id_ExtKeyUsage,
  id_eContentType_TSTInfo,
  id_sha256,
} from 'pkijs'

import { Problem } from '../core/problem.ts'
import type { SafeFetch } from '../core/safe-fetch.ts'

/** A token with a chain of certificates has some kilobytes. */
export const TOKEN_BYTES_MAX = 100_000
/** An authority answers at once, or it is away. */
const TIMEOUT_MS = 30_000
/** RFC 3161 only asks that it be large enough never to come again. */
const NONCE_BYTES = 16
/** id-kp-timeStamping (RFC 3161, section 2.3): what the certificate must be for, and for nothing else. */
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8'

/** What a token says. Whether its authority is to be trusted is for the reader to know. */
export interface TimeStamp {
  readonly at: Date
  /** Name in the certificate that signed it. */
  readonly authority: string
  /** Of the token, hex. */
  readonly serialNumber: string
  /** The object identifier of the policy under which it was made. */
  readonly policy: string
}

const sha256Of = (data: Uint8Array): Uint8Array => createHash('sha256').update(data).digest()
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
/** A buffer of its own: what asn1js and pkijs take. */
const bufferOf = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer

/** A question for a time stamp over some bytes, DER (RFC 3161, section 2.4.1). */
export function timeStampRequest(data: Uint8Array, nonce: Uint8Array): Uint8Array {
  const request = new TimeStampReq({
    version: 1,
    messageImprint: new MessageImprint({
      hashAlgorithm: new AlgorithmIdentifier({ algorithmId: id_sha256, algorithmParams: new asn1js.Null() }),
      hashedMessage: new asn1js.OctetString({ valueHex: bufferOf(sha256Of(data)) }),
    }),
    nonce: new asn1js.Integer({ valueHex: bufferOf(nonce) }),
    certReq: true,
  })
  return new Uint8Array(request.toSchema().toBER())
}

/** A random number that is positive and has no zeros before it, so that DER writes it in one way. */
function newNonce(): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES)
  nonce[0] = (nonce[0]! & 0x7f) | 0x40
  return nonce
}

/** @throws {Problem} stamp/refused with the reason. */
function refuse(detail: string, cause?: unknown): never {
  throw new Problem('stamp/refused', detail, { cause })
}

/** The signed content of an authority's answer. @throws {Problem} stamp/refused. */
function openToken(token: Uint8Array): { signed: SignedData; info: TSTInfo } {
  if (token.length > TOKEN_BYTES_MAX) refuse(`The token has more than ${TOKEN_BYTES_MAX} bytes`)
  try {
    const response = TimeStampResp.fromBER(bufferOf(token))
    const { status } = response.status
    if (status !== PKIStatus.granted && status !== PKIStatus.grantedWithMods)
      refuse(`The authority refused with status ${status}`)
    const content = response.timeStampToken
    if (!(content instanceof ContentInfo) || content.contentType !== id_ContentType_SignedData)
      refuse('The answer has no signed token')
    const signed = new SignedData({ schema: content.content })
    const { eContent, eContentType } = signed.encapContentInfo
    if (!eContent || eContentType !== id_eContentType_TSTInfo) refuse('The token is no time stamp')
    if (signed.signerInfos.length !== 1) refuse('The token has not exactly one signature')
    return { signed, info: TSTInfo.fromBER(eContent.getValue()) }
  } catch (error) {
    if (error instanceof Problem) throw error
    return refuse('The token cannot be read', error)
  }
}

/** Whether a certificate is for time stamps, and was valid at a moment. @throws {Problem} stamp/refused. */
function requireAuthority(certificate: Certificate, at: Date): void {
  const usage = certificate.extensions?.find(({ extnID }) => extnID === id_ExtKeyUsage)
  const purposes = usage?.parsedValue instanceof ExtKeyUsage ? usage.parsedValue.keyPurposes : []
  if (!usage?.critical || purposes.length !== 1 || purposes[0] !== TIME_STAMPING)
    refuse('The certificate of the signature is not one for time stamps')
  if (at < certificate.notBefore.value || at > certificate.notAfter.value)
    refuse('The certificate of the signature was not valid at the time of the stamp')
}

/** The name of the holder of a certificate: its common name, else its organisation. */
function nameOf({ subject }: Certificate): string {
  const valueOf = (type: string): string | undefined => {
    const value: unknown = subject.typesAndValues.find((each) => each.type === type)?.value.valueBlock.value
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  return valueOf('2.5.4.3') ?? valueOf('2.5.4.10') ?? 'unnamed'
}

/**
 * Verifies a token (TimeStampResp, DER): it was granted, is over the SHA-256 of these bytes, and is signed by the
 * certificate in it, which is one for time stamps. The chain up to an authority that one trusts is not followed:
 * `openssl ts -verify` does that with the authority's certificate.
 *
 * @param nonce that the request had; a token that is kept is verified without.
 * @throws {Problem} stamp/refused with what does not hold.
 */
export async function verifyTimeStamp(
  token: Uint8Array,
  data: Uint8Array,
  nonce?: Uint8Array,
): Promise<TimeStamp> {
  const { signed, info } = openToken(token)
  const { hashAlgorithm, hashedMessage } = info.messageImprint
  if (hashAlgorithm.algorithmId !== id_sha256) refuse('The token is over another kind of hash than SHA-256')
  if (hex(hashedMessage.valueBlock.valueHexView) !== hex(sha256Of(data)))
    refuse('The token is over other bytes')
  const answered = info.nonce?.valueBlock.valueHexView
  if (nonce && (!answered || hex(answered) !== hex(nonce))) refuse('The token answers another request')
  const verified = await signed
    .verify({ signer: 0, data: bufferOf(data), checkChain: false, extendedMode: true })
    .catch((error: unknown) =>
      refuse(`The signature does not hold: ${error instanceof Error ? error.message : ''}`, error),
    )
  const { signatureVerified, signerCertificate } = verified
  if (!signatureVerified || !signerCertificate) refuse('The signature does not hold')
  requireAuthority(signerCertificate, info.genTime)
  return {
    at: info.genTime,
    authority: nameOf(signerCertificate),
    serialNumber: hex(info.serialNumber.valueBlock.valueHexView),
    policy: info.policy,
  }
}

/**
 * Asks an authority for a time stamp over some bytes, and verifies it.
 *
 * @returns the authority's answer, DER: what `openssl ts -verify -in` takes.
 * @throws {Problem} stamp/unreachable (to be tried again), stamp/refused.
 */
export async function requestTimeStamp(
  safeFetch: Pick<SafeFetch, 'ask'>,
  url: string,
  data: Uint8Array,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const nonce = newNonce()
  const answer = await safeFetch
    .ask(url, {
      method: 'POST',
      accept: 'application/timestamp-reply',
      headers: { 'content-type': 'application/timestamp-query' },
      body: timeStampRequest(data, nonce),
      bytesMax: TOKEN_BYTES_MAX,
      timeoutMs: TIMEOUT_MS,
      ...(signal && { signal }),
    })
    .catch((error: unknown) => {
      if (!(error instanceof Problem)) throw error
      throw new Problem(error.retry ? 'stamp/unreachable' : 'stamp/refused', error.message, { cause: error })
    })
  if (answer.status >= 500 || answer.status === 429)
    throw new Problem('stamp/unreachable', `The authority answered with status ${answer.status}`)
  if (answer.status !== 200) refuse(`The authority answered with status ${answer.status}`)
  await verifyTimeStamp(answer.body, data, nonce)
  return new Uint8Array(answer.body)
}
