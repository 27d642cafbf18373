import { randomUUID } from 'node:crypto'

import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { AlertId, type CaseId, type NoticeId, type TenantId, newId } from '../core/ids.ts'
import { AsideState } from '../matches/case.ts'
import { News } from './alert.ts'

/** What happens within some minutes makes one mail. */
const MERGE_S = 5 * 60
/** What can wait makes one mail an hour at the most. */
const PATIENT_S = 60 * 60

type KindAndDetails<Each> = Each extends News ? Pick<Each, 'kind' | 'details'> : never

/** One thing to be told. */
export type NewNews = KindAndDetails<News> & {
  /** What makes it the same thing: it is told once. */
  readonly key: string
  readonly caseId?: CaseId | undefined
  readonly noticeId?: NoticeId | undefined
  /** All cases that it is about: the mail joins the thread about any of them. */
  readonly caseIds?: readonly CaseId[] | undefined
}

/** Kinds that nobody has to act on within the hour. */
const isPatient = ({ kind }: NewNews): boolean => kind === 'reply_waiting'

const Told = z.object({ told: z.boolean() })
const Gathering = z.object({ id: AlertId })

/**
 * Adds something to the mail that is gathering, or starts one; once, however often it is called for the same thing. Nobody
 * rings for it: the sweeper finds the alert when it is due.
 *
 * @returns the alert, or undefined when it was told before.
 */
export async function gatherNews(tx: Tx, tenantId: TenantId, news: NewNews): Promise<AlertId | undefined> {
  const { kind, key, details, caseId, noticeId } = news
  const { told } = await tx.one(Told)`
    select exists (select from alert_news where tenant_id = ${tenantId} and key = ${key}) as told`
  if (told) return undefined
  const { id } = await tx.one(Gathering)`
    insert into alert (id, tenant_id, kind, stage, due_at)
    select ${newId(AlertId)}, ${tenantId}, 'removal_news', 'notify',
           greatest(now() + make_interval(secs => ${MERGE_S}), case when ${isPatient(news)} then
             (select max(stage_since) + make_interval(secs => ${PATIENT_S}) from alert
               where tenant_id = ${tenantId} and kind = 'removal_news' and stage = 'done') end)
    on conflict (tenant_id, kind) where stage = 'notify' and tries = 0
       do update set due_at = least(alert.due_at, excluded.due_at)
    returning id`
  await tx.run`
    insert into alert_news (id, tenant_id, alert_id, kind, key, case_id, notice_id, details)
    values (${randomUUID()}, ${tenantId}, ${id}, ${kind}, ${key}, ${caseId ?? null}, ${noticeId ?? null},
            ${JSON.stringify(details)}) on conflict (tenant_id, key) do nothing`
  await tx.run`
    insert into alert_case (alert_id, case_id, tenant_id)
    select ${id}, c.id, ${tenantId} from unnest(${[...(news.caseIds ?? (caseId ? [caseId] : []))]}::uuid[]) c (id)
    on conflict do nothing`
  return id
}

/** Which notice news are about, as its mail names it. */
const ToldNotice = z.object({ noticeNumber: z.string().nullable(), recipientName: z.string().nullable() })
export type ToldNews = News & z.infer<typeof ToldNotice>

/** What an alert tells, in the order in which it happened; what is about a case that was set aside since is left out. */
export const newsOf = (tx: Tx, id: AlertId): Promise<ToldNews[]> =>
  tx.all(z.intersection(News, ToldNotice))`
    select w.kind, w.case_id, w.notice_id, w.details, n.number as notice_number, r.name as recipient_name
      from alert_news w left join notice n on n.id = w.notice_id left join recipient r on r.id = n.recipient_id
      left join case_file c on c.id = w.case_id
     where w.alert_id = ${id} and coalesce(c.state <> all(${AsideState.options}), true) order by w.at, w.id`
