import { type MailEnvelope, type MailIn, MailRefused, openMailIn } from '../core/mail-in.ts'
import { Problem, type ProblemType } from '../core/problem.ts'
import { INTAKE_MAIL_BYTES_MAX, readIntakeAddress } from '../intake/intake.ts'
import { MAIL_BYTES_MAX } from '../notices/replies/parse-mail.ts'
import type { House } from './house.ts'
import { intakeOfAddress, takeIntakeMail } from './intake-mail.ts'
import { noticeOfAddress, takeReply } from './replies.ts'

/** What whoever brings a mail is told when it is not taken: the code and a word for their log. */
const refusals: Partial<Record<ProblemType, readonly [code: number, text: string]>> = {
  'request/too-large': [552, 'The message is too large'],
  'request/too-many': [452, 'Too many messages for now, please come again'],
  'row/unknown': [550, 'There is no such address here'],
}

async function receiveAt(house: House, raw: Buffer, to: string, envelope: MailEnvelope): Promise<void> {
  if (readIntakeAddress(to)) {
    const { outcome, submission } = await takeIntakeMail(house, raw, to, envelope)
    if (submission) house.log.info({ submissionId: submission.id, outcome }, 'a mail was handed in')
    return
  }
  const { id, noticeId, waits } = await takeReply(house, raw, { envelopeTo: to })
  house.log.info({ replyId: id, noticeId, waits }, 'an answer came')
}

/**
 * Opens the port on which mails arrive by SMTP: answers to notices, and what is handed in at intake addresses. Each kind
 * of address has its own action. Only addresses with the token of a signed notice or of an account are known there, so
 * nothing can be guessed and nothing is relayed.
 *
 * @param where.port 0 for any free one.
 */
export function openMailInbox(
  house: House,
  where: { readonly host: string; readonly port: number },
): Promise<MailIn> {
  const domain = house.config.REPLY_DOMAIN.toLowerCase()
  return openMailIn(
    { ...where, bytesMax: Math.max(MAIL_BYTES_MAX, INTAKE_MAIL_BYTES_MAX) },
    {
      bytesMaxFor: (address) =>
        house.db.system(async (tx) => {
          if (await noticeOfAddress(tx, address, domain)) return MAIL_BYTES_MAX
          return (await intakeOfAddress(tx, address, domain)) ? INTAKE_MAIL_BYTES_MAX : undefined
        }),
      async receive(raw, envelope) {
        for (const to of envelope.to) {
          try {
            await receiveAt(house, raw, to, envelope)
          } catch (error) {
            const refusal = error instanceof Problem ? refusals[error.type] : undefined
            throw refusal ? new MailRefused(...refusal) : error
          }
        }
      },
    },
    house.log,
  )
}
