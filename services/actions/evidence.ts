import { audit } from '../core/audit.ts'
import type { Tx } from '../core/db.ts'
import { type CapsuleId, type CaseId, Sha256 } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import { renderBsaCertificate } from '../evidence/bsa-certificate.ts'
import type { Capsule } from '../evidence/capsule.ts'
import type { Manifest } from '../evidence/manifest.ts'
import { type CapsuleSubject, askForCapsule, findCapsule } from '../evidence/store.ts'
import { readManifest, sha256OfFile } from '../evidence/verify-file.ts'
import { findCase } from '../matches/case-store.ts'
import { findNotice } from '../notices/store.ts'
import { findTenant } from '../tenants/store.ts'
import { type Caller, actorOf } from '../tenants/tenant.ts'
import { knowsCase } from '../unreleased.ts'
import { type House, ring } from './house.ts'

/** The row of the audit chain that a capsule's history stands under. */
const subjectText = (subject: CapsuleSubject): string =>
  'caseId' in subject ? `case:${subject.caseId}` : `notice:${subject.noticeId}`

/** A capsule names the recording and has its media. @throws {Problem} row/unknown, auth/forbidden. */
async function requireKnown(tx: Tx, caller: Caller, id: CaseId): Promise<void> {
  const opened = await findCase(tx, id)
  if (!opened) throw new Problem('row/unknown', 'No such case')
  if (!knowsCase(caller, opened))
    throw new Problem('auth/forbidden', 'The recording is unreleased: owners and reviewers have its evidence')
}

/** @throws {Problem} row/unknown, auth/forbidden, or row/stage of a notice that nobody has signed. */
async function requireSubject(tx: Tx, caller: Caller, subject: CapsuleSubject): Promise<void> {
  if ('caseId' in subject) return requireKnown(tx, caller, subject.caseId)
  const notice = await findNotice(tx, subject.noticeId)
  if (!notice) throw new Problem('row/unknown', 'No such notice')
  if (!notice.signedAt)
    throw new Problem('row/stage', `Notice ${notice.number} is not signed; a case has a capsule of its own`)
}

/**
 * Has an evidence capsule of a case or a notice built. While one is being built, that is the answer.
 *
 * @throws {Problem} row/unknown, row/stage; auth/forbidden of an unreleased recording, to who may not know of it.
 */
export async function requestCapsule(
  house: House,
  caller: Caller,
  subject: CapsuleSubject,
): Promise<Capsule> {
  const { tenantId } = caller
  const capsule = await house.db.tenant(tenantId, async (tx) => {
    await requireSubject(tx, caller, subject)
    const actor = actorOf(caller)
    const { capsule, isNew } = await askForCapsule(tx, tenantId, subject, actor)
    if (isNew)
      await audit(tx, tenantId, {
        actor,
        action: 'capsule.requested',
        subject: subjectText(subject),
        details: { capsule: capsule.id },
      })
    return capsule
  })
  await ring(house, 'capsule', capsule.id)
  return capsule
}

/** A capsule's file, found to be what was stored. */
export interface OpenedCapsule {
  readonly capsule: Capsule
  readonly path: string
  readonly fileName: string
}

/** @throws {Problem} row/unknown, auth/forbidden, row/stage before it is built, file/gone, evidence/tampered. */
async function open(house: House, caller: Caller, id: CapsuleId, action: string): Promise<OpenedCapsule> {
  const { tenantId } = caller
  const capsule = await house.db.tenant(tenantId, async (tx) => {
    const asked = await findCapsule(tx, id)
    if (!asked) throw new Problem('row/unknown', 'No such capsule')
    if (asked.caseId) await requireKnown(tx, caller, asked.caseId)
    return asked
  })
  const { stage, held, sha256, caseId, noticeId } = capsule
  if (stage !== 'done')
    throw new Problem('row/stage', stage === 'failed' ? 'It could not be built' : 'It is still being built')
  const path = held && sha256 ? await house.blobs.path(Sha256.parse(sha256)) : undefined
  if (path === undefined) throw new Problem('file/gone', 'The file was deleted; have the capsule built again')
  if ((await sha256OfFile(path)) !== sha256)
    throw new Problem('evidence/tampered', 'The stored file has another SHA-256 than when it was written')
  await house.db.tenant(tenantId, async (tx) => {
    const subject = caseId ? subjectText({ caseId }) : noticeId ? subjectText({ noticeId }) : `capsule:${id}`
    await audit(tx, tenantId, { actor: actorOf(caller), action, subject, details: { capsule: id, sha256 } })
  })
  const manifest = await readManifest(path)
  return { capsule, path, fileName: `${fileStem(manifest)}.zip` }
}

const fileStem = ({ subject }: Manifest): string =>
  subject.kind === 'case' ? `capsule-${subject.number}` : `capsule-${subject.number}-v${subject.version}`

/**
 * The file of a capsule; that it was handed out is noted.
 *
 * @throws {Problem} row/unknown, auth/forbidden, row/stage, file/gone, evidence/tampered.
 */
export const downloadCapsule = (house: House, caller: Caller, id: CapsuleId): Promise<OpenedCapsule> =>
  open(house, caller, id, 'capsule.downloaded')

/**
 * The certificate for electronic records under section 63 of the Bharatiya Sakshya Adhiniyam, for a person to complete
 * and to sign: it names every file of a capsule.
 *
 * @throws {Problem} as `downloadCapsule`.
 */
export async function certificateOf(
  house: House,
  caller: Caller,
  id: CapsuleId,
): Promise<{ body: Buffer; fileName: string }> {
  const { capsule, path, fileName } = await open(house, caller, id, 'capsule.certificate-made')
  const manifest = await readManifest(path)
  const tenant = await house.db.tenant(caller.tenantId, (tx) => findTenant(tx, caller.tenantId))
  const body = await renderBsaCertificate({
    tenantName: tenant?.name ?? manifest.tenantName,
    ...(caller.kind === 'member' && { personName: caller.member.name }),
    documentName: fileName,
    manifestSha256: capsule.manifestSha256 ?? '',
    items: manifest.items.map(({ path: name, sha256, bytes, capturedAt }) => ({
      name,
      sha256,
      bytes,
      capturedAt: new Date(capturedAt),
    })),
    at: new Date(),
  })
  return { body, fileName: `${fileStem(manifest)}-bsa63-certificate.pdf` }
}
