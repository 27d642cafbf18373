import { z } from 'zod'

import { isrc, line, milliseconds, probability } from '../core/document-fields.ts'

/** About five minutes of landmarks at seven a second; more cannot be told apart on paper. */
const POINTS_MAX = 2000
/** Most other recordings that one passage names; a loop that more of them have is no longer anybody's. */
export const SHARED_MAX = 100
/** A sketch as a picture needs it (services/matches/sketches.ts), in base64. */
const SKETCH_CHARACTERS_MAX = 5400

const Point = z
  .strictObject({
    suspectMs: milliseconds().describe('Time in the suspect file'),
    referenceMs: milliseconds().describe('Time in the recording'),
    hz: z.number().positive().max(50_000).describe('Frequency in the recording'),
    matched: z.boolean().describe('Found in the suspect at its place, or expected and not found'),
  })
  .describe('One landmark of the recording inside the passage')

const Shared = z
  .strictObject({
    workId: z.uuid().describe('The recording in the catalogue'),
    title: line(500).describe('Its title'),
    isrc: isrc().optional().describe('ISO 3901, without hyphens'),
  })
  .describe('Another recording of the same catalogue that has the audio of the passage')

const sketch = () =>
  z
    .string()
    .regex(/^[A-Za-z0-9+/]+={0,2}$/)
    .max(SKETCH_CHARACTERS_MAX)
    .optional()

/** A passage as a report tells of it (report.ts). */
export const ReportPassage = z
  .strictObject({
    suspectFromMs: milliseconds().describe('Start in the suspect file'),
    suspectToMs: milliseconds().describe('End in the suspect file'),
    referenceFromMs: milliseconds().describe('Start in the recording'),
    referenceToMs: milliseconds().describe('End in the recording'),
    speed: z
      .number()
      .positive()
      .max(16)
      .describe('Tempo of the suspect over that of the recording; 1.04 is faster'),
    pitch: z.number().positive().max(16).describe('Frequencies of the suspect over those of the recording'),
    speedError: z.number().min(0).optional().describe('The speed lies within ± this with 95 %'),
    pitchError: z.number().min(0).optional().describe('The pitch lies within ± this with 95 %'),
    change: z
      .enum(['none', 'speed', 'pitch', 'tempo'])
      .describe('speed: both changed together; pitch: at the same tempo; tempo: at the same pitch'),
    landmarksMatched: z.int().min(0).describe('Landmarks of the recording found at their place'),
    landmarksExpected: z.int().min(1).describe('Landmarks of the recording in this passage'),
    score: z.number().describe('Evidence in bits'),
    falseMatchProbability: probability().describe('Chance of such a score without a common source'),
    sharedWith: z
      .array(Shared)
      .min(1)
      .max(SHARED_MAX)
      .optional()
      .describe('Present when others have the same audio: then this passage does not tell which was copied'),
    excluded: z
      .literal(true)
      .optional()
      .describe('Present when this part of the recording is not its holder’s own: it grounds no claim'),
    points: z.array(Point).max(POINTS_MAX).describe('Landmarks for the picture, in order of suspect time'),
    suspectSketch: sketch().describe('Coarse spectrogram of the stretch of the suspect, base64 (EWSK 1)'),
    referenceSketch: sketch().describe('The same of the stretch of the recording'),
  })
  .describe('A stretch of the suspect that comes from a stretch of the recording')
export type ReportPassage = z.infer<typeof ReportPassage>
