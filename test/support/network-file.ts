/** What an MMDB file says of a network. */
type Value = string | number | { readonly [name: string]: Value }

/** The type in the highest three bits, the length in the others; from 29 on in a further byte (MaxMind DB format 2.0). */
const control = (type: 2 | 6 | 7, length: number): Buffer =>
  Buffer.from(length < 29 ? [(type << 5) | length] : [(type << 5) | 29, length - 29])

function encode(value: Value): Buffer {
  if (typeof value === 'string')
    return Buffer.concat([control(2, Buffer.byteLength(value)), Buffer.from(value)])
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(value)
    return Buffer.concat([control(6, 4), bytes])
  }
  const entries = Object.entries(value)
  return Buffer.concat([
    control(7, entries.length),
    ...entries.flatMap(([name, each]) => [encode(name), encode(each)]),
  ])
}

/** An MMDB file by which all IPv4 addresses that begin with some bits are in one network, and no others are known. */
export function networkFile(prefix: { readonly address: string; readonly bits: number }, row: Value): Buffer {
  const bytes = prefix.address.split('.').map(Number)
  const nodes = Buffer.alloc(prefix.bits * 6)
  for (let bit = 0; bit < prefix.bits; bit++) {
    const isLast = bit === prefix.bits - 1
    // A record is a node, the number of nodes for "not known", or that number and 16 more for the first of the data.
    const there = isLast ? prefix.bits + 16 : bit + 1
    const isRight = (((bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) === 1
    nodes.writeUIntBE(isRight ? prefix.bits : there, bit * 6, 3)
    nodes.writeUIntBE(isRight ? there : prefix.bits, bit * 6 + 3, 3)
  }
  const metadata = encode({
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1_700_000_000,
    database_type: 'Sample',
    ip_version: 4,
    node_count: prefix.bits,
    record_size: 24,
  })
  const marker = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1')
  return Buffer.concat([nodes, Buffer.alloc(16), encode(row), marker, metadata])
}
