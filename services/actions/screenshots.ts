import { readScreenPicture } from '../artwork/open-image.ts'
import { audit } from '../core/audit.ts'
import type { Tx } from '../core/db.ts'
import { type CaseId, type ScreenshotId, Sha256 } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import {
  type NewScreenshot,
  addressesOf,
  findScreenshot,
  keepScreenshot,
  screenshotsOf,
} from '../evidence/screenshot-store.ts'
import {
  SCREENSHOTS_MAX,
  SCREENSHOT_BYTES_MAX,
  type Screenshot,
  type ScreenshotFacts,
  isAmong,
} from '../evidence/screenshot.ts'
import { findCase, lockKnown } from '../matches/case-store.ts'
import type { Case } from '../matches/case.ts'
import { type Caller, actorOf, hasRole } from '../tenants/tenant.ts'
import { knowsCase } from '../unreleased.ts'
import type { House } from './house.ts'

/** A picture of a screen, as it is handed in. */
export interface GivenScreenshot extends ScreenshotFacts {
  readonly content: AsyncIterable<Uint8Array>
}

/** Whether a caller may add screenshots to a case: who decides about cases, or signs what is demanded for them. */
export const mayAddScreenshots = (caller: Caller, opened: Pick<Case, 'recordingUnreleased'>): boolean =>
  (hasRole(caller, 'reviewer') || hasRole(caller, 'signer')) && knowsCase(caller, opened)

async function knownCase(tx: Tx, id: CaseId): Promise<Case> {
  const opened = await findCase(tx, id)
  if (!opened) throw new Problem('row/unknown', 'No such case')
  return opened
}

/** @throws {Problem} request/too-large. */
async function gathered(content: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of content) {
    bytes += chunk.length
    if (bytes > SCREENSHOT_BYTES_MAX)
      throw new Problem('request/too-large', `The picture is larger than ${SCREENSHOT_BYTES_MAX} bytes`)
    chunks.push(chunk)
  }
  if (bytes === 0) throw new Problem('file/empty', 'The picture has no bytes')
  return Buffer.concat(chunks)
}

/**
 * Locks a case of which a picture can be kept.
 *
 * @throws {Problem} row/unknown, row/stage, request/invalid, request/conflict with why it cannot.
 */
async function requireRoom(tx: Tx, id: CaseId, taken: NewScreenshot): Promise<void> {
  const { number } = await lockKnown(tx, id)
  const addresses = await addressesOf(tx, id)
  if (addresses.length === 0)
    throw new Problem('row/stage', `The file of case ${number} was handed in without an address`)
  if (!isAmong(taken.address, addresses)) {
    const faults = [
      { pointer: '/address', detail: `is no address of the case, which is about ${addresses[0]}` },
    ]
    throw new Problem('request/invalid', 'The picture shows another place than the case is about', { faults })
  }
  const there = await screenshotsOf(tx, id)
  if (there.some(({ sha256 }) => sha256 === taken.sha256))
    throw new Problem('request/conflict', `Case ${number} has this very picture already`)
  if (there.length >= SCREENSHOTS_MAX)
    throw new Problem('request/conflict', `A case holds at most ${SCREENSHOTS_MAX} screenshots`)
}

/**
 * Keeps a picture that is in the blob store, in a transaction that may keep more, with its entry in the audit chain.
 *
 * @throws {Problem} row/unknown; row/stage when the case has no address; request/invalid when the picture shows another;
 *   request/conflict when it is there already, or the case is full.
 */
export async function keepScreenshotIn(
  tx: Tx,
  about: Parameters<typeof keepScreenshot>[1],
  taken: NewScreenshot,
): Promise<Screenshot> {
  await requireRoom(tx, about.id, taken)
  const kept = await keepScreenshot(tx, about, taken)
  const { id, number, source, sha256, address } = kept
  await audit(tx, about.tenantId, {
    actor: taken.takenBy,
    action: 'case.screenshot-added',
    subject: `case:${about.id}`,
    details: { screenshot: id, number, source, sha256, address, takenAt: taken.takenAt.toISOString() },
  })
  return kept
}

/**
 * A reviewer or a signer adds a picture of what they saw at an address of a case.
 *
 * @throws {Problem} auth/forbidden, file/empty, request/too-large, image/unreadable, image/too-large; as
 *   `keepScreenshotIn`.
 */
export async function addScreenshot(
  house: House,
  caller: Caller,
  caseId: CaseId,
  { content, note, address, takenAt }: GivenScreenshot,
): Promise<Screenshot> {
  const { tenantId } = caller
  const opened = await house.db.tenant(tenantId, (tx) => knownCase(tx, caseId))
  if (!mayAddScreenshots(caller, opened))
    throw new Problem(
      'auth/forbidden',
      'Only a person who reviews or signs, and may know of it, adds screenshots',
    )
  const bytes = await gathered(content)
  const picture = await readScreenPicture(bytes)
  const stored = await house.blobs.put(only(bytes), { bytesMax: SCREENSHOT_BYTES_MAX })
  const facts = {
    source: 'uploaded',
    address,
    takenAt,
    takenBy: actorOf(caller),
    note: note || null,
  } as const
  return house.db.tenant(tenantId, (tx) =>
    keepScreenshotIn(tx, { id: caseId, tenantId }, { ...facts, ...picture, ...stored }),
  )
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

/** The screenshots of a case that a caller may see. @throws {Problem} row/unknown. */
export async function shownScreenshots(tx: Tx, caller: Caller, caseId: CaseId): Promise<Screenshot[]> {
  return knowsCase(caller, await knownCase(tx, caseId)) ? screenshotsOf(tx, caseId) : []
}

/** The file of a screenshot. @throws {Problem} row/unknown, file/gone. */
export async function openScreenshot(
  house: House,
  caller: Caller,
  id: ScreenshotId,
): Promise<{ path: string; mediaType: Screenshot['mediaType'] }> {
  const found = await house.db.tenant(caller.tenantId, async (tx) => {
    const screenshot = await findScreenshot(tx, id)
    return screenshot && knowsCase(caller, await knownCase(tx, screenshot.caseId)) ? screenshot : undefined
  })
  if (!found) throw new Problem('row/unknown', 'No such screenshot')
  const path = await house.blobs.path(Sha256.parse(found.sha256))
  if (path === undefined) throw new Problem('file/gone', 'The picture is missing in the store')
  return { path, mediaType: found.mediaType }
}
