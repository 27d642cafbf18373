import { isDeepStrictEqual } from 'node:util'

import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { RecordingId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import { type Recording, type RecordingEdit, recordingNameKey, searchKey } from './recording.ts'
import { keepRights } from './rights-store.ts'
import { lockNames } from './store.ts'

const Another = z.object({ id: RecordingId, title: z.string() })

type Changes = Record<string, { from: unknown; to: unknown }>

/** From what to what each field changes; those that stay as they are left out. */
const changesOf = (known: Recording, given: RecordingEdit): Changes =>
  Object.fromEntries(
    Object.entries(given)
      .filter(([name, to]) => to !== undefined && !isDeepStrictEqual(known[name as keyof RecordingEdit], to))
      .map(([name, to]) => [name, { from: known[name as keyof RecordingEdit], to }]),
  )

/** A recording as it will be. The values were checked with `RecordingEdit`, whose fields are of `Recording`. */
const changed = (known: Recording, changes: Changes): Recording => ({
  ...known,
  ...Object.fromEntries(Object.entries(changes).map(([name, { to }]) => [name, to])),
})

/**
 * Writes what a person corrected.
 *
 * @returns what changed, field by field.
 * @throws {Problem} request/conflict when another recording has the ISRC, or the same names and neither has one.
 */
export async function edit(tx: Tx, known: Recording, given: RecordingEdit): Promise<Changes> {
  const changes = changesOf(known, given)
  if (Object.keys(changes).length === 0) return changes
  const next = changed(known, changes)
  const { id, tenantId } = known
  const names = { ...next, version: next.version ?? undefined, isrc: next.isrc ?? undefined }
  const nameKey = recordingNameKey(names)
  await lockNames(tx, tenantId, names)
  const another = await tx.maybe(Another)`
    select id, title from recording
     where tenant_id = ${tenantId} and id <> ${id}
       and (isrc = ${next.isrc} or (isrc is null and ${next.isrc}::text is null and name_key = ${nameKey}))`
  if (another)
    throw new Problem('request/conflict', `That is what “${another.title}” (${another.id}) is known by`)
  await tx.run`
    update recording
       set title = ${next.title}, version = ${next.version}, artists = ${next.artists}, featured = ${next.featured},
           isrc = ${next.isrc}, iswc = ${next.iswc}, rights_holder = ${next.rightsHolder}, p_line = ${next.pLine},
           language = ${next.language}, genre = ${next.genre}, explicit = ${next.explicit}, own_id = ${next.ownId},
           policy = ${next.policy}, authorised = ${next.authorised}, public_domain = ${next.publicDomain},
           registration_number = ${next.registrationNumber}, official_url = ${next.officialUrl}, name_key = ${nameKey},
           search_key = ${searchKey(next)}
     where id = ${id}`
  if ('rights' in changes) await keepRights(tx, known, next.rights)
  return changes
}
