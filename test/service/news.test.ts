import { randomUUID } from 'node:crypto'

import { describe, expect } from 'vitest'
import { z } from 'zod'

import { strike, strikeAll } from '../../services/actions/clocks.ts'
import { answerCounterNotice, registerCounterNotice } from '../../services/actions/counter-notices.ts'
import { draftNotices } from '../../services/actions/notices.ts'
import { lookAgain, takeLook } from '../../services/actions/rechecks.ts'
import { takeReply } from '../../services/actions/replies.ts'
import { gatherNews } from '../../services/alerts/news-store.ts'
import type { AlertId, CaseId, RecipientId } from '../../services/core/ids.ts'
import { caughtMails, startMailCatcher } from '../../services/core/mail-catcher.ts'
import { openMailer } from '../../services/core/mail.ts'
import type { Verdict } from '../../services/matches/recheck.ts'
import { addDays, businessDaysAfter } from '../../services/notices/clocks/business-days.ts'
import { replyAddressOf } from '../../services/notices/delivery.ts'
import { findNotice } from '../../services/notices/store.ts'
import { createMember } from '../../services/tenants/store.ts'
import { notify } from '../../workers/notify.ts'
import type { Tools } from '../../workers/tools.ts'
import { foundCase } from '../support/found-case.ts'
import { madeNotice } from '../support/made-notice.ts'
import {
  after,
  completeContact,
  confirmedAt,
  planOf,
  recipientFor,
  signedAbout,
} from '../support/noticing.ts'
import { mail } from '../support/reply-samples.ts'
import { signerSession } from '../support/signing.ts'
import { type World, test } from '../support/world.ts'

const DAY_MS = 24 * 60 * 60_000
const HOST = 'files.hoster.example'
const seen = {
  status: 200,
  finalUrl: null,
  mediaType: null,
  bytes: null,
  etag: null,
  sha256: null,
  problem: null,
}

/** A notice about copies at a host, sent. */
async function sentNotice(world: World, { locations = 1 } = {}) {
  await completeContact(world)
  const recipientId = await recipientFor(world, HOST)
  const { caller: signer } = await signerSession(world)
  const caseIds: CaseId[] = []
  for (let i = 1; i <= locations; i += 1)
    caseIds.push(await confirmedAt(world, `https://${HOST}/d/${i}`, `Sample ${i}`))
  const [notice] = await signedAbout(world, signer, caseIds)
  const [caseId] = caseIds
  if (!notice || !caseId) throw new Error('no notice')
  await after(world, notice, 'queued', 'sent')
  return { notice, caseIds, caseId, signer, recipientId }
}

/** What waits to be mailed: the kinds of the news, oldest first, and how many alerts there are. */
const gathered = ({ house }: World) =>
  house.db.system(async (tx) => {
    const rows = await tx.all(
      z.object({ id: z.string(), kind: z.string(), details: z.record(z.string(), z.unknown()) }),
    )`select a.id, w.kind, w.details from alert a join alert_news w on w.alert_id = a.id order by w.at, w.id`
    return { alertIds: [...new Set(rows.map(({ id }) => id))] as AlertId[], rows }
  })

/** Mails everything that is gathered now, as the sweeper would once it is due. */
async function mailed(world: World) {
  const catcher = await startMailCatcher(`${world.folder}/mail`)
  const { alertIds } = await gathered(world)
  await world.house.db.system((tx) => tx.run`update alert set due_at = now() where stage = 'notify'`)
  const mailer = openMailer(catcher.url)
  const work = notify({ ...world.house, mailer } as unknown as Tools)
  const run = { log: world.house.log, progress: async () => {}, signal: new AbortController().signal }
  for (const id of alertIds) await work({ id }, run)
  mailer.close()
  await catcher.close()
  return (await caughtMails(`${world.folder}/mail`)).toReversed()
}

/** A look at a case's location with a verdict of the test's choice. */
async function look(world: World, caseId: CaseId, verdict: Verdict, when: Date): Promise<void> {
  const id = await lookAgain(world.house, world.owner, caseId)
  await world.house.db.system((tx) => takeLook(tx, id, { verdict, seen, at: when }))
}

