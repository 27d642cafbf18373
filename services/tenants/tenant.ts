import { z } from 'zod'

import { ACCEPTANCE_MAX, ACCEPTANCE_MIN } from '../audio/search/decide.ts'
import { ApiKeyId, MemberId, TenantId } from '../core/ids.ts'
import { DomainName } from './mail-settings.ts'

/** What a member may do. An owner manages; a reviewer decides cases; only a signer makes statements. */
export const Role = z.enum(['owner', 'reviewer', 'signer'])
export type Role = z.infer<typeof Role>

/** A rights holder, or whoever watches for one. Contact fields stand on reports as the complainant. */
export const Tenant = z.object({
  id: TenantId,
  name: z.string(),
  contactName: z.string().nullable(),
  contactAddress: z.string().nullable(),
  contactCountry: z.string().nullable(),
  contactPhone: z.string().nullable(),
  contactEmail: z.string().nullable(),
  keepReferenceAudio: z.boolean(),
  keepSuspectAudio: z.boolean(),
  alertsOn: z.boolean(),
  /** How sure a search must be; see services/audio/search/decide.ts. */
  falseClaimsPerMillion: z.number(),
  /** Lower-case domains of its own: nothing is ever demanded there, nor at their subdomains. */
  ownDomains: z.array(z.string()),
  /** Locations a day above which a second signer has to approve. */
  secondApproverAbove: z.number(),
  /** Whether signed notices are shared with the Lumen database. */
  lumenSharing: z.boolean(),
  /** Since when, and why, nothing is signed or sent; null while it is. */
  noticesPausedAt: z.date().nullable(),
  noticesPausedWhy: z.string().nullable(),
})
export type Tenant = z.infer<typeof Tenant>

/** A catalogue's holder has a few shops and sites. */
const OWN_DOMAINS_MAX = 500
/** More than this a day nobody reads, so nobody could approve it either. */
const SECOND_APPROVER_MAX = 100_000
const approverWanted = `a whole number from 1 to ${SECOND_APPROVER_MAX}`

const acceptanceWanted = `a whole number from ${ACCEPTANCE_MIN} to ${ACCEPTANCE_MAX}`

/** What of a tenant can be changed, with the limits of the database. */
export const TenantChange = z
  .object({
    name: z.string().trim().min(1).max(200),
    contactName: z.string().trim().max(200).nullable(),
    contactAddress: z.string().trim().max(500).nullable(),
    contactCountry: z
      .string()
      .regex(/^[A-Z]{2}$/, 'two capital letters, e.g. IN')
      .nullable(),
    contactPhone: z
      .string()
      .regex(/^\+[1-9]\d{6,14}$/, 'with country code and digits only, e.g. +912255550100')
      .nullable(),
    contactEmail: z.email().max(254).nullable(),
    keepReferenceAudio: z.boolean(),
    keepSuspectAudio: z.boolean(),
    alertsOn: z.boolean(),
    falseClaimsPerMillion: z
      .number(acceptanceWanted)
      .int(acceptanceWanted)
      .min(ACCEPTANCE_MIN, acceptanceWanted)
      .max(ACCEPTANCE_MAX, acceptanceWanted)
      .describe(
        'Of a million suspects that contain nothing of the catalogue, how many may be claimed: lower means fewer ' +
          'false alarms and fewer finds. It holds for what is compared from then on',
      ),
    ownDomains: z
      .array(DomainName)
      .max(OWN_DOMAINS_MAX)
      .transform((names) => [...new Set(names)])
      .describe('Domains of one’s own, with all below them: no notice is ever made about a copy there'),
    secondApproverAbove: z
      .number(approverWanted)
      .int(approverWanted)
      .min(1, approverWanted)
      .max(SECOND_APPROVER_MAX, approverWanted)
      .describe('So many locations a day may be signed without a second signer’s approval'),
    lumenSharing: z.boolean().describe('Share signed notices with the Lumen database (lumendatabase.org)'),
  })
  .partial()
export type TenantChange = z.infer<typeof TenantChange>

/** A person. `passwordHash` never leaves services/tenants. */
export const Member = z.object({
  id: MemberId,
  tenantId: TenantId,
  email: z.string(),
  name: z.string(),
  title: z.string(),
  roles: z.array(Role),
  getsAlerts: z.boolean(),
  createdAt: z.date(),
  disabledAt: z.date().nullable(),
  hasPassword: z.boolean(),
})
export type Member = z.infer<typeof Member>

export const ApiKey = z.object({
  id: ApiKeyId,
  name: z.string(),
  hint: z.string(),
  createdAt: z.date(),
  lastUsedAt: z.date().nullable(),
  revokedAt: z.date().nullable(),
})
export type ApiKey = z.infer<typeof ApiKey>

/** Who is asking: a member in a session or a program with a key. A key has no roles and can never sign. */
export type Caller =
  | {
      readonly kind: 'member'
      readonly tenantId: TenantId
      readonly member: Member
      readonly sessionHash: string
    }
  | { readonly kind: 'key'; readonly tenantId: TenantId; readonly keyId: ApiKeyId }

/** The caller as decisions and the audit chain name it. */
export const actorOf = (caller: Caller): string =>
  caller.kind === 'member' ? `member:${caller.member.id}` : `key:${caller.keyId}`

/** Whether the caller is a person with the role. */
export const hasRole = (caller: Caller, role: Role): boolean =>
  caller.kind === 'member' && caller.member.roles.includes(role)
