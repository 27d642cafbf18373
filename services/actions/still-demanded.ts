import { dossierOf } from '../case-dossier.ts'
import { barOf } from '../case-standing.ts'
import type { Tx } from '../core/db.ts'
import { isCountered } from '../notices/facts-store.ts'
import { locationsOf } from '../notices/locations-store.ts'
import type { Notice, NoticeLocationRow } from '../notices/notice-row.ts'

type About = Pick<Notice, 'id' | 'tenantId'>

/** Why nothing may be demanded about a case now, in words for its holder; undefined when nothing bars it. */
async function barAt(
  tx: Tx,
  tenantId: Notice['tenantId'],
  { caseId, caseNumber }: NoticeLocationRow,
): Promise<string | undefined> {
  const bar = await barOf(tx, tenantId, await dossierOf(tx, caseId))
  if (bar) return `${caseNumber}: ${bar.words}`
  return (await isCountered(tx, caseId)) ? `${caseNumber}: There is a counter-notice about it` : undefined
}

/**
 * What bars a signed notice that nobody got yet, whatever was true when it was signed: the words about its first location
 * where nothing may be demanded, or that none of its copies is there any more. undefined when nothing does.
 */
export async function barOfNotice(tx: Tx, notice: About): Promise<string | undefined> {
  const rows = await locationsOf(tx, notice.id)
  for (const row of rows) {
    const bar = await barAt(tx, notice.tenantId, row)
    if (bar) return bar
  }
  return rows.every(({ caseState }) => caseState === 'removed' || caseState === 'closed')
    ? 'What it demands to remove is no longer there'
    : undefined
}

/** Some addresses of a notice that may still be demanded, and why others may not. */
export interface StillDemanded {
  /** As `canonicalUrl` has them. */
  readonly addresses: ReadonlySet<string>
  /** About the first address that is barred; undefined where all others were answered or taken back. */
  readonly bar: string | undefined
}

/**
 * Which addresses of a notice that is out may be demanded once more: neither answered for good nor taken back, and not
 * barred since. Of several works at one address each must be so: its host hears of addresses only.
 *
 * @param only looks at these addresses alone.
 */
export async function stillDemanded(
  tx: Tx,
  notice: About,
  only?: ReadonlySet<string>,
): Promise<StillDemanded> {
  const addresses = new Set<string>()
  const not = new Set<string>()
  let first: string | undefined
  for (const row of await locationsOf(tx, notice.id)) {
    const { canonicalUrl } = row
    if (only?.has(canonicalUrl) === false || not.has(canonicalUrl)) continue
    const bar = row.live ? await barAt(tx, notice.tenantId, row) : undefined
    first ??= bar
    if (row.live && bar === undefined) addresses.add(canonicalUrl)
    else not.add(canonicalUrl)
  }
  return { addresses: new Set([...addresses].filter((address) => !not.has(address))), bar: first }
}

/** Which of them a recipient has to be reminded of: those without any answer. */
export async function unanswered(tx: Tx, notice: About): Promise<StillDemanded> {
  const rows = await locationsOf(tx, notice.id)
  const open = new Set(rows.filter(({ outcome }) => outcome === null).map(({ canonicalUrl }) => canonicalUrl))
  return stillDemanded(tx, notice, open)
}
