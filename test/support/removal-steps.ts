import { decideMany, undoBatch } from '../../services/actions/case-batches.ts'
import { decideCase, holdCase, releaseCase, undoDecision } from '../../services/actions/cases.ts'
import { sendNotice } from '../../services/actions/deliveries.ts'
import { checkNotice, draftNotices, dropDraft, editNotice } from '../../services/actions/notices.ts'
import { retractEverywhere, retractNotice } from '../../services/actions/retract-notice.ts'
import { approveNotice, signNotices } from '../../services/actions/sign-notices.ts'
import { supplementNotice } from '../../services/actions/supplement-notice.ts'
import type { CaseId } from '../../services/core/ids.ts'
import { isUnsigned } from '../../services/notices/notice-state.ts'
import { shownDigest } from '../../services/notices/shown.ts'
import { confirming } from './confirming.ts'
import { planOf } from './noticing.ts'
import { answerCounter, counter, look, looks, resolve, strikeClocks } from './removal-after.ts'
import { type Doing, type Step, aboutNotice, caseOf, oneOf } from './removal-doing.ts'
import type { Snapshot } from './removal-lane.ts'
import { answerByMail, deliver, handle, settleLate } from './removal-mails.ts'

const decision = (way: number) =>
  (
    [
      confirming,
      { kind: 'dismissed', reason: 'authorised_use' },
      { kind: 'reopened' },
      { kind: 'removed' },
      { kind: 'closed' },
      { kind: 'commented', comment: 'Seen' },
      { kind: 'confirmed' },
    ] as const
  )[way % 7] ?? confirming

async function decideAll({ scene, house, now, way }: Doing): Promise<void> {
  const caseIds = now.cases.map(({ id }) => id)
  const taken = decision(way % 3)
  const preview = way === 11
  const { batchId, cases } = await decideMany(house, scene.lane.signer, { caseIds, decision: taken, preview })
  if (batchId) scene.batches.push(batchId)
  if (!preview)
    for (const { id, refused } of cases) if (!refused) scene.answered.push(`case.${taken.kind} case:${id}`)
}

/** Shows a notice to its signer: what is open of it, and the statements. */
async function check({ scene, house }: Doing, id: Snapshot['notices'][number]['id']): Promise<void> {
  const { subject } = await checkNotice(house, scene.lane.signer, id)
  scene.shown.set(id, shownDigest(subject.document, subject.format))
}

/** Signs what nobody has signed yet, or something that cannot be signed. */
async function sign({ scene, house, now, pick, way }: Doing): Promise<void> {
  const { signer } = scene.lane
  const open = now.notices.filter(({ state }) => isUnsigned(state)).map(({ id }) => id)
  const one = oneOf(now.notices, pick)?.id
  const noticeIds = open.length > 0 && way !== 10 ? open : one ? [one] : []
  if (noticeIds.length === 0) return
  const shown = Object.fromEntries(
    noticeIds.map((id) => [id, (way === 11 ? undefined : scene.shown.get(id)) ?? 'f'.repeat(64)]),
  )
  const given = { noticeIds, signatureText: `/s/ ${signer.member.name}`, acknowledgedGate: true } as const
  for (const notice of await signNotices(house, signer, { ...given, shown })) {
    scene.signed.set(notice.id, notice.documentSha256 ?? '')
    scene.answered.push(`notice.signed notice:${notice.id}`)
  }
}

const draft: Step = async ({ scene, house, now, way }) => {
  const open = now.cases.filter(({ state }) => ['confirmed', 'restored', 'escalated'].includes(state))
  const chosen = way < 3 || open.length === 0 ? now.cases : open
  for (const { id } of await draftNotices(house, scene.lane.signer, planOf(chosen.map((each) => each.id))))
    scene.answered.push(`notice.drafted notice:${id}`)
}

const after = (cases: readonly CaseId[], way: number) =>
  [
    undefined,
    { to: 'needs_review' as const },
    { to: 'dismissed' as const, reason: 'authorised_use' as const },
    { to: 'dismissed' as const, reason: 'false_positive' as const, caseIds: cases.slice(0, 1) },
  ][way % 4]

const retract = aboutNotice(async ({ scene, house, way }, id) => {
  const given = { reason: 'It is licensed', cases: after(scene.caseIds, way) }
  await retractNotice(house, scene.lane.signer, id, given)
  return [`notice.retracted notice:${id}`]
})

const retractCase: Step = async (doing) => {
  const { scene, house, way } = doing
  const { id } = caseOf(doing)
  const given = { reason: 'It is licensed', cases: after([id], way) }
  for (const notice of await retractEverywhere(house, scene.lane.signer, id, given))
    scene.answered.push(
      `${notice.state === 'retracted' ? 'notice.retracted' : 'notice.location-retracted'} notice:${notice.id}`,
    )
}

