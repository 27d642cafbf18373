import { decideCase } from '../../services/actions/cases.ts'
import { checkNotice, draftNotices } from '../../services/actions/notices.ts'
import { type GivenSignature, signNotices } from '../../services/actions/sign-notices.ts'
import { type CaseId, type NoticeId, RecipientId, newId } from '../../services/core/ids.ts'
import type { Notice } from '../../services/notices/notice-row.ts'
import type { NoticeEventKind } from '../../services/notices/notice-state.ts'
import { shownDigest } from '../../services/notices/shown.ts'
import { addEvent } from '../../services/notices/store.ts'
import type { Caller } from '../../services/tenants/tenant.ts'
import { confirming } from './confirming.ts'
import { foundCase } from './found-case.ts'
import type { World } from './world.ts'

/** What a notice has to explain for the DSA. */
export const explanation =
  'The file is a full copy of the sound recording, offered to the public without a licence of its holder.'

/** A plan of notices about cases, with what US law and the DSA ask for. */
export const planOf = (caseIds: readonly CaseId[]) => ({
  caseIds,
  regimes: ['US_512C', 'EU_DSA_16'] as const,
  language: 'en' as const,
  details: { illegalityExplanation: explanation },
})

/** A case of the owner at an address that was fetched just now, reviewed and confirmed. */
export async function confirmedAt(
  world: World,
  url: string,
  title = 'First Light',
  confidence = 1,
): Promise<CaseId> {
  const { house, owner } = world
  const id = await foundCase(world, { title, url, confidence })
  await house.db.system(async (tx) => {
    await tx.run`
      insert into capture (id, tenant_id, submission_id, requested_url, final_url, redirects, status, headers, address,
                           tls, sha256, bytes, started_at, ended_at)
      select gen_random_uuid(), i.tenant_id, i.submission_id, ${url}, ${url}, '[]', 200, '{"content-type":"audio/ogg"}',
             '192.0.2.10', null, i.sha256, i.bytes, now(), now()
        from match m join item i on i.id = m.item_id where m.case_id = ${id} limit 1`
    await tx.run`
      update recording set p_line = '2020 Sample Records', isrc = coalesce(isrc, 'AA6Q72000047')
       where id = (select recording_id from case_file where id = ${id})
         and not exists (select from recording where tenant_id = ${owner.tenantId} and isrc = 'AA6Q72000047')`
    await tx.run`
      update recording set p_line = '2020 Sample Records'
       where id = (select recording_id from case_file where id = ${id})`
  })
  await decideCase(house, owner, id, confirming)
  return id
}

/** Fills in who complains, as every law asks for it. */
export async function completeContact({ house, owner }: World): Promise<void> {
  await house.db.system(
    (tx) => tx.run`
      update tenant set contact_name = 'Notices desk', contact_address = '1 Sample Road, Mumbai 400001',
             contact_country = 'IN', contact_phone = '+912255550100', contact_email = 'notices@sample-records.example'
       where id = ${owner.tenantId}`,
  )
}

/** Somebody of the owner's list who is the first candidate for a host. */
export async function recipientFor(
  { house, owner }: World,
  host: string,
  { urlsMax = 250, source = 'rdap_ip' } = {},
): Promise<RecipientId> {
  const id = newId(RecipientId)
  await house.db.system(async (tx) => {
    await tx.run`
      insert into recipient (id, tenant_id, role, key, name, email, country, source, urls_max, resolved_at)
      values (${id}, ${owner.tenantId}, 'hosting', ${host}, ${`Sample Hosting of ${host}`}, ${`abuse@${host}`}, 'NL',
              ${source}, ${urlsMax}, now())`
    await tx.run`
      insert into recipient_candidate (tenant_id, host, recipient_id, rank)
      values (${owner.tenantId}, ${host}, ${id}, 1)`
  })
  return id
}

/** What a signer sends who read everything. */
export async function signatureFor(
  { house }: World,
  caller: Extract<Caller, { kind: 'member' }>,
  noticeIds: readonly NoticeId[],
): Promise<GivenSignature> {
  const shown: Record<string, string> = {}
  for (const id of noticeIds) {
    const { subject } = await checkNotice(house, caller, id)
    shown[id] = shownDigest(subject.document, subject.format)
  }
  const signatureText = `/s/ ${caller.member.name}`
  return { noticeIds, signatureText, shown, acknowledgedGate: true }
}

/** Drafts, checks and signs notices about cases. */
export async function signedAbout(
  world: World,
  caller: Extract<Caller, { kind: 'member' }>,
  caseIds: readonly CaseId[],
): Promise<Notice[]> {
  const drafts = await draftNotices(world.house, world.owner, planOf(caseIds))
  const ids = drafts.map(({ id }) => id)
  return signNotices(world.house, caller, await signatureFor(world, caller, ids))
}

/** Has a notice go through events, as workers and people would bring them about. */
export async function after({ house }: World, notice: Notice, ...kinds: NoticeEventKind[]): Promise<void> {
  await house.db.system(async (tx) => {
    for (const kind of kinds) await addEvent(tx, notice, { kind, actor: 'system' })
  })
}
