import * as recordings from './catalog/store.ts'
import type { NewRecording, Recording } from './catalog/recording.ts'
import { audit } from './core/audit.ts'
import type { Blobs } from './core/blobs.ts'
import type { Config } from './core/config.ts'
import type { Db, Tx } from './core/db.ts'
import { type CaseId, type RecordingId, type SubmissionId } from './core/ids.ts'
import type { Logger } from './core/log.ts'
import { Problem } from './core/problem.ts'
import type { Queues } from './core/queue.ts'
import { ENGINE_VERSION } from './audio/constants.ts'
import { decodeFingerprint } from './audio/fingerprint.ts'
import { dossierOf } from './case-dossier.ts'
import { serviceVersion } from './core/version.ts'
import { nameKey } from './metadata/normalise.ts'
import { type MadeStatements, composeReport } from './notices/compose.ts'
import { type StoredReport, keepReport, nextVersion } from './notices/store.ts'
import * as cases from './matches/case-store.ts'
import type { DecisionKind, DismissReason } from './matches/case.ts'
import { enqueue } from './pipeline.ts'
import * as submissions from './submissions/store.ts'
import type { Submission } from './submissions/submission.ts'
import { findTenant } from './tenants/store.ts'
import { type Caller, actorOf, hasRole } from './tenants/tenant.ts'

/** What an action needs of the program that offers it. */
export interface House {
  readonly config: Config
  readonly db: Db
  readonly queues: Queues
  readonly blobs: Blobs
  readonly log: Logger
}

/**
 * Rings for a row after the commit. With the queue away the row stays as it is and the sweeper
 * finds it a little later, so the answer to the caller is the same.
 */
async function ring(house: House, stage: string, id: string): Promise<void> {
  await enqueue(house.queues, stage, id).catch((error: unknown) =>
    house.log.warn({ err: error, stage, id }, 'the queue is away; left to the sweeper'),
  )
}

/** One recording of a tenant, or the problem that says there is none. */
async function existing(tx: Tx, id: RecordingId): Promise<Recording> {
  const recording = await recordings.find(tx, id)
  if (!recording) throw new Problem('row/unknown', 'No such recording')
  return recording
}

/** A fingerprint made elsewhere, checked to the last bit before it is kept. */
function checkedReference(fingerprint: Uint8Array): recordings.NewReference {
  const decoded = decodeFingerprint(fingerprint)
  if (decoded.kind !== 'reference')
    throw new Problem('fingerprint/malformed', 'This is the fingerprint of a suspect, not of a reference')
  return { engineVersion: ENGINE_VERSION, fingerprint, durationMs: decoded.durationMs, madeBy: 'local' }
}

/**
 * Registers a recording, with the fingerprint that was made on the rights holder's machine if there is one.
 * The same recording twice is recognised: `created` is false and what was unknown is filled in.
 *
 * @throws {Problem} fingerprint/malformed, fingerprint/version, request/conflict (the same audio under another name).
 */
