import { Client } from 'pg'
import { z } from 'zod'

import type { MemberCaller } from '../../services/actions/account.ts'
import type { ReadyMessage, Sending } from '../../services/actions/hand-over.ts'
import type { House } from '../../services/actions/house.ts'
import type { CaseId, DeliveryId, NoticeId, RecipientId, RecordingId } from '../../services/core/ids.ts'
import * as Ids from '../../services/core/ids.ts'
import { openMailer } from '../../services/core/mail.ts'
import { CaseState } from '../../services/matches/case.ts'
import { NoticeState } from '../../services/notices/notice-state.ts'
import { findAt, registered } from './found-case.ts'
import { completeContact, recipientFor } from './noticing.ts'
import { signerSession } from './signing.ts'
import { type SmtpHost, startSmtpHost } from './smtp.ts'
import type { World } from './world.ts'

/** What the recipients' mail server does with a message: before its data come, or after. */
export interface MailServerMood {
  atRecipient: 'take' | 'cut' | number
  atData: 'take' | 'cut' | 'lose' | number
}

/** One account with all that sequences need, one after the other: people who sign, works, a mail server. */
export interface Lane {
  readonly world: World
  readonly house: House
  readonly signer: MemberCaller
  readonly second: MemberCaller
  readonly recordings: readonly RecordingId[]
  readonly mood: MailServerMood
  readonly host: SmtpHost
  readonly sending: Sending
  /** A connection beside those of the house, which sees everything. */
  readonly admin: Client
  /** Ends the connection of a server process. */
  readonly kill: (pid: number) => Promise<unknown>
  close(): Promise<void>
}

/** @param world of which the first account is taken. */
export async function openLane(world: World): Promise<Lane> {
  const mood: MailServerMood = { atRecipient: 'take', atData: 'take' }
  const host: SmtpHost = await startSmtpHost(() => mood.atData, {
    onRcptTo(_address, _session, answer) {
      if (mood.atRecipient === 'cut') return host.cut()
      if (mood.atRecipient === 'take') return answer()
      return answer(Object.assign(new Error('no'), { responseCode: mood.atRecipient }))
    },
  })
  const mailer = openMailer(host.url)
  const admin = new Client({ connectionString: world.databaseUrl })
  await admin.connect()
  await completeContact(world)
  const [{ caller: signer }, { caller: second }] = [
    await signerSession(world, 'A Signer'),
    await signerSession(world, 'B Signer'),
  ]
  const recordings = [await registered(world, 'First Light'), await registered(world, 'Second Light')]
  await world.house.db.system(async (tx) => {
    await tx.run`update member set first_signed_at = now()`
    await tx.run`update recording set p_line = '2020 Sample Records'`
  })
  return {
    world,
    house: world.house,
    signer,
    second,
    recordings,
    mood,
    host,
    sending: { ...world.house, mailer },
    admin,
    kill: (pid) => admin.query('select pg_terminate_backend($1, 1000)', [pid]),
    async close() {
      mailer.close()
      await Promise.all([host.close(), admin.end()])
    },
  }
}

/** What one sequence is about, and what has to be remembered of it beside the database. */
export interface Scene {
  readonly lane: Lane
  readonly hostName: string
  readonly recipientId: RecipientId
  readonly caseIds: readonly CaseId[]
  /** How far the clock was moved. */
  hours: number
  readonly batches: string[]
  /** Answers of the mail server that a worker has not written down yet. */
  readonly late: { message: ReadyMessage; response: string }[]
  /** How often a person found that a message was not sent. */
  readonly foundUnsent: Map<DeliveryId, number>
  /** What was signed, by its hash, as the signer was answered. */
  readonly signed: Map<NoticeId, string>
  /** The statements that the signer was shown, by their digests. */
  readonly shown: Map<NoticeId, string>
  /** What callers were answered, as the audit chain has it: `action subject`. */
  readonly answered: string[]
  readonly mails: Buffer[]
  /** From here on mails and entries of the audit chain belong to this sequence. */
  readonly mailsBefore: number
  readonly auditBefore: { readonly number: number; readonly hash: string }
}

/** Cases of a sequence: one address, two addresses, or two works at one address. */
export const shapes = ['one', 'two', 'beside'] as const
export type Shape = (typeof shapes)[number]

const findsOf = (hostName: string, shape: Shape) => [
  { url: `https://${hostName}/d/1`, work: 0 },
  ...(shape === 'two' ? [{ url: `https://${hostName}/d/2`, work: 0 }] : []),
  ...(shape === 'beside' ? [{ url: `https://${hostName}/d/1?utm_source=x`, work: 1 }] : []),
]

const Head = z.object({ number: z.number(), hash: z.string() })

