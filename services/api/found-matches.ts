import { find as findRecording } from '../catalog/store.ts'
import type { Tx } from '../core/db.ts'
import { findCase } from '../matches/case-store.ts'
import type { Match } from '../matches/match.ts'
import { passagesOf } from '../matches/store.ts'

/** Adds to a match the names that a reader needs beside it. */
export async function named<M extends Match>(tx: Tx, match: M) {
  const opened = await findCase(tx, match.caseId)
  if (!opened) throw new Error('a match without its case')
  const { recordingTitle, recordingArtists, number: caseNumber } = opened
  const told = { ...match, recordingTitle, recordingArtists, caseNumber }
  if (match.recordingId === opened.recordingId) return told
  // It stands beside the match of another recording, whose case it is.
  const recording = await findRecording(tx, match.recordingId)
  if (!recording) throw new Error('a match without its recording')
  return { ...told, recordingTitle: recording.title, recordingArtists: recording.artists }
}

/** Matches as they stand in a submission or a case: with names and passages. */
export async function withPassages(tx: Tx, matches: readonly Match[]) {
  const told = []
  for (const match of matches) {
    told.push({ ...(await named(tx, match)), passages: await passagesOf(tx, match.id) })
  }
  return told
}
