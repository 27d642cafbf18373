import { z } from 'zod'

import { RecordingId } from '../core/ids.ts'
import { type ClaimReading, type ClaimSource, readClaims } from '../metadata/claims/claimed-names.ts'
import { type Comparison, compareNames } from '../metadata/compare/compare-names.ts'
import type { Names } from '../metadata/compare/name-keys.ts'
import { formatIsrc } from '../metadata/identifiers/identifiers.ts'
import { ArtworkEvidence } from './artwork.ts'

/** How the names of a suspect agree with those of a recording, as it is kept with a match. */
export const NameEvidence = z.object({
  /** That the names mean this recording, or by `relation` something made of it. */
  probability: z.number(),
  relation: z.enum(['same', 'derivative', 'other-version']),
  /** See services/metadata/compare/compare-names.ts. */
  flags: z.array(z.enum(['isrc-contradicted', 'isrc-differs'])),
  /** The heaviest first; log-odds are natural. */
  reasons: z.array(z.object({ field: z.string(), logOdds: z.number(), text: z.string() })),
  /** What the suspect was taken to be called. */
  claimed: z.string(),
})
export type NameEvidence = z.infer<typeof NameEvidence>

/** A recording that a suspect may be by its names alone, or by the picture that it is; one of the two is there. */
export const Lead = z.object({
  recordingId: RecordingId,
  names: NameEvidence.nullable(),
  /** How it compares with the cover of the recording's release. */
  artwork: ArtworkEvidence.nullable(),
})
export type Lead = z.infer<typeof Lead>

/** Leads that are kept of one item. */
export const LEADS_MAX = 5
/** How likely each must be: two recordings of the very same names have a half each. */
const LEAD_PROBABILITY_MIN = 0.3

/** What is known of a suspect's names: the file's own, what is inside it, and how the audio's length reads. */
export interface NamedSuspect {
  readonly fileName: string
  readonly durationMs: number | null
  readonly tags: {
    readonly title?: string | undefined
    readonly artists?: readonly string[] | undefined
    readonly album?: string | undefined
    readonly isrc?: readonly string[] | undefined
  } | null
}

/** Every way in which a suspect's names can be read. */
export function claimsOf({ fileName, durationMs, tags }: NamedSuspect): ClaimReading[] {
  const sources: ClaimSource[] = [{ kind: 'file-name', text: fileName }]
  if (tags && (tags.title !== undefined || tags.isrc !== undefined)) sources.push({ kind: 'tags', tags })
  return sources
    .flatMap((source) => readClaims(source))
    .map((reading) =>
      durationMs === null ? reading : { ...reading, names: { ...reading.names, durationMs } },
    )
}

/** A reading in one line, as people write it. */
const written = ({ artists, title, version, isrc }: Names): string =>
  [artists?.join(', '), version ? `${title ?? ''} (${version})` : title, isrc && `ISRC ${formatIsrc(isrc)}`]
    .filter(Boolean)
    .join(' – ')

const kept = ({ probability, relation, flags, reasons }: Comparison, names: Names): NameEvidence => ({
  probability,
  relation,
  flags: [...flags],
  reasons: reasons.map(({ field, logOdds, text }) => ({ field, logOdds, text })),
  claimed: written(names),
})

/** The likeliest reading of a suspect's names, held against a recording. */
interface Best {
  readonly comparison: Comparison
  readonly names: Names
  /** Log-odds with how likely the reading is. */
  readonly score: number
}

function bestReading(claims: readonly ClaimReading[], ours: Names, recordings: number): Best | undefined {
  let best: Best | undefined
  for (const { names, weight } of claims) {
    const comparison = compareNames(names, ours, recordings)
    const score = comparison.logOdds + Math.log(weight)
    if (!best || score > best.score) best = { comparison, names, score }
  }
  return best
}

/**
 * How a recording agrees with the likeliest reading of a suspect's names.
 *
 * @param recordings in the catalogue: among many, more look alike by chance.
 * @returns undefined when the suspect has no name that says anything.
 */
export function nameEvidence(
  claims: readonly ClaimReading[],
  ours: Names,
  recordings: number,
): NameEvidence | undefined {
  const best = bestReading(claims, ours, recordings)
  return best && kept(best.comparison, best.names)
}

/**
 * The recordings that a suspect may be by its names alone, the likeliest first. A name means one recording: candidates
 * share the probability, so that a live version is no lead beside the studio recording that fits better.
 */
export function leadsOf(
  claims: readonly ClaimReading[],
  candidates: readonly { readonly id: RecordingId; readonly names: Names }[],
  recordings: number,
): Lead[] {
  const compared = candidates.flatMap(({ id, names }) => {
    const best = bestReading(claims, names, recordings)
    return best ? [{ id, best }] : []
  })
  const all = 1 + compared.reduce((sum, { best }) => sum + Math.exp(best.score), 0)
  return compared
    .map(({ id, best: { comparison, names, score } }) => ({
      recordingId: id,
      names: { ...kept(comparison, names), probability: Math.exp(score) / all },
      artwork: null,
    }))
    .filter(({ names }) => names.probability >= LEAD_PROBABILITY_MIN)
    .toSorted((one, other) => other.names.probability - one.names.probability)
    .slice(0, LEADS_MAX)
}
