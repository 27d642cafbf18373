import { z } from 'zod'

import { registerRecording } from '../../services/actions/catalogue.ts'
import { NewRecording, type NewRecordingInput, type Recording } from '../../services/catalog/recording.ts'
import { ExposureAuditId } from '../../services/core/ids.ts'
import { changesOf, exposuresOf } from '../../services/leaks/exposure-store.ts'
import { doAudit, leakOf, manifestOf } from './audited.ts'
import type { World } from './world.ts'

/** A recording of the owner. */
export const register = async (
  { house, owner }: World,
  given: Partial<NewRecordingInput> & { title: string },
): Promise<Recording> => {
  const told = NewRecording.parse({ artists: ['The Samples'], durationMs: 200_000, ...given })
  return (await registerRecording(house, owner, told)).recording
}

/** Codes of recordings, by numbers. */
export const isrcOf = (number: number): string => `AA6Q72${String(number).padStart(6, '0')}`

/** A row of a leak, with the names of the recording that `register` makes. */
export const track = (name: string, more: object) => ({
  track_id: `id-${name}`,
  name,
  artists: [{ name: 'The Samples' }],
  duration_ms: 200_300,
  popularity: 40,
  fetched_at: Date.UTC(2025, 6, 1),
  ...more,
})
/** What a row has more whose audio was taken. */
export const taken = { status: 'success', reencoded_kbit_vbr: null, sha256_original: 'ab'.repeat(32) }

const batches = [
  { number: 1, name: 'Popular', popularityFrom: 31, popularityTo: 100, publishedOn: '2025-12-20' },
  { number: 2, name: 'The rest', popularityFrom: 0, popularityTo: 30, publishedOn: null },
]

/** What is known today of a recording of the owner. */
export const exposures = ({ house, owner }: World, { id }: Recording) =>
  house.db.tenant(owner.tenantId, (tx) => exposuresOf(tx, id))
/** How that changed, the latest first. */
export const changes = ({ house, owner }: World, { id }: Recording) =>
  house.db.tenant(owner.tenantId, (tx) => changesOf(tx, id, 10))

const Told = z.object({ details: z.record(z.string(), z.unknown()) })
/** What was told without being asked for. */
export const newsOf = ({ house }: World) =>
  house.db.system((tx) => tx.all(Told)`select details from alert_news where kind = 'exposed' order by at, id`)

/** Does what was started without being asked for. */
export async function doStarted(world: World): Promise<void> {
  const rows = await world.house.db.system(
    (tx) => tx.all(z.object({ id: ExposureAuditId }))`
      select id from exposure_audit where stage = 'audit' order by created_at, id`,
  )
  for (const { id } of rows) await doAudit(world, id)
}

/** One recording for each way in which a leak may have it. */
export async function scene(world: World) {
  const release = { title: 'First Album', label: 'Sample Label' }
  const recordings = {
    audio: await register(world, { title: 'Taken as it is', isrc: isrcOf(1), release }),
    sibling: await register(world, { title: 'Skipped for a sibling', isrc: isrcOf(2), release }),
    alternative: await register(world, { title: 'Taken elsewhere', isrc: isrcOf(3) }),
    names: await register(world, { title: 'Without any code at all', isrc: isrcOf(4) }),
    trap: await register(world, { title: 'Wrongly coded', isrc: isrcOf(5) }),
    bare: await register(world, { title: 'Only by its code', isrc: isrcOf(6) }),
    absent: await register(world, { title: 'Nowhere to be found', isrc: isrcOf(7) }),
  }
  const leak = await leakOf(world, { batches })
  const manifestId = await manifestOf(world, leak, [
    track('Taken as it is', { external_id_isrc: isrcOf(1), status: 'skipped_low_priority', popularity: 80 }),
    track('Taken as it is', { external_id_isrc: isrcOf(1), ...taken, track_id: 'other', popularity: 50 }),
    track('Skipped for a sibling', {
      external_id_isrc: isrcOf(2),
      status: 'skipped_isrc_has_download',
      popularity: 3,
    }),
    track('Taken elsewhere', {
      external_id_isrc: isrcOf(3),
      status: 'error_has_replacement',
      alternatives: ['id-replacement'],
    }),
    {
      ...track('Taken elsewhere', { external_id_isrc: 'ZZZZZ2500001', ...taken }),
      track_id: 'id-replacement',
    },
    track('Without any code at all', { status: 'skipped_low_priority', popularity: 12 }),
    track('Quite another song', {
      external_id_isrc: isrcOf(5),
      artists: [{ name: 'Somebody Else' }],
      duration_ms: 90_000,
      ...taken,
    }),
    { external_id_isrc: isrcOf(6), track_id: 'bare' },
    { external_id_isrc: isrcOf(99), name: 'Of nobody here', artists: [{ name: 'Nobody' }], ...taken },
  ])
  return { recordings, leak, manifestId }
}
