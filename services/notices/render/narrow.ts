import type { NoticeDocument } from '../notice.ts'

/**
 * The part of a notice that speaks of some of its locations: their works, matches, reviews and files, and everything
 * that holds for all of them. It is for reading and for machines that want one incident at a time; what was signed is
 * the whole. Of the evidence, which does not name its location, a part has only what a location names by its hash:
 * a thousand parts with the evidence of all would be a million rows. The order is that of the notice.
 *
 * @throws {RangeError} when the notice has none of the locations.
 */
export function narrowed(document: NoticeDocument, locationIds: ReadonlySet<string>): NoticeDocument {
  const locations = document.locations.filter(({ locationId }) => locationIds.has(locationId))
  if (locations.length === 0) throw new RangeError(`${document.number} has none of the locations asked for`)
  if (locations.length === document.locations.length) return document
  const workIds = new Set(locations.flatMap((location) => location.workIds))
  const fileHashes = new Set(locations.map((location) => location.sha256))
  return {
    ...document,
    locations,
    works: document.works.filter(({ workId }) => workIds.has(workId)),
    matches: document.matches.filter(({ locationId }) => locationIds.has(locationId)),
    exceptions: document.exceptions.filter(({ locationId }) => locationIds.has(locationId)),
    evidence: document.evidence.filter(({ sha256 }) => fileHashes.has(sha256)),
  }
}
