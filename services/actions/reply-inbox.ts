import { MailRefused, type MailIn, openMailIn } from '../core/mail-in.ts'
import { Problem } from '../core/problem.ts'
import { MAIL_BYTES_MAX } from '../notices/replies/parse-mail.ts'
import type { House } from './house.ts'
import { noticeOfAddress, takeReply } from './replies.ts'

/**
 * Opens the port on which answers to notices arrive by SMTP. Only addresses of notices that were signed are known
 * there, so nothing can be guessed and nothing is relayed.
 *
 * @param where.port 0 for any free one.
 */
export function openReplyInbox(
  house: House,
  where: { readonly host: string; readonly port: number },
): Promise<MailIn> {
  const replyDomain = house.config.REPLY_DOMAIN.toLowerCase()
  return openMailIn(
    { ...where, bytesMax: MAIL_BYTES_MAX },
    {
      accepts: async (address) =>
        (await house.db.system((tx) => noticeOfAddress(tx, address, replyDomain))) !== undefined,
      async receive(raw, to) {
        for (const envelopeTo of to) {
          try {
            const { id, noticeId, waits } = await takeReply(house, raw, { envelopeTo })
            house.log.info({ replyId: id, noticeId, waits }, 'an answer came')
          } catch (error) {
            if (error instanceof Problem && error.type === 'request/too-large')
              throw new MailRefused(552, 'The message is too large')
            throw error
          }
        }
      },
    },
    house.log,
  )
}
