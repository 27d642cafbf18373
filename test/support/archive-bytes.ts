/** A file to be put into an archive, and the lies that are to be told of it. */
export interface Packed {
  readonly name: string | Buffer
  readonly bytes?: Buffer | undefined
}

/** Numbers as all archives have them: the lowest byte first. */
export const u16 = (value: number): Buffer => Buffer.from([value & 255, (value >> 8) & 255])
/** As `u16`. */
export const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value >>> 0)
  return bytes
}
/** As `u16`. */
export const u64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}
/** A name in UTF-8, or in the bytes that it is given in. */
export const nameBytes = (name: string | Buffer): Buffer =>
  typeof name === 'string' ? Buffer.from(name) : name
