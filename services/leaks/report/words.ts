import type { ScopeShown } from '../audit-list-store.ts'
import type { AuditCause, AuditLine, EvidenceRow, FoundBy } from '../exposure.ts'
import type { LeakKind } from '../leak.ts'
import { codecWords, statusWords } from '../words.ts'

/** What a leak is, for people. */
export const leakKindWords: Readonly<Record<LeakKind, string>> = {
  'streaming-dump': 'Copy of a streaming service',
  'data-set': 'Data set for training',
  'torrent-listing': 'File list of a torrent',
  'site-index': 'Index of a site',
}

/** How a row was found to be of a recording, for people. */
export const foundByWords: Readonly<Record<FoundBy, string>> = {
  isrc: 'by ISRC',
  alternative: 'as an alternative that the leak names',
  names: 'by names',
  address: 'by address',
}

/** Why an audit was made, for people. */
export const causeWords: Readonly<Record<AuditCause, string>> = {
  asked: 'asked for',
  registered: 'recordings were registered or changed',
  manifest: 'a manifest was read',
  batch: 'the batches of a leak changed',
}

const counted = (count: number, one: string): string =>
  `${count.toLocaleString('en')} ${one}${count === 1 ? '' : 's'}`

/** What an audit asked for, for people. */
export function scopeWords({ kind, label, releaseTitle, isrcs }: ScopeShown): string {
  switch (kind) {
    case 'all':
      return 'The whole catalogue'
    case 'label':
      return `Label ${label ?? ''}`
    case 'release':
      return `Release ${releaseTitle ?? 'removed since'}`
    case 'isrcs':
      return `A list of ${counted(isrcs ?? 0, 'ISRC')}`
    case 'recordings':
      return 'Recordings that were registered or changed'
  }
}

/** How and in what quality a recording is in a leak: `audio, Opus 75 kbit/s`. */
export const exposureWords = ({ status, codec }: Pick<AuditLine, 'status' | 'codec'>): string =>
  [statusWords[status], codecWords[codec]].filter(Boolean).join(', ')

/** The tier of a recording in a leak, and whether that part is published. */
export function tierWords({
  batch,
  batchName,
  publishedOn,
}: Pick<AuditLine, 'batch' | 'batchName' | 'publishedOn'>): string {
  if (batch === 0 && batchName === null) return publishedOn === null ? '' : `published ${publishedOn}`
  const name = batchName ?? `batch ${batch}`
  return publishedOn === null ? `${name}, not published yet` : `${name}, published ${publishedOn}`
}

/** Where a row stands in its manifest: `row 17`, `file 3, row 17`. */
export const locatorWords = ({ row, part }: Pick<EvidenceRow, 'row' | 'part'>): string =>
  part === 0 ? `row ${row}` : `file ${part + 1}, row ${row}`

/** A share of 1 as whole per cent, rounded down so that 99.9 % is never called everything. */
export function shareWords(count: number, of: number): string {
  if (of === 0) return '–'
  const share = (100 * count) / of
  return share > 0 && share < 1 ? 'under 1 %' : `${Math.floor(share + 1e-9)} %`
}
