import { z } from 'zod'

import { AcnsReply, readAcns } from './acns-replies.ts'
import { readAutoReply } from './auto-reply.ts'
import { readDsn } from './dsn.ts'
import type { ReadMail } from './parse-mail.ts'

export const ReplyKind = z.enum(['bounce', 'auto_reply', 'acns_ack', 'acns_status', 'xarf', 'other'])
export type ReplyKind = z.infer<typeof ReplyKind>

/** Numbers of notices in a text that are worth looking up. */
const NUMBERS_MAX = 10

/** What was read from an answer. */
export const Findings = z.object({
  /** How its notice was found: by its address or its thread for sure, by its subject only perhaps. */
  foundBy: z.enum(['address', 'thread', 'subject']).optional(),
  bounce: z
    .object({
      action: z.enum(['failed', 'delayed', 'delivered', 'relayed', 'expanded', 'unknown']),
      status: z.string().optional(),
      recipient: z.string().optional(),
      diagnostic: z.string().optional(),
      originalMessageId: z.string().optional(),
    })
    .optional(),
  autoReply: z.object({ ticket: z.string().optional(), wantsPerson: z.boolean() }).optional(),
  acns: z.array(AcnsReply).optional(),
  /** Numbers of notices that it names. */
  numbers: z.array(z.string()),
  /** What could not be read. */
  fault: z.string().optional(),
})
export type Findings = z.infer<typeof Findings>

export interface Classified {
  readonly kind: ReplyKind
  readonly findings: Findings
}

const numbersIn = (text: string): string[] =>
  [...new Set([...text.matchAll(/\bEN-\d{4}-\d{6}\b/g)].map(([number]) => number))].slice(0, NUMBERS_MAX)

/** Whether a mail carries a report in XARF, as an answer to one does that is sent back changed. */
const hasXarf = ({ parts }: ReadMail): boolean =>
  parts.some(
    ({ mediaType, fileName, content }) =>
      (mediaType === 'application/json' || /xarf.*\.json$/i.test(fileName ?? '')) &&
      content.subarray(0, 4096).includes('"xarf_version"'),
  )

/** The most certain thing that a mail is. A report about delivery comes first: it may carry all the others inside. */
function kindOf(mail: ReadMail): Pick<Classified, 'kind'> & { findings: Partial<Findings> } {
  const bounce = readDsn(mail)
  if (bounce) return { kind: 'bounce', findings: { bounce } }
  const { replies, fault } = readAcns(mail)
  if (replies.length > 0) {
    const kind = replies.some((each) => each.kind === 'status') ? 'acns_status' : 'acns_ack'
    return { kind, findings: { acns: [...replies], fault } }
  }
  if (fault) return { kind: 'other', findings: { fault } }
  if (hasXarf(mail)) return { kind: 'xarf', findings: {} }
  const autoReply = readAutoReply(mail)
  return autoReply ? { kind: 'auto_reply', findings: { autoReply } } : { kind: 'other', findings: {} }
}

/** What an answer is and says. Links in it are text: nothing here follows them. */
export function classify(mail: ReadMail): Classified {
  const { kind, findings } = kindOf(mail)
  const numbers = numbersIn(mail.subject)
  return { kind, findings: { ...findings, numbers, fault: mail.fault ?? findings.fault } }
}
