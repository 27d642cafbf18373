import { registerRecording } from '../../services/actions/catalogue.ts'
import { NewRecording } from '../../services/catalog/recording.ts'
import {
  type ExposureAuditId,
  LeakId,
  type LeakManifestId,
  type RecordingId,
} from '../../services/core/ids.ts'
import { addAudit, finish } from '../../services/leaks/audit-store.ts'
import { keepExposures } from '../../services/leaks/exposure-store.ts'
import { AuditLine, AuditSummary, type LeakAnswer } from '../../services/leaks/exposure.ts'
import { listedIsrc, listedLeak } from './checkable-leak.ts'
import type { Account, World } from './world.ts'

/** A catalogue of two recordings, the second under embargo, both in a leak of the account, and the audit that says so. */
export interface ExposedCatalogue {
  readonly leakId: LeakId
  readonly manifestId: LeakManifestId
  readonly auditId: ExposureAuditId
  readonly recordingId: RecordingId
  readonly unreleasedId: RecordingId
}

export const HOSTILE_TITLE = "=cmd|' /C calc'!A0 <img src=x onerror=alert(1)>"

const answer = (manifestId: LeakManifestId, row: number, title: string): LeakAnswer => ({
  status: 'audio',
  codec: 'opus-75',
  popularity: 71,
  batch: 1,
  takenAt: new Date('2025-07-01T00:00:00Z'),
  foundBy: 'isrc',
  probability: 0.99,
  rowsFound: 1,
  rows: [
    {
      manifestId,
      row,
      part: 0,
      isrc: listedIsrc(row),
      title,
      artists: ['The Sample Band'],
      album: null,
      durationMs: 180_000,
      trackId: `track${row}`,
      status: 'audio',
      sha256: ['0123456789abcdef'],
      fileName: `${title}.ogg`,
      address: null,
    },
  ],
})

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

/** Writes what reading a manifest and an audit would have written. */
export async function exposedCatalogue(world: World, { caller, tenant }: Account): Promise<ExposedCatalogue> {
  const { house } = world
  const made = await listedLeak(world, {
    name: 'Sample dump',
    tenantId: tenant.id,
    rows: [{ isrc: listedIsrc(1) }, { isrc: listedIsrc(2) }],
  })
  const leakId = LeakId.parse(made.leakId)
  const { manifestId } = made
  const register = async (row: number, title: string, more: Record<string, unknown> = {}) => {
    const given = { title, artists: ['The Sample Band'], isrc: listedIsrc(row), ...more }
    return (await registerRecording(house, caller, NewRecording.parse(given))).recording
  }
  const release = { title: 'Sample Album', label: 'Sample Records' }
  const out = await register(1, HOSTILE_TITLE, { release })
  const secret = await register(2, 'Not Out Yet', {
    release: { title: 'Secret Album', label: 'Sample Records' },
    embargoUntil: new Date(Date.now() + 30 * 86_400_000).toISOString(),
  })
  const both = [out, secret].map((recording, index) => ({
    recording,
    said: answer(manifestId, index + 1, recording.title),
  }))
  const lines = both.map(({ recording, said }) =>
    AuditLine.parse({
      ...said,
      leakId,
      leakName: 'Sample dump',
      recordingId: recording.id,
      isrc: recording.isrc,
      title: recording.title,
      artists: recording.artists,
      releaseId: recording.releaseId,
      releaseTitle: recording.releaseTitle,
      label: recording.label,
      isUnreleased: recording.embargoUntil !== null,
      batchName: 'Popular',
      publishedOn: '2026-03-01',
      score: 0.9,
      advice: 'Have each file that turns up compared.',
    }),
  )
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
  const { sha256 } = await house.blobs.put(bytesOf(text), { bytesMax: 1_000_000 })
  const counts = { listed: 2, audio: 2, published: 2 }
  const summary = AuditSummary.parse({
    ...counts,
    asked: 2,
    leaks: [{ leakId, name: 'Sample dump', ...counts }],
    releases: [out, secret].map(({ releaseId, releaseTitle }) => ({
      releaseId,
      title: releaseTitle,
      asked: 1,
      listed: 1,
      audio: 1,
      published: 1,
      score: 0.9,
    })),
    forecasts: [
      {
        leakId,
        batches: [{ number: 2, name: 'The rest', recordings: 0, isNext: true }],
        reason: 'The most popular part came first.',
      },
    ],
    contradicted: 1,
  })
  const auditId = await house.db.system(async (tx) => {
    const audit = await addAudit(tx, tenant.id, { cause: 'asked', scope: { kind: 'all' }, by: 'system' })
    await keepExposures(
      tx,
      audit,
      both.map(({ recording }) => recording.id),
      both.map(({ recording, said }) => ({
        ...said,
        recordingId: recording.id,
        leakId,
        publishedOn: '2026-03-01',
        score: 0.9,
      })),
    )
    await finish(tx, audit.id, { summary, resultSha256: sha256 })
    return audit.id
  })
  return { leakId, manifestId, auditId, recordingId: out.id, unreleasedId: secret.id }
}
