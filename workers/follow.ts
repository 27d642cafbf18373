import type { ItemId } from '../services/core/ids.ts'
import { Problem } from '../services/core/problem.ts'
import type { Run } from '../services/core/queue.ts'
import type { OneRow } from '../services/jobs.ts'
import { OpeningBudget } from '../services/openers/budget.ts'
import type { FoundStream } from '../services/openers/opener.ts'
import { openerOf } from '../services/openers/openers.ts'
import { readAddress } from '../services/reading/read-address.ts'
import { readStream } from '../services/reading/read-stream.ts'
import type { ReadAddress, ReadingTools } from '../services/reading/reading-tools.ts'
import { keepCapture } from '../services/submissions/captures.ts'
import type { DetectedFile } from '../services/submissions/file-kind.ts'
import * as items from '../services/submissions/item-store.ts'
import { endFollowing, keepFollowed } from '../services/submissions/opened-store.ts'
import * as submissions from '../services/submissions/store.ts'
import type { Item, Submission } from '../services/submissions/submission.ts'
import { mayFollow, requireAllowed } from './crawling.ts'
import { isHeard, openInto } from './opening.ts'
import type { Tools } from './tools.ts'
import { requireOpenable } from './unpack.ts'
import { isAutomatic, visitAt, wantedOf } from './visit.ts'

/** A page leads to pages of its site, those to pages with their players, and these to media, but to no further page. */
const PAGES_ABOVE_MAX = 1

/** What is followed, and what it was found in, the nearest first. */
interface Following {
  readonly item: Item & { readonly url: string }
  readonly submission: Submission
  readonly above: readonly Item[]
}

const isPage = ({ mediaType }: Pick<Item, 'mediaType'>): boolean => mediaType === 'text/html'

/**
 * Fetches an address that was found inside, sees what it is, and opens it in its turn; or reads all of a file of which
 * parts said too little. Safe to run twice: what was kept before is passed over, and of two workers one moves it on.
 *
 * @throws {Problem} `fetch/…`, `open/…`, file/unsupported.
 */
export const follow =
  (tools: Tools) =>
  async ({ id }: OneRow<ItemId>, run: Run): Promise<void> => {
    const following = await claimed(tools, id)
    if (!following) return run.log.info('nothing to follow')
    const { item, submission } = following
    if (item.role === 'page' && !(await mayFollow(tools, item.url, run.signal)))
      return keepAway(tools, item, run)
    if (item.sha256 !== null) return readAgain(tools, following, run)

    const seen = await visited(tools, following, run, (reading) =>
      readAddress(reading, item.url, wantedOf(run, { whole: false })),
    ).catch((error: unknown) => {
      if (error instanceof Problem && error.type === 'watch/robots') return undefined
      throw error
    })
    if (!seen) return keepAway(tools, item, run)
    await tools.db.system((tx) => keepCapture(tx, submission, seen.capture, id))
    requireOpenable(seen.detected)
    await (seen.read ? lead(tools, item, seen, seen.detected) : open(tools, following, seen, run))
  }

/** Ends what its site, or the one that it leads to, does not allow crawlers to ask for. */
async function keepAway({ db }: Tools, item: Item, run: Run): Promise<void> {
  await db.system((tx) => endFollowing(tx, item, undefined))
  run.log.info('its site asks crawlers to stay away')
}

/** What is to be followed now; undefined when it is elsewhere by now. */
const claimed = ({ db }: Tools, id: ItemId): Promise<Following | undefined> =>
  db.system(async (tx) => {
    if (!(await items.itemStages.claim(tx, id, 'follow'))) return undefined
    const item = await items.findItem(tx, id)
    const submission = item && (await submissions.find(tx, item.submissionId))
    if (!submission || item.url === null) return undefined
    return { item: { ...item, url: item.url }, submission, above: await items.ancestorsOf(tx, item) }
  })

/** What lies at the address is itself heard or looked at: it is named by its host where its link calls it otherwise. */
async function lead({ db }: Tools, item: Item, seen: ReadAddress, detected: DetectedFile): Promise<void> {
  const { fileName, sha256, bytes, read } = seen
  const isNamed = fileName !== undefined && !item.name.endsWith(fileName)
  await db.system((tx) =>
    keepFollowed(tx, item, {
      kind: detected.kind === 'image' ? 'cover' : 'media',
      name: isNamed ? fileName : item.name,
      place: isNamed ? [...item.place, item.name] : item.place,
      mediaType: detected.mediaType,
      sha256,
      bytes,
      read,
    }),
  )
}

