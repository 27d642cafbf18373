import express, { type Router } from 'express'

import { besidesOf, sharingOf } from '../../services/case-dossier.ts'
import { openConflictsOf } from '../../services/catalog/conflict-store.ts'
import * as recordings from '../../services/catalog/store.ts'
import { MatchId } from '../../services/core/ids.ts'
import { findCase } from '../../services/matches/case-store.ts'
import * as matches from '../../services/matches/store.ts'
import { captureAt } from '../../services/submissions/captures.ts'
import { locationOf } from '../../services/submissions/item-location.ts'
import * as items from '../../services/submissions/item-store.ts'
import * as submissions from '../../services/submissions/store.ts'
import {
  toldBesides,
  toldCase,
  toldItem,
  toldMatch,
  toldNames,
  toldRecording,
} from '../../services/unreleased.ts'
import { type Reply, type Visit, type Web, forMembers, found, idOf } from '../visit.ts'
import { type MatchRead, matchView } from './match-view.ts'

/** Everything the page shows, in one transaction; whether audio is there is asked of the blob store after it. */
async function readMatch(visit: Visit, id: MatchId): Promise<MatchRead> {
  const read = await visit.tenant(async (tx) => {
    const { caller } = visit
    const match = found(await matches.find(tx, id), 'match')
    const recording = found(await recordings.find(tx, match.recordingId), 'recording')
    const item = found(await items.findMedia(tx, match.itemId), 'item')
    const submission = found(await submissions.find(tx, match.submissionId), 'submission')
    const location = locationOf(submission, item, await items.ancestorsOf(tx, item))
    const passages = await matches.picturedPassagesOf(tx, id)
    return {
      match: toldMatch(caller, match, recording),
      passages,
      besides: toldBesides(caller, await besidesOf(tx, match)),
      sharing: toldNames(caller, await sharingOf(tx, passages)),
      item: toldItem(caller, item, recording),
      recording: toldRecording(caller, recording),
      opened: toldCase(caller, found(await findCase(tx, match.caseId), 'case')),
      conflicts: await openConflictsOf(tx, match.recordingId),
      capture: await captureAt(tx, submission.id, location),
    }
  })
  const { blobs } = visit.house
  const { item, recording } = read
  return {
    ...read,
    held: {
      suspect: item.mediaHeld && (await blobs.has(item.sha256)),
      reference:
        recording.audioHeld && recording.audioSha256 !== null && (await blobs.has(recording.audioSha256)),
    },
  }
}

/** One find, explained so that a person can judge it. */
export function matchRoutes(web: Web): Router {
  const router = express.Router()
  router.get(
    '/matches/:id',
    forMembers(web, async (visit): Promise<Reply> => {
      const read = await readMatch(visit, idOf(MatchId, visit.params['id'], 'match'))
      return { title: `Match: ${read.recording.title}`, section: 'cases', body: matchView(read) }
    }),
  )
  return router
}
