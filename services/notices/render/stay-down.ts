import { z } from 'zod'

import { isrc, line, milliseconds, sha256, utc } from '../../core/document-fields.ts'
import type { NoticeDocument, NoticeWork } from '../notice.ts'
import type { ReferenceFingerprint } from './render-facts.ts'

/**
 * What a platform needs to keep a work from coming back: the data that Article 17(4) of Directive (EU) 2019/790 calls
 * relevant and necessary information.
 */
export const StayDownPackage = z.strictObject({
  schema: z.literal('earwitness/stay-down/1'),
  notice: line(40).describe('Number of the notice it belongs to'),
  issuedAt: utc(),
  sender: line(200),
  works: z
    .array(
      z.strictObject({
        title: line(500),
        artists: z.array(line(300)),
        rightsHolder: line(300),
        rightType: z.literal('sound_recording'),
        isrc: isrc().optional(),
        iswc: z.string().optional(),
        gtin: z.string().optional(),
        releaseTitle: line(500).optional(),
        label: line(300).optional(),
        pLine: line(300).optional(),
        durationMs: milliseconds().optional(),
        officialUrl: z.string().optional(),
        basis: z.enum(['owner', 'exclusive_licensee', 'agent']),
        territories: z.array(line(40)),
        validFrom: z.iso.date().optional(),
        validTo: z.iso.date().optional(),
        policy: z.literal('block'),
        fileSha256: z.array(sha256()).describe('Copies of it that were found'),
        reference: z
          .strictObject({
            format: z.literal('earwitness-fingerprint'),
            engineVersion: z.int(),
            fingerprint: z.base64(),
          })
          .optional()
          .describe('Fingerprint of the recording, in the format of the matching engine'),
      }),
    )
    .min(1),
})
export type StayDownPackage = z.infer<typeof StayDownPackage>

/** The works of a notice as data for a platform's own recognition, with a reference where one is given. */
export const renderStayDown = (
  document: NoticeDocument,
  references: ReadonlyMap<string, ReferenceFingerprint> = new Map(),
): StayDownPackage => ({
  schema: 'earwitness/stay-down/1',
  notice: document.number,
  issuedAt: document.issuedAt,
  sender: document.complainant.name,
  works: document.works.map((work) => stayDownWork(document, work, references.get(work.workId))),
})

function stayDownWork(
  { locations }: NoticeDocument,
  { workId, kind, registrationNumber: _, authority, ...work }: NoticeWork,
  reference: ReferenceFingerprint | undefined,
): StayDownPackage['works'][number] {
  const { basis, territories, validFrom, validTo } = authority
  const hashes = locations.filter(({ workIds }) => workIds.includes(workId)).map(({ sha256 }) => sha256)
  return {
    ...work,
    rightType: kind,
    basis,
    territories,
    ...(validFrom ? { validFrom } : {}),
    ...(validTo ? { validTo } : {}),
    policy: 'block',
    fileSha256: [...new Set(hashes.filter((hash) => hash !== undefined))],
    ...(reference
      ? {
          reference: {
            format: 'earwitness-fingerprint',
            engineVersion: reference.engineVersion,
            fingerprint: Buffer.from(reference.fingerprint).toString('base64'),
          },
        }
      : {}),
  }
}
