import type { LeakId } from '../core/ids.ts'
import type { Fault } from '../core/problem.ts'
import type { Tenant } from '../tenants/tenant.ts'
import type { LetterDraft, LetterWork, NewLetter } from './letter.ts'
import { wordsOf } from './texts/texts.ts'

/** What a letter is filled from. */
export interface LetterSources {
  readonly given: NewLetter
  readonly tenant: Tenant
  readonly leak: { readonly id: LeakId; readonly name: string }
  readonly audit: LetterDraft['audit']
  readonly works: readonly LetterWork[]
  readonly worksTotal: number
}

const senderOf = (tenant: Tenant): LetterDraft['sender'] => ({
  name: tenant.name,
  contactName: tenant.contactName,
  address: tenant.contactAddress,
  country: tenant.contactCountry,
  phone: tenant.contactPhone,
  email: tenant.contactEmail,
})

/** A letter with everything filled in, as a signer reads it. */
export function composeLetter({ given, tenant, leak, audit, works, worksTotal }: LetterSources): LetterDraft {
  const sender = senderOf(tenant)
  const contact =
    [sender.contactName, sender.email ?? sender.address].filter(Boolean).join(', ') || '________'
  const texts = wordsOf(given.language).texts[given.kind]({
    sender: sender.name,
    recipient: given.recipient.name,
    leak: leak.name,
    worksTotal,
    worksListed: works.length,
    contact,
  })
  return {
    schema: 'earwitness-letter-1',
    kind: given.kind,
    language: given.language,
    sender,
    recipient: given.recipient,
    leak,
    audit,
    works: [...works],
    worksTotal,
    texts,
  }
}

/** What keeps a letter from being signed, each with what to do. */
export function openPoints({ kind, sender, recipient, worksTotal }: LetterDraft): Fault[] {
  const open: Fault[] = []
  if (!sender.contactName || !(sender.email ?? sender.address))
    open.push({
      pointer: '/sender',
      detail:
        'set a contact with a mail or postal address under Settings › Account: the recipient has to answer someone',
    })
  if (!(recipient.address ?? recipient.email))
    open.push({ pointer: '/recipient', detail: 'give the recipient’s postal or mail address' })
  if (kind === 'data-set-removal' && worksTotal === 0)
    open.push({
      pointer: '/auditId',
      detail: 'choose an audit that found works in it: name what is to be removed',
    })
  return open
}