/** Cases that wait for a reviewer at a host of their own. @param approval whether two signers are needed. */
export async function newScene(
  lane: Lane,
  number: number,
  { shape, approval }: { shape: Shape; approval: boolean },
): Promise<Scene> {
  const { world, house, recordings } = lane
  const { tenantId } = world.owner
  const hostName = `h${number}.example`
  const caseIds: CaseId[] = []
  for (const { url, work } of findsOf(hostName, shape)) {
    const recordingId = recordings[work]
    if (!recordingId) throw new Error('no recording')
    caseIds.push((await findAt(world, recordingId, { url })).id)
  }
  const recipientId = await recipientFor(world, hostName)
  const auditBefore = await house.db.system(async (tx) => {
    await tx.run`
      insert into capture (id, tenant_id, submission_id, requested_url, final_url, redirects, status, headers, address,
                           tls, sha256, bytes, started_at, ended_at)
      select gen_random_uuid(), i.tenant_id, i.submission_id, c.location, c.location, '[]', 200,
             '{"content-type":"audio/ogg"}', '192.0.2.10', null, i.sha256, i.bytes, now(), now()
        from case_file c join match m on m.case_id = c.id join item i on i.id = m.item_id
       where c.id = any(${caseIds}::uuid[])`
    await tx.run`update tenant set second_approver_above = ${approval ? 1 : 1_000_000} where id = ${tenantId}`
    const head = await tx.maybe(Head)`
      select number, entry_hash as hash from audit_entry where tenant_id = ${tenantId} order by number desc limit 1`
    return head ?? { number: 0, hash: '0'.repeat(64) }
  })
  return {
    lane,
    hostName,
    recipientId,
    caseIds,
    hours: 0,
    batches: [],
    late: [],
    foundUnsent: new Map(),
    signed: new Map(),
    shown: new Map(),
    answered: [],
    mails: [],
    mailsBefore: lane.host.received.length,
    auditBefore,
  }
}

/** Everything of a sequence that can change, in few words. */
const Snapshot = z.object({
  cases: z.array(
    z.object({
      id: Ids.CaseId,
      state: CaseState,
      held: z.string().nullable(),
      recheckAt: z.string().nullable(),
      decisions: z.number(),
      reviews: z.number(),
      looks: z.number(),
    }),
  ),
  notices: z.array(
    z.object({
      id: Ids.NoticeId,
      number: z.string(),
      state: NoticeState,
      token: z.string(),
      signed: z.boolean(),
      approvalNeeded: z.boolean(),
      approved: z.boolean(),
      dueAt: z.string().nullable(),
      events: z.number(),
    }),
  ),
  deliveries: z.array(
    z.object({
      id: Ids.DeliveryId,
      noticeId: Ids.NoticeId,
      /** Which message of its notice it is. */
      key: z.string(),
      stage: z.string(),
      attempted: z.boolean(),
      messageId: z.string().nullable(),
    }),
  ),
  locations: z.array(z.object({ id: z.string(), live: z.boolean(), outcome: z.string().nullable() })),
  replies: z.array(z.object({ id: Ids.ReplyId, handled: z.boolean() })),
  counters: z.array(z.object({ id: Ids.CounterNoticeId, answer: z.string().nullable() })),
  entries: z.number(),
})
export type Snapshot = z.infer<typeof Snapshot>

/** One query: it is asked after every step. */
const snapshotQuery = `
  with mine as (select distinct notice_id as id from notice_location where case_id = any($1::uuid[]))
  select jsonb_build_object(
    'cases', (select jsonb_agg(jsonb_build_object('id', c.id, 'state', c.state, 'held', c.assigned_to,
                'recheckAt', c.recheck_at,
                'decisions', (select count(*) from case_decision d where d.case_id = c.id),
                'reviews', (select count(*) from exceptions_review e where e.case_id = c.id),
                'looks', (select count(*) from recheck r where r.case_id = c.id)) order by c.location)
                from case_file c where c.id = any($1::uuid[])),
    'notices', (select coalesce(jsonb_agg(jsonb_build_object('id', n.id, 'number', n.number, 'state', n.state,
                'token', n.reply_token, 'signed', n.signed_at is not null, 'approvalNeeded', n.approval_needed,
                'approved', n.approved_at is not null, 'dueAt', n.due_at,
                'events', (select count(*) from notice_event e where e.notice_id = n.id))
                order by n.number, n.version), '[]') from notice n join mine using (id)),
    'deliveries', (select coalesce(jsonb_agg(jsonb_build_object('id', d.id, 'noticeId', d.notice_id, 'stage', d.stage,
                'key', concat_ws(' ', d.notice_id, d.kind, d.number, d.part),
                'attempted', d.attempted_at is not null, 'messageId', d.message_id)
                order by d.created_at, d.kind, d.number, d.part), '[]')
                from delivery d join mine on mine.id = d.notice_id),
    'locations', (select coalesce(jsonb_agg(jsonb_build_object('id', l.id, 'live', l.live, 'outcome', l.outcome)
                order by l.id), '[]') from notice_location l join mine on mine.id = l.notice_id),
    'replies', (select coalesce(jsonb_agg(jsonb_build_object('id', y.id, 'handled', y.handled_at is not null)
                order by y.received_at, y.id), '[]') from reply y join mine on mine.id = y.notice_id),
    'counters', (select coalesce(jsonb_agg(jsonb_build_object('id', k.id, 'answer', k.answer)
                order by k.created_at, k.id), '[]') from counter_notice k join mine on mine.id = k.notice_id),
    'entries', (select coalesce(max(number), 0) from audit_entry where tenant_id = $2)) as shown`

/** Where a sequence stands. */
export async function snapshotOf({ lane, caseIds }: Scene): Promise<Snapshot> {
  const { rows } = await lane.admin.query<{ shown: unknown }>(snapshotQuery, [
    caseIds,
    lane.world.owner.tenantId,
  ])
  return Snapshot.parse(rows[0]?.shown)
}
