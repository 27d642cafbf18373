import { Secret, TOTP } from 'otpauth'

/** RFC 6238 as every authenticator app reads it: many take nothing but SHA-1, six digits and thirty seconds. */
const ISSUER = 'Earwitness'
const ALGORITHM = 'SHA1'
export const TOTP_DIGITS = 6
export const TOTP_STEP_S = 30
/** RFC 4226, section 4 (R6), recommends 160 bits. */
const SECRET_BYTES = 20
/** One step before and after: clocks differ, and people type slowly (RFC 6238, section 5.2). */
const STEPS_AROUND = 1

const settings = { algorithm: ALGORITHM, digits: TOTP_DIGITS, period: TOTP_STEP_S }

/** A new secret in base32, as people type it. */
export const newTotpSecret = (): string => new Secret({ size: SECRET_BYTES }).base32

/** The address that an authenticator app reads from a QR code. */
export const totpUri = (secret: string, email: string): string =>
  new TOTP({ ...settings, issuer: ISSUER, label: email, secret }).toString()

/** The code of a secret at a moment. */
export const totpCode = (secret: string, at: Date): string =>
  new TOTP({ ...settings, secret }).generate({ timestamp: at.getTime() })

/** The number of the thirty seconds in which a moment lies. */
export const totpStep = (at: Date): number => Math.floor(at.getTime() / (TOTP_STEP_S * 1000))

/**
 * The step that a code is right for, or undefined. A step counts once: a code that somebody saw over a shoulder
 * is worth nothing after it was used.
 */
export function acceptedStep(
  secret: string,
  code: string,
  { lastStep, now }: { lastStep: number | null; now: Date },
): number | undefined {
  const token = code.replaceAll(/\s/g, '')
  if (!/^\d{6}$/.test(token)) return undefined
  const delta = new TOTP({ ...settings, secret }).validate({
    token,
    timestamp: now.getTime(),
    window: STEPS_AROUND,
  })
  if (delta === null) return undefined
  const step = totpStep(now) + delta
  return lastStep === null || step > lastStep ? step : undefined
}
