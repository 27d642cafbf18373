import type { CaseState, Decision, DecisionKind } from './case.ts'

/** Who may take a decision: a person who reviews, the system (clocks, rechecks, notices), or either. */
export type DecidedBy = 'person' | 'system' | 'either'

type Way = readonly [to: CaseState, by: DecidedBy]

/** Which decisions may be added in which state, where they lead and who may take them; the one table that says so. */
const transitions = {
  needs_review: {
    confirmed: ['confirmed', 'person'],
    dismissed: ['dismissed', 'person'],
    allowed: ['allowed', 'either'],
    monitored: ['monitored', 'system'],
    excluded: ['excluded', 'system'],
  },
  confirmed: {
    reopened: ['needs_review', 'person'],
    dismissed: ['dismissed', 'either'], // Gone before a notice, or licensed by now.
    allowed: ['allowed', 'person'],
    noticed: ['in_notice', 'system'],
  },
  in_notice: {
    allowed: ['allowed', 'person'], // Leave can be given at any time; the notice is taken back then.
    voided: ['confirmed', 'system'],
    removed: ['removed', 'system'],
    escalated: ['escalated', 'system'],
  },
  escalated: {
    allowed: ['allowed', 'person'],
    noticed: ['in_notice', 'system'],
    voided: ['confirmed', 'system'], // Its notice was taken back.
    removed: ['removed', 'either'],
    closed: ['closed', 'either'],
  },
  removed: { restored: ['restored', 'system'], closed: ['closed', 'either'] },
  restored: {
    allowed: ['allowed', 'person'],
    noticed: ['in_notice', 'system'],
    closed: ['closed', 'either'],
  },
  closed: {},
  dismissed: { reopened: ['needs_review', 'either'] }, // By a find, where it was dismissed because it was gone.
  allowed: { reopened: ['needs_review', 'either'], monitored: ['monitored', 'system'] },
  monitored: { reopened: ['needs_review', 'either'], allowed: ['allowed', 'either'] },
  excluded: {
    reopened: ['needs_review', 'either'],
    allowed: ['allowed', 'either'],
    monitored: ['monitored', 'system'],
  },
} as const satisfies Record<CaseState, Partial<Record<DecisionKind, Way>>>

/** What is noted in every state and changes none. */
const notes: ReadonlySet<DecisionKind> = new Set([
  'opened',
  'joined',
  'commented',
  'assigned',
  'released',
  'quarantined',
  'unquarantined',
])

const waysFrom = (state: CaseState): Partial<Record<DecisionKind, Way>> => transitions[state]

/** The decisions that a person may take now; `allowed` by an entry of the allow-list. A comment is always allowed. */
export const allowedDecisions = (state: CaseState): DecisionKind[] => [
  ...kindsFrom(state, 'person'),
  'commented',
]

/** The decisions that lead out of a state and may be taken by a person, or by the system. */
export const kindsFrom = (state: CaseState, by: Exclude<DecidedBy, 'either'>): DecisionKind[] =>
  (Object.keys(transitions[state]) as DecisionKind[]).filter((kind) => mayDecide(state, kind, by))

/** Whether a decision leads on from this state and this is who may take it. */
export function mayDecide(state: CaseState, kind: DecisionKind, by: Exclude<DecidedBy, 'either'>): boolean {
  const way = waysFrom(state)[kind]
  return way !== undefined && (way[1] === by || way[1] === 'either')
}

/**
 * The state after one more decision, or undefined when it is not allowed in this state. Where `undone` leads only the
 * decisions before it tell: see `foldCase`.
 */
export function afterDecision(state: CaseState, kind: DecisionKind): CaseState | undefined {
  return notes.has(kind) ? state : waysFrom(state)[kind]?.[0]
}

/** What a fold has to know of a decision. */
export type Folded = Pick<Decision, 'kind'> & Partial<Pick<Decision, 'number' | 'supersedes' | 'actor'>>

/** A decision that changed the state and was not taken back, with the state before it. */
export interface Effective {
  readonly number: number
  readonly kind: DecisionKind
  readonly actor: string | undefined
  readonly before: CaseState
}

/**
 * The state of a case from nothing but its decisions, and the latest one that still holds. `undone` takes back that
 * latest one, and nothing when it names another; what is not allowed in a state changes nothing.
 */
export function foldCase(decisions: readonly Folded[]): {
  state: CaseState
  latest: Effective | undefined
} {
  let state: CaseState = 'needs_review'
  const holding: Effective[] = []
  for (const [index, { kind, number = index + 1, supersedes, actor }] of decisions.entries()) {
    const latest = holding.at(-1)
    if (kind === 'undone') {
      if (latest?.number !== supersedes || !latest) continue
      holding.pop()
      state = latest.before
      continue
    }
    const next = afterDecision(state, kind)
    if (next === undefined || notes.has(kind)) continue
    holding.push({ number, kind, actor, before: state })
    state = next
  }
  return { state, latest: holding.at(-1) }
}

/** The state of a case from nothing but its decisions. */
export const foldState = (decisions: readonly Folded[]): CaseState => foldCase(decisions).state

/**
 * The decision that can be taken back now: the latest one that holds, when a person took it. What the system noted
 * since, such as a notice, rests on it, and keeps it.
 */
export function undoable(decisions: readonly Folded[]): Effective | undefined {
  const { latest } = foldCase(decisions)
  return latest?.actor?.startsWith('member:') ? latest : undefined
}
