import { detectText } from './text-kind.ts'

/** What can be done with a file; `audio-or-video` are containers whose tracks only a decoder can tell. */
export type FileKind =
  | 'audio'
  | 'video'
  | 'audio-or-video'
  | 'image'
  | 'archive'
  | 'html'
  | 'text'
  | 'torrent'
  | 'unknown'

export interface DetectedFile {
  readonly kind: FileKind
  /** Short name of the format, `unknown` when it is not recognised. */
  readonly format: string
  /** What the bytes are; the claim of whoever sent them plays no part. */
  readonly mediaType: string
}

/** How much of a file's beginning `detectFileKind` wants: two of the longest MPEG audio frames after some padding. */
export const FILE_HEAD_BYTES = 8_192

const file = (kind: FileKind, format: string, mediaType: string): DetectedFile => ({
  kind,
  format,
  mediaType,
})

const unknown = file('unknown', 'unknown', 'application/octet-stream')

/** `magic` (one character for each byte) stands at byte `at`, and `also` at another place where one is not enough. */
interface Signature {
  readonly magic: string
  readonly at?: number
  readonly also?: { readonly magic: string; readonly at: number }
  readonly is: DetectedFile
}

const riff = (form: string, is: DetectedFile): Signature => ({
  magic: 'RIFF',
  also: { magic: form, at: 8 },
  is,
})
const wav = file('audio', 'wav', 'audio/wav')
const aiff = file('audio', 'aiff', 'audio/aiff')
const caf = file('audio', 'caf', 'audio/x-caf')
const tiff = file('image', 'tiff', 'image/tiff')
const zip = file('archive', 'zip', 'application/zip')
const gif = file('image', 'gif', 'image/gif')

/** Formats that begin with fixed bytes, as their specifications (or `file(1)`, where there is none) give them. */
const signatures: readonly Signature[] = [
  { magic: 'fLaC', is: file('audio', 'flac', 'audio/flac') },
  riff('WAVE', wav),
  { magic: 'RF64', also: { magic: 'WAVE', at: 8 }, is: wav },
  { magic: 'BW64', also: { magic: 'WAVE', at: 8 }, is: wav },
  { magic: 'FORM', also: { magic: 'AIFF', at: 8 }, is: aiff },
  { magic: 'FORM', also: { magic: 'AIFC', at: 8 }, is: aiff },
  { magic: 'caff\0\x01', is: caf },
  { magic: '.snd\0', is: file('audio', 'au', 'audio/basic') },
  { magic: 'wvpk', is: file('audio', 'wavpack', 'audio/x-wavpack') },
  { magic: 'MAC ', also: { magic: '\x0f', at: 5 }, is: file('audio', 'ape', 'audio/x-ape') },
  { magic: 'TTA1\x01\0', is: file('audio', 'tta', 'audio/x-tta') },
  { magic: 'MPCK', is: file('audio', 'musepack', 'audio/x-musepack') },
  { magic: 'MP+\x07', is: file('audio', 'musepack', 'audio/x-musepack') },
  { magic: 'DSD \x1c\0', is: file('audio', 'dsf', 'audio/x-dsf') },
  { magic: '#!AMR', is: file('audio', 'amr', 'audio/amr') },
  { magic: '\x0b\x77', is: file('audio', 'ac3', 'audio/ac3') },
  { magic: '\x7f\xfe\x80\x01', is: file('audio', 'dts', 'audio/vnd.dts') },
  { magic: '\x30\x26\xb2\x75\x8e\x66\xcf\x11', is: file('audio-or-video', 'asf', 'video/x-ms-asf') },
  riff('AVI ', file('video', 'avi', 'video/x-msvideo')),
  { magic: 'FLV\x01', is: file('audio-or-video', 'flv', 'video/x-flv') },
  { magic: '\0\0\x01\xba', is: file('video', 'mpeg-ps', 'video/mpeg') },
  { magic: '\0\0\x01\xb3', is: file('video', 'mpeg-video', 'video/mpeg') },
  { magic: '\xff\xd8\xff', is: file('image', 'jpeg', 'image/jpeg') },
  { magic: '\x89PNG\r\n\x1a\n', is: file('image', 'png', 'image/png') },
  { magic: 'GIF87a', is: gif },
  { magic: 'GIF89a', is: gif },
  riff('WEBP', file('image', 'webp', 'image/webp')),
  { magic: 'II*\0', is: tiff },
  { magic: 'MM\0*', is: tiff },
  { magic: '%PDF-', is: file('unknown', 'pdf', 'application/pdf') },
  { magic: 'PK\x03\x04', is: zip },
  { magic: 'PK\x05\x06', is: zip },
  { magic: 'PK\x07\x08', is: zip },
  { magic: 'Rar!\x1a\x07', is: file('archive', 'rar', 'application/vnd.rar') },
  { magic: '7z\xbc\xaf\x27\x1c', is: file('archive', '7z', 'application/x-7z-compressed') },
  { magic: '\x1f\x8b\x08', is: file('archive', 'gzip', 'application/gzip') },
  { magic: '\x28\xb5\x2f\xfd', is: file('archive', 'zstd', 'application/zstd') },
  { magic: 'BZh', also: { magic: '1AY&SY', at: 4 }, is: file('archive', 'bzip2', 'application/x-bzip2') },
  { magic: '\xfd7zXZ\0', is: file('archive', 'xz', 'application/x-xz') },
  { magic: 'ustar', at: 257, is: file('archive', 'tar', 'application/x-tar') },
]