describe('news', () => {
  test('tell that a copy is back, defanged, in the thread of its case, and unnamed where it is secret', async ({
    world,
  }) => {
    const { house, owner } = world
    const { caseId } = await sentNotice(world)
    await house.db.system(async (tx) => {
      await createMember(tx, owner.tenantId, {
        email: 'signer@example.org',
        name: 'Signs only',
        roles: ['signer'],
      })
      await tx.run`update recording set embargo_until = now() + interval '1 day'`
    })
    const now = Date.now()
    await look(world, caseId, 'gone', new Date(now))
    await look(world, caseId, 'gone', new Date(now + 7 * 60 * 60_000))
    expect((await gathered(world)).rows).toEqual([])
    await look(world, caseId, 'live', new Date(now + 2 * DAY_MS))
    await look(world, caseId, 'live', new Date(now + 3 * DAY_MS))
    expect((await gathered(world)).rows.map(({ kind }) => kind)).toEqual(['restored'])

    const mails = await mailed(world)
    const knows = mails.find(({ to }) => to.includes('sample-records'))
    const guesses = mails.find(({ to }) => to.includes('signer@'))
    expect(knows?.text).toContain('“Sample 1” by The Samples (unreleased)')
    expect(knows?.text).toContain(`hxxps://files[.]hoster[.]example/d/1`)
    expect(knows?.html).not.toContain(`https://${HOST}`)
    expect(guesses?.subject).toMatch(/Back again: An unreleased recording$/)
    expect(`${guesses?.text} ${guesses?.html}`).not.toMatch(/Sample 1|\/d\/1/)
    expect(knows?.headers['list-unsubscribe-post']).toBe('List-Unsubscribe=One-Click')

    await look(world, caseId, 'live', new Date(now + 4 * DAY_MS))
    expect((await gathered(world)).rows).toHaveLength(1)
    await house.db.system((tx) =>
      gatherNews(tx, owner.tenantId, { kind: 'restored', key: 'again', caseId, details: {} }),
    )
    const later = (await mailed(world)).filter(({ to }) => to.includes('sample-records'))
    expect(later.at(-1)?.headers['in-reply-to']).toBe(knows?.headers['message-id'])
  })

  test('tell once of a recipient that was given up, however many locations', async ({ world }) => {
    const { notice } = await sentNotice(world, { locations: 2 })
    const { house } = world
    const sentAt = (await house.db.system((tx) => findNotice(tx, notice.id)))?.sentAt ?? new Date()
    await house.db.system(
      (tx) => tx.run`
        insert into delivery (id, tenant_id, notice_id, kind, number, way, format, address, message_id, stage, sent_at)
        values (${randomUUID()}, ${notice.tenantId}, ${notice.id}, 'notice', 1, 'mail', 'mail', 'abuse@hoster.example',
                'one@sample.example', 'done', ${sentAt})`,
    )
    for (const days of [11, 12])
      await house.db.system((tx) => strike(tx, notice.id, new Date(sentAt.getTime() + days * DAY_MS)))
    const { rows } = await gathered(world)
    expect(rows).toMatchObject([{ kind: 'no_answer', details: { locations: 2 } }])
    const [first] = await mailed(world)
    expect(first?.subject).toBe(`[${notice.number}] No answer from Sample Hosting of ${HOST}`)
    expect(first?.text).toContain('2 locations are escalated')
  })

  test('count a counter-notice down on days 0, 3, 7 and 9, each once, until it is answered', async ({
    world,
  }) => {
    const { house } = world
    const { notice, caseId, signer } = await sentNotice(world)
    const receivedOn = new Date().toISOString().slice(0, 10)
    const checks = {
      signature: true,
      material_and_location: true,
      perjury_statement: true,
      name_address_phone: true,
      jurisdiction_consent: true,
    }
    const kept = await registerCounterNotice(house, signer, notice.id, {
      caseId,
      receivedOn,
      sender: 'the uploader',
      text: 'It is mine.',
      reason: 'owner',
      checks,
    })
    const noon = (day: string) => new Date(`${day}T12:00:00Z`)
    const day = (count: number) => businessDaysAfter(receivedOn, count, 'US')
    const left = async () =>
      (await gathered(world)).rows
        .filter(({ kind }) => kind === 'counter_notice')
        .map(({ details }) => details['businessDaysLeft'])
    expect(await left()).toEqual([10])
    for (const when of [day(1), day(2), day(3), day(3), day(4)]) await strikeAll(house.db, noon(when))
    expect(await left()).toEqual([10, 7])
    // Nothing ran on the seventh day: the next one tells.
    await strikeAll(house.db, noon(day(8)))
    await strikeAll(house.db, noon(day(9)))
    await strikeAll(house.db, noon(day(10)))
    expect(await left()).toEqual([10, 7, 2, 1])
    await answerCounterNotice(house, signer, kept.id, { answer: 'accepted', comment: 'Let it be' })
    await strikeAll(house.db, noon(addDays(day(10), 1)))
    expect(await left()).toHaveLength(4)
    const [first] = await mailed(world)
    expect(first?.text).toContain(`That is in 10 business days.`)
    expect(first?.text).toContain(`from ${kept.putBackFrom} until ${kept.putBackLatest}`)
  })

  test('tell of the court’s order that India asks for, a week before it is due and on the day', async ({
    world,
  }) => {
    const { house } = world
    const recipientId = await recipientFor(world, HOST)
    const caseIds = [await foundCase(world, { title: 'Sample', url: `https://${HOST}/d/1` })]
    const sentAt = new Date('2026-03-02T09:00:00Z')
    const id = await madeNotice(world, { recipientId, caseIds, sentAt, regimes: ['IN_RULE_75'] })
    await house.db.system(
      (tx) => tx.run`
        insert into delivery (id, tenant_id, notice_id, kind, number, way, format, message_id, stage, sent_at)
        values (${randomUUID()}, ${world.owner.tenantId}, ${id}, 'notice', 1, 'hand', 'hand', 'two@sample.example', 'done',
                ${sentAt})`,
    )
    for (const days of [13, 14, 15, 21, 22])
      await house.db.system((tx) => strike(tx, id, new Date(sentAt.getTime() + days * DAY_MS + 1000)))
    const { rows } = await gathered(world)
    expect(rows.filter(({ kind }) => kind === 'india_order')).toMatchObject([
      { details: { dueOn: '2026-03-23', isDue: false } },
      { details: { dueOn: '2026-03-23', isDue: true } },
    ])
  })

  test('gather answers that wait into one mail an hour, unless something is urgent', async ({ world }) => {
    const { house, owner } = world
    const { notice } = await sentNotice(world)
    const address = replyAddressOf(notice.replyToken, house.config.REPLY_DOMAIN)
    const answer = (text: string) => takeReply(house, mail({ text }), { envelopeTo: address })
    await answer('Who are you?')
    await answer('And what do you want?')
    const first = await gathered(world)
    expect(first.rows.map(({ kind }) => kind)).toEqual(['reply_waiting', 'reply_waiting'])
    expect(first.alertIds).toHaveLength(1)
    expect(await mailed(world)).toHaveLength(2)

    await answer('Hello?')
    const dueInMinutes = () =>
      house.db.system(async (tx) => {
        const { minutes } = await tx.one(z.object({ minutes: z.coerce.number() }))`
          select extract(epoch from due_at - now()) / 60 as minutes from alert where stage = 'notify'`
        return minutes
      })
    expect(await dueInMinutes()).toBeGreaterThan(58)
    await house.db.system((tx) =>
      gatherNews(tx, owner.tenantId, {
        kind: 'notices_paused',
        key: 'paused',
        details: { unfounded: 3, locations: 40, days: 180 },
      }),
    )
    expect(await dueInMinutes()).toBeLessThan(6)
  })
})

