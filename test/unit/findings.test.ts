import { describe, expect, test } from 'vitest'

import { findingRows, passagesText } from '../../bin/client/findings.ts'
import { SubmissionView } from '../../bin/client/views.ts'
import { shareDone, standingLine } from '../../bin/client/watch.ts'
import { judge } from '../../bin/demo/verdicts.ts'

const id = (digit: number): string => `0d2f6a53-7d0e-4b7e-9a80-3a2c6d8f4e2${digit}`

const passage = {
  suspectFromMs: 25_100,
  suspectToMs: 39_800,
  referenceFromMs: 18_100,
  referenceToMs: 32_800,
  speed: 1,
  pitch: 1,
  change: 'none' as const,
}
const match = {
  id: id(1),
  recordingId: id(2),
  recordingTitle: '朝のサンプル 3',
  recordingArtists: ['नमूना मंडली'],
  caseId: id(3),
  caseNumber: 'EW-2026-000001',
  confidence: 0.999999,
  falseMatchProbability: 1e-12,
  shareOfRecording: 0.2,
  shareOfSuspect: 0.25,
  passages: [passage],
}
const item = {
  id: id(4),
  kind: 'media' as const,
  place: [],
  name: 'mix.mp3',
  stage: 'done' as const,
  progress: 0,
  problem: null,
  durationMs: 60_000,
  verdict: 'matched' as const,
  matches: [match],
}

/** A submission as the service answers it. */
const submission = (change: object = {}): SubmissionView =>
  SubmissionView.parse({
    id: id(5),
    kind: 'file',
    url: null,
    fileName: 'mix.mp3',
    stage: 'done',
    step: 'done',
    progress: 0,
    problem: null,
    createdAt: '2026-01-15T09:30:00.000Z',
    endedAt: '2026-01-15T09:30:04.200Z',
    items: [item],
    ...change,
  })

describe('findings in words', () => {
  test('long lists are told by their beginning', () => {
    expect(passagesText([passage, passage, passage, passage, passage])).toBe(
      '0:25–0:39, 0:25–0:39, 0:25–0:39, and 2 more',
    )
  })

  test('there is a row for every recording in every item, and for what could not be examined', () => {
    const problem = { title: 'No audio could be decoded', detail: 'not audio' }
    const place = ['album.zip', 'bonus.zip']
    const failed = { ...item, place, name: 'song.mp3', stage: 'failed', verdict: null, problem, matches: [] }
    const clean = { ...item, name: 'talk.mp3', verdict: 'nothing_found', matches: [] }
    const picture = { ...clean, name: 'cover.jpg', kind: 'cover', verdict: null }
    const counts = { all: 4, heard: 4, recognised: 1, failed: 1 }
    expect(findingRows([submission({ counts, items: [item, failed, clean, picture] })])).toEqual([
      ['mix.mp3', 'done', '4 files, 1 recognised, 1 could not be had', '', '', '', '4.2'],
      [
        '  mix.mp3',
        'matched',
        '朝のサンプル 3 – नमूना मंडली',
        '0:25–0:39',
        'as the original',
        '> 99.9999 %',
        '',
      ],
      ['  bonus.zip › song.mp3', 'failed', 'not audio', '', '', '', ''],
      ['  talk.mp3', 'nothing found', '', '', '', '', ''],
      ['  cover.jpg', 'picture', '', '', '', '', ''],
    ])
    const shared = { ...item, matches: [match, { ...match, besideId: match.id, shared: true }] }
    expect(findingRows([submission({ items: [shared] })]).map(([, verdict]) => verdict)).toEqual([
      'matched',
      'shared audio',
    ])
    expect(findingRows([submission({ stage: 'failed', step: 'failed', problem, items: [] })])).toEqual([
      ['mix.mp3', 'failed', 'not audio', '', '', '', '4.2'],
    ])
  })
})

describe('how far a submission has come', () => {
  test('grows from step to step, for addresses and for files', () => {
    for (const kind of ['url', 'file'] as const) {
      const steps = [
        ...(kind === 'url' ? (['fetch'] as const) : []),
        'unpack',
        'fingerprint',
        'match',
      ] as const
      const shares = steps.flatMap((step) =>
        [0, 0.5, 1].map((progress) => shareDone({ kind, step, progress })),
      )
      expect(shares[0]).toBe(0)
      expect(shares.at(-1)).toBeCloseTo(1)
      expect(shares).toEqual(shares.toSorted((a, b) => a - b))
      expect(shareDone({ kind, step: 'done', progress: 0 })).toBe(1)
    }
  })

  test('is a line of its name, a bar and the step', () => {
    const line = standingLine(submission({ step: 'match', progress: 0.5, fileName: `${'x'.repeat(50)}.mp3` }))
    expect(line).toMatch(/^x+… {2}█+·+ {2}\d\d % {2}match$/)
  })
})

describe('a verdict of the demo', () => {
  const truth = {
    catalogueIndex: 0,
    change: 'none' as const,
    speed: 1,
    suspectFromMs: 25_000,
    suspectToMs: 40_000,
    trackFromMs: 18_000,
  }
  const nothing = { catalogueIndex: undefined, change: 'none' as const, speed: 1 }
  const found = (change: Partial<typeof passage>, more: object[] = []) =>
    submission({
      items: [{ ...item, matches: [{ ...match, passages: [{ ...passage, ...change }] }, ...more] }],
    })
  const clean = submission({ items: [{ ...item, verdict: 'nothing_found', matches: [] }] })

  test('is right when recording, change and place are', () => {
    expect(judge(truth, [id(2)], submission())).toEqual([])
    expect(judge(nothing, [id(2)], clean)).toEqual([])
    const beside = { ...match, recordingId: id(8), besideId: match.id, shared: true }
    expect(judge(truth, [id(2)], found({}, [beside]))).toEqual([])
  })

  test.each([
    ['another recording', judge(truth, [id(9)], submission()), /which is not in it.*did not find/],
    ['no recording', judge(truth, [id(2)], clean), /did not find/],
    ['a second one', judge(truth, [id(2)], found({}, [{ ...match, recordingId: id(8) }])), /not in it/],
    ['something in a stranger', judge(nothing, [id(2)], submission()), /nobody registered/],
    ['another change', judge(truth, [id(2)], found({ change: 'speed' as 'none' })), /change/],
    ['another speed', judge(truth, [id(2)], found({ speed: 1.006 })), /speed 1\.0060/],
    [
      'another place in the recording',
      judge(truth, [id(2)], found({ referenceFromMs: 16_500 })),
      /into the recording/,
    ],
    [
      'too early a beginning',
      judge(truth, [id(2)], found({ suspectFromMs: 23_900, referenceFromMs: 16_900 })),
      /begins/,
    ],
    ['too early an end', judge(truth, [id(2)], found({ suspectToMs: 38_900 })), /ends/],
    [
      'an item that failed',
      judge(truth, [id(2)], submission({ items: [{ ...item, problem: { title: 'Broken' } }] })),
      /Broken/,
    ],
    ['a submission that failed', judge(nothing, [], submission({ stage: 'failed', items: [] })), /failed/],
  ])('%s is wrong', (_, faults, expected) => {
    expect(faults.join(' ')).toMatch(expected)
  })
})
