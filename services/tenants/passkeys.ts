import { isIP } from 'node:net'

import {
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server'
import { z } from 'zod'

import { Problem } from '../core/problem.ts'
import { CHALLENGE_MINUTES, type Passkey } from './factor.ts'
import type { Member } from './tenant.ts'

const TIMEOUT_MS = CHALLENGE_MINUTES * 60_000
/** A credential's id has at most 1023 bytes (WebAuthn, section 4); the rest is keys, signatures and certificates. */
const ID_CHARACTERS_MAX = 1400
const PART_CHARACTERS_MAX = 50_000

/** Bytes as browsers write them (RFC 4648, section 5, without padding). */
const base64url = (charactersMin: number, charactersMax: number) =>
  z
    .string()
    .min(charactersMin)
    .max(charactersMax)
    .regex(/^[\w-]+$/, 'must be base64url')
const part = base64url(1, PART_CHARACTERS_MAX)
const credentialId = base64url(16, ID_CHARACTERS_MAX)
const credential = { id: credentialId, rawId: credentialId, type: z.literal('public-key') }

/** What `navigator.credentials.create()` gave, as `toJSON()` writes it. */
export const NewPasskeyAnswer = z.looseObject({
  ...credential,
  response: z.looseObject({
    clientDataJSON: part,
    attestationObject: part,
    transports: z.array(z.string().max(40)).max(10).optional(),
  }),
})
/** What `navigator.credentials.get()` gave, as `toJSON()` writes it. */
export const PasskeyAnswer = z.looseObject({
  ...credential,
  response: z.looseObject({ clientDataJSON: part, authenticatorData: part, signature: part }),
})

/** The site that passkeys are bound to. */
interface Site {
  readonly rpID: string
  readonly origin: string
}

/**
 * The site as passkeys know it, or undefined where browsers allow none: they need a name (no bare address) and
 * https, or localhost (WebAuthn, sections 5.1.3 and 13.4.9).
 */
export function passkeySite(publicUrl: string): Site | undefined {
  const { hostname, origin, protocol } = new URL(publicUrl)
  const isLocal = hostname === 'localhost' || hostname.endsWith('.localhost')
  if (isIP(hostname) !== 0 || hostname.startsWith('[') || (protocol !== 'https:' && !isLocal))
    return undefined
  return { rpID: hostname, origin }
}

/** @throws {Problem} request/conflict where passkeys cannot be. */
function siteOf(publicUrl: string): Site {
  const site = passkeySite(publicUrl)
  if (site) return site
  throw new Problem(
    'request/conflict',
    'Browsers allow passkeys only on https with a host name, or on localhost: PUBLIC_URL is neither. Use an authenticator app',
  )
}

const described = (passkeys: readonly Passkey[]) => passkeys.map(({ id, transports }) => ({ id, transports }))

/** What the browser needs to make a passkey. @throws {Problem} request/conflict where passkeys cannot be. */
export function creationOptions(
  publicUrl: string,
  member: Member,
  present: readonly Passkey[],
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  return generateRegistrationOptions({
    rpName: 'Earwitness',
    rpID: siteOf(publicUrl).rpID,
    userName: member.email,
    userDisplayName: member.name,
    userID: Uint8Array.from(Buffer.from(member.id)),
    timeout: TIMEOUT_MS,
    // Who made the device is not our business; that it is the same one again is.
    attestationType: 'none',
    excludeCredentials: described(present),
    authenticatorSelection: { residentKey: 'discouraged', userVerification: 'preferred' },
  })
}

/** What the browser needs to have a passkey answer. @throws {Problem} request/conflict where passkeys cannot be. */
export function requestOptions(
  publicUrl: string,
  present: readonly Passkey[],
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  return generateAuthenticationOptions({
    rpID: siteOf(publicUrl).rpID,
    timeout: TIMEOUT_MS,
    allowCredentials: described(present),
    userVerification: 'preferred',
  })
}

const refusal = (why: string, cause?: unknown): Problem =>
  new Problem('request/invalid', `The passkey was not accepted: ${why}`, {
    faults: [{ pointer: '/response', detail: why }],
    ...(cause !== undefined && { cause }),
  })

/** The library throws an Error for each way in which an answer can be wrong. */
async function checked<T extends { verified: boolean }>(work: Promise<T>): Promise<T> {
  const verified = await work.catch((error: unknown) => {
    throw refusal('its answer does not fit the challenge, this site or its key', error)
  })
  if (!verified.verified) throw refusal('its signature is wrong')
  return verified
}

/**
 * Reads a new passkey from what the browser gave. The session stands for the first factor, so that the device is
 * there and touched (user presence) is enough: keys without a PIN are taken as well.
 *
 * @throws {Problem} request/invalid
 */
export async function readNewPasskey(
  publicUrl: string,
  challenge: string,
  answer: z.infer<typeof NewPasskeyAnswer>,
): Promise<Pick<Passkey, 'id' | 'publicKey' | 'counter' | 'transports'>> {
  const { rpID, origin } = siteOf(publicUrl)
  const { registrationInfo } = await checked(
    verifyRegistrationResponse({
      response: { clientExtensionResults: {}, ...answer } as RegistrationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: rpID,
      requireUserVerification: false,
    }),
  )
  if (!registrationInfo) throw refusal('it says nothing of its key')
  const made = registrationInfo.credential
  return {
    id: made.id,
    publicKey: made.publicKey,
    counter: made.counter,
    transports: answer.response.transports ?? [],
  }
}

/** Checks the answer of a known passkey. @returns its counter now. @throws {Problem} request/invalid */
export async function checkPasskey(
  publicUrl: string,
  challenge: string,
  passkey: Passkey,
  answer: z.infer<typeof PasskeyAnswer>,
): Promise<number> {
  const { rpID, origin } = siteOf(publicUrl)
  const { authenticationInfo } = await checked(
    verifyAuthenticationResponse({
      response: { clientExtensionResults: {}, ...answer },
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: rpID,
      credential: {
        id: passkey.id,
        publicKey: Uint8Array.from(passkey.publicKey),
        counter: passkey.counter,
        transports: passkey.transports,
      },
      requireUserVerification: false,
    }),
  )
  return authenticationInfo.newCounter
}