describe('escalation', () => {
  const network = (world: World, rank = 2): Promise<RecipientId> =>
    recipientFor(world, 'network.example').then(async (id) => {
      await world.house.db.system(
        (tx) => tx.run`
          insert into recipient_candidate (tenant_id, host, recipient_id, rank)
          values (${world.owner.tenantId}, ${HOST}, ${id}, ${rank})`,
      )
      return id
    })

  test('goes to the next candidate, per case, and says who was asked when none is left', async ({
    world,
  }) => {
    const { house, owner } = world
    const { notice, caseId, recipientId } = await sentNotice(world)
    await house.db.system(async (tx) => {
      await tx.run`update notice_location set outcome = 'no_response', outcome_by = 'clock', outcome_at = now(), live = false`
      await tx.run`update case_file set state = 'escalated' where id = ${caseId}`
    })
    await after(world, notice, 'deadline_passed')
    await expect(draftNotices(house, owner, planOf([caseId]))).rejects.toMatchObject({
      type: 'recipient/unknown',
      faults: [{ detail: expect.stringMatching(/^Sample Hosting of files\.hoster\.example did not act/) }],
    })
    const networkId = await network(world)
    const fresh = await confirmedAt(world, `https://${HOST}/d/9`, 'Sample 9')
    const drafts = await draftNotices(house, owner, planOf([caseId, fresh]))
    expect(drafts.map((draft) => draft.recipientId)).toEqual([networkId, recipientId])
    // A person may ask the host once more.
    const chosen = { ...planOf([caseId]), recipientByHost: { [HOST]: recipientId } }
    expect((await draftNotices(house, owner, chosen)).map((draft) => draft.recipientId)).toEqual([
      recipientId,
    ])
  })

  test('asks whoever removed it before when it is back', async ({ world }) => {
    const { house, owner } = world
    const { caseId, recipientId } = await sentNotice(world)
    await network(world)
    await house.db.system(async (tx) => {
      await tx.run`update notice_location set outcome = 'restored', outcome_by = 'recheck', outcome_at = now(), live = false`
      await tx.run`update case_file set state = 'restored' where id = ${caseId}`
    })
    const [draft] = await draftNotices(house, owner, planOf([caseId]))
    expect(draft?.recipientId).toBe(recipientId)
  })
})
