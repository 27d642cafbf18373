import { loadReferences } from '../catalog/references.ts'
import type { NoticeId } from '../core/ids.ts'
import { RecordingId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import type { Notice } from '../notices/notice-row.ts'
import type { NoticeDocument } from '../notices/notice.ts'
import {
  type ReferenceFingerprint,
  type RenderFormat,
  type RenderedNotice,
  renderFormats,
  renderNotice,
} from '../notices/render/render.ts'
import { findSigned } from '../notices/store.ts'
import type { Caller } from '../tenants/tenant.ts'
import type { House } from './house.ts'
import { lookAtNotice } from './notices.ts'

/** Forms that people read before they sign. All others are for recipients, and nothing unsigned is for them. */
export const unsignedFormats: ReadonlySet<RenderFormat> = new Set(['json', 'text', 'pdf', 'csv', 'hand'])

/** What a notice that nobody has signed would say. @throws {Problem} row/stage for forms that recipients get. */
async function preview(
  house: House,
  caller: Caller,
  id: NoticeId,
  format: RenderFormat,
): Promise<NoticeDocument> {
  const { notice, checked } = await lookAtNotice(house, caller, id)
  if (!checked) throw new Problem('row/stage', `Notice ${notice.number} was dropped before it was signed`)
  if (unsignedFormats.has(format)) return checked.subject.document
  throw new Problem(
    'row/stage',
    `Notice ${notice.number} is not signed: as ${format} it can be had afterwards`,
  )
}

/** The references of the works, which only the stay-down package takes along. */
async function fingerprintsOf(
  { db }: House,
  tenantId: Notice['tenantId'],
  { works }: NoticeDocument,
): Promise<ReadonlyMap<string, ReferenceFingerprint>> {
  const ids = works.map(({ workId }) => RecordingId.parse(workId))
  const references = await db.tenant(tenantId, (tx) => loadReferences(tx, ids))
  return new Map(references.map((reference) => [reference.recordingId, reference]))
}

/**
 * A notice as a file in one of the forms that recipients take; of an unsigned one those that people read.
 *
 * @throws {Problem} row/unknown; row/stage (not signed); request/not-acceptable for an unknown form, or one that cannot
 *   carry this notice.
 */
export async function renderingOf(
  house: House,
  caller: Caller,
  id: NoticeId,
  wanted: string,
): Promise<RenderedNotice> {
  const format = renderFormats.find((known) => known === wanted)
  if (!format)
    throw new Problem(
      'request/not-acceptable',
      `There is no form ${wanted}; there are ${renderFormats.join(', ')}`,
    )
  const signed = await house.db.tenant(caller.tenantId, (tx) => findSigned(tx, id))
  const document = signed?.document ?? (await preview(house, caller, id, format))
  return renderNotice(document, format, {
    ...(signed && { documentText: signed.documentText, documentSha256: signed.documentSha256 }),
    ...(signed?.sentAt && { sentAt: signed.sentAt }),
    ...(format === 'stay-down' && {
      referenceFingerprints: await fingerprintsOf(house, caller.tenantId, document),
    }),
  })
}
