import type { LeakId, ReleaseId } from '../../core/ids.ts'
import type { AuditLine, AuditSummary, ExposureCounts } from '../exposure.ts'
import type { Leak } from '../leak.ts'
import { forecastOf } from './forecast.ts'
import { hasAudio } from './ranking.ts'

/** Releases that a summary names; the others are in the lines. */
const RELEASES_MAX = 100

type Counts = { -readonly [Name in keyof ExposureCounts]: ExposureCounts[Name] }
const noCounts = (): Counts => ({ asked: 0, listed: 0, audio: 0, published: 0 })

/** What of a line is summed up. */
type Summed = Pick<AuditLine, 'leakId' | 'status' | 'batch' | 'publishedOn' | 'score'>

/** Counts one that was asked for, by all lines that there are of it. */
function count(counts: Counts, lines: readonly Summed[]): void {
  counts.asked += 1
  if (lines.length === 0) return
  counts.listed += 1
  const audio = lines.filter((line) => hasAudio(line))
  if (audio.length > 0) counts.audio += 1
  if (audio.some(({ publishedOn }) => publishedOn !== null)) counts.published += 1
}

interface SummedRelease {
  readonly title: string | null
  readonly counts: Counts
  /** Of the worst line of each of its recordings. */
  scores: number
}

interface SummedLeak {
  readonly counts: Counts
  /** Recordings in each batch that can be published with it. */
  readonly inBatch: number[]
}

/** Sums up an audit recording by recording; what is held are some numbers for each release and leak. */
export class SummaryBuilder {
  readonly #total = noCounts()
  readonly #releases = new Map<ReleaseId | null, SummedRelease>()
  readonly #leaks = new Map<LeakId, SummedLeak>()
  #contradicted = 0

  /**
   * Takes a recording, or a code that is not registered.
   *
   * @param lines of it, at most one for each leak.
   * @param isContradicted a leak has its ISRC on another song.
   */
  add(
    asked: { readonly releaseId: ReleaseId | null; readonly releaseTitle: string | null },
    lines: readonly Summed[],
    isContradicted: boolean,
  ): void {
    count(this.#total, lines)
    if (isContradicted) this.#contradicted += 1
    const release = this.#release(asked)
    count(release.counts, lines)
    release.scores += Math.max(0, ...lines.map(({ score }) => score))
    for (const line of lines) this.#addToLeak(line)
  }

  #release(asked: {
    readonly releaseId: ReleaseId | null
    readonly releaseTitle: string | null
  }): SummedRelease {
    const before = this.#releases.get(asked.releaseId)
    if (before) return before
    const release = { title: asked.releaseTitle, counts: noCounts(), scores: 0 }
    this.#releases.set(asked.releaseId, release)
    return release
  }

  #addToLeak(line: Summed): void {
    const leak = this.#leaks.get(line.leakId) ?? { counts: noCounts(), inBatch: [] }
    this.#leaks.set(line.leakId, leak)
    count(leak.counts, [line])
    if (hasAudio(line) || line.status === 'planned')
      leak.inBatch[line.batch] = (leak.inBatch[line.batch] ?? 0) + 1
  }

  /**
   * @param leaks that were asked.
   * @param today as ISO 8601 date, for the forecasts.
   */
  summary(leaks: readonly Pick<Leak, 'id' | 'name' | 'batches'>[], today: string): AuditSummary {
    const releases = [...this.#releases]
      .map(([releaseId, { title, counts, scores }]) => ({
        releaseId,
        title,
        ...counts,
        score: Number((scores / counts.asked).toFixed(4)),
      }))
      .filter(({ listed }) => listed > 0)
      .toSorted((one, other) => other.score - one.score || other.listed - one.listed)
    return {
      ...this.#total,
      contradicted: this.#contradicted,
      releases: releases.slice(0, RELEASES_MAX),
      leaks: leaks.map(({ id, name }) => {
        const { listed, audio, published } = this.#leaks.get(id)?.counts ?? noCounts()
        return { leakId: id, name, listed, audio, published }
      }),
      forecasts: leaks.flatMap((leak) => {
        const inBatch = this.#leaks.get(leak.id)?.inBatch ?? []
        return forecastOf(leak, (batch) => inBatch[batch] ?? 0, today) ?? []
      }),
    }
  }
}
