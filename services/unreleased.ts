import { UNRELEASED, mayKnowUnreleased, siteOf } from './alerts/unreleased.ts'
import type { BesideMatch, Dossier, DossierMatch } from './case-dossier.ts'
import { isEmbargoed } from './catalog/embargo.ts'
import type { Recording } from './catalog/recording.ts'
import type { RecordingId, ReleaseId } from './core/ids.ts'
import type { ScopeShown } from './leaks/audit-list-store.ts'
import type { ListedExposure } from './leaks/exposure-list-store.ts'
import type { AuditLine, AuditSummary, EvidenceRow } from './leaks/exposure.ts'
import type { Case } from './matches/case.ts'
import type { Match } from './matches/match.ts'
import type { Lead } from './matches/names.ts'
import type { RelatedCase } from './matches/related.ts'
import type { SharedRecording } from './matches/shared.ts'
import type { Item } from './submissions/submission.ts'
import type { Caller } from './tenants/tenant.ts'

/** Stands where the name of a file tells what is in it. */
const NAMELESS_FILE = 'a file'

/** Whether a caller may know what is unreleased: owners, reviewers, and a key, which stands for the whole account. */
export const knowsUnreleased = (caller: Caller): boolean =>
  caller.kind === 'key' || mayKnowUnreleased(caller.member)

/** Whether a caller may see everything about a case. */
export const knowsCase = (
  caller: Caller,
  { recordingUnreleased }: Pick<Case, 'recordingUnreleased'>,
): boolean => knowsUnreleased(caller) || !recordingUnreleased

/**
 * A recording as a caller may see it: while it is under embargo, its names, identifiers and places are left out for those
 * who may not know them. What a notice says stands on the notice, for whoever signs it.
 */
export function toldRecording(caller: Caller, recording: Recording): Recording {
  if (knowsUnreleased(caller) || !isEmbargoed(recording)) return recording
  return {
    ...recording,
    title: UNRELEASED,
    version: null,
    artists: [],
    featured: [],
    isrc: null,
    iswc: null,
    pLine: null,
    cLine: null,
    ownId: null,
    authorised: [],
    registrationNumber: null,
    officialUrl: null,
    releaseTitle: null,
    upc: null,
    grid: null,
    catalogNumber: null,
    rights: recording.rights.map((right) => ({ ...right, documentName: null, documentSha256: null })),
  }
}

/** A case as a caller may see it; its location is cut down to the site. */
export const toldCase = (caller: Caller, opened: Case): Case =>
  knowsCase(caller, opened)
    ? opened
    : {
        ...opened,
        recordingTitle: UNRELEASED,
        recordingArtists: [],
        location: siteOf(opened.location),
        pageUrl: opened.pageUrl && siteOf(opened.pageUrl),
        saidUploader: null,
      }

/**
 * A case that has something to do with another, as a caller may see it. That it has the same audio, of which the other's
 * recording may be named, says no more than the case itself does.
 */
export const toldRelated = (caller: Caller, related: RelatedCase): RelatedCase => ({
  ...toldCase(caller, related),
  reasons: related.reasons,
})

/** A match as a caller may see it: what names and covers say is left out with the names. */
export const toldMatch = <Told extends Match>(
  caller: Caller,
  match: Told,
  recording: Pick<Recording, 'embargoUntil'>,
): Told =>
  knowsUnreleased(caller) || !isEmbargoed(recording)
    ? match
    : { ...match, names: null, artwork: null, confidenceReasons: null }

/** An item in which a recording was found, as a caller may see it. */
export const toldItem = <Told extends Item>(
  caller: Caller,
  item: Told,
  recording: Pick<Recording, 'embargoUntil'>,
): Told => (knowsUnreleased(caller) || !isEmbargoed(recording) ? item : namelessItem(item))

const namelessItem = <Told extends Item>(item: Told): Told => ({
  ...item,
  name: NAMELESS_FILE,
  place: [],
  url: null,
  pageUrl: null,
  saidUploader: null,
  tags: null,
})

