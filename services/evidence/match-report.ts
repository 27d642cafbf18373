import type { Recording } from '../catalog/recording.ts'
import type { Case } from '../matches/case.ts'
import type { Match, Passage } from '../matches/match.ts'
import { CLUES_ARE_CLUES } from '../provenance/clue.ts'
import type { Capture } from '../submissions/captures.ts'
import type { MediaItem, Submission } from '../submissions/submission.ts'

/** One find of a case, with what explains it. */
export interface ReportedMatch {
  readonly match: Match
  readonly passages: readonly Passage[]
  readonly item: MediaItem
  readonly submission: Submission
  readonly capture: Capture | undefined
}

/** A case with its finds. */
export interface ReportedCase {
  readonly opened: Case
  readonly recording: Recording
  /** Of the audio that the recording is recognised by; null when only its fingerprint was handed in. */
  readonly referenceSha256: string | null
  readonly matches: readonly ReportedMatch[]
}

/** What explains a claim: which engine compared what with what, under which thresholds, and what it found. */
export const matchReport = (
  cases: readonly ReportedCase[],
  made: { readonly serviceVersion: string; readonly falseClaimsPerMillion: number; readonly at: Date },
) => ({
  format: 'earwitness/match-report/1',
  about:
    'Times are milliseconds. Speed and pitch are ratios: 1.04 is 4 % faster. A passage was accepted because its score ' +
    'exceeds its threshold. Each point is a landmark of the recording and whether the suspect has it.',
  aboutClues: CLUES_ARE_CLUES,
  serviceVersion: made.serviceVersion,
  falseClaimsPerMillion: made.falseClaimsPerMillion,
  writtenAt: made.at,
  cases: cases.map(({ opened, recording, referenceSha256, matches }) => ({
    number: opened.number,
    location: opened.location,
    state: opened.state,
    openedAt: opened.openedAt,
    lastSeenAt: opened.lastSeenAt,
    recording: {
      id: recording.id,
      title: recording.title,
      version: recording.version,
      artists: recording.artists,
      isrc: recording.isrc,
      durationMs: recording.durationMs,
      referenceSha256,
    },
    matches: matches.map(({ match, passages, item, submission, capture }) => ({
      id: match.id,
      engineVersion: match.engineVersion,
      foundAt: match.createdAt,
      confidence: match.confidence,
      falseMatchProbability: match.falseMatchProbability,
      confidenceReasons: match.confidenceReasons,
      names: match.names,
      artwork: match.artwork,
      shareOfRecording: match.shareOfRecording,
      shareOfSuspect: match.shareOfSuspect,
      suspect: {
        name: item.name,
        mediaType: item.mediaType,
        sha256: item.sha256,
        bytes: item.bytes,
        durationMs: item.durationMs,
        truncated: item.truncated,
        submittedAt: submission.createdAt,
        capturedAt: capture?.startedAt ?? null,
        compared: item.compared,
        audioSha256: item.audioSha256,
        clues: item.clues,
      },
      passages,
    })),
  })),
})
