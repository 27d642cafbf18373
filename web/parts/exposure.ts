import { type Html, html } from '../../services/core/html.ts'
import { hasAudio } from '../../services/leaks/audit/ranking.ts'
import type { EvidenceRow, LeakAnswer } from '../../services/leaks/exposure.ts'
import type { TrackStatus } from '../../services/leaks/manifest-row.ts'
import { exposureWords, foundByWords, locatorWords } from '../../services/leaks/report/words.ts'
import type { IconName } from './icons.ts'
import { type Tone, pill } from './pills.ts'
import { counted, dayExact, percent } from './words.ts'

const looks: Readonly<Record<TrackStatus, readonly [Tone, IconName]>> = {
  audio: ['bad', 'warning'],
  sibling: ['bad', 'warning'],
  planned: ['attention', 'clock'],
  metadata: ['neutral', 'file'],
  failed: ['neutral', 'cross'],
  unknown: ['neutral', 'dots'],
}

/** How a recording is in a leak, in a pill. */
export function exposurePill(answer: Pick<LeakAnswer, 'status' | 'codec'>): Html {
  const [tone, name] = looks[answer.status]
  const text = exposureWords(answer)
  return pill(tone, name, text.slice(0, 1).toUpperCase() + text.slice(1))
}

/** The part of a leak that a recording is in, and of audio whether that is published. */
const tierLine = ({ status, batch, batchName, publishedOn }: Tier): Html | false =>
  (batch > 0 || batchName !== null) &&
  html`<span class="row-detail"
    >${batchName ?? `Batch ${batch}`}${
      hasAudio({ status }) &&
      html`, ${publishedOn === null ? 'not published yet' : html`published ${dayExact(publishedOn)}`}`
    }</span
  >`

interface Tier extends Pick<LeakAnswer, 'status'> {
  readonly batch: number
  readonly batchName: string | null
  readonly publishedOn: string | null
}

/** How a recording is in a leak, and in which part of it. */
export const inItCell = (answer: Pick<LeakAnswer, 'status' | 'codec'> & Tier): Html =>
  html`${exposurePill(answer)} ${tierLine(answer)}`

/** Which leak a line speaks of, below the recording's name. */
export const leakLine = ({
  leakId,
  leakName,
}: {
  readonly leakId: string
  readonly leakName: string
}): Html =>
  html`<span class="row-detail breakable"
    >in <a class="row-tick" href="/leaks/${leakId}">${leakName}</a></span
  >`

const rowItem = (row: EvidenceRow): Html =>
  html`<li class="breakable">
    ${locatorWords(row)} of manifest <code>${row.manifestId.slice(0, 8)}</code>
    ${row.title !== null && html`: ${row.artists.join(', ')} – ${row.title}`}
    ${row.isrc !== null && html` · ${row.isrc}`}
    ${row.sha256.map((hash) => html` · <code class="hash">${hash}…</code>`)}
    ${row.fileName !== null && html` · ${row.fileName}`} ${row.address !== null && html` · ${row.address}`}
  </li>`

/** The rows that an answer rests on, folded away. */
export const evidenceMore = (
  answer: Pick<LeakAnswer, 'rows' | 'rowsFound' | 'foundBy' | 'probability'>,
): Html =>
  html`<details class="more row-tick">
    <summary>
      ${counted(answer.rowsFound, 'row')}, ${foundByWords[answer.foundBy]}, ${percent(answer.probability)}
      sure
    </summary>
    <ul>
      ${answer.rows.map(rowItem)}
    </ul>
  </details>`

/** The names of what a recording can be in a leak, for filters. */
export const statusFilters = {
  audio: 'Audio',
  sibling: 'Another copy has audio',
  planned: 'Planned',
  metadata: 'Metadata only',
  failed: 'Could not be taken',
  unknown: 'Listed',
} as const satisfies Partial<Record<TrackStatus, string>>
