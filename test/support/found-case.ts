import { registerRecording } from '../../services/actions/catalogue.ts'
import { ENGINE_VERSION } from '../../services/audio/constants.ts'
import { NewRecording } from '../../services/catalog/recording.ts'
import { type CaseId, ItemId, Sha256, newId } from '../../services/core/ids.ts'
import * as matches from '../../services/matches/store.ts'
import * as submissions from '../../services/submissions/store.ts'
import type { World } from './world.ts'

/** Registers a recording of the owner and has it found at an address: the case that this opens. */
export async function foundCase(
  { house, owner }: World,
  given: { readonly title: string; readonly url: string; readonly embargoUntil?: string | undefined },
): Promise<CaseId> {
  const { title, url, embargoUntil } = given
  const named = NewRecording.parse({ title, artists: ['The Samples'], embargoUntil })
  const { recording } = await registerRecording(house, owner, named)
  return house.db.system(async (tx) => {
    const submission = await submissions.submitUrl(tx, owner.tenantId, { url, by: 'system' })
    await tx.run`update submission set stage = 'unpack', blob_sha256 = ${'a'.repeat(64)} where id = ${submission.id}`
    const item = { name: 'a.ogg', mediaType: 'audio/ogg', sha256: Sha256.parse('a'.repeat(64)), bytes: 3 }
    const [itemId = newId(ItemId)] = await submissions.keepItems(tx, submission, [item])
    const found = {
      recordingId: recording.id,
      passages: [],
      confidence: 1,
      falseMatchProbability: 1e-9,
      shareOfRecording: 1,
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
    return opened.id
  })
}