/**
 * Tells a file's kind from its first bytes (`FILE_HEAD_BYTES` of them, or all when the file is shorter). Neither a
 * name nor a claimed media type is looked at: both are chosen by whoever handed the file in. Formats that are
 * known and cannot be examined, such as PDF, have the kind `unknown` and their own format.
 */
export function detectFileKind(head: Uint8Array): DetectedFile {
  const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString('latin1')
  return bySignature(text) ?? byContainer(text) ?? byMpegFrames(head, text) ?? detectText(head) ?? unknown
}

function bySignature(text: string): DetectedFile | undefined {
  return signatures.find(
    ({ magic, at = 0, also }) =>
      text.startsWith(magic, at) && (also === undefined || text.startsWith(also.magic, also.at)),
  )?.is
}

/** Containers whose header says more than that it is one. */
function byContainer(text: string): DetectedFile | undefined {
  if (text.startsWith('OggS')) return oggKind(text)
  if (text.startsWith('\x1a\x45\xdf\xa3'))
    return text.slice(0, 64).includes('webm')
      ? file('audio-or-video', 'webm', 'video/webm')
      : file('audio-or-video', 'matroska', 'video/x-matroska')
  // A transport stream is packets of 188 bytes that each begin with G; one G alone begins many a text.
  if (text.length > 376 && text[0] === 'G' && text[188] === 'G' && text[376] === 'G')
    return file('audio-or-video', 'mpeg-ts', 'video/mp2t')
  const box = text.slice(4, 8)
  if (box === 'ftyp' && text.startsWith('\0\0')) return mp4Kind(text)
  // QuickTime files from before `ftyp` begin with one of these boxes, and its length is what no text begins with.
  return text.slice(0, 4).includes('\0') && ['moov', 'mdat', 'wide'].includes(box)
    ? file('audio-or-video', 'mov', 'video/quicktime')
    : undefined
}

/** Ogg names its codecs in the first page of each stream; the video's page comes first when there is one (RFC 3533). */
function oggKind(text: string): DetectedFile {
  if (text.includes('\x80theora')) return file('video', 'ogg-theora', 'video/ogg')
  if (text.includes('OpusHead')) return file('audio', 'ogg-opus', 'audio/ogg')
  if (text.includes('\x01vorbis')) return file('audio', 'ogg-vorbis', 'audio/ogg')
  if (text.includes('\x7fFLAC')) return file('audio', 'ogg-flac', 'audio/ogg')
  if (text.includes('Speex   ')) return file('audio', 'ogg-speex', 'audio/ogg')
  return file('audio-or-video', 'ogg', 'application/ogg')
}

