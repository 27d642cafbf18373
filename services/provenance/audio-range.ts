/** Bytes of a file, `to` not within. */
export interface ByteRange {
  readonly from: number
  readonly to: number
}

/** Reads bytes of a file; fewer at its end. */
export type ReadAt = (at: number, bytes: number) => Promise<Buffer>

/** Chunks, boxes or metadata blocks before the audio; a file has a dozen. */
const PARTS_MAX = 1_000

/** ID3v2 (id3.org, 2.4.0 section 3.1): lengths have seven bits in each of four bytes; a footer adds ten. */
async function afterId3(read: ReadAt, at: number): Promise<number> {
  const head = await read(at, 10)
  if (head.length < 10 || head.toString('latin1', 0, 3) !== 'ID3') return at
  const size = [6, 7, 8, 9].reduce((sum, i) => sum * 128 + ((head[i] ?? 0) & 127), 0)
  return at + 10 + size + (((head[5] ?? 0) & 16) === 16 ? 10 : 0)
}

/** Before tags at the end of a file: ID3v1, and APEv2 before it. */
async function beforeTail(read: ReadAt, bytes: number): Promise<number> {
  let end = bytes
  if (end >= 128 && (await read(end - 128, 3)).toString('latin1') === 'TAG') end -= 128
  if (end < 32) return end
  const footer = await read(end - 32, 32)
  if (footer.toString('latin1', 0, 8) !== 'APETAGEX') return end
  const hasHeader = (footer.readUInt32LE(20) & 0x8000_0000) !== 0
  return Math.max(0, end - footer.readUInt32LE(12) - (hasHeader ? 32 : 0))
}

/** A frame of layer 3 has at most so many bytes (320 kbit/s at 32 kHz), and the one after it as many. */
const FRAME_BYTES_MAX = 1_441

/**
 * After the frame of silence in which encoders keep length and seek table (LAME's tag, Xing's and Fraunhofer's headers):
 * programs that tag a file write it anew. The next frame begins with the same version, layer and sampling rate.
 */
async function afterInfoFrame(read: ReadAt, at: number): Promise<number> {
  const head = await read(at, 2 * FRAME_BYTES_MAX)
  if (!/Xing|Info|VBRI/.test(head.toString('latin1', 0, 64))) return at
  for (let next = 96; next + 3 < head.length; next++) {
    const isAlike = head[next] === head[0] && head[next + 1] === head[1]
    if (isAlike && (((head[next + 2] ?? 0) ^ (head[2] ?? 0)) & 12) === 0) return at + next
  }
  return at
}

/** MPEG audio and ADTS between the tags at both ends. */
async function framesOf(read: ReadAt, bytes: number): Promise<ByteRange[]> {
  const from = await afterInfoFrame(read, await afterId3(read, 0))
  return [{ from, to: await beforeTail(read, bytes) }]
}

/** The frames of FLAC (RFC 9639) behind its metadata blocks. */
async function flacFrames(read: ReadAt, bytes: number): Promise<ByteRange[]> {
  let at = (await afterId3(read, 0)) + 4
  for (let part = 0; part < PARTS_MAX; part++) {
    const head = await read(at, 4)
    if (head.length < 4) return []
    at += 4 + head.readUIntBE(1, 3)
    if (((head[0] ?? 0) & 128) === 128) return [{ from: at, to: await beforeTail(read, bytes) }]
  }
  return []
}

/** The chunks of RIFF, or boxes of ISO base media, that have a name. */
async function partsNamed(
  read: ReadAt,
  bytes: number,
  layout: { readonly from: number; readonly name: string; readonly isBox: boolean },
): Promise<ByteRange[]> {
  const found: ByteRange[] = []
  let at = layout.from
  for (let part = 0; part < PARTS_MAX && at + 8 <= bytes; part++) {
    const head = await read(at, 16)
    if (head.length < 8) break
    const name = head.toString('latin1', layout.isBox ? 4 : 0, layout.isBox ? 8 : 4)
    const short = layout.isBox ? head.readUInt32BE(0) : head.readUInt32LE(4)
    const isLong = layout.isBox && short === 1 && head.length === 16
    const headBytes = isLong ? 16 : 8
    const whole = layout.isBox
      ? isLong
        ? Number(head.readBigUInt64BE(8))
        : short === 0
          ? bytes - at
          : short
      : short + 8
    if (whole < headBytes) break
    if (name === layout.name) found.push({ from: at + headBytes, to: Math.min(bytes, at + whole) })
    at += layout.isBox ? whole : whole + (whole & 1)
  }
  return found
}

/**
 * Where in a file its audio lies, without names, pictures and padding around it; empty for formats that are not known
 * or files that are damaged.
 *
 * @param format as file-kind.ts names it.
 */
export async function audioRanges(format: string, read: ReadAt, bytes: number): Promise<ByteRange[]> {
  const ranges = await rangesOf(format, read, bytes)
  return ranges.filter(({ from, to }) => to > from)
}

function rangesOf(format: string, read: ReadAt, bytes: number): Promise<ByteRange[]> {
  if (format === 'mp3' || format === 'aac-adts') return framesOf(read, bytes)
  if (format === 'flac') return flacFrames(read, bytes)
  if (format === 'wav') return partsNamed(read, bytes, { from: 12, name: 'data', isBox: false })
  if (format === 'm4a' || format === 'mp4')
    return partsNamed(read, bytes, { from: 0, name: 'mdat', isBox: true })
  return Promise.resolve([])
}
