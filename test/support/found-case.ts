import { randomUUID } from 'node:crypto'

import { registerRecording } from '../../services/actions/catalogue.ts'
import { ENGINE_VERSION } from '../../services/audio/constants.ts'
import { NewRecording } from '../../services/catalog/recording.ts'
import { type CaseId, ItemId, type RecordingId, Sha256, newId } from '../../services/core/ids.ts'
import { followFind } from '../../services/matches/find-store.ts'
import * as matches from '../../services/matches/store.ts'
import { keepItems } from '../../services/submissions/opened-store.ts'
import * as submissions from '../../services/submissions/store.ts'
import type { World } from './world.ts'

/** One find as a test tells it; the rest is that of a whole and certain copy. */
export interface Find {
  readonly url: string
  readonly shareOfRecording?: number | undefined
  readonly confidence?: number | undefined
}

/** Has a recording of the owner found at an address: the case that this opens or joins. */
export function findAt(
  { house, owner }: World,
  recordingId: RecordingId,
  { url, shareOfRecording = 1, confidence = 1 }: Find,
): Promise<{ id: CaseId; isNew: boolean }> {
  return house.db.system(async (tx) => {
    const submission = await submissions.submitUrl(tx, owner.tenantId, { url, by: 'system' })
    await tx.run`update submission set stage = 'unpack', blob_sha256 = ${'a'.repeat(64)} where id = ${submission.id}`
    const item = {
      name: `${randomUUID()}.ogg`,
      mediaType: 'audio/ogg',
      sha256: Sha256.parse('a'.repeat(64)),
      bytes: 3,
    }
    const [itemId = newId(ItemId)] = await keepItems(tx, submission, [item])
    const found = {
      recordingId,
      passages: [],
      confidence,
      falseMatchProbability: 1e-9,
      shareOfRecording,
      shareOfSuspect: 1,
    }
    const about = {
      tenantId: owner.tenantId,
      itemId,
      engineVersion: ENGINE_VERSION,
      retroactive: false,
      location: { key: url, text: url },
    }
    const [opened] = await matches.record(tx, about, [found])
    if (!opened) throw new Error('no case')
    // The next find at this address is another submission's.
    await tx.run`update submission set stage = 'done' where id = ${submission.id}`
    return opened
  })
}

/** The same with what follows from it, as the match worker has it. @returns whether somebody would be told, too. */
export async function followedFind(
  world: World,
  recordingId: RecordingId,
  find: Find,
): Promise<{ id: CaseId; told: boolean }> {
  const { tenantId } = world.owner
  const { id, isNew } = await findAt(world, recordingId, find)
  const told = await world.house.db.system((tx) =>
    followFind(tx, { id, tenantId, isNew }, { state: 'needs_review' }),
  )
  return { id, told }
}

/** Registers a recording of the owner. */
export async function registered(
  { house, owner }: Pick<World, 'house' | 'owner'>,
  title: string,
  more: { readonly embargoUntil?: string | undefined } = {},
): Promise<RecordingId> {
  const named = NewRecording.parse({ title, artists: ['The Samples'], ...more })
  return (await registerRecording(house, owner, named)).recording.id
}

/** Registers a recording of the owner and has it found at an address: the case that this opens. */
export async function foundCase(
  world: World,
  given: {
    readonly title: string
    readonly url: string
    readonly embargoUntil?: string | undefined
    readonly confidence?: number | undefined
  },
): Promise<CaseId> {
  const { title, url, embargoUntil, confidence } = given
  return (await findAt(world, await registered(world, title, { embargoUntil }), { url, confidence })).id
}
