import { describe, expect, test } from 'vitest'

import type { AllowEntry } from '../../services/allowlist/entry.ts'
import { type Claimed, leaveOf } from '../../services/allowlist/leave.ts'
import { ExcludedSegments, isExcluded } from '../../services/catalog/excluded-segments.ts'
import { AllowEntryId, RecordingId, newId } from '../../services/core/ids.ts'
import { afterDecision } from '../../services/matches/case-machine.ts'
import { AsideState, CaseState, type Standing, afterFind } from '../../services/matches/case.ts'
import { excludedInWords } from '../../services/matches/excluded.ts'
import { besideWhich } from '../../services/matches/shared.ts'
import { renderText } from '../../services/reports/report-text.ts'
import { passage } from '../support/api.ts'
import { openReport } from './report-samples.ts'

describe('leave', () => {
  const recording: Claimed = { id: newId(RecordingId), releaseId: null, policy: 'block', authorised: [] }
  const entry: AllowEntry = {
    id: newId(AllowEntryId),
    kind: 'domain',
    value: 'example.com',
    recordingId: null,
    releaseId: null,
    scopeTitle: null,
    reason: 'Our shop',
    licensee: 'Sample Shop',
    ownerId: '',
    ownerName: 'Owner',
    createdAt: new Date(),
    expiresOn: '2999-01-01',
    endedAt: null,
    endedBy: null,
  }
  const place = { address: 'https://www.example.com/a' }
  const now = new Date()

  test('is given by an entry, by the recording’s own list, by its policy, or not at all', () => {
    expect(leaveOf(recording, place, [entry], now)).toEqual({
      state: 'allowed',
      words: '“example.com” is on the allow-list for Sample Shop until 2999-01-01: Our shop',
      entryId: entry.id,
      concerns: 'location',
    })
    expect(leaveOf(recording, place, [{ ...entry, endedAt: now }], now)).toBeUndefined()
    expect(leaveOf(recording, place, [{ ...entry, recordingId: newId(RecordingId) }], now)).toBeUndefined()
    const named = { ...recording, authorised: ['Spotify', 'https://example.com/'] }
    expect(leaveOf(named, place, [], now)).toMatchObject({ state: 'allowed', entryId: undefined })
    expect(leaveOf({ ...recording, policy: 'allow' }, place, [], now)?.state).toBe('allowed')
    expect(leaveOf({ ...recording, policy: 'monitor' }, place, [], now)?.state).toBe('monitored')
    expect(leaveOf({ ...recording, policy: 'monitor' }, place, [entry], now)?.state).toBe('allowed')
  })

  test.each<
    [
      CaseState,
      Standing['state'],
      { isNew?: true; reopenedByPerson?: true; wasGone?: true },
      string | undefined,
    ]
  >([
    ['needs_review', 'needs_review', { isNew: true }, undefined],
    ['needs_review', 'allowed', { isNew: true }, 'allowed'],
    ['needs_review', 'excluded', { isNew: true }, 'excluded'],
    // What other finds ground stays, and so does what people decided.
    ['needs_review', 'excluded', {}, undefined],
    ['allowed', 'excluded', {}, undefined],
    ['needs_review', 'allowed', { reopenedByPerson: true }, undefined],
    ['confirmed', 'allowed', {}, undefined],
    ['dismissed', 'needs_review', {}, undefined],
    // Leave that is over brings a case up, leave that was given sets it aside.
    ['allowed', 'needs_review', {}, 'reopened'],
    ['monitored', 'needs_review', {}, 'reopened'],
    ['excluded', 'needs_review', {}, 'reopened'],
    ['needs_review', 'monitored', {}, 'monitored'],
    ['allowed', 'monitored', {}, 'monitored'],
    ['allowed', 'allowed', {}, undefined],
    // What was removed is back; what a notice has to do with stays.
    ['removed', 'needs_review', {}, 'restored'],
    ['removed', 'allowed', {}, undefined],
    ['in_notice', 'needs_review', {}, undefined],
    ['closed', 'needs_review', {}, undefined],
    // What was gone and is there is not gone.
    ['dismissed', 'needs_review', { wasGone: true }, 'reopened'],
    ['dismissed', 'allowed', { wasGone: true }, undefined],
  ])('a case that is %s and found %s %o is %s', (state, found, told, expected) => {
    const { isNew = false, reopenedByPerson = false, wasGone = false } = told
    expect(afterFind(state, found, { isNew, reopenedByPerson, wasGone })).toBe(expected)
  })
})

test('what a find decides always leads where it found the case to stand', () => {
  for (const state of CaseState.options)
    for (const found of ['needs_review', ...AsideState.options] as const)
      for (const isNew of state === 'needs_review' ? [true, false] : [false]) {
        const kind = afterFind(state, found, { isNew, reopenedByPerson: false })
        const expected = state === 'removed' ? 'restored' : found
        expect([state, found, kind && afterDecision(state, kind)]).toEqual([state, found, kind && expected])
      }
})

describe('excluded segments', () => {
  const segments = [
    { fromMs: 10_000, toMs: 20_000 },
    { fromMs: 15_000, toMs: 30_000 },
    { fromMs: 50_000, toMs: 60_000 },
  ]
  test.each<[number, number, boolean]>([
    [10_000, 30_000, true],
    [10_000, 35_000, true], // exactly four fifths
    [10_000, 35_001, false],
    [7_000, 27_000, true],
    [30_000, 50_000, false],
    [20_000, 60_000, false],
    [50_000, 60_000, true],
  ])('cover a passage from %i to %i ms: %s', (referenceFromMs, referenceToMs, expected) => {
    expect(isExcluded({ referenceFromMs, referenceToMs }, segments)).toBe(expected)
    expect(isExcluded({ referenceFromMs, referenceToMs }, [])).toBe(false)
  })

  test('end after they begin, and say why', () => {
    const faults = ExcludedSegments.safeParse([{ fromMs: 5, toMs: 5, reason: ' ' }]).error?.issues
    expect(faults?.map(({ path }) => path.join('/'))).toEqual(['0/reason', '0/toMs'])
  })

  test('are told by the numbers of the passages', () => {
    expect(excludedInWords([false, false])).toBeUndefined()
    expect(excludedInWords([true])).toMatch(/^The passage lies .* it is no ground/)
    expect(excludedInWords([true, false, true])).toMatch(/^Passages 1 and 3 lie .* they are no ground/)
    expect(excludedInWords([true, true])).toMatch(/^All passages lie/)
  })

  test('are told by a report', () => {
    const { matches } = openReport()
    const excluded = matches.map((match) => ({
      ...match,
      passages: match.passages.map((each) => ({ ...each, excluded: true as const })),
    }))
    expect(renderText(openReport({ matches: excluded }))).toContain('not its holder’s own')
    expect(renderText(openReport())).not.toContain('not its holder’s own')
  })

  test('of a better find do not hide the recording whose own they are', () => {
    const [song, sample] = [newId(RecordingId), newId(RecordingId)]
    const found = (isSample: boolean) => [
      { recordingId: song, passages: [{ ...passage, score: 500, excluded: isSample, sharedWith: [sample] }] },
      { recordingId: sample, passages: [{ ...passage, score: 100, sharedWith: [song] }] },
    ]
    expect(besideWhich(found(false)).get(sample)).toBe(song)
    expect(besideWhich(found(true)).size).toBe(0)
  })
})
