import type { z } from 'zod'

/** The parts of a report that its cross-checks look at. */
interface Referring {
  readonly version: number
  readonly supersedes?: { readonly version: number } | undefined
  readonly works: readonly { readonly workId: string }[]
  readonly locations: readonly {
    readonly locationId: string
    readonly kind: 'url' | 'file'
    readonly url?: string | undefined
    readonly fileName?: string | undefined
  }[]
  readonly matches: readonly {
    readonly matchId: string
    readonly workId: string
    readonly locationId: string
    readonly passages: readonly {
      readonly suspectFromMs: number
      readonly suspectToMs: number
      readonly referenceFromMs: number
      readonly referenceToMs: number
      readonly landmarksMatched: number
      readonly landmarksExpected: number
    }[]
  }[]
}

type Path = (string | number)[]
type Refuse = (path: Path, message: string) => void

/** What one report must agree on with itself, beyond the shape of each field. For `superRefine`. */
export function checkReferences(document: Referring, context: z.RefinementCtx<Referring>): void {
  const refuse: Refuse = (path, message) => context.addIssue({ code: 'custom', path, message })

  const { version, supersedes } = document
  if (version > 1 && !supersedes) refuse(['supersedes'], 'a later version names the one it replaces')
  if (supersedes && supersedes.version >= version)
    refuse(['supersedes', 'version'], 'must be an earlier version')

  unique(document.works, 'works', 'workId', refuse)
  unique(document.locations, 'locations', 'locationId', refuse)
  unique(document.matches, 'matches', 'matchId', refuse)
  for (const [index, location] of document.locations.entries()) {
    const needed = location.kind === 'url' ? 'url' : 'fileName'
    if (!location[needed]) refuse(['locations', index, needed], `is required for kind ${location.kind}`)
  }
  checkMatches(document, refuse)
}

function checkMatches(document: Referring, refuse: Refuse): void {
  const workIds = new Set(document.works.map(({ workId }) => workId))
  const locationIds = new Set(document.locations.map(({ locationId }) => locationId))
  for (const [index, match] of document.matches.entries()) {
    const at: Path = ['matches', index]
    if (!workIds.has(match.workId)) refuse([...at, 'workId'], 'is none of the works')
    if (!locationIds.has(match.locationId)) refuse([...at, 'locationId'], 'is none of the locations')
    for (const [number, passage] of match.passages.entries()) {
      const inside: Path = [...at, 'passages', number]
      if (passage.suspectToMs <= passage.suspectFromMs)
        refuse([...inside, 'suspectToMs'], 'must be after its start')
      if (passage.referenceToMs <= passage.referenceFromMs)
        refuse([...inside, 'referenceToMs'], 'must be after its start')
      if (passage.landmarksMatched > passage.landmarksExpected)
        refuse([...inside, 'landmarksMatched'], 'cannot exceed what was expected')
    }
  }
}

function unique<Key extends string>(
  rows: readonly Readonly<Record<Key, string>>[],
  list: string,
  key: Key,
  refuse: Refuse,
): void {
  const seen = new Set<string>()
  for (const [index, row] of rows.entries()) {
    if (seen.has(row[key])) refuse([list, index, key], 'is there twice')
    seen.add(row[key])
  }
}
