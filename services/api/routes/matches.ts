import { z } from 'zod'

import { find as findRecording } from '../../catalog/store.ts'
import type { Tx } from '../../core/db.ts'
import { MatchId, type Sha256 } from '../../core/ids.ts'
import { Problem } from '../../core/problem.ts'
import { alignmentSvg } from '../../matches/picture.ts'
import { find, passagesOf, picturedPassagesOf } from '../../matches/store.ts'
import { findMedia } from '../../submissions/item-store.ts'
import { toldItem } from '../../unreleased.ts'
import { excerptOf } from '../excerpt.ts'
import { named } from '../found-matches.ts'
import { found, oneId } from '../found.ts'
import { MatchDetailView } from '../match-views.ts'
import { fileOf, route } from '../route.ts'

const tag = 'Matches'
/** More passages than one match ever has; counted from 1, as reports count them. */
const PASSAGE_MAX = 10_000

/** A match, what it was found in, the recording it is of, and where. */
async function dossier(tx: Tx, id: MatchId) {
  const match = found(await find(tx, id), 'match')
  const [item, recording] = [await findMedia(tx, match.itemId), await findRecording(tx, match.recordingId)]
  if (!item || !recording) throw new Error('a match without its item or recording')
  return { match, item, recording, passages: await passagesOf(tx, id) }
}
type Dossier = Awaited<ReturnType<typeof dossier>>

/** The file of one side, while the account holds it. */
function heldFile({ item, recording }: Dossier, side: 'suspect' | 'reference'): Sha256 | undefined {
  if (side === 'suspect') return item.mediaHeld ? item.sha256 : undefined
  return recording.audioHeld ? (recording.audioSha256 ?? undefined) : undefined
}

const getOne = route({
  id: 'getMatch',
  method: 'get',
  path: '/v1/matches/:id',
  summary: 'A match with its passages and the landmarks in them',
  tag,
  caller: 'any',
  params: oneId(MatchId),
  answer: MatchDetailView,
  handle: ({ house, caller, params }) =>
    house.db.tenant(caller.tenantId, async (tx) => {
      const all = await dossier(tx, params.id)
      const isHeld = async (side: 'suspect' | 'reference'): Promise<boolean> => {
        const sha256 = heldFile(all, side)
        return sha256 !== undefined && (await house.blobs.has(sha256))
      }
      return {
        ...(await named(tx, caller, all.match)),
        suspectName: toldItem(caller, all.item, all.recording).name,
        suspectDurationMs: all.item.durationMs,
        recordingDurationMs: all.recording.durationMs,
        audio: { suspect: await isHeld('suspect'), reference: await isHeld('reference') },
        passages: all.passages,
      }
    }),
})

const audio = route({
  id: 'hearPassage',
  method: 'get',
  path: '/v1/matches/:id/audio',
  summary: 'Up to 30 seconds of a passage, to be heard; only while the account holds the audio',
  tag,
  caller: 'any',
  params: oneId(MatchId),
  query: z.strictObject({
    side: z.enum(['suspect', 'reference']),
    passage: z.coerce.number().int().min(1).max(PASSAGE_MAX).default(1).describe('Counted from 1'),
  }),
  answer: fileOf('audio/mpeg'),
  problems: ['audio/undecodable', 'audio/decoder-missing', 'audio/decoder-limit'],
  async handle({ house, caller, params, query: { side, passage: number } }) {
    const all = await house.db.tenant(caller.tenantId, (tx) => dossier(tx, params.id))
    const passage = found(all.passages[number - 1], `passage ${number}`)
    const sha256 = heldFile(all, side)
    const path = sha256 && (await house.blobs.path(sha256))
    if (!path)
      throw new Problem(
        'row/unknown',
        'The audio of this side is not held: it was deleted once fingerprinted',
      )
    const stretch =
      side === 'suspect'
        ? { fromMs: passage.suspectFromMs, toMs: passage.suspectToMs }
        : { fromMs: passage.referenceFromMs, toMs: passage.referenceToMs }
    return { body: await excerptOf(house, path, stretch), mediaType: 'audio/mpeg' }
  },
})

const picture = route({
  id: 'drawMatch',
  method: 'get',
  path: '/v1/matches/:id/picture.svg',
  summary: 'Which part of the suspect is which part of the recording, and both spectrograms, as a picture',
  tag,
  caller: 'any',
  params: oneId(MatchId),
  answer: fileOf('image/svg+xml'),
  async handle({ house, caller, params }) {
    const all = await house.db.tenant(caller.tenantId, async (tx) => ({
      ...(await dossier(tx, params.id)),
      passages: await picturedPassagesOf(tx, params.id),
    }))
    const ends = (side: 'suspectToMs' | 'referenceToMs') => Math.max(0, ...all.passages.map((p) => p[side]))
    const svg = alignmentSvg({
      suspectDurationMs: all.item.durationMs ?? ends('suspectToMs'),
      referenceDurationMs: all.recording.durationMs ?? ends('referenceToMs'),
      passages: all.passages,
    })
    return { body: svg, mediaType: 'image/svg+xml' }
  },
})

export const matchRoutes = [getOne, audio, picture]
