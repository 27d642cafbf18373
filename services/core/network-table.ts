import { readFile, stat } from 'node:fs/promises'
import { isIP } from 'node:net'

import { Reader } from 'mmdb-lib'
import { z } from 'zod'

/** The largest such files have some 200 MB; what is longer was not meant. */
const FILE_BYTES_MAX = 512 * 2 ** 20
const NAME_CHARACTERS_MAX = 200

/** In which network an address is; what is not known is left out. */
export interface Network {
  /** Number of the autonomous system (RFC 6793). */
  readonly asn?: number
  /** Who runs it. */
  readonly name?: string
  /** ISO 3166-1 alpha-2. */
  readonly country?: string
}

/** Tells networks without asking anybody. */
export interface NetworkTable {
  networkOf(address: string): Network | undefined
}

const Name = z.string().trim().min(1).max(NAME_CHARACTERS_MAX)
const Country = z.string().regex(/^[A-Z]{2}$/)
const Asn = z.number().int().positive().max(4_294_967_295)

/** The fields that matter, by the names that makers of such files give them; each by itself may be missing or wrong. */
const Row = z.object({
  autonomous_system_number: Asn.optional().catch(undefined),
  autonomous_system_organization: Name.optional().catch(undefined),
  country: z
    .union([z.object({ iso_code: Country }).transform(({ iso_code: code }) => code), Country])
    .optional()
    .catch(undefined),
  country_code: Country.optional().catch(undefined),
  as_name: Name.optional().catch(undefined),
  asn: z
    .union([
      Asn,
      z
        .string()
        .regex(/^AS\d{1,10}$/)
        .transform((text) => Number(text.slice(2))),
    ])
    .optional()
    .catch(undefined),
})

function networkIn(row: unknown): Network {
  const read = Row.safeParse(row)
  if (!read.success) return {}
  const { data } = read
  const asn = data.autonomous_system_number ?? data.asn
  const name = data.autonomous_system_organization ?? data.as_name
  const country = data.country ?? data.country_code
  return {
    ...(asn !== undefined && { asn }),
    ...(name !== undefined && { name }),
    ...(country !== undefined && { country }),
  }
}

/** What a file has about an address; where its data are damaged, nothing. */
function rowOf(reader: Reader<never>, address: string): unknown {
  try {
    return reader.get(address)
  } catch {
    return undefined
  }
}

async function readerOf(path: string): Promise<Reader<never>> {
  const { size } = await stat(path)
  if (size > FILE_BYTES_MAX) throw new Error(`NETWORK_DB: ${path} has more than ${FILE_BYTES_MAX} bytes`)
  try {
    return new Reader<never>(await readFile(path))
  } catch (error) {
    throw new Error(`NETWORK_DB: ${path} is no MMDB file`, { cause: error })
  }
}

/**
 * Opens MMDB files (the MaxMind DB format, 2.0) that the operator has: of what several say, the first counts.
 *
 * @param paths comma list; they are read whole, and again when the program is started again.
 * @throws {Error} when a file is not there or is none.
 */
export async function openNetworkTable(paths: string): Promise<NetworkTable> {
  const files = paths
    .split(',')
    .map((each) => each.trim())
    .filter(Boolean)
  const readers = await Promise.all(files.map(readerOf))
  return {
    networkOf(address) {
      const family = isIP(address)
      if (family === 0) return undefined
      const known = readers
        .filter(({ metadata }) => family === 4 || metadata.ipVersion === 6)
        .map((reader) => networkIn(rowOf(reader, address)))
      const network: Network = Object.assign({}, ...known.toReversed())
      return Object.keys(network).length > 0 ? network : undefined
    },
  }
}
