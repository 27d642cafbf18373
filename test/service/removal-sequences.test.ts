import * as fc from 'fast-check'

import { Problem } from '../../services/core/problem.ts'
import { checkScene, checkWholeChain } from '../support/removal-checks.ts'
import { type Crash, crashingDb } from '../support/removal-crash.ts'
import {
  type Lane,
  type Scene,
  type Snapshot,
  newScene,
  openLane,
  shapes,
  snapshotOf,
} from '../support/removal-lane.ts'
import { type StepName, atomic, isJob, steps } from '../support/removal-steps.ts'
import { expect, test } from '../support/world.ts'

/** The sequences of one lane; all lanes together make a thousand. A failure names the seed and the shortest sequence. */
const RUNS = 250
/** Lanes go side by side, each with a mail server and cases of its own; their numbers are the seeds. */
const LANES = [20261123, 20261124, 20261125, 20261126]

/** One step as it is drawn. */
interface Drawn {
  readonly name: StepName
  readonly pick: number
  readonly way: number
  readonly crash: Crash | null
}

/** How often each step is drawn, among all steps and among those after a notice was sent. */
const weights: Record<StepName, readonly [early: number, late: number]> = {
  goOn: [30, 25],
  decide: [10, 3],
  undo: [6, 3],
  decideAll: [6, 1],
  undoAll: [5, 2],
  hold: [3, 1],
  draft: [6, 2],
  check: [3, 1],
  edit: [4, 1],
  drop: [4, 1],
  sign: [4, 2],
  approve: [3, 1],
  send: [4, 2],
  deliver: [4, 12],
  settleLate: [1, 5],
  answerByMail: [2, 12],
  handle: [1, 7],
  look: [3, 6],
  looksGone: [1, 4],
  strike: [2, 7],
  retract: [2, 5],
  retractCase: [2, 5],
  supplement: [1, 6],
  counter: [1, 5],
  answerCounter: [1, 6],
  resolve: [1, 6],
}

const namesAt = (index: 0 | 1) =>
  fc.oneof(
    ...(Object.entries(weights) as [StepName, readonly [number, number]][]).map(([name, all]) => ({
      weight: all[index],
      arbitrary: fc.constant(name),
    })),
  )
const crashes = fc.record({
  at: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 60 })),
  how: fc.constantFrom('stop', 'kill', 'lost'),
})
const seldom = (weight: number) =>
  fc.oneof({ weight, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: crashes })
const drawnOf = (name: fc.Arbitrary<StepName>, steady: number) =>
  fc.record({ name, pick: fc.nat(3), way: fc.nat(14), crash: seldom(steady) })

const about = { shape: fc.constantFrom(...shapes), approval: fc.boolean() }
/** Whatever comes; it seldom comes far. */
const early = fc.record({
  ...about,
  drawn: fc.array(drawnOf(namesAt(0), 7), { minLength: 6, maxLength: 14, size: 'max' }),
})
/** The way to a notice that is sent, mostly undisturbed, and then whatever comes. */
const late = fc
  .record({
    ...about,
    first: fc.array(drawnOf(fc.constant('goOn'), 12), { minLength: 5, maxLength: 6, size: 'max' }),
    rest: fc.array(drawnOf(namesAt(1), 7), { minLength: 3, maxLength: 8, size: 'max' }),
  })
  .map(({ first, rest, ...others }) => ({ ...others, drawn: [...first, ...rest] }))
const sequences = fc.oneof({ weight: 2, arbitrary: early }, { weight: 1, arbitrary: late })

/** Does one step; what is refused, or broken off before its end, has changed nothing. */
async function take(scene: Scene, before: Snapshot, { name, pick, way, crash }: Drawn): Promise<Snapshot> {
  const { lane } = scene
  const db = crash && crashingDb(lane.house.db, crash, lane.kill)
  const house = db ? { ...lane.house, db } : lane.house
  const failed: unknown = await steps[name]({ scene, house, now: before, pick, way }).then(
    () => undefined,
    (error: unknown) => error ?? new Error('nothing was thrown'),
  )
  const after = await snapshotOf(scene)
  if (failed === undefined) return after
  const isCrash = db?.struck() === true
  if (!isCrash && !(failed instanceof Problem && failed.type !== 'internal')) throw failed
  if (!isCrash && !isJob(name))
    expect(after, `${name} was refused: ${failed instanceof Problem ? failed.message : ''}`).toEqual(before)
  if (isCrash && crash?.how !== 'lost' && atomic.has(name)) expect(after, `${name} broke off`).toEqual(before)
  return after
}

async function runSequence(
  lane: Lane,
  number: number,
  { drawn, ...about }: { shape: (typeof shapes)[number]; approval: boolean; drawn: readonly Drawn[] },
): Promise<Snapshot> {
  const scene = await newScene(lane, number, about)
  let now = await snapshotOf(scene)
  for (const each of drawn) now = await take(scene, now, each)
  await checkScene(scene, now)
  return now
}

test.concurrent.for(LANES)(
  'nothing is sent twice or unsigned and nothing is lost, whatever happens in whatever order (seed %i)',
  { timeout: 600_000 },
  async (seed, { world }) => {
    const lane = await openLane(world)
    let number = 0
    const property = fc.asyncProperty(sequences, async (sequence) => {
      number += 1
      await runSequence(lane, number, sequence)
    })
    try {
      await fc.assert(property, { seed, numRuns: RUNS })
      await checkWholeChain(lane)
    } finally {
      await lane.close()
    }
  },
)
