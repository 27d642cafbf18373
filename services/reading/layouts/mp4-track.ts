/** The sound of an MP4 file: AAC, each sample with its place. */
export interface AacTrack {
  /** Where each sample begins in the file, ascending, and its bytes. */
  readonly offsets: Float64Array
  readonly sizes: Uint32Array
  readonly sampleMs: number
  /** As ADTS has them: the kind of AAC less one, and the index of the sample rate. */
  readonly profile: number
  readonly rateIndex: number
  readonly channels: number
}

/** A day of audio has four million. */
const SAMPLES_MAX = 5_000_000
/** An ADTS frame tells its length in thirteen bits, its own seven bytes included. */
const SAMPLE_BYTES_MAX = 8_191 - 7
const AAC_LOW_COMPLEXITY = 2

/** The first sound track of a table of contents; undefined when it is not AAC of the usual kind, or makes no sense. */
export function aacTrackOf(contents: Buffer): AacTrack | undefined {
  const track = boxesIn(contents.subarray(8), 'trak').find(
    (each) => inside(each, 'mdia', 'hdlr')?.toString('latin1', 8, 12) === 'soun',
  )
  if (!track) return undefined
  const header = inside(track, 'mdia', 'mdhd')
  const table = inside(track, 'mdia', 'minf', 'stbl')
  if (!header || !table || header.length < 24) return undefined
  const timescale = header.readUInt32BE(header[0] === 1 ? 20 : 12)
  const codec = codecOf(inside(table, 'stsd'))
  const places = placesOf(table)
  const ticks = inside(table, 'stts')
  if (!codec || !places || timescale === 0 || !ticks || ticks.length < 16) return undefined
  return { ...codec, ...places, sampleMs: (ticks.readUInt32BE(12) * 1000) / timescale }
}

/** The contents of boxes of a name that lie in these bytes. */
function boxesIn(bytes: Buffer, name: string): Buffer[] {
  const found: Buffer[] = []
  for (let at = 0; at + 8 <= bytes.length;) {
    const length = bytes.readUInt32BE(at)
    if (length < 8 || at + length > bytes.length) break
    if (bytes.toString('latin1', at + 4, at + 8) === name) found.push(bytes.subarray(at + 8, at + length))
    at += length
  }
  return found
}

const inside = (box: Buffer, ...names: readonly string[]): Buffer | undefined =>
  names.reduce<Buffer | undefined>((outer, name) => outer && boxesIn(outer, name)[0], box)

/** From the description of the samples: `mp4a` and in it `esds`, whose descriptors nest (ISO/IEC 14496-1, 7.2.6). */
function codecOf(
  descriptions: Buffer | undefined,
): Pick<AacTrack, 'profile' | 'rateIndex' | 'channels'> | undefined {
  const entry = descriptions && boxesIn(descriptions.subarray(8), 'mp4a')[0]
  const isPlain = entry !== undefined && entry.length > 28 && entry.readUInt16BE(8) === 0
  const stream = isPlain ? inside(entry.subarray(28), 'esds') : undefined
  if (!stream) return undefined
  const elementary = descriptor(stream.subarray(4), 3)
  const decoder = elementary && descriptor(elementary.subarray(3), 4)
  const settings = decoder && decoder[0] === 0x40 ? descriptor(decoder.subarray(13), 5) : undefined
  if (!settings || settings.length < 2) return undefined
  const bits = settings.readUInt16BE(0)
  const [kind, rateIndex, channels] = [bits >> 11, (bits >> 7) & 15, (bits >> 3) & 15]
  if (kind !== AAC_LOW_COMPLEXITY || rateIndex > 12 || channels === 0 || channels > 7) return undefined
  return { profile: kind - 1, rateIndex, channels }
}

/** The contents of a descriptor that begins here; its length has seven bits a byte, the top bit says that more follow. */
function descriptor(bytes: Buffer, tag: number): Buffer | undefined {
  if (bytes[0] !== tag) return undefined
  let [at, length] = [1, 0]
  for (; at < 5; at++) {
    length = length * 128 + ((bytes[at] ?? 0) & 127)
    if ((bytes[at] ?? 0) < 128) break
  }
  return bytes.subarray(at + 1, at + 1 + length)
}

/** Where samples lie: chunks have an offset each, and so many samples one after the other. */
function placesOf(table: Buffer): Pick<AacTrack, 'offsets' | 'sizes'> | undefined {
  const sizesBox = inside(table, 'stsz')
  const runs = inside(table, 'stsc')
  const chunks = chunkOffsets(table)
  if (!sizesBox || !runs || !chunks || sizesBox.length < 12) return undefined
  const count = sizesBox.readUInt32BE(8)
  // Samples of one common size are no AAC, and a few bytes could claim any number of them.
  const isListed = sizesBox.readUInt32BE(4) === 0 && sizesBox.length >= 12 + 4 * count
  if (count === 0 || count > SAMPLES_MAX || !isListed) return undefined
  const sizes = Uint32Array.from({ length: count }, (_, index) => sizesBox.readUInt32BE(12 + 4 * index))
  if (sizes.some((size) => size === 0 || size > SAMPLE_BYTES_MAX)) return undefined
  const offsets = new Float64Array(count)
  const runCount = Math.min(runs.readUInt32BE(4), Math.floor((runs.length - 8) / 12))
  let [sample, run] = [0, 0]
  for (const [index, offset] of chunks.entries()) {
    while (run + 1 < runCount && runs.readUInt32BE(8 + 12 * (run + 1)) <= index + 1) run++
    const inChunk = runCount > 0 ? runs.readUInt32BE(8 + 12 * run + 4) : 0
    let at = offset
    for (let number = 0; number < inChunk && sample < count; number++) {
      if (sample > 0 && at < offsets[sample - 1]!) return undefined // Out of order: places could not be looked up.
      offsets[sample] = at
      at += sizes[sample++]!
    }
  }
  return sample === count ? { offsets, sizes } : undefined
}

function chunkOffsets(table: Buffer): number[] | undefined {
  const short = inside(table, 'stco')
  const long = short ? undefined : inside(table, 'co64')
  const box = short ?? long
  if (!box || box.length < 8) return undefined
  const [size, count] = [short ? 4 : 8, box.readUInt32BE(4)]
  if (box.length < 8 + size * count) return undefined
  return Array.from({ length: count }, (_, index) =>
    short ? box.readUInt32BE(8 + 4 * index) : Number(box.readBigUInt64BE(8 + 8 * index)),
  )
}
