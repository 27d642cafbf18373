/** What the samples below unpack to. */
export const packedText = 'The sample says the same again. '.repeat(40)

/** The text as bzip2, xz and zstd pack it; Node has none of them. */
export const packedSamples = {
  bzip2: Buffer.from(
    'QlpoOTFBWSZTWbCrq0kAAJ+TgEABBAAi50wgIABwUwAAFKpHpNNP1T1HAmgT6JgmgnQnkVYJ2EwT4JsTBPAmxOAmxOhPwmAmhP4u5IpwoSFhV1aS',
    'base64',
  ),
  xz: Buffer.from(
    '/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4AT/AChdACoaCKIDNYSkxhhdi6R6SNB92ZY/mlM+Y1a4Lsxx3HQX7hpaeejFowAAYt8uAapD11kAAUSACgAAAFHMx4mxxGf7AgAAAAAEWVo=',
    'base64',
  ),
  zstd: Buffer.from('KLUv/WQABCUBANBUaGUgc2FtcGxlIHNheXMgdGUgYWdhaW4uIAIA3Qz1z8HmEhMEiTw=', 'base64'),
} as const

/** 45 MB of zeros in one block of bzip2. */
export const bzip2Bomb = Buffer.from(
  'QlpoOTFBWSZTWckBtsgBWKtAIMAAEAAACCAAMMwFKaZSSFJsVJIUni7kinChIZIDbZA=',
  'base64',
)

/** So many bytes that are all alike, as Zstandard blocks of four bytes for each 128 KiB (RFC 8878 §3.1.1.2.3). */
export function zstdBomb(bytes: number): Buffer {
  const block = 128 * 1024
  const count = Math.ceil(bytes / block)
  const blocks = Buffer.alloc(4 * count)
  for (let index = 0; index < count; index++)
    blocks.writeUIntLE(block * 8 + 2 + (index === count - 1 ? 1 : 0), index * 4, 3)
  // A window of 1 MiB, and no size said.
  return Buffer.concat([Buffer.from('28b52ffd0050', 'hex'), blocks])
}
