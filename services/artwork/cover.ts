import { Problem } from '../core/problem.ts'
import { HASH_BYTES, type Luminance, cropped, hammingDistance, pdq } from './pdq.ts'

/** What covers are compared by. Hashes are those of `pdq`, `HASH_BYTES` bytes each. */
export interface CoverHashes {
  readonly whole: Uint8Array
  /** Of the middle alone; undefined when that is too plain to be told from others. */
  readonly centre: Uint8Array | undefined
  /** Of the whole, 0 … 100. */
  readonly quality: number
}

/** A part of a cover that has a hash of its own. */
export type CoverPart = 'whole' | 'centre'

/** How alike two covers are. */
export interface CoverComparison {
  /** Of the closest two parts, 0 … 256 bits. */
  readonly distance: number
  /**
   * - `same`: the same picture, even where it was re-encoded, scaled, trimmed or framed
   * - `similar`: worth a look; it may be written over, trimmed otherwise, or another cover of a series
   * - `different`: whatever they share, it is not the picture
   */
  readonly relation: 'same' | 'similar' | 'different'
  /** Which part of the first is closest to which part of the second. */
  readonly parts: readonly [CoverPart, CoverPart]
}

/** Below this a picture is so plain that strangers' hashes meet by chance. The bar that PDQ's authors give. */
const QUALITY_MIN = 50
/** Hashes this close are of the same picture. The distance that PDQ's authors give. */
export const SAME_DISTANCE_MAX = 31
/** A quarter of all bits. Of 150 drawn covers no two come closer than 92 (`npm run bench -- artwork --covers 150`). */
export const SIMILAR_DISTANCE_MAX = 64

/** The middle as a share of each side: what a border or a cut of five percent on each side leaves of a cover. */
const CENTRE_SHARE = 0.9
/** Covers are square. A picture this much longer than wide, or wider than long, shows one in its middle at best. */
const ASPECT_SQUARE_MAX = 1.2

/**
 * The hashes of a cover: of all of it, and of its middle. That is 90 % of each side, so that covers with a narrow
 * border or cut edges are still recognised; of a still or a banner it is the square in the middle.
 *
 * @param picture `aspect` is width by height before shrinking; that of the pixels when not given.
 */
export function coverHashes(picture: Luminance & { readonly aspect?: number }): CoverHashes {
  const { width, height, aspect = width / height } = picture
  const { bits: whole, quality } = pdq(picture)
  const isSquare = Math.max(aspect, 1 / aspect) <= ASPECT_SQUARE_MAX
  const part = {
    width: Math.max(1, Math.round(width * (isSquare ? CENTRE_SHARE : Math.min(1, 1 / aspect)))),
    height: Math.max(1, Math.round(height * (isSquare ? CENTRE_SHARE : Math.min(1, aspect)))),
  }
  const [left, top] = [(width - part.width) >> 1, (height - part.height) >> 1]
  const centre = pdq(cropped(picture, { ...part, left, top }))
  return { whole, centre: centre.quality < QUALITY_MIN ? undefined : centre.bits, quality }
}

/** Whether a cover shows enough to be compared with others. Plain colours and fogs do not. */
export const isComparable = ({ quality }: CoverHashes): boolean => quality >= QUALITY_MIN

/**
 * Compares each part of one cover with each of the other; the closest two decide. Covers are weak evidence: a
 * compilation shares its picture with all its tracks, so that the same cover alone never says who owns a recording.
 *
 * @returns undefined when one of them is too plain: that says neither that they are the same nor that they differ.
 */
export function compareCovers(a: CoverHashes, b: CoverHashes): CoverComparison | undefined {
  if (!isComparable(a) || !isComparable(b)) return undefined
  let closest: Omit<CoverComparison, 'relation'> | undefined
  for (const [partOfA, ofA] of partsOf(a)) {
    for (const [partOfB, ofB] of partsOf(b)) {
      const distance = hammingDistance(ofA, ofB)
      if (!closest || distance < closest.distance) closest = { distance, parts: [partOfA, partOfB] }
    }
  }
  return closest && { ...closest, relation: relationAt(closest.distance) }
}

function partsOf({ whole, centre }: CoverHashes): [CoverPart, Uint8Array][] {
  return centre
    ? [
        ['whole', whole],
        ['centre', centre],
      ]
    : [['whole', whole]]
}

/** What a distance between two hashes says. */
function relationAt(distance: number): CoverComparison['relation'] {
  if (distance <= SAME_DISTANCE_MAX) return 'same'
  return distance <= SIMILAR_DISTANCE_MAX ? 'similar' : 'different'
}

/** A hash as 64 hexadecimal digits, the form that PDQ's other implementations print. */
export const hashToHex = (hash: Uint8Array): string =>
  Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')

/** A hash as 44 characters of base64 (RFC 4648, section 4). */
export const hashToBase64 = (hash: Uint8Array): string => btoa(String.fromCharCode(...hash))

/** A hash from either of its text forms; undefined when the text is neither. */
export function parseHash(text: string): Uint8Array | undefined {
  if (/^[0-9a-f]{64}$/i.test(text))
    return Uint8Array.from({ length: HASH_BYTES }, (_, at) =>
      Number.parseInt(text.slice(2 * at, 2 * at + 2), 16),
    )
  // 32 bytes leave two bits of the last character unused: they are zero in what anybody wrote on purpose.
  if (/^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/.test(text))
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  return undefined
}

/** The first byte of the stored form; counts up when hashes of before can no longer be compared with those after. */
export const COVER_VERSION = 1
const HEAD_BYTES = 2

/** The stored form: version, quality, the hash of the whole and, where there is one, that of the centre; 34 or 66 bytes. */
export function encodeCover({ whole, centre, quality }: CoverHashes): Uint8Array {
  const bytes = new Uint8Array(HEAD_BYTES + HASH_BYTES + (centre ? HASH_BYTES : 0))
  bytes.set([COVER_VERSION, quality])
  bytes.set(whole, HEAD_BYTES)
  if (centre) bytes.set(centre, HEAD_BYTES + HASH_BYTES)
  return bytes
}

/** Reads the stored form. @throws {Problem} `cover/malformed` for anything else, other versions among it. */
export function decodeCover(bytes: Uint8Array): CoverHashes {
  const [version, quality = 0] = bytes
  if (bytes.length > 0 && version !== COVER_VERSION)
    throw new Problem('cover/malformed', `Version ${version} is not known; this is ${COVER_VERSION}`)
  const hashes = (bytes.length - HEAD_BYTES) / HASH_BYTES
  if ((hashes !== 1 && hashes !== 2) || quality > 100)
    throw new Problem('cover/malformed', 'The bytes are not the hashes of a cover')
  // Not `slice`: the database gives a Buffer, whose slices are windows of memory that others use too.
  const hashAt = (from: number): Uint8Array => Uint8Array.from(bytes.subarray(from, from + HASH_BYTES))
  return {
    quality,
    whole: hashAt(HEAD_BYTES),
    centre: hashes === 2 ? hashAt(HEAD_BYTES + HASH_BYTES) : undefined,
  }
}