/** Opens what lies at the address. What others merely lead to may have nothing in it; what was promised to be media may not. */
async function open(tools: Tools, following: Following, seen: ReadAddress, run: Run): Promise<void> {
  const { item, submission, above } = following
  const { sha256, bytes, detected, capture } = seen
  if (detected.kind === 'html' && above.filter(isPage).length > PAGES_ABOVE_MAX)
    throw new Problem(
      'open/too-deep',
      'It leads to one more page; pages are opened a few steps from the first one',
    )
  const end = await openInto(
    tools,
    {
      of: { submission, item },
      name: item.name,
      place: item.place,
      sha256,
      bytes,
      url: { asked: item.url, final: capture.finalUrl },
      pageUrl: item.pageUrl,
      crawled: false,
      async readStream(stream) {
        const streamed = await visited(tools, following, run, (reading) =>
          readStream(reading, stream, wantedOf(run, { whole: false })),
        )
        await tools.db.system((tx) => keepCapture(tx, submission, streamed.capture, item.id))
        const { detected: heard, sha256: hash, bytes: length, read } = streamed
        return { sha256: hash, bytes: length, mediaType: heard.mediaType, read }
      },
    },
    run,
  )
  if ('itself' in end) return lead(tools, item, seen, end.itself)
  const isIncidental = item.role === 'page' || (item.role === 'unknown' && detected.kind === 'html')
  if ('problem' in end && !(isIncidental && end.problem.type === 'open/nothing')) throw end.problem
  await tools.db.system((tx) => endFollowing(tx, item, { mediaType: detected.mediaType, sha256, bytes }))
}

/** Reads all of a file, or of a stream, of which parts were read before. */
async function readAgain(tools: Tools, following: Following, run: Run): Promise<void> {
  const { item, submission } = following
  const wanted = wantedOf(run, { whole: true })
  const seen = await visited(tools, following, run, async (reading) => {
    const first = await readAddress(reading, item.url, wanted)
    const stream = isHeard(first.detected) ? undefined : await streamIn(tools, first, item.name, run)
    return stream ? readStream(reading, stream, wanted) : first
  })
  if (!isHeard(seen.detected))
    throw new Problem('file/unsupported', 'Something else lies there now that all of it was to be read')
  const { sha256, bytes, read, detected, capture } = seen
  await tools.db.system(async (tx) => {
    // Of what was handed in itself the capture is the submission's.
    await keepCapture(tx, submission, capture, isSubmitted(following) ? undefined : item.id)
    const { name, place } = item
    const { mediaType } = detected
    await keepFollowed(tx, item, { kind: 'media', name, place, mediaType, sha256, bytes, read })
  })
}

const isSubmitted = ({ item, submission }: Following): boolean =>
  item.parentId === null && item.url === submission.url && item.kind === 'media'

/** The stream of a name in a playlist, or its first one. */
async function streamIn(
  { blobs }: Tools,
  { sha256, bytes, detected, capture }: ReadAddress,
  name: string,
  { signal }: Run,
): Promise<FoundStream | undefined> {
  const [path, opener] = [await blobs.path(sha256), openerOf(detected)]
  if (!path || !opener) return undefined
  let first: FoundStream | undefined
  const source = { name, path, bytes, url: capture.finalUrl }
  for await (const found of opener(source, new OpeningBudget(), signal)) {
    if (found.kind !== 'stream') continue
    if (found.name === name) return found
    first ??= found
  }
  return first
}

/** Reads at the item's host when it is its turn. Pages that nobody handed in wait for everything else. */
function visited<T>(
  tools: Tools,
  { item, submission }: Following,
  run: Run,
  work: (reading: ReadingTools) => Promise<T>,
): Promise<T> {
  const isCrawled = item.role === 'page'
  const kind = isCrawled || isAutomatic(submission) ? 'automatic' : 'single'
  return visitAt(tools, run, item.url, kind, work, isCrawled ? requireAllowed(tools, run.signal) : undefined)
}
