import { z } from 'zod'

import { isrc, sha256 } from '../../../core/document-fields.ts'

/** What an item of evidence may have, decoded, and all of them together. */
const EVIDENCE_BYTES_MAX = 5_242_880
const EVIDENCE_ITEMS_MAX = 50

/** Strings that other systems check as URIs (RFC 3986): ASCII, and nothing that has to be escaped. */
const uri = z.string().regex(/^[a-z][a-z0-9+.-]*:[A-Za-z0-9\-._~:/?#@!$&'()*+,;=%[\]]+$/i)

const Contact = z.strictObject({ org: z.string().min(1).max(200), contact: z.email(), domain: z.hostname() })

const EvidenceItem = z.strictObject({
  content_type: z.string(),
  description: z.string().max(500),
  payload: z.base64(),
  hash: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  size: z.int().min(0).max(EVIDENCE_BYTES_MAX),
})
export type XarfEvidence = z.infer<typeof EvidenceItem>

const core = {
  xarf_version: z.literal('4.2.0'),
  report_id: z.uuidv4(),
  timestamp: z.iso.datetime(),
  reporter: Contact,
  sender: Contact,
  source_identifier: z.string().min(1).max(255),
  source_port: z.int().min(1).max(65_535).optional(),
  category: z.literal('copyright'),
  evidence: z.array(EvidenceItem).max(EVIDENCE_ITEMS_MAX),
  tags: z.array(z.string().regex(/^[a-z0-9][a-z0-9_+-]*:[a-z0-9][a-z0-9_+-]*$/)).max(20),
  confidence: z.number().min(0).max(1),
  description: z.string().max(1000),
  work_title: z.string().min(1).max(500),
  rights_holder: z.string().min(1).max(200),
  // The format has no field for them; its top level is open.
  x_notice: z.string(),
  x_case: z.string(),
  x_document_sha256: sha256(),
  x_isrc: isrc().optional(),
}
const work_category = z.literal('music')
const infringing_url = uri

const FileInfo = z.strictObject({
  filename: z.string().max(500).optional(),
  file_size: z.int().min(0).optional(),
  file_hash: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/)
    .optional(),
})
const UploaderInfo = z.strictObject({ username: z.string().max(200) })

/** An XARF 4.2 report of one incident of one of the six copyright types, as far as we fill it. */
export const XarfReport = z.discriminatedUnion('type', [
  z.strictObject({
    ...core,
    type: z.literal('copyright'),
    infringing_url,
    original_url: uri.optional(),
    evidence_source: z.literal('automated_crawl'),
    infringement_type: z.enum(['direct_copy', 'modified_copy']),
  }),
  z.strictObject({
    ...core,
    type: z.literal('ugc_platform'),
    infringing_url,
    work_category,
    platform_name: z.string().min(1).max(200),
    uploader_info: UploaderInfo.optional(),
    infringement_type: z.enum(['full_work', 'substantial_portion', 'remix_unauthorized']),
    evidence_source: z.literal('fingerprint_match'),
    match_details: z.strictObject({
      match_confidence: z.number().min(0).max(1),
      match_duration: z.int().min(0).describe('Seconds'),
      match_percentage: z.number().min(0).max(100).describe('Of the copy'),
      reference_id: z.string().max(200).optional(),
    }),
  }),
  z.strictObject({
    ...core,
    type: z.literal('cyberlocker'),
    infringing_url,
    work_category,
    hosting_service: z.string().min(1).max(200),
    file_info: FileInfo.optional(),
    uploader_info: UploaderInfo.optional(),
    evidence_source: z.literal('automated_crawl'),
  }),
  z.strictObject({
    ...core,
    type: z.literal('link_site'),
    infringing_url,
    work_category,
    site_name: z.string().min(1).max(200),
    site_category: z.enum(['direct_download_links', 'search_engine', 'torrent_index', 'other']),
    linked_content: z
      .array(
        z.strictObject({
          target_url: uri,
          link_type: z.enum(['direct_download', 'magnet_link', 'other']),
          hosting_service: z.string().max(200).optional(),
          file_size: z.int().min(0).optional(),
        }),
      )
      .min(1)
      .max(50),
    evidence_source: z.literal('automated_crawl'),
  }),
  z.strictObject({
    ...core,
    type: z.literal('p2p'),
    work_category,
    p2p_protocol: z.enum(['bittorrent', 'edonkey', 'other']),
    swarm_info: z.strictObject({
      info_hash: z
        .string()
        .regex(/^[0-9a-f]{40}$/)
        .optional(),
      magnet_uri: uri.regex(/^magnet:\?xt=urn:/),
      torrent_name: z.string().max(500).optional(),
      total_size: z.int().min(0).optional(),
    }),
    detection_method: z.literal('fingerprinting'),
    evidence_source: z.literal('automated_crawl'),
  }),
  z.strictObject({
    ...core,
    type: z.literal('usenet'),
    work_category,
    newsgroup: z.string().min(1).max(200),
    message_info: z.strictObject({
      message_id: z.string().min(1).max(500),
      subject: z.string().max(500).optional(),
      file_size: z.int().min(0).optional(),
    }),
    detection_method: z.literal('content_sampling'),
    evidence_source: z.literal('automated_monitoring'),
  }),
])
export type XarfReport = z.infer<typeof XarfReport>
export type XarfType = XarfReport['type']
