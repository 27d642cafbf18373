import { z } from 'zod'

import { Recording } from '../catalog/recording.ts'
import { StoredProblem } from '../core/stages.ts'
import { view } from './schema.ts'

/** How a recording leaves the house. */
export const RecordingView = view(
  'Recording',
  Recording.pick({
    id: true,
    title: true,
    version: true,
    artists: true,
    featured: true,
    isrc: true,
    iswc: true,
    durationMs: true,
    rightsHolder: true,
    pLine: true,
    language: true,
    genre: true,
    explicit: true,
    ownId: true,
    policy: true,
    authorised: true,
    publicDomain: true,
    registrationNumber: true,
    officialUrl: true,
    releaseId: true,
    releaseTitle: true,
    label: true,
    upc: true,
    grid: true,
    catalogNumber: true,
    cLine: true,
    audioHeld: true,
    hasFingerprint: true,
    createdAt: true,
  })
    .extend({
      rights: Recording.shape.rights.describe('What was told of the rights; nothing: the whole, worldwide'),
      territories: Recording.shape.territories.describe(
        'Where rights are held today: country codes; or Worldwide, then `except XX` for each country without',
      ),
      withdrawnAt: Recording.shape.withdrawnAt.describe(
        'Since when it is no longer claimed, and so no longer matched; else null',
      ),
      embargoUntil: Recording.shape.embargoUntil.describe(
        'Until then it is unreleased; null, or a moment that has passed: it is not',
      ),
      disputed: Recording.shape.disputed.describe(
        'Another account claims it as well, where you do: see /v1/conflicts',
      ),
      stage: Recording.shape.stage.describe(
        '`registered`: names only. `index`: audio waits for its fingerprint. `done`: can be recognised',
      ),
      problem: StoredProblem.nullable().describe('Why it failed; null unless the stage is `failed`'),
      progress: z.number().min(0).max(1).describe('Share of the present step that is done'),
    })
    .meta({
      examples: [
        {
          id: '4f8c1f6e-9d2b-4c7a-8a51-0f6f1b7f2c11',
          title: 'Monsoon Letters',
          version: null,
          artists: ['The Sample Band'],
          featured: [],
          isrc: 'AA6Q72000047',
          iswc: null,
          durationMs: 214_000,
          rightsHolder: 'Sample Records',
          pLine: '2020 Sample Records',
          language: 'hi',
          genre: null,
          explicit: null,
          ownId: null,
          policy: 'block',
          authorised: [],
          publicDomain: false,
          registrationNumber: null,
          officialUrl: 'https://music.example/monsoon-letters',
          rights: [],
          territories: ['Worldwide'],
          releaseId: '1d7f0c52-2a0e-4c62-9f5e-6f3f0f8f4b11',
          releaseTitle: 'Letters',
          label: 'Sample Records',
          upc: '036000291452',
          grid: null,
          catalogNumber: null,
          cLine: null,
          withdrawnAt: null,
          embargoUntil: null,
          disputed: false,
          audioHeld: false,
          hasFingerprint: true,
          createdAt: '2026-01-15T09:30:00.000Z',
          stage: 'done',
          problem: null,
          progress: 0,
        },
      ],
    }),
)

/** The answer to a registration. */
export const RegisteredView = view(
  'RegisteredRecording',
  RecordingView.extend({ created: z.boolean().describe('false: it was registered already') }),
)
