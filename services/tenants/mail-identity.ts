import type { Config } from '../core/config.ts'
import type { Tx } from '../core/db.ts'
import type { TenantId } from '../core/ids.ts'
import type { DkimKey } from '../core/mime.ts'
import type { Secrets } from '../core/secrets.ts'
import { mailRowOf } from './mail-identity-store.ts'
import { dkimAbout, smtpAbout } from './mail-settings.ts'

/** How a tenant's mails go out. */
export interface MailIdentity {
  /** As the From header has it. */
  readonly from: string
  readonly replyDomain: string
  /** Undefined: the installation's own server. */
  readonly smtpUrl: string | undefined
  readonly dkim: DkimKey | undefined
}

/**
 * How a tenant's mails go out; what it has not set is the installation's.
 *
 * @throws {Problem} secret/unreadable
 */
export async function mailIdentityOf(
  tx: Tx,
  secrets: Secrets,
  id: TenantId,
  defaults: Pick<Config, 'MAIL_FROM' | 'REPLY_DOMAIN'>,
): Promise<MailIdentity> {
  const row = await mailRowOf(tx, id)
  const { dkimDomain, dkimSelector, dkimKeySealed } = row
  const hasDkim = dkimDomain !== null && dkimSelector !== null && dkimKeySealed !== null
  return {
    from: row.mailFrom ?? defaults.MAIL_FROM,
    replyDomain: row.replyDomain ?? defaults.REPLY_DOMAIN,
    smtpUrl: row.smtpUrlSealed ? secrets.unseal(row.smtpUrlSealed, smtpAbout(id)) : undefined,
    dkim: hasDkim
      ? {
          domainName: dkimDomain,
          keySelector: dkimSelector,
          privateKey: secrets.unseal(dkimKeySealed, dkimAbout(id)),
        }
      : undefined,
  }
}
