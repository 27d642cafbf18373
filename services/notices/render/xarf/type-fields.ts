import type { NoticeDocument, NoticeLocation, NoticeMatch, NoticeWork } from '../../notice.ts'
import { cut } from '../numbers.ts'
import { asUri, hostOf } from '../uri.ts'
import type { XarfReport, XarfType } from './schema.ts'
import type { KnownPlace } from './type-of-place.ts'

/** One location and the work that it is mostly about. */
export interface Incident {
  readonly document: NoticeDocument
  readonly location: NoticeLocation
  readonly work: NoticeWork
  readonly match: NoticeMatch
  readonly known: KnownPlace | undefined
}

/** Of a recording of which so much was found, the whole was copied: what is missing is silence and fades. */
const WHOLE_SHARE = 0.9
const SERVICE_CHARACTERS_MAX = 200
const INFO_HASH = /[?&]xt=urn:btih:([0-9a-f]{40})(?:&|$)/i
const TOPIC = /[?&](xt=urn:[^&]+)/

type Fields<Type extends XarfType = XarfType> = Type extends XarfType
  ? { readonly type: Type } & Partial<Extract<XarfReport, { type: Type }>>
  : never

/** The fields that one type has beside the core, or why the location cannot be told in this type. */
export function typeFields(type: XarfType, incident: Incident): Fields | { readonly why: string } {
  switch (type) {
    case 'copyright':
      return webServer(incident)
    case 'ugc_platform':
      return platform(incident)
    case 'cyberlocker':
      return fileHost(incident)
    case 'link_site':
      return linkSite(incident)
    case 'p2p':
      return swarm(incident)
    case 'usenet':
      return newsgroup(incident)
  }
}

const isChanged = ({ passages }: NoticeMatch): boolean => passages.some(({ change }) => change !== 'none')

/** The service by the name of who runs it, where the recipient is that; else by its host. */
function serviceName({ document: { recipient, host }, location }: Incident): string {
  const runs = recipient.role === 'platform' || recipient.role === 'search_engine'
  return cut(runs ? recipient.name : (hostOf(location.url) ?? host), SERVICE_CHARACTERS_MAX)
}

const webServer = ({ location, work, match }: Incident): Fields<'copyright'> => ({
  type: 'copyright',
  infringing_url: asUri(location.url),
  ...(work.officialUrl ? { original_url: asUri(work.officialUrl) } : {}),
  evidence_source: 'automated_crawl',
  infringement_type: isChanged(match) ? 'modified_copy' : 'direct_copy',
})

function platform(incident: Incident): Fields<'ugc_platform'> {
  const { location, work, match } = incident
  const matchedMs = match.passages.reduce(
    (sum, { suspectFromMs, suspectToMs }) => sum + suspectToMs - suspectFromMs,
    0,
  )
  return {
    type: 'ugc_platform',
    infringing_url: asUri(location.url),
    work_category: 'music',
    platform_name: serviceName(incident),
    ...uploaderOf(location),
    infringement_type: ugcInfringement(match),
    evidence_source: 'fingerprint_match',
    match_details: {
      match_confidence: match.confidence,
      match_duration: Math.max(0, Math.round(matchedMs / 1000)),
      match_percentage: Math.round(match.shareOfCopy * 1000) / 10,
      ...(work.isrc ? { reference_id: work.isrc } : {}),
    },
  }
}

function ugcInfringement(match: NoticeMatch): 'full_work' | 'substantial_portion' | 'remix_unauthorized' {
  if (isChanged(match)) return 'remix_unauthorized'
  return match.shareOfRecording >= WHOLE_SHARE ? 'full_work' : 'substantial_portion'
}

const uploaderOf = ({ uploader }: NoticeLocation): { uploader_info?: { username: string } } =>
  uploader ? { uploader_info: { username: cut(uploader, 200) } } : {}

