import { canonicalUrlOf } from '../../submissions/canonical-url.ts'

/** What YouTube calls a video, as data sets list it without an address. */
const VIDEO_ID = /^[\w-]{11}$/

/** Longer texts are no addresses that anybody wrote down. */
const ADDRESS_LENGTH_MAX = 2_000

/** The key by which two addresses are one place; a bare video id is that of its video. Undefined for other texts. */
export function addressKeyOf(address: string): string | undefined {
  if (address.length > ADDRESS_LENGTH_MAX) return undefined
  if (VIDEO_ID.test(address)) return canonicalUrlOf(`https://www.youtube.com/watch?v=${address}`)
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) return undefined
  return canonicalUrlOf(address)
}
