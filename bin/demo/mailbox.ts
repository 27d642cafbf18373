import { setTimeout as sleep } from 'node:timers/promises'

import { type CaughtMail, caughtMails } from '../../services/core/mail-catcher.ts'

const LOOK_MS = 500
/** The newest mails among which a new one is looked for; a run of the demo causes one or two. */
const MAILS_MAX = 20

/**
 * Waits for a mail that speaks of something, such as a case's number.
 *
 * @returns undefined when none came in time.
 */
export async function awaitMail(
  folder: string,
  wanted: { mentions: string; waitMs: number; signal: AbortSignal },
): Promise<CaughtMail | undefined> {
  for (const endMs = Date.now() + wanted.waitMs; Date.now() < endMs;) {
    const mails = await caughtMails(folder, MAILS_MAX)
    const found = mails.find(({ subject, text }) => `${subject}\n${text}`.includes(wanted.mentions))
    if (found) return found
    await sleep(LOOK_MS, undefined, { signal: wanted.signal })
  }
  return undefined
}