export async function registerRecording(
  house: House,
  caller: Caller,
  given: NewRecording,
  fingerprint?: Uint8Array,
): Promise<{ recording: Recording; created: boolean }> {
  const reference = fingerprint && checkedReference(fingerprint)
  return house.db.tenant(caller.tenantId, async (tx) => {
    const tenant = await findTenant(tx, caller.tenantId)
    const { recording, created } = await recordings.register(tx, caller.tenantId, given, tenant?.name ?? '')
    if (reference) {
      await recordings.keepReference(tx, recording, reference)
      await recordings.markRecognisable(tx, recording.id)
    }
    if (created) {
      const details = { title: recording.title, isrc: recording.isrc }
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
 * Takes a recording's audio for fingerprinting. The audio is deleted afterwards unless the tenant keeps it.
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
    await recordings.awaitFingerprint(tx, id, sha256)
    await audit(tx, caller.tenantId, {
      actor: actorOf(caller),
      action: 'recording.audio-uploaded',
      subject: `recording:${id}`,
      details: { sha256, bytes },
    })
    return existing(tx, id)
  })
  await ring(house, 'index', id)
  return recording
}

/** Hands in an address. The same address while it is being worked on gives the same submission. */
export async function submitUrl(
  house: House,
  caller: Caller,
  given: { url: string; note?: string | undefined },
): Promise<Submission> {
  const submission = await house.db.tenant(caller.tenantId, (tx) =>
    submissions.submitUrl(tx, caller.tenantId, { ...given, by: actorOf(caller) }),
  )
  await ring(house, submission.stage, submission.id)
  return submission
}

/**
 * Hands in a file.
 *
 * @throws {Problem} request/too-large, file/empty.
 */
export async function submitFile(
  house: House,
  caller: Caller,
  given: { fileName: string; note?: string | undefined; source: AsyncIterable<Uint8Array> },
): Promise<Submission> {
  const { sha256, bytes } = await house.blobs.put(given.source, { bytesMax: house.config.FETCH_BYTES_MAX })
  if (bytes === 0) throw new Problem('file/empty', 'The file has no bytes')
  const submission = await house.db.tenant(caller.tenantId, (tx) =>
    submissions.submitFile(tx, caller.tenantId, {
      fileName: given.fileName,
      note: given.note,
      sha256,
      bytes,
      by: actorOf(caller),
    }),
  )
  await ring(house, submission.stage, submission.id)
  return submission
}

/** Sets a failed submission, or what failed in it, back to work. @throws {Problem} row/unknown, row/stage. */
export async function retrySubmission(house: House, caller: Caller, id: SubmissionId): Promise<Submission> {
  const { submission, waiting } = await house.db.tenant(caller.tenantId, async (tx) => {
    if (!(await submissions.find(tx, id))) throw new Problem('row/unknown', 'No such submission')
    if (!(await submissions.retry(tx, id)))
      throw new Problem('row/stage', 'Nothing in this submission has failed')
    const again = await submissions.find(tx, id)
    if (!again) throw new Error('a submission vanished within its transaction')
    return { submission: again, waiting: await submissions.waitingItems(tx, id) }
  })
  await ring(house, submission.stage, submission.id)
  for (const item of waiting) await ring(house, item.stage, item.id)
  return submission
}

/** A person or a program with a key decides about a case. @throws {Problem} row/unknown, row/stage. */
export async function decideCase(
  house: House,
  caller: Caller,
  id: CaseId,
  decision: { kind: DecisionKind; reason?: DismissReason | undefined; comment?: string | undefined },
): Promise<void> {
  await house.db.tenant(caller.tenantId, async (tx) => {
    await cases.decide(tx, { id, tenantId: caller.tenantId }, { ...decision, actor: actorOf(caller) })
    const details = { reason: decision.reason ?? null }
    await audit(tx, caller.tenantId, {
      actor: actorOf(caller),
      action: `case.${decision.kind}`,
      subject: `case:${id}`,
      details,
    })
  })
}

/** The signer's own words under the statements; the machine never fills them in. */
export interface SignerStatements {
  readonly goodFaith: true
  readonly accuracy: true
  readonly authority: true
  readonly signatureText: string
}

/** The statements as a person with the signer's role makes them. @throws {Problem} auth/forbidden, request/invalid. */
function madeBy(caller: Caller, given: SignerStatements, signedAt: Date): MadeStatements {
  if (caller.kind !== 'member' || !hasRole(caller, 'signer')) {
    throw new Problem('auth/forbidden', 'Only a person with the signer’s role can make the statements')
  }
  const { member } = caller
  const signatureText = given.signatureText.trim()
  if (nameKey(signatureText.replace(/^\/s\//, '')) !== nameKey(member.name)) {
    throw new Problem('request/invalid', `Sign with your name: /s/ ${member.name}`, {
      faults: [{ pointer: '/statements/signatureText', detail: `must be /s/ ${member.name}` }],
    })
  }
  return { signer: member, signatureText: `/s/ ${member.name}`, signedAt }
}

/**
 * Issues a report of a case: frozen, numbered, and a new version each time. Without statements they
 * stay open for a signer; with them the caller signs.
 *
 * @throws {Problem} row/unknown, row/stage (dismissed case), auth/forbidden, request/invalid.
 */
export async function issueReport(
  house: House,
  caller: Caller,
  id: CaseId,
  statements?: SignerStatements,
): Promise<StoredReport> {
  const issuedAt = new Date()
  const made = statements && madeBy(caller, statements, issuedAt)
  return house.db.tenant(caller.tenantId, async (tx) => {
    const { opened, recording, matches } = await dossierOf(tx, id)
    if (opened.state === 'dismissed') {
      throw new Problem(
        'row/stage',
        `Case ${opened.number} is dismissed; reopen it before a report is issued`,
      )
    }
    const tenant = await findTenant(tx, caller.tenantId)
    if (!tenant) throw new Error('a caller without a tenant')
    const version = await nextVersion(tx, id)
    const parts = { opened, recording, finds: matches, tenant, version, issuedAt, serviceVersion, made }
    const report = await keepReport(tx, caller.tenantId, {
      document: composeReport(parts),
      issuedBy: actorOf(caller),
    })
    const details = { version, sha256: report.documentSha256, statements: report.statements }
    await audit(tx, caller.tenantId, {
      actor: actorOf(caller),
      action: 'report.issued',
      subject: `case:${id}`,
      details,
    })
    return report
  })
}
