import { randomUUID } from 'node:crypto'

import { createAddressPolicy } from '../core/addresses.ts'
import { audit } from '../core/audit.ts'
import type { Config } from '../core/config.ts'
import { type RawMailer, accountMailer, openMailer } from '../core/mail.ts'
import { composeMime } from '../core/mime.ts'
import { Problem } from '../core/problem.ts'
import {
  type MailRow,
  clearMailProblem,
  keepMailRow,
  lockMailRow,
  mailRowOf,
} from '../tenants/mail-identity-store.ts'
import { mailIdentityOf } from '../tenants/mail-identity.ts'
import {
  type DkimChange,
  type MailChange,
  addressIn,
  dkimAbout,
  dkimRecord,
  newDkimKey,
  readDkimKey,
  requireAligned,
  smtpAbout,
} from '../tenants/mail-settings.ts'
import { type Caller, actorOf, hasRole } from '../tenants/tenant.ts'
import type { MemberCaller } from './account.ts'
import type { House } from './house.ts'

/** What an owner sees of the account's mail: no password, no key. */
export interface MailSettings {
  readonly mailFrom: string | null
  readonly replyDomain: string | null
  /** Host and port of the own server. */
  readonly smtpHost: string | null
  readonly dkimDomain: string | null
  readonly dkimSelector: string | null
  /** The TXT record to publish. */
  readonly dkimRecord: { readonly name: string; readonly value: string } | null
  /** Why the own server cannot be used, so that messages wait; null while nothing is known against it. */
  readonly problem: { readonly detail: string; readonly since: Date } | null
  /** Secrets that this installation's key does not open: they must be given anew. */
  readonly unreadable: readonly ('smtpUrl' | 'dkimKey')[]
}

function needOwner(caller: Caller): asserts caller is MemberCaller {
  if (!hasRole(caller, 'owner'))
    throw new Problem('auth/forbidden', 'Only an owner of the account can do this')
}

/** The text of a sealed secret, or undefined where this installation cannot read it (any more). */
function readable(unseal: () => string): string | undefined {
  try {
    return unseal()
  } catch (error) {
    if (error instanceof Problem && error.type === 'secret/unreadable') return undefined
    throw error
  }
}

function settingsOf({ secrets }: House, { tenantId }: Caller, row: MailRow): MailSettings {
  const { smtpUrlSealed, dkimKeySealed, mailFrom, replyDomain, dkimDomain, dkimSelector } = row
  const smtpUrl = smtpUrlSealed && readable(() => secrets.unseal(smtpUrlSealed, smtpAbout(tenantId)))
  const key = dkimKeySealed && readable(() => secrets.unseal(dkimKeySealed, dkimAbout(tenantId)))
  return {
    mailFrom,
    replyDomain,
    smtpHost: smtpUrl ? new URL(smtpUrl).host : null,
    dkimDomain,
    dkimSelector,
    dkimRecord: key && dkimDomain && dkimSelector ? dkimRecord(dkimDomain, dkimSelector, key) : null,
    problem:
      row.mailProblem && row.mailProblemAt ? { detail: row.mailProblem, since: row.mailProblemAt } : null,
    unreadable: [
      ...(smtpUrl === undefined ? (['smtpUrl'] as const) : []),
      ...(key === undefined ? (['dkimKey'] as const) : []),
    ],
  }
}

/** The account's mail as it is set. @throws {Problem} auth/forbidden */
export async function mailSettings(house: House, caller: Caller): Promise<MailSettings> {
  needOwner(caller)
  const row = await house.db.tenant(caller.tenantId, (tx) => mailRowOf(tx, caller.tenantId))
  return settingsOf(house, caller, row)
}

/** Changes the row and notes which fields, never their values: some are secrets. */
async function changeRow(
  house: House,
  caller: Caller,
  fields: readonly string[],
  change: (row: MailRow) => MailRow,
): Promise<MailSettings> {
  needOwner(caller)
  const { tenantId } = caller
  const row = await house.db.tenant(tenantId, async (tx) => {
    const next = change(await lockMailRow(tx, tenantId))
    const about = { action: 'account.mail-changed', subject: `tenant:${tenantId}`, details: { fields } }
    await audit(tx, tenantId, { actor: actorOf(caller), ...about })
    return keepMailRow(tx, tenantId, next)
  })
  return settingsOf(house, caller, row)
}

/**
 * Changes what is given of sender, answers' domain and server; null takes it away.
 *
 * @throws {Problem} auth/forbidden, request/invalid when the sender does not fit the DKIM domain.
 */