/** What comes next, as people and workers would go on. */
const goOn: Step = async (doing) => {
  const { now, way } = doing
  const states = new Set(now.notices.map(({ state }) => state))
  const at = (state: Snapshot['notices'][number]['state']) =>
    Math.max(
      0,
      now.notices.toReversed().findIndex((notice) => notice.state === state),
    )
  // The sweeper rings for whatever is not ended, and mostly nothing goes wrong.
  if (now.deliveries.some(({ stage }) => stage === 'send'))
    return deliver({ ...doing, way: way < 8 ? 0 : way, pick: 0 })
  if (now.deliveries.some(({ stage }) => stage === 'unclear')) return resolve(doing)
  if (states.has('signed')) {
    const pick = at('signed')
    const waits = now.notices.at(-1 - pick)
    return steps[waits?.approvalNeeded && !waits.approved ? 'approve' : 'send']({ ...doing, pick, way: 0 })
  }
  const unsigned = now.notices.filter(({ state }) => isUnsigned(state))
  if (unsigned.length > 0) {
    for (const { id } of unsigned) await check(doing, id)
    return sign({ ...doing, way: 0 })
  }
  if (now.cases.some(({ state }) => ['confirmed', 'restored', 'escalated'].includes(state)))
    return draft({ ...doing, way: 5 })
  if (states.has('sent')) return answerByMail({ ...doing, pick: at('sent'), way: 0 })
  if (states.has('info_requested') || states.has('rejected') || states.has('delivery_failed'))
    return steps.supplement({
      ...doing,
      pick: at([...states].find((s) => /info|reje|fail/.test(s)) ?? 'sent'),
    })
  if (states.has('acknowledged')) return looks(way % 2 === 0 ? 0 : 1)(doing)
  if (now.cases.some(({ state }) => state === 'removed')) return looks(3)(doing)
  if (now.cases.some(({ state }) => state === 'dismissed')) return decideAll({ ...doing, way: 2 })
  return decideAll({ ...doing, way: 0 })
}

/** Everything that can happen, by name. */
export const steps = {
  goOn,
  async decide(doing) {
    const { scene, house, way } = doing
    const { id } = caseOf(doing)
    const taken = decision(way)
    await decideCase(house, scene.lane.signer, id, taken)
    scene.answered.push(`case.${taken.kind} case:${id}`)
  },
  async undo(doing) {
    const { id } = caseOf(doing)
    await undoDecision(doing.house, doing.scene.lane.signer, id)
    doing.scene.answered.push(`case.undone case:${id}`)
  },
  decideAll,
  async undoAll({ scene, house, pick }) {
    const batchId = scene.batches.at(-1 - (pick % Math.max(scene.batches.length, 1)))
    if (!batchId) return
    for (const { id, refused } of await undoBatch(house, scene.lane.signer, batchId))
      if (!refused) scene.answered.push(`case.undone case:${id}`)
  },
  async hold(doing) {
    const { scene, house, way } = doing
    const who = way % 2 === 0 ? scene.lane.second : scene.lane.signer
    await (way % 4 < 2 ? holdCase : releaseCase)(house, who, caseOf(doing).id)
  },
  draft,
  check: aboutNotice(async (doing, id) => {
    await check(doing, id)
    return []
  }),
  edit: aboutNotice(async ({ scene, house, way }, id) => {
    await editNotice(house, scene.lane.signer, id, { language: way % 2 === 0 ? 'de' : 'en' })
    return [`notice.edited notice:${id}`]
  }),
  drop: aboutNotice(async ({ scene, house }, id) => {
    await dropDraft(house, scene.lane.signer, id)
    return [`notice.dropped notice:${id}`]
  }),
  sign,
  approve: aboutNotice(async ({ scene, house, way }, id) => {
    await approveNotice(house, way === 11 ? scene.lane.signer : scene.lane.second, id)
    return [`notice.approved notice:${id}`]
  }),
  send: aboutNotice(async ({ scene, house }, id) => {
    await sendNotice(house, scene.lane.signer, id)
    return [`notice.queued notice:${id}`]
  }),
  deliver,
  settleLate,
  answerByMail,
  handle,
  look,
  looksGone: looks(0),
  strike: strikeClocks,
  retract,
  retractCase,
  supplement: aboutNotice(async ({ scene, house }, id) => {
    const next = await supplementNotice(house, scene.lane.signer, id)
    return [`notice.supplemented notice:${next.id}`]
  }),
  counter,
  answerCounter,
  resolve,
} satisfies Record<string, Step>

export type StepName = keyof typeof steps

/** Steps that are one transaction: broken off before its end they have changed nothing. */
export const atomic: ReadonlySet<StepName> = new Set<StepName>([
  'decide',
  'undo',
  'decideAll',
  'undoAll',
  'draft',
  'sign',
  'edit',
  'drop',
  'approve',
  'send',
  'handle',
  'look',
  'strike',
  'retract',
  'retractCase',
  'supplement',
  'counter',
  'resolve',
  'answerByMail',
  'settleLate',
])

/** Steps that run jobs: their problems are verdicts about what they have done, and not refusals. */
export const isJob = (name: StepName): boolean => name === 'deliver' || name === 'goOn'