function fileHost(incident: Incident): Fields<'cyberlocker'> {
  const { fileName, bytes, sha256, url } = incident.location
  const file = {
    ...(fileName ? { filename: cut(fileName, 500) } : {}),
    ...(bytes === undefined ? {} : { file_size: bytes }),
    ...(sha256 ? { file_hash: `sha256:${sha256}` } : {}),
  }
  return {
    type: 'cyberlocker',
    infringing_url: asUri(url),
    work_category: 'music',
    hosting_service: serviceName(incident),
    ...(Object.keys(file).length > 0 ? { file_info: file } : {}),
    ...uploaderOf(incident.location),
    evidence_source: 'automated_crawl',
  }
}

/** What is to go is the link. Of a page that links, the page is the address and the copy is what it leads to. */
function linkSite(incident: Incident): Fields<'link_site'> {
  const { location, document } = incident
  const target = asUri(location.url)
  const isSearch = document.recipient.role === 'search_engine'
  const isMagnet = target.startsWith('magnet:')
  return {
    type: 'link_site',
    infringing_url: isSearch || !location.pageUrl ? target : asUri(location.pageUrl),
    work_category: 'music',
    site_name: serviceName(incident),
    site_category: isSearch ? 'search_engine' : isMagnet ? 'torrent_index' : 'direct_download_links',
    linked_content: [
      {
        target_url: target,
        link_type: isMagnet ? 'magnet_link' : 'direct_download',
        ...(location.bytes === undefined ? {} : { file_size: location.bytes }),
      },
    ],
    evidence_source: 'automated_crawl',
  }
}

function swarm({ location }: Incident): Fields<'p2p'> | { readonly why: string } {
  const link = asUri(location.url)
  const topic = TOPIC.exec(link)?.[1]
  if (!topic) return { why: 'XARF asks for the topic (xt=urn:…) of a magnet link, and this one has none' }
  // Version 1 only: XARF has no room for the 64 digits of version 2, which stay in the link.
  const infoHash = INFO_HASH.exec(link)?.[1]?.toLowerCase()
  const name =
    new URLSearchParams(location.url.slice(location.url.indexOf('?'))).get('dn') ?? location.fileName
  return {
    type: 'p2p',
    work_category: 'music',
    p2p_protocol: protocolOf(topic),
    swarm_info: {
      ...(infoHash ? { info_hash: infoHash } : {}),
      magnet_uri: topicFirst(link, topic),
      ...(name ? { torrent_name: cut(name, 500) } : {}),
      ...(location.bytes === undefined ? {} : { total_size: location.bytes }),
    },
    detection_method: 'fingerprinting',
    evidence_source: 'automated_crawl',
  }
}

/** The order of a magnet link's parameters means nothing, but XARF wants the topic in front. */
function topicFirst(link: string, topic: string): string {
  const others = link
    .slice(link.indexOf('?') + 1)
    .split('&')
    .filter((part) => part !== topic)
  return `magnet:?${[topic, ...others].join('&')}`
}

function protocolOf(topic: string): 'bittorrent' | 'edonkey' | 'other' {
  if (/urn:bt(?:ih|mh):/i.test(topic)) return 'bittorrent'
  return /urn:ed2k(?:hash)?:/i.test(topic) ? 'edonkey' : 'other'
}

function newsgroup({ location, known }: Incident): Fields<'usenet'> | { readonly why: string } {
  if (known?.type !== 'usenet')
    return { why: 'XARF asks for the newsgroup and the message id of what is on Usenet' }
  return {
    type: 'usenet',
    work_category: 'music',
    newsgroup: cut(known.newsgroup, 200),
    message_info: {
      message_id: known.messageId,
      ...(known.subject ? { subject: cut(known.subject, 500) } : {}),
      ...(location.bytes === undefined ? {} : { file_size: location.bytes }),
    },
    detection_method: 'content_sampling',
    evidence_source: 'automated_monitoring',
  }
}