export function changeMail(house: House, caller: Caller, change: MailChange): Promise<MailSettings> {
  const { smtpUrl, mailFrom, replyDomain } = change
  const fields = Object.keys(change).toSorted()
  return changeRow(house, caller, fields, (row) => {
    if (mailFrom) requireAligned(mailFrom, row.dkimDomain, 'mailFrom')
    return {
      ...row,
      ...(mailFrom !== undefined && { mailFrom }),
      ...(replyDomain !== undefined && { replyDomain }),
      ...(smtpUrl !== undefined && {
        smtpUrlSealed: smtpUrl === null ? null : house.secrets.seal(smtpUrl, smtpAbout(caller.tenantId)),
        // Of a new server nothing is known yet.
        mailProblem: null,
        mailProblemAt: null,
      }),
    }
  })
}

/**
 * Signs the account's mails in the name of a domain from now on, with a new key or the owner's own.
 *
 * @throws {Problem} auth/forbidden, request/invalid when the key is none or the domain does not fit the sender.
 */
export async function setDkim(house: House, caller: Caller, change: DkimChange): Promise<MailSettings> {
  needOwner(caller)
  const key = change.privateKey === undefined ? await newDkimKey() : readDkimKey(change.privateKey)
  return changeRow(house, caller, ['dkim'], (row) => {
    requireAligned(row.mailFrom, change.domain, 'domain')
    return {
      ...row,
      dkimDomain: change.domain,
      dkimSelector: change.selector,
      dkimKeySealed: house.secrets.seal(key, dkimAbout(caller.tenantId)),
    }
  })
}

/** Signs no more. @throws {Problem} auth/forbidden */
export const removeDkim = (house: House, caller: Caller): Promise<MailSettings> =>
  changeRow(house, caller, ['dkim'], (row) => ({
    ...row,
    dkimDomain: null,
    dkimSelector: null,
    dkimKeySealed: null,
  }))

/**
 * The way that an account's mails go: its own server, which must be at a public address or one that the
 * installation allows, else the installation's.
 */
export function mailerFor(
  config: Pick<Config, 'FETCH_ALLOW_ADDRESSES'>,
  smtpUrl: string | undefined,
  house: RawMailer,
): RawMailer {
  if (smtpUrl === undefined) return house
  const allowed = (config.FETCH_ALLOW_ADDRESSES ?? '').split(',').map((each) => each.trim())
  return accountMailer(smtpUrl, createAddressPolicy(allowed.filter(Boolean)))
}

/**
 * Mails the caller what a recipient would get: own sender, own server, signed.
 *
 * @returns the address it went to and the server's answer.
 * @throws {Problem} auth/forbidden, secret/unreadable, and what sending can throw (services/core/mail.ts).
 */
export async function sendTestMail(house: House, caller: Caller): Promise<{ to: string; response: string }> {
  needOwner(caller)
  const { config, secrets, db } = house
  const { tenantId, member } = caller
  const identity = await db.tenant(tenantId, (tx) => mailIdentityOf(tx, secrets, tenantId, config))
  const sender = addressIn(identity.from)
  if (!sender) throw new Error(`MAIL_FROM is not an address: ${identity.from}`)
  const raw = await composeMime({
    from: identity.from,
    to: member.email,
    subject: 'Test mail of Earwitness',
    text:
      'This is how mails to hosts leave your account.\n\n' +
      `${identity.dkim ? `It is signed in the name of ${identity.dkim.domainName}.` : 'It is not signed (no DKIM key is set).'}\n` +
      'Whether it arrived unchanged, and whether the signature holds, stands in its headers (Authentication-Results).\n',
    messageId: `${randomUUID()}@${identity.replyDomain}`,
    date: new Date(),
    dkim: identity.dkim,
  })
  const own = openMailer(config.SMTP_URL ?? 'smtp://127.0.0.1:25')
  try {
    const mailer = mailerFor(config, identity.smtpUrl, own)
    const response = await mailer.sendRaw({ envelope: { from: sender, to: member.email }, raw })
    const about = { action: 'account.mail-tested', subject: `tenant:${tenantId}` }
    await db.tenant(tenantId, async (tx) => {
      await clearMailProblem(tx, tenantId)
      await audit(tx, tenantId, { actor: actorOf(caller), ...about })
    })
    return { to: member.email, response }
  } finally {
    own.close()
  }
}
