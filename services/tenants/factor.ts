import { z } from 'zod'

import { Bytes } from '../core/ids.ts'

/** How a member can show, besides the session, that it is them. */
export const FactorKind = z.enum(['totp', 'passkey'])
export type FactorKind = z.infer<typeof FactorKind>

/** How long a factor counts once it was shown: to read and sign a batch, but not for whoever finds the browser open. */
export const FRESH_MINUTES = 15
/** A passkey answers at once; five minutes are for whoever has to find the device. */
export const CHALLENGE_MINUTES = 5
/** Five wrong codes in a quarter of an hour: guessing one of a million, three of which count, would take years. */
export const WRONG_MAX = 5
export const WRONG_WINDOW_MINUTES = 15
/** A person has a few devices. */
export const PASSKEYS_MAX = 20

/** A device or password manager that answers challenges; `id` is the credential's, base64url. */
export const Passkey = z.object({
  id: z.string(),
  name: z.string(),
  publicKey: Bytes,
  counter: z.number(),
  transports: z.array(z.string()),
  createdAt: z.date(),
  lastUsedAt: z.date().nullable(),
})
export type Passkey = z.infer<typeof Passkey>

/** What a member's sealed secret is about: the row and column that it opens in. */
export const totpAbout = (memberId: string): string => `member:${memberId}:totp`

/** Whether so many wrong codes came lately that none is looked at now. */
export function isLocked(failedAt: readonly Date[], now: Date): boolean {
  const since = now.getTime() - WRONG_WINDOW_MINUTES * 60_000
  return failedAt.filter((at) => at.getTime() > since).length >= WRONG_MAX
}
