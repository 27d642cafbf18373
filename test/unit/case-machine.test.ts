import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  type Folded,
  afterDecision,
  allowedDecisions,
  foldCase,
  foldState,
  kindsFrom,
  undoable,
} from '../../services/matches/case-machine.ts'
import { CaseState, DecisionKind } from '../../services/matches/case.ts'

/** What changes no state by itself. */
const notes = new Set([
  'opened',
  'joined',
  'commented',
  'assigned',
  'released',
  'quarantined',
  'unquarantined',
])
const leading = DecisionKind.options.filter((kind) => !notes.has(kind) && kind !== 'undone')
const reviewer = 'member:00000000-0000-4000-8000-000000000000'

describe('the states of a case', () => {
  test('can all be reached from where it begins, and only what is closed has no way on', () => {
    const reached = new Set<CaseState>(['needs_review'])
    for (const state of reached)
      for (const kind of leading) {
        const next = afterDecision(state, kind)
        if (next) reached.add(next)
      }
    expect([...reached].toSorted()).toEqual(CaseState.options.toSorted())
    const ends = CaseState.options.filter((state) => leading.every((kind) => !afterDecision(state, kind)))
    expect(ends).toEqual(['closed'])
  })

  test('lead only where somebody may take them: a person, the system or either', () => {
    for (const state of CaseState.options) {
      const kinds = leading.filter((kind) => afterDecision(state, kind))
      expect(new Set([...kindsFrom(state, 'person'), ...kindsFrom(state, 'system')])).toEqual(new Set(kinds))
      expect(allowedDecisions(state)).toEqual([...kindsFrom(state, 'person'), 'commented'])
    }
  })

  test.each<[CaseState, string[], string[]]>([
    ['needs_review', ['allowed', 'confirmed', 'dismissed'], ['allowed', 'excluded', 'monitored']],
    ['confirmed', ['allowed', 'dismissed', 'reopened'], ['dismissed', 'noticed']],
    ['in_notice', ['allowed'], ['escalated', 'removed', 'voided']],
    ['escalated', ['allowed', 'closed', 'removed'], ['closed', 'noticed', 'removed', 'voided']],
    ['removed', ['closed'], ['closed', 'restored']],
    ['restored', ['allowed', 'closed'], ['closed', 'noticed']],
    ['closed', [], []],
    ['dismissed', ['reopened'], ['reopened']],
  ])('%s is left by a person with %j, by the system with %j', (state, person, system) => {
    expect(kindsFrom(state, 'person').toSorted()).toEqual(person)
    expect(kindsFrom(state, 'system').toSorted()).toEqual(system)
  })

  test('follow a copy from its find to its end', () => {
    const kinds = [
      'opened',
      'confirmed',
      'noticed',
      'escalated',
      'noticed',
      'removed',
      'restored',
      'closed',
    ] as const
    expect(kinds.map((_, index) => foldState(kinds.slice(0, index + 1).map((kind) => ({ kind }))))).toEqual([
      'needs_review',
      'confirmed',
      'in_notice',
      'escalated',
      'in_notice',
      'removed',
      'restored',
      'closed',
    ])
  })
})

describe('a decision that is taken back', () => {
  const decided = (...kinds: (DecisionKind | readonly ['undone', number])[]): Folded[] =>
    kinds.map((kind, index) =>
      typeof kind === 'string'
        ? { kind, number: index + 1, actor: reviewer }
        : { kind: kind[0], supersedes: kind[1], number: index + 1, actor: reviewer },
    )

  test('leaves the state that was before it, whatever was noted since', () => {
    const decisions = decided('opened', 'confirmed', 'joined', 'commented')
    expect(undoable(decisions)).toMatchObject({ number: 2, before: 'needs_review' })
    expect(foldState(decided('opened', 'confirmed', 'joined', 'commented', ['undone', 2]))).toBe(
      'needs_review',
    )
  })

  test('uncovers the one before it, which can be taken back next', () => {
    const decisions = decided('opened', 'dismissed', 'reopened', ['undone', 3])
    expect(foldCase(decisions)).toMatchObject({ state: 'dismissed', latest: { number: 2 } })
    expect(foldState(decided('opened', 'dismissed', 'reopened', ['undone', 3], ['undone', 2]))).toBe(
      'needs_review',
    )
  })

  test('has to be the latest that changed the state, and a person’s', () => {
    expect(foldState(decided('opened', 'dismissed', 'reopened', ['undone', 2]))).toBe('needs_review')
    const noticed: Folded[] = [
      ...decided('opened', 'confirmed'),
      { kind: 'noticed', number: 3, actor: 'system' },
    ]
    expect(foldCase(noticed)).toMatchObject({ state: 'in_notice', latest: { kind: 'noticed' } })
    expect(undoable(noticed)).toBeUndefined()
    expect(undoable(decided('opened', 'joined'))).toBeUndefined()
  })

  test('and all others, in any order, leave a case where a walk with a memory ends', () => {
    const step = fc.record({ kind: fc.constantFrom(...DecisionKind.options), byPerson: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const decisions: Folded[] = []
        // The states one after the other, by the numbers of the decisions that led to them.
        let walked: { number: number; state: CaseState; byPerson: boolean }[] = []
        const now = (): CaseState => walked.at(-1)?.state ?? 'needs_review'
        for (const { kind, byPerson } of steps) {
          const number = decisions.length + 1
          const actor = byPerson ? reviewer : 'system'
          if (kind === 'undone') {
            const latest = walked.at(-1)
            expect(undoable(decisions)?.number).toBe(latest?.byPerson ? latest.number : undefined)
            if (!latest?.byPerson) continue
            decisions.push({ kind, number, actor, supersedes: latest.number })
            walked = walked.slice(0, -1)
          } else {
            decisions.push({ kind, number, actor })
            const state = afterDecision(now(), kind)
            if (state && !notes.has(kind)) walked = [...walked, { number, state, byPerson }]
          }
          expect(foldState(decisions)).toBe(now())
        }
      }),
      { numRuns: 1_000 },
    )
  })
})
