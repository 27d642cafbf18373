import { decodeCover, encodeCover, isComparable } from '../artwork/cover.ts'
import { ENGINE_VERSION } from '../audio/constants.ts'
import { decodeSketch } from '../audio/extract/sketch-bytes.ts'
import { sketchColumnMs } from '../audio/extract/sketch.ts'
import { decodeFingerprint } from '../audio/fingerprint/fingerprint.ts'
import { keepCover } from '../catalog/cover-store.ts'
import { edit } from '../catalog/editing.ts'
import { keepEmbargo } from '../catalog/embargo-store.ts'
import { requireEmbargoEnd } from '../catalog/embargo.ts'
import type { NewRecording, Recording, RecordingEdit } from '../catalog/recording.ts'
import { type NewReference, keepReference } from '../catalog/references.ts'
import * as recordings from '../catalog/store.ts'
import { audit } from '../core/audit.ts'
import type { Tx } from '../core/db.ts'
import type { RecordingId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import { findTenant } from '../tenants/store.ts'
import { type Caller, actorOf, hasRole } from '../tenants/tenant.ts'
import { type House, ring } from './house.ts'

/** One recording of a tenant, or the problem that says there is none. */
async function existing(tx: Tx, id: RecordingId): Promise<Recording> {
  const recording = await recordings.find(tx, id)
  if (!recording) throw new Problem('row/unknown', 'No such recording')
  return recording
}

/** Lengths are rounded on both sides. */
const SKETCH_TOLERANCE_MS = 50

/** A fingerprint made elsewhere, checked to the last bit before it is kept. */
function checkedReference(fingerprint: Uint8Array, sketch: Uint8Array | undefined): NewReference {
  const decoded = decodeFingerprint(fingerprint)
  if (decoded.kind !== 'reference')
    throw new Problem('fingerprint/malformed', 'This is the fingerprint of a suspect, not of a reference')
  const { durationMs } = decoded
  if (sketch) requireSketchOf(sketch, durationMs)
  return { engineVersion: ENGINE_VERSION, fingerprint, durationMs, madeBy: 'local', sketch }
}

/** A sketch must draw the audio whose fingerprint it comes with, from its first moment to its last. */
function requireSketchOf(sketch: Uint8Array, durationMs: number): void {
  const drawn = decodeSketch(sketch)
  const columnMs = sketchColumnMs(drawn, 1) - sketchColumnMs(drawn, 0)
  const differenceMs = Math.abs(sketchColumnMs(drawn, drawn.columns) - durationMs)
  if (drawn.firstFrame !== 0 || differenceMs > columnMs + SKETCH_TOLERANCE_MS)
    throw new Problem('sketch/malformed', 'The sketch is as long as other audio than the fingerprint')
}

/** The hashes of a cover that were made elsewhere, in the form in which they are kept; undefined where it is too plain. */
function checkedCover(cover: Uint8Array): Uint8Array | undefined {
  const hashes = decodeCover(cover)
  return isComparable(hashes) ? encodeCover(hashes) : undefined
}

/**
 * Registers a recording, with the fingerprint that was made on the rights holder's machine if there is one.
 * The same recording twice is recognised: `created` is false and what was unknown is filled in.
 *
 * @param sketch of the same audio, for pictures of what will be found.
 * @param coverHashes of its release, as services/artwork/cover.ts writes them; kept beside those known already.
 * @throws {Problem} request/invalid (the embargo has ended), fingerprint/malformed, fingerprint/version,
 *   sketch/malformed, cover/malformed, request/conflict (the same audio under another name).
 */
export async function registerRecording(
  house: House,
  caller: Caller,
  given: NewRecording,
  fingerprint?: Uint8Array,
  sketch?: Uint8Array,
  coverHashes?: Uint8Array,
): Promise<{ recording: Recording; created: boolean }> {
  if (sketch && !fingerprint)
    throw new Problem('sketch/malformed', 'A sketch comes with the fingerprint of the same audio')
  if (given.embargoUntil) requireEmbargoEnd(given.embargoUntil, '/embargoUntil')
  const reference = fingerprint && checkedReference(fingerprint, sketch)
  const cover = coverHashes && checkedCover(coverHashes)
  return house.db.tenant(caller.tenantId, async (tx) => {
    const tenant = await findTenant(tx, caller.tenantId)
    const { recording, created } = await recordings.register(tx, caller.tenantId, given, tenant?.name ?? '')
    if (reference) {
      await keepReference(tx, recording, reference)
      await recordings.markRecognisable(tx, recording.id)
    }
    if (cover) await keepCover(tx, recording, cover, 'upload')
    if (created) {
      if (given.embargoUntil) await keepEmbargo(tx, recording.id, given.embargoUntil)
      const embargoUntil = given.embargoUntil?.toISOString()
      const details = { title: recording.title, isrc: recording.isrc, ...(embargoUntil && { embargoUntil }) }
      await audit(tx, caller.tenantId, {
        actor: actorOf(caller),
        action: 'recording.registered',
        subject: `recording:${recording.id}`,
        details,
      })
    }
    return { recording: await existing(tx, recording.id), created }
  })
}

/**
 * Corrects what is told of a recording.
 *
 * @throws {Problem} row/unknown, request/conflict when another recording has its ISRC, or its names without one.
 */
export const editRecording = (
  house: House,
  caller: Caller,
  id: RecordingId,
  given: RecordingEdit,
): Promise<Recording> =>
  house.db.tenant(caller.tenantId, async (tx) => {
    await recordings.lockRecording(tx, caller.tenantId, id)
    const changes = await edit(tx, await existing(tx, id), given)
    if (Object.keys(changes).length > 0) {
      await audit(tx, caller.tenantId, {
        actor: actorOf(caller),
        action: 'recording.edited',
        subject: `recording:${id}`,
        details: changes,
      })
    }
    return existing(tx, id)
  })

/**
 * Takes a recording's audio for fingerprinting. The audio is deleted afterwards unless the tenant keeps it. A recording
 * that has its fingerprint keeps it: other audio would be another recording.
 *
 * @param source the file's bytes, in any format that ffmpeg reads.
 * @throws {Problem} row/unknown, row/stage, request/too-large, file/empty.
 */
export async function uploadAudio(
  house: House,
  caller: Caller,
  id: RecordingId,
  source: AsyncIterable<Uint8Array>,
): Promise<Recording> {
  await house.db.tenant(caller.tenantId, (tx) => existing(tx, id))
  const { sha256, bytes } = await house.blobs.put(source, { bytesMax: house.config.FETCH_BYTES_MAX })
  if (bytes === 0) throw new Problem('file/empty', 'The uploaded file has no bytes')
  const recording = await house.db.tenant(caller.tenantId, async (tx) => {
    const known = await existing(tx, id)
    if (known.audioSha256 === sha256 && known.stage !== 'failed') return known // The same audio once more.
    await recordings.awaitFingerprint(tx, id, sha256)
    await audit(tx, caller.tenantId, {
      actor: actorOf(caller),
      action: 'recording.audio-uploaded',
      subject: `recording:${id}`,
      details: { sha256, bytes },
    })
    return existing(tx, id)
  })
  await ring(house, recording.stage, id)
  return recording
}

/**
 * Stops protecting a recording.
 *
 * @throws {Problem} auth/forbidden, row/unknown, request/conflict while a case speaks of it.
 */
export async function removeRecording(house: House, caller: Caller, id: RecordingId): Promise<void> {
  if (caller.kind === 'member' && !hasRole(caller, 'owner'))
    throw new Problem(
      'auth/forbidden',
      'Only an owner of the account, or its program with a key, can do this',
    )
  await house.db.tenant(caller.tenantId, async (tx) => {
    const { title, isrc } = await existing(tx, id)
    await recordings.remove(tx, id)
    await audit(tx, caller.tenantId, {
      actor: actorOf(caller),
      action: 'recording.removed',
      subject: `recording:${id}`,
      details: { title, isrc },
    })
  })
}
