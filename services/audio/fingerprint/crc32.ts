const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xed_b8_83_20 : value >>> 1
  return value >>> 0
})

/** CRC-32 as in IEEE 802.3, zlib and PNG; an unsigned 32-bit number. Guards against accidents, not forgers. */
export function crc32(bytes: Uint8Array): number {
  let value = 0xff_ff_ff_ff
  for (let index = 0; index < bytes.length; index++) {
    value = table[(value ^ bytes[index]!) & 255]! ^ (value >>> 8)
  }
  return (value ^ 0xff_ff_ff_ff) >>> 0
}
