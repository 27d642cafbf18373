import type { NoticeDocument, NoticeLocation } from '../../notice.ts'
import type { XarfType } from './schema.ts'

/** What somebody knows of a location beside its document, where XARF asks for it. */
export type KnownPlace =
  | { readonly type: 'copyright' | 'ugc_platform' | 'cyberlocker' | 'link_site' }
  | {
      readonly type: 'usenet'
      readonly newsgroup: string
      readonly messageId: string
      readonly subject?: string
    }

/** A path that ends like this is the file itself, as plain web servers give it. */
const MEDIA_PATH = /\.(?:mp3|flac|wav|m4a|aac|ogg|opus|wma|aiff?|mp4|mkv|webm|zip|rar|7z)(?:[?#]|$)/i
const NEWS = /^(?:news|nntp|snews):/i

/**
 * Which of XARF's six copyright types a location is. A swarm and a newsgroup are told by the address; what a search
 * engine is asked about is a link, whatever it leads to; on a platform people show what they uploaded. A page in front
 * of an address that names no media file speaks of a file host; everything else is a web server. What is known of the
 * place goes before all guesses.
 */
export function xarfTypeOf(
  { url, pageUrl }: NoticeLocation,
  role: NoticeDocument['recipient']['role'],
  known?: KnownPlace,
): XarfType {
  if (known) return known.type
  if (/^magnet:/i.test(url)) return 'p2p'
  if (NEWS.test(url)) return 'usenet'
  if (role === 'search_engine') return 'link_site'
  if (role === 'platform') return 'ugc_platform'
  return pageUrl !== undefined && !MEDIA_PATH.test(url) ? 'cyberlocker' : 'copyright'
}
