import { hostOf } from './allowlist/address.ts'
import { channelAt } from './allowlist/channel.ts'
import type { Tx } from './core/db.ts'
import type { Network, NetworkTable } from './core/network-table.ts'
import type { Case } from './matches/case.ts'
import type { SaidUploader } from './metadata/claims/said-uploader.ts'
import { keptAbout } from './recipients/rdap-store.ts'
import { canonicalUrlOf } from './submissions/canonical-url.ts'
import type { Capture } from './submissions/captures.ts'

/** An account on a platform. */
export interface Account {
  readonly platform: string
  readonly name: string
}

/** Who offers a copy, as the page says that leads to it; the account is that of the address which it gives. */
export interface SaidAccount extends SaidUploader {
  readonly account: Account | null
}

/** A network, and who says so: the operator's table, or the registry of addresses when it was last asked. */
export interface ToldNetwork extends Network {
  readonly source: 'table' | 'registry'
  /** When the registry was asked; null of a table. */
  readonly asOf: Date | null
}

/** Where a copy is offered, as far as it can be told without asking anybody; null is not known. */
export interface Whereabouts {
  readonly host: string | null
  readonly account: Account | null
  /** Beside it, and of less weight: nobody has checked what a page says. */
  readonly saidBy: SaidAccount | null
  /** The address that answered for the host, and when. */
  readonly address: string | null
  readonly seenAt: Date | null
  readonly network: ToldNetwork | null
}

/** `youtube.com/@name` is an account of youtube.com, `name.bandcamp.com` one of bandcamp.com. */
function accountOf(channel: string): Account {
  const slash = channel.indexOf('/')
  if (slash > 0) return { platform: channel.slice(0, slash), name: channel.slice(slash + 1) }
  const dot = channel.indexOf('.')
  return { platform: channel.slice(dot + 1), name: channel.slice(0, dot) }
}

const accountAt = (addresses: Parameters<typeof channelAt>[0]): Account | null => {
  const channel = channelAt(addresses)
  return channel === undefined ? null : accountOf(channel)
}

/**
 * By what an uploader of whom a page tells is known again: the account that their address names, written as `channelAt`
 * writes it; else the address; else the name, which says something on the same site alone.
 *
 * @param at where the copy was found, and the page that led there. @returns null when nobody is told of.
 */
export function uploaderKeyOf(
  said: SaidUploader | null,
  { url, pageUrl }: { readonly url: string | null; readonly pageUrl: string | null },
): string | null {
  if (said === null) return null
  if (said.url !== null) return channelAt([said.url]) ?? canonicalUrlOf(said.url)
  const page = pageUrl ?? url
  if (said.name === null || page === null || !URL.canParse(page)) return null
  return `${hostOf(new URL(page))} ${said.name.normalize('NFKC').toLowerCase()}`
}

async function networkOf(
  tx: Tx,
  address: string,
  networks: NetworkTable | undefined,
): Promise<ToldNetwork | null> {
  const inTable = networks?.networkOf(address)
  if (inTable) return { ...inTable, source: 'table', asOf: null }
  const kept = await keptAbout(tx, address)
  if (!kept) return null
  const { name, country } = kept.contacts
  if (name === undefined && country === undefined) return null
  return {
    ...(name !== undefined && { name }),
    ...(country !== undefined && { country }),
    source: 'registry',
    asOf: kept.at,
  }
}

/**
 * Where the copy of a case is.
 *
 * @param opened as its reader may see it: what is cut from its location is not told here either.
 * @param capture what was seen there, where the reader may see that; undefined of a file that was handed in.
 */
export async function whereaboutsOf(
  tx: Tx,
  opened: Pick<Case, 'location' | 'pageUrl' | 'saidUploader'>,
  capture: Pick<Capture, 'address' | 'finalUrl' | 'startedAt'> | undefined,
  networks: NetworkTable | undefined,
): Promise<Whereabouts> {
  const isAddress = /^https?:/i.test(opened.location) && URL.canParse(opened.location)
  const { saidUploader: said } = opened
  return {
    host: isAddress ? hostOf(new URL(opened.location)) : null,
    account: accountAt([opened.location, opened.pageUrl, capture?.finalUrl]),
    saidBy: said && { ...said, account: accountAt([said.url]) },
    address: capture?.address ?? null,
    seenAt: capture?.startedAt ?? null,
    network: capture ? await networkOf(tx, capture.address, networks) : null,
  }
}
