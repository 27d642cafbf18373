import { createHash } from 'node:crypto'

import { audit } from '../core/audit.ts'
import type { Tx } from '../core/db.ts'
import type { Sha256 } from '../core/ids.ts'
import type { MailEnvelope } from '../core/mail-in.ts'
import { Problem } from '../core/problem.ts'
import {
  INTAKE_MAIL_BYTES_MAX,
  type IntakeOutcome,
  TAKEN_PER_HOUR_MAX,
  isAllowed,
  isAutomatic,
  readIntakeAddress,
} from '../intake/intake.ts'
import {
  type NewIntakeMail,
  type Receiving,
  lockIntake,
  mailsInHour,
  noteMail,
  receivingAt,
  sendersOf,
  wasTaken,
} from '../intake/store.ts'
import { keepable, parseMail } from '../notices/replies/parse-mail.ts'
import { placeName } from '../openers/place.ts'
import * as submissions from '../submissions/store.ts'
import type { Submission } from '../submissions/submission.ts'
import { addressIn } from '../tenants/mail-settings.ts'
import { type House, ring } from './house.ts'

/** Headers of a mail: what comes after so much is none, and its reader takes no more either. */
const HEAD_BYTES_MAX = 128 * 1024
const SENDER_CHARACTERS_MAX = 320
const SUBJECT_CHARACTERS_MAX = 500
/** Of the subject, in the name of what was handed in. */
const NAME_CHARACTERS_MAX = 200

/** The account that takes mails at an address; undefined for any other address. */
export async function intakeOfAddress(
  tx: Tx,
  address: string,
  installationDomain: string,
): Promise<Receiving | undefined> {
  const read = readIntakeAddress(address)
  const receiving = read && (await receivingAt(tx, read.token))
  if (!read || !receiving) return undefined
  return read.domain === installationDomain || read.domain === receiving.replyDomain ? receiving : undefined
}

/** A mail by its head; its text and attachments are for the workers to open. */
interface ReadHead {
  /** By which it is known when it comes again. */
  readonly key: string
  readonly sender: string
  readonly subject: string
  readonly headers: ReadonlyMap<string, string>
  readonly hops: number
  readonly isEmpty: boolean
}

const sha256Of = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex')

async function headOf(raw: Buffer): Promise<ReadHead> {
  const [, end] = /^[\s\S]*?\r?\n()\r?\n/d.exec(raw.toString('latin1', 0, HEAD_BYTES_MAX))?.indices?.[1] ?? []
  const head = raw.subarray(0, end ?? HEAD_BYTES_MAX)
  const { messageId, sender, subject, headers } = await parseMail(
    Buffer.concat([head, Buffer.from('\r\n\r\n')]),
  )
  const text = head.toString('latin1')
  return {
    key: headers.has('message-id') ? sha256Of(`message-id:${messageId}`) : sha256Of(raw),
    sender,
    subject: subject.slice(0, SUBJECT_CHARACTERS_MAX),
    headers,
    hops: text.match(/^received:/gim)?.length ?? 0,
    isEmpty: end === undefined || raw.toString('latin1', end, end + 1_000).trim() === '',
  }
}

/** Whether a mail may be handed in at all, by what it says of itself. */
async function refusalOf(
  tx: Tx,
  house: House,
  receiving: Receiving,
  { head, envelope }: { readonly head: ReadHead; readonly envelope: MailEnvelope },
): Promise<Exclude<IntakeOutcome, 'taken'> | undefined> {
  const { replyDomain, mailFrom, tenantId } = receiving
  const traits = { ...head, envelopeFrom: envelope.from }
  const own = {
    domains: [house.config.REPLY_DOMAIN, ...(replyDomain ? [replyDomain] : [])],
    addresses: [house.config.MAIL_FROM, mailFrom ?? ''].flatMap((each) => addressIn(each) ?? []),
  }
  if (isAutomatic(traits, own)) return 'automatic'
  const patterns = (await sendersOf(tx, tenantId)).map(({ pattern }) => pattern)
  if (!isAllowed(patterns, [head.sender, envelope.from])) return 'sender'
  if (head.isEmpty) return 'empty'
  return (await wasTaken(tx, tenantId, head.key)) ? 'repeated' : undefined
}

/** Makes a mail, which is in the blob store already, a submission. @throws {Problem} request/too-many. */
async function submitMail(
  tx: Tx,
  mail: Omit<NewIntakeMail, 'outcome'>,
  file: { readonly sha256: Sha256; readonly bytes: number },
): Promise<Submission | undefined> {
  const { tenantId, key, sender } = mail
  await lockIntake(tx, tenantId)
  if (await wasTaken(tx, tenantId, key)) {
    await noteMail(tx, { ...mail, outcome: 'repeated' })
    return undefined
  }
  if ((await mailsInHour(tx, tenantId, 'taken')) >= TAKEN_PER_HOUR_MAX)
    throw new Problem('request/too-many', 'This account takes no more mails for now; please come again')
  const submission = await submissions.submitFile(tx, tenantId, {
    fileName: `${placeName(mail.subject.replaceAll(/[/\\]+/g, ' ')).slice(0, NAME_CHARACTERS_MAX)}.eml`,
    note: `Handed in by mail; it says to be from ${sender}`,
    ...file,
    by: 'system',
  })
  await noteMail(tx, { ...mail, outcome: 'taken', submissionId: submission.id })
  await audit(tx, tenantId, {
    actor: 'system',
    action: 'intake.taken',
    subject: `submission:${submission.id}`,
    details: { sender, sha256: file.sha256 },
  })
  return submission
}

async function* once(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes
}

/**
 * Takes a mail at an intake address as a file that was handed in, if its sender may hand in and no program wrote it. What
 * is not taken is noted and dropped: nobody is ever answered by mail, so a forged sender is told nothing.
 *
 * @param to the one address of ours that the mail came to.
 * @throws {Problem} row/unknown when the address is none; request/too-large; request/too-many.
 */
export async function takeIntakeMail(
  house: House,
  raw: Buffer,
  to: string,
  envelope: MailEnvelope,
): Promise<{ readonly outcome: IntakeOutcome; readonly submission?: Submission }> {
  if (raw.length > Math.min(INTAKE_MAIL_BYTES_MAX, house.config.FETCH_BYTES_MAX))
    throw new Problem('request/too-large', 'The mail is larger than is taken')
  const head = await headOf(raw)
  const { receiving, refusal, mail } = await house.db.system(async (tx) => {
    const found = await intakeOfAddress(tx, to, house.config.REPLY_DOMAIN.toLowerCase())
    if (!found) throw new Problem('row/unknown', 'There is no such address here')
    const why = await refusalOf(tx, house, found, { head, envelope })
    const about = {
      tenantId: found.tenantId,
      key: head.key,
      sender: head.sender || keepable(envelope.from, SENDER_CHARACTERS_MAX),
      subject: head.subject,
    }
    if (why) await noteMail(tx, { ...about, outcome: why })
    return { receiving: found, refusal: why, mail: about }
  })
  if (refusal) {
    house.log.info({ tenantId: receiving.tenantId, outcome: refusal }, 'a mail was not taken')
    return { outcome: refusal }
  }
  const file = await house.blobs.put(once(raw), { bytesMax: INTAKE_MAIL_BYTES_MAX })
  const submission = await house.db.system((tx) => submitMail(tx, mail, file))
  if (!submission) return { outcome: 'repeated' }
  await ring(house, submission.stage, submission.id)
  return { outcome: 'taken', submission }
}
