import type { ItemId } from '../core/ids.ts'
import type { SaidUploader } from '../metadata/claims/said-uploader.ts'
import { canonicalUrlOf } from './canonical-url.ts'
import type { Item, MediaItem, Submission } from './submission.ts'

/** Where a copy is offered. */
export interface ItemLocation {
  /** By which finds at one place are known to be there. */
  readonly key: string
  /** The address, or the name of the file that was handed in without one. */
  readonly text: string
  /** The page or list that leads to the address. */
  readonly pageUrl: string | null
  /** Where it was fetched; null of a file that was handed in. */
  readonly url: string | null
  /** The item whose address it is; undefined for what was handed in itself. */
  readonly itemId: ItemId | undefined
}

/** Who put a suspect there, in the words of the nearest page that says it. @param above as for `locationOf`. */
export const saidUploaderOf = (
  item: Pick<Item, 'saidUploader'>,
  above: readonly Pick<Item, 'saidUploader'>[],
): SaidUploader | null => [item, ...above].find(({ saidUploader }) => saidUploader)?.saidUploader ?? null

/**
 * The place where a suspect was found: its own address, or that of the nearest thing around it that has one (of a file in
 * an archive, the archive's), or the file itself when it was handed in as one.
 *
 * @param above what the item was found in, the nearest first.
 */
export function locationOf(
  submission: Pick<Submission, 'url' | 'fileName'>,
  item: Pick<MediaItem, 'id' | 'parentId' | 'url' | 'pageUrl' | 'name' | 'sha256'>,
  above: readonly Pick<Item, 'id' | 'parentId' | 'url' | 'pageUrl'>[],
): ItemLocation {
  const chain = [item, ...above]
  for (const [index, { id, parentId, url, pageUrl }] of chain.entries()) {
    // A stream has the address of its playlist, which was looked at.
    if (url === null || url === chain[index + 1]?.url) continue
    // What was handed in is an item, too, when it is one file: it was seen as the submitted address.
    const isSubmitted = url === submission.url && parentId === null
    return { key: canonicalUrlOf(url), text: url, url, pageUrl, itemId: isSubmitted ? undefined : id }
  }
  if (submission.url)
    return {
      key: canonicalUrlOf(submission.url),
      text: submission.url,
      url: submission.url,
      pageUrl: null,
      itemId: undefined,
    }
  return {
    key: `sha256:${item.sha256}`,
    text: submission.fileName ?? item.name,
    url: null,
    pageUrl: null,
    itemId: undefined,
  }
}
