import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  NoticeEventKind,
  NoticeState,
  afterEvent,
  allowedEvents,
  foldNotice,
  isEnd,
  isOut,
  isUnsigned,
} from '../../services/notices/notice-state.ts'

const events = fc.array(fc.constantFrom(...NoticeEventKind.options), { maxLength: 40 })

/** Every state that can be reached from one, itself too. */
function reachableFrom(start: NoticeState): Set<NoticeState> {
  const reached = new Set([start])
  for (const state of reached)
    for (const kind of allowedEvents(state)) {
      const next = afterEvent(state, kind)
      if (next) reached.add(next)
    }
  return reached
}

describe('the machine of notices', () => {
  test('reaches every state from a draft', () => {
    expect(reachableFrom('draft')).toEqual(new Set(NoticeState.options))
  })

  test('ends in nothing but closed and retracted, and an end can be reached from everywhere', () => {
    for (const state of NoticeState.options) {
      const leaves = allowedEvents(state).some((kind) => afterEvent(state, kind) !== state)
      expect(!leaves || state === 'closed', state).toBe(isEnd(state))
      expect([...reachableFrom(state)].some(isEnd), state).toBe(true)
    }
    expect(allowedEvents('retracted')).toEqual([])
    expect(allowedEvents('closed')).toEqual(['retracted'])
  })

  test('is signed but from ready, and sent but from queued', () => {
    const from = (kind: NoticeEventKind) =>
      NoticeState.options.filter((state) => allowedEvents(state).includes(kind))
    expect(from('signed')).toEqual(['ready'])
    expect(from('sent')).toEqual(['queued'])
  })

  test('lets every signed notice be retracted, and no unsigned one', () => {
    for (const state of NoticeState.options)
      expect(allowedEvents(state).includes('retracted'), state).toBe(
        !isUnsigned(state) && state !== 'retracted',
      )
  })

  test('is the fold of its events: no sequence leaves the table, and nothing is out that was not signed', () => {
    fc.assert(
      fc.property(events, (kinds) => {
        const state = foldNotice(kinds.map((kind) => ({ kind })))
        expect(NoticeState.options).toContain(state)
        if (isOut(state) && !isEnd(state)) expect(kinds).toContain('signed')
      }),
      { numRuns: 2000 },
    )
  })
})
