import { find as findRecording } from '../catalog/store.ts'
import type { Tx } from '../core/db.ts'
import { findCase } from '../matches/case-store.ts'
import type { Match } from '../matches/match.ts'
import { passagesOf } from '../matches/store.ts'
import type { Caller } from '../tenants/tenant.ts'
import { toldMatch, toldRecording } from '../unreleased.ts'

/** Adds to a match the names that a reader needs beside it, as far as the caller may know them. */
export async function named<M extends Match>(tx: Tx, caller: Caller, match: M) {
  const opened = await findCase(tx, match.caseId)
  if (!opened) throw new Error('a match without its case')
  // It may stand beside the match of another recording, whose case it is.
  const recording = await findRecording(tx, match.recordingId)
  if (!recording) throw new Error('a match without its recording')
  const { title, artists } = toldRecording(caller, recording)
  const told = toldMatch(caller, match, recording)
  return { ...told, recordingTitle: title, recordingArtists: artists, caseNumber: opened.number }
}

/** Matches as they stand in a submission or a case: with names and passages. */
export async function withPassages(tx: Tx, caller: Caller, matches: readonly Match[]) {
  const told = []
  for (const match of matches) {
    told.push({ ...(await named(tx, caller, match)), passages: await passagesOf(tx, match.id) })
  }
  return told
}