/** ISO base media (ISO/IEC 14496-12): the major brand follows the `ftyp` box's name. */
function mp4Kind(text: string): DetectedFile {
  const brand = text.slice(8, 12)
  if (/^(?:M4A |M4B |M4P )$/.test(brand)) return file('audio', 'm4a', 'audio/mp4')
  if (/^(?:avif|avis)$/.test(brand)) return file('image', 'avif', 'image/avif')
  if (/^(?:hei[cxms]|hev[cxms]|mif1|msf1)$/.test(brand)) return file('image', 'heif', 'image/heif')
  if (brand === 'qt  ') return file('audio-or-video', 'mov', 'video/quicktime')
  return file('audio-or-video', 'mp4', 'video/mp4')
}

const mp3 = file('audio', 'mp3', 'audio/mpeg')
const aac = file('audio', 'aac-adts', 'audio/aac')

/** Bare MPEG audio: an ID3v2 tag, or two frames that follow each other. One alone begins like UTF-16 text. */
function byMpegFrames(head: Uint8Array, text: string): DetectedFile | undefined {
  const tagged = ['ID3\x02', 'ID3\x03', 'ID3\x04'].some((magic) => text.startsWith(magic))
  let at = tagged ? 10 + synchsafe(head, 6) : 0
  if (text.startsWith('fLaC', at)) return file('audio', 'flac', 'audio/flac')
  while (head[at] === 0) at += 1 // Some encoders pad the start, or the end of the tag, with zeros.
  for (const [frameBytes, is] of [[mp3FrameBytes, mp3] as const, [adtsFrameBytes, aac] as const]) {
    const length = frameBytes(head, at)
    if (length !== undefined && frameBytes(head, at + length) !== undefined) return is
  }
  return tagged ? mp3 : undefined // A picture fills the head; nearly all tags of this kind are on MP3.
}

/** ID3v2 lengths have seven bits in each of four bytes. */
const synchsafe = (head: Uint8Array, at: number): number =>
  [0, 1, 2, 3].reduce((sum, i) => sum * 128 + ((head[at + i] ?? 0) & 127), 0)

/** Bit rates in kbit/s by version and layer, index 1 to 14 (ISO/IEC 11172-3 and 13818-3). */
const bitRates: Readonly<Record<'1.1' | '1.2' | '1.3' | '2.1' | '2.23', readonly number[]>> = {
  '1.1': [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
  '1.2': [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  '1.3': [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  '2.1': [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
  '2.23': [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
}
const sampleRatesHz = [44_100, 48_000, 32_000] as const

/** Length of the MPEG audio frame (layers 1 to 3) at a position; undefined when there is none. */
export function mp3FrameBytes(head: Uint8Array, at: number): number | undefined {
  const [b0 = 0, b1 = 0, b2 = 0] = head.subarray(at, at + 3)
  const version = (b1 >> 3) & 3 // 0: 2.5, 1: reserved, 2: 2, 3: 1
  const layer = 4 - ((b1 >> 1) & 3) // 4: reserved
  const sampleRate = sampleRatesHz[(b2 >> 2) & 3]
  if (b0 !== 0xff || b1 < 0xe0 || version === 1 || layer === 4 || sampleRate === undefined) return undefined
  const table =
    version === 3 ? (`1.${layer as 1 | 2 | 3}` as const) : layer === 1 ? ('2.1' as const) : ('2.23' as const)
  const bitRate = bitRates[table][(b2 >> 4) - 1]
  if (bitRate === undefined) return undefined
  const rate = version === 3 ? sampleRate : version === 2 ? sampleRate / 2 : sampleRate / 4
  const padding = (b2 >> 1) & 1
  if (layer === 1) return (Math.floor((12_000 * bitRate) / rate) + padding) * 4
  const samplesPerByte = layer === 3 && version !== 3 ? 72_000 : 144_000
  return Math.floor((samplesPerByte * bitRate) / rate) + padding
}

/** Length of the AAC frame in ADTS (ISO/IEC 13818-7) at a position; undefined when there is none. */
export function adtsFrameBytes(head: Uint8Array, at: number): number | undefined {
  const [b0 = 0, b1 = 0, b2 = 0, b3 = 0, b4 = 0, b5 = 0] = head.subarray(at, at + 6)
  const sampleRateIndex = (b2 >> 2) & 15
  if (b0 !== 0xff || (b1 & 0xf6) !== 0xf0 || sampleRateIndex > 12) return undefined
  const length = ((b3 & 3) << 11) | (b4 << 3) | (b5 >> 5)
  return length > 7 ? length : undefined
}
