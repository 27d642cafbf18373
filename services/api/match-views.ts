import { z } from 'zod'

import { Match, Passage } from '../matches/match.ts'
import { view } from './schema.ts'

/** What `shared` means, of a match and of a case. */
export const sharedMeans =
  'Every passage is shared with other recordings: nothing tells that this one was copied'

const PassageView = view(
  'Passage',
  Passage.omit({ points: true }).describe(
    'Where the recording lies in the suspect, in milliseconds; speed and pitch are ratios (1.04: 4 % faster), and ' +
      'lie within ± their errors with 95 %. `sharedWith`: other recordings that have the same audio; where there ' +
      'is one, the passage does not tell which was copied. `excluded`: its part of the recording is not the ' +
      'holder’s own, so it grounds no case',
  ),
)
const PassageWithPoints = view(
  'PassageWithPoints',
  Passage.describe('A passage with the landmarks that were looked for, for a picture'),
)

/** A match with the names a reader needs beside it. */
const NamedMatch = Match.extend({
  recordingTitle: z.string(),
  recordingArtists: z.array(z.string()),
  caseNumber: z.string(),
  caseId: Match.shape.caseId.describe('Its own case, or that of the better match it stands beside'),
  besideId: Match.shape.besideId.describe(
    'The better match in the same item, when that explains all of this audio and more; else null',
  ),
  shared: Match.shape.shared.describe(sharedMeans),
  excluded: Match.shape.excluded.describe('Every passage is excluded: the find grounds no case'),
  confidence: Match.shape.confidence.describe(
    'That the item contains the recording, by audio, names and cover together; never above 0.999999',
  ),
  falseMatchProbability: Match.shape.falseMatchProbability.describe(
    'Chance that a search finds as much in audio that is none of the catalogue',
  ),
  artwork: Match.shape.artwork.describe(
    'How the cover inside the file compares with those of the release; it opens no case',
  ),
  confidenceReasons: Match.shape.confidenceReasons.describe(
    'What the confidence is made of: natural log-odds that add up to its own; null of older matches',
  ),
})
export const MatchView = view('Match', NamedMatch.extend({ passages: z.array(PassageView) }))
export const MatchDetailView = view(
  'MatchDetail',
  NamedMatch.extend({
    suspectName: z.string(),
    suspectDurationMs: z.number().nullable(),
    recordingDurationMs: z.number().nullable(),
    audio: z
      .object({ suspect: z.boolean(), reference: z.boolean() })
      .describe('Whether the audio of a side is held, so that its passages can be heard'),
    passages: z.array(PassageWithPoints),
  }),
)
