import { registerRecording, uploadAudio } from '../../services/actions/catalogue.ts'
import { NewRecording } from '../../services/catalog/recording.ts'
import * as recordings from '../../services/catalog/store.ts'
import type { RecordingId, SubmissionId } from '../../services/core/ids.ts'
import { itemsOf } from '../../services/submissions/item-store.ts'
import { type Item, placedName } from '../../services/submissions/submission.ts'
import type { Caller } from '../../services/tenants/tenant.ts'
import { piece, upload } from './music.ts'
import { until } from './pipeline.ts'
import type { World } from './world.ts'

export const itemsIn = (world: Pick<World, 'house'>, id: SubmissionId): Promise<Item[]> =>
  world.house.db.system((tx) => itemsOf(tx, id))

/** Each item of a submission in a line: where it lies, what it is, how it ended. */
export const tree = async (world: Pick<World, 'house'>, id: SubmissionId): Promise<string[]> =>
  (await itemsIn(world, id)).map((item) => {
    const end = item.problem ? item.problem.type.replace('/problems/', '') : item.stage
    return `${placedName(item)}: ${item.kind}, ${end}`
  })

export async function* bytesOf(bytes: Uint8Array | string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(bytes)
}

/** Registers a piece of the tests' catalogue, with the hashes of its cover, and waits until it is recognisable. */
export async function registeredPiece(
  { house }: Pick<World, 'house'>,
  owner: Caller,
  number: number,
  cover?: Uint8Array,
): Promise<RecordingId> {
  const given = NewRecording.parse({
    title: `Piece ${number}`,
    artists: ['The Samples'],
    releaseTitle: 'Pieces',
  })
  const { recording } = await registerRecording(house, owner, given, undefined, undefined, cover)
  await uploadAudio(house, owner, recording.id, upload(await piece(number)))
  await until(`recording ${recording.id}`, async () => {
    const found = await house.db.system((tx) => recordings.find(tx, recording.id))
    return found?.stage === 'done'
  })
  return recording.id
}