const namelessFind = (find: DossierMatch): DossierMatch => ({
  ...find,
  item: namelessItem(find.item),
  submission: {
    ...find.submission,
    url: find.submission.url && siteOf(find.submission.url),
    fileName: find.submission.fileName && NAMELESS_FILE,
    note: null,
  },
  capture: undefined,
})

/** Names of recordings by their ids, as a caller may know them. */
export const toldNames = (
  caller: Caller,
  names: ReadonlyMap<RecordingId, SharedRecording>,
): ReadonlyMap<RecordingId, SharedRecording> =>
  knowsUnreleased(caller)
    ? names
    : new Map(
        [...names].map(([id, named]) => [
          id,
          isEmbargoed(named) ? { ...named, title: UNRELEASED, isrc: null } : named,
        ]),
      )

/** Leads without those to what the caller may not know: that names agree would tell them. @param names of their recordings. */
export const toldLeads = <Told extends Lead>(
  caller: Caller,
  leads: readonly Told[],
  names: ReadonlyMap<RecordingId, SharedRecording>,
): Told[] =>
  leads.filter(({ recordingId }) => {
    const named = names.get(recordingId)
    return knowsUnreleased(caller) || named === undefined || !isEmbargoed(named)
  })

/** Finds that stand beside another, as a caller may see them. */
export const toldBesides = (caller: Caller, besides: readonly BesideMatch[]): BesideMatch[] =>
  besides.map(({ match, recording }) => ({
    match: toldMatch(caller, match, recording),
    recording: toldRecording(caller, recording),
  }))

/** Everything about a case, as a caller may see it: of an unreleased recording without what its copies are called. */
export function toldDossier(caller: Caller, dossier: Dossier): Dossier {
  if (knowsUnreleased(caller)) return dossier
  const { opened, recording } = dossier
  const finds = dossier.matches.map((find) => ({
    ...find,
    match: toldMatch(caller, find.match, recording),
    besides: toldBesides(caller, find.besides),
  }))
  return {
    ...dossier,
    opened: toldCase(caller, opened),
    recording: toldRecording(caller, recording),
    matches: isEmbargoed(recording) ? finds.map(namelessFind) : finds,
    sharing: toldNames(caller, dossier.sharing),
  }
}

/** A row of a leak is called what the recording is called: only where it stands is left. */
const namelessRow = (row: EvidenceRow): EvidenceRow => ({
  ...row,
  isrc: null,
  title: null,
  artists: [],
  album: null,
  trackId: null,
  fileName: null,
  address: null,
})

/** What is known of a recording in a leak, as a caller may see it. */
export const toldExposure = (caller: Caller, exposure: ListedExposure): ListedExposure =>
  knowsUnreleased(caller) || !isEmbargoed(exposure)
    ? exposure
    : {
        ...exposure,
        title: UNRELEASED,
        artists: [],
        isrc: null,
        releaseTitle: null,
        label: null,
        rows: exposure.rows.map(namelessRow),
      }

/** A line of an audit, as a caller may see it; what was unreleased when it was asked stays so in its lines. */
export const toldLine = <Told extends AuditLine>(caller: Caller, line: Told): Told =>
  knowsUnreleased(caller) || !line.isUnreleased
    ? line
    : {
        ...line,
        title: UNRELEASED,
        artists: [],
        isrc: null,
        releaseTitle: null,
        label: null,
        rows: line.rows.map(namelessRow),
      }

/** What an audit asked for, as who may not know of some releases may see it. */
export const toldScope = (scope: ScopeShown, unreleased: ReadonlySet<ReleaseId>): ScopeShown =>
  scope.releaseId !== null && unreleased.has(scope.releaseId) ? { ...scope, releaseTitle: UNRELEASED } : scope

/** A summary, as who may not know of some releases may see it. */
export const toldSummary = (summary: AuditSummary, unreleased: ReadonlySet<ReleaseId>): AuditSummary => ({
  ...summary,
  releases: summary.releases.map((release) =>
    release.releaseId !== null && unreleased.has(release.releaseId)
      ? { ...release, title: UNRELEASED }
      : release,
  ),
})
