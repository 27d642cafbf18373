import type { Alert } from '../services/alerts/alert.ts'
import { type AlertCase, composeAlert } from '../services/alerts/mail.ts'
import { newsOf } from '../services/alerts/news-store.ts'
import { type MailedNews, composeNews } from '../services/alerts/news.ts'
import * as alerts from '../services/alerts/store.ts'
import { isEmbargoed } from '../services/catalog/embargo.ts'
import * as recordings from '../services/catalog/store.ts'
import type { Tx } from '../services/core/db.ts'
import type { AlertId, CaseId, RecordingId } from '../services/core/ids.ts'
import { events } from '../services/core/metrics.ts'
import { Problem } from '../services/core/problem.ts'
import type { Run } from '../services/core/queue.ts'
import type { OneRow } from '../services/jobs.ts'
import { findCase } from '../services/matches/case-store.ts'
import { seenBefore } from '../services/matches/store.ts'
import { alertedMembers, findTenant, unsubscribeToken } from '../services/tenants/store.ts'
import type { Member } from '../services/tenants/tenant.ts'
import type { Tools } from './tools.ts'

/** Clocks of two machines may differ by this much; an alert that is due this soon is due. */
const EARLY_MS = 2_000

/** A case as mails tell of it; undefined when it is not there any more. */
async function caseOf(tx: Tx, id: CaseId): Promise<(AlertCase & { recordingId: RecordingId }) | undefined> {
  const opened = await findCase(tx, id)
  const recording = opened && (await recordings.find(tx, opened.recordingId))
  if (!opened || !recording) return undefined
  const { title, artists, isrc } = recording
  return { ...opened, title, artists, isrc, unreleased: isEmbargoed(recording) }
}

/** The cases of an alert as its mail tells them. */
async function casesOf(tx: Tx, id: AlertId): Promise<AlertCase[]> {
  const told: AlertCase[] = []
  const named = new Set<RecordingId>()
  for (const caseId of await alerts.casesOf(tx, id)) {
    const known = await caseOf(tx, caseId)
    if (!known) continue
    const { recordingId } = known
    const before = named.has(recordingId) ? undefined : await seenBefore(tx, recordingId)
    named.add(recordingId)
    told.push({ ...known, seenBefore: before })
  }
  return told
}

/** What an alert of either sort tells; empty when nothing of it is worth a mail any more. */
async function contentOf(
  tx: Tx,
  { id, kind }: Alert,
): Promise<{ kind: 'cases'; cases: AlertCase[] } | { kind: 'news'; news: MailedNews[] }> {
  if (kind !== 'removal_news') return { kind: 'cases', cases: await casesOf(tx, id) }
  const news: MailedNews[] = []
  for (const each of await newsOf(tx, id))
    news.push({ ...each, about: each.caseId ? await caseOf(tx, each.caseId) : undefined })
  return { kind: 'news', news }
}

/**
 * Mails an alert to each member who wants it and has not got it yet, and keeps what was sent.
 * A crash between sending and keeping can mail one person twice; nobody is ever left out.
 */
export const notify =
  (tools: Tools) =>
  async ({ id }: OneRow<AlertId>, run: Run): Promise<void> => {
    const { db } = tools
    const waiting = await db.system((tx) => alerts.find(tx, id))
    if (waiting?.stage === 'notify' && waiting.dueAt.getTime() > Date.now() + EARLY_MS)
      return run.log.info('not due yet')
    const work = await db.system(async (tx) => {
      if (!waiting || !(await alerts.stages.claim(tx, id, 'notify'))) return undefined
      const tenant = await findTenant(tx, waiting.tenantId)
      const mailed = await alerts.mailedMembers(tx, id)
      const members = tenant?.alertsOn ? await alertedMembers(tx, waiting.tenantId) : []
      return {
        alert: waiting,
        tenant,
        content: await contentOf(tx, waiting),
        members: members.filter((member) => !mailed.has(member.id)),
      }
    })
    if (!work?.tenant) return run.log.info('nothing to notify')

    const { alert, tenant, content } = work
    const isEmpty = (content.kind === 'cases' ? content.cases : content.news).length === 0
    let refused: Problem | undefined
    const send = async (member: Member): Promise<void> => {
      const letter = await db.system(async (tx) => ({
        alert,
        tenant,
        member,
        unsubscribeToken: await unsubscribeToken(tx, member.id),
        inReplyTo: await alerts.threadOf(tx, member.id, await alerts.casesOf(tx, id)),
        from: tools.config.MAIL_FROM,
        publicUrl: tools.config.publicUrl,
      }))
      const mail =
        content.kind === 'cases'
          ? composeAlert({ ...letter, cases: content.cases })
          : composeNews({ ...letter, news: content.news })
      const response = await tools.mailer.send(mail)
      await db.system((tx) =>
        alerts.keepMail(tx, alert, member.id, {
          messageId: mail.messageId,
          recipient: member.email,
          subject: mail.subject,
          body: mail.text,
          response,
        }),
      )
      events.mailed(run.log, { alertId: id, messageId: mail.messageId })
    }
    for (const member of isEmpty ? [] : work.members) {
      // One address that the server refuses for good must not keep the others from their mail.
      await send(member).catch((error: unknown) => {
        const problem = Problem.from(error)
        if (problem.type !== 'mail/refused') throw error
        refused = problem
      })
    }
    if (refused) throw refused
    await db.system((tx) => alerts.stages.advance(tx, id, 'notify', 'done'))
  }
