import { type AlertCase, composeAlert } from '../services/alerts/mail.ts'
import * as alerts from '../services/alerts/store.ts'
import { isEmbargoed } from '../services/catalog/embargo.ts'
import * as recordings from '../services/catalog/store.ts'
import type { Tx } from '../services/core/db.ts'
import type { AlertId, RecordingId } from '../services/core/ids.ts'
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

/** The cases of an alert as its mail tells them. */
async function casesOf(tx: Tx, id: AlertId): Promise<AlertCase[]> {
  const told: AlertCase[] = []
  const named = new Set<RecordingId>()
  for (const caseId of await alerts.casesOf(tx, id)) {
    const opened = await findCase(tx, caseId)
    const recording = opened && (await recordings.find(tx, opened.recordingId))
    if (!opened || !recording) continue
    const { id: recordingId, title, artists, isrc } = recording
    const before = named.has(recordingId) ? undefined : await seenBefore(tx, recordingId)
    named.add(recordingId)
    told.push({ ...opened, title, artists, isrc, seenBefore: before, unreleased: isEmbargoed(recording) })
  }
  return told
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
        cases: await casesOf(tx, id),
        members: members.filter((member) => !mailed.has(member.id)),
      }
    })
    if (!work?.tenant) return run.log.info('nothing to notify')

    const { alert, tenant, cases } = work
    let refused: Problem | undefined
    const send = async (member: Member): Promise<void> => {
      const mail = await db.system(async (tx) =>
        composeAlert({
          alert,
          tenant,
          member,
          cases,
          unsubscribeToken: await unsubscribeToken(tx, member.id),
          inReplyTo: await alerts.threadOf(tx, member.id, await alerts.casesOf(tx, id)),
          from: tools.config.MAIL_FROM,
          publicUrl: tools.config.publicUrl,
        }),
      )
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
    for (const member of cases.length > 0 ? work.members : []) {
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
