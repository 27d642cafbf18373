import { strike } from '../../services/actions/clocks.ts'
import { answerCounterNotice, registerCounterNotice } from '../../services/actions/counter-notices.ts'
import { resolveUnclear } from '../../services/actions/deliveries.ts'
import { takeLook } from '../../services/actions/rechecks.ts'
import { startRecheck } from '../../services/matches/recheck-store.ts'
import { type Step, aboutNotice, caseOf, oneOf } from './removal-doing.ts'

const HOUR_MS = 60 * 60_000

const verdicts = ['gone', 'gone', 'gone', 'live', 'live', 'changed', 'unreachable'] as const

/** Somebody looks at a location, hours after the last look. */
export const look: Step = async (doing) => {
  const { scene, house, way } = doing
  const { id } = caseOf(doing)
  scene.hours += way % 2 === 0 ? 7 : 1
  const at = new Date(Date.now() + scene.hours * HOUR_MS)
  const verdict = oneOf(verdicts, way) ?? 'gone'
  const status = verdict === 'gone' ? 404 : verdict === 'unreachable' ? null : 200
  const nothing = { finalUrl: null, mediaType: null, bytes: null, etag: null, sha256: null, problem: null }
  await house.db.system(async (tx) => {
    const recheckId = await startRecheck(tx, { id, tenantId: scene.lane.world.owner.tenantId })
    await takeLook(tx, recheckId, { verdict, seen: { ...nothing, status }, at })
  })
}

/** Two looks hours apart, which find the copies gone, or there again. */
export const looks =
  (way: number): Step =>
  async (doing) => {
    for (let pick = 0; pick < doing.now.cases.length; pick += 1) await look({ ...doing, pick, way })
  }

const elements = {
  signature: true,
  material_and_location: true,
  perjury_statement: true,
  name_address_phone: true,
  jurisdiction_consent: true,
}

/** A counter-notice comes in. */
export const counter = aboutNotice(async (doing, id) => {
  const { scene, house } = doing
  const words = { sender: 'the uploader', text: 'It is mine.', reason: 'owner', checks: elements } as const
  const given = { ...words, caseId: caseOf(doing).id, receivedOn: new Date().toISOString().slice(0, 10) }
  await registerCounterNotice(house, scene.lane.signer, id, given)
  return [`notice.countered notice:${id}`]
})

/** A person answers one. */
export const answerCounter: Step = async ({ scene, house, now, pick, way }) => {
  const open = oneOf(now.counters, pick)
  if (!open) return
  const answers = [
    { answer: 'retracted' },
    { answer: 'accepted' },
    { answer: 'action_filed', docket: '1:26-cv-00001' },
  ] as const
  const answer = answers[way % 3] ?? answers[0]
  await answerCounterNotice(house, scene.lane.signer, open.id, { ...answer, comment: 'We looked at it' })
  scene.answered.push('notice.counter-answered')
}

/** A person found out what became of a message. */
export const resolve: Step = async ({ scene, house, now, pick, way }) => {
  const unclear = now.deliveries.filter(({ stage }) => stage === 'unclear')
  const message = oneOf(unclear.length > 0 ? unclear : now.deliveries, pick)
  if (!message) return
  const sent = way % 2 === 0
  // Before it is known whether the answer arrives: the person has said so.
  if (!sent) scene.foundUnsent.set(message.id, (scene.foundUnsent.get(message.id) ?? 0) + 1)
  await resolveUnclear(house, scene.lane.signer, message.id, { sent, note: 'In the log' })
  scene.answered.push(`delivery.found-${sent ? 'sent' : 'unsent'} delivery:${message.id}`)
}

/** The clocks of a notice strike, after hours or days. */
export const strikeClocks = aboutNotice(async ({ scene, house, way }, id) => {
  const now = new Date(Date.now() + (scene.hours + way * 24) * HOUR_MS)
  await house.db.system((tx) => strike(tx, id, now))
  return []
})
