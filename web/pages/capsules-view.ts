import { type Html, html } from '../../services/core/html.ts'
import { CAPSULE_DAYS, type Capsule } from '../../services/evidence/capsule.ts'
import { icon } from '../parts/icons.ts'
import { card, noteBox, problemNote, progressBar } from '../parts/pieces.ts'
import { pill } from '../parts/pills.ts'
import { sizeInWords, timeAgo, timeExact } from '../parts/words.ts'

const DAY_MS = 24 * 60 * 60_000

/** What a page shows of evidence: whose it is, and the capsules that were asked for, the latest first. */
export interface Evidence {
  readonly about: 'case' | 'notice'
  /** The path of the page; the capsules' own lies below it. */
  readonly path: string
  readonly capsules: readonly Capsule[]
}

/** Where the capsules of a page are asked for, and where it looks how they get on. */
export const capsulesPath = (path: string): string => `${path}/capsules`

const contents: Readonly<Record<Evidence['about'], string>> = {
  case: 'the suspect, its capture, the screenshots, the comparison, the decisions and the log',
  notice: 'the notice, its messages and replies, and the evidence of each of its cases',
}

const stampPill = ({ timeStamped }: Capsule): Html =>
  timeStamped ? pill('good', 'clock', 'Time-stamped') : pill('neutral', 'dash', 'No time stamp')

const downloads = ({ id, createdAt }: Capsule): Html => {
  const link = (file: 'download' | 'certificate', text: string, label: string): Html =>
    html`<a
      class="button button-small"
      href="/v1/capsules/${id}/${file}"
      download
      aria-label="${label} of the capsule asked for at ${createdAt.toISOString()}"
      >${icon('download')}${text}</a
    >`
  return html` <span class="downloads">
    ${link('download', 'Zip', 'Download the zip file')}
    ${link('certificate', 'Certificate (India)', 'Download the certificate by section 63 of the Bharatiya Sakshya Adhiniyam')}
  </span>`
}

/** Until when the file is there, or that it is not. */
const keptUntil = ({ held, endedAt }: Capsule): Html | string =>
  held && endedAt
    ? html`held until ${timeExact(new Date(endedAt.getTime() + CAPSULE_DAYS * DAY_MS))}`
    : 'its file was deleted; make one anew'

const builtLines = (capsule: Capsule): Html =>
  html`<p><strong>Built ${capsule.endedAt && timeExact(capsule.endedAt)}</strong> ${stampPill(capsule)}</p>
    <p class="row-detail">
      ${capsule.bytes !== null && html`${sizeInWords(capsule.bytes)}, `}${keptUntil(capsule)}
    </p>
    <p class="row-detail">
      SHA-256 of the manifest <code class="hash breakable">${capsule.manifestSha256}</code>
    </p>`

const capsuleItem = (capsule: Capsule): Html => {
  const { stage, problem, progress, createdAt, held } = capsule
  const lines =
    stage === 'done'
      ? builtLines(capsule)
      : stage === 'failed'
        ? html`<p><strong>Asked for ${timeAgo(createdAt)}</strong></p>
            ${problem && problemNote(problem)}`
        : html`<p><strong>Asked for ${timeAgo(createdAt)}</strong>, being built</p>
            ${progressBar(progress, 'Building the capsule')}`
  return html` <li class="report">
    <div>${lines}</div>
    ${stage === 'done' && held && downloads(capsule)}
  </li>`
}

/** The evidence capsules of a case or a notice, and the button that makes one; it looks anew while one is being built. */
export function capsulesCard({ about, path, capsules }: Evidence): Html {
  const isBuilding = capsules.some(({ stage }) => stage === 'capsule')
  return card({
    id: 'evidence',
    title: 'Evidence capsule',
    refreshFrom: isBuilding && capsulesPath(path),
    body: html`<p>
        One zip file with everything that is held of this ${about}: ${contents[about]}, with a manifest that
        names the SHA-256 of each file.
      </p>
      ${
        isBuilding
          ? noteBox('info', 'A capsule is being built. It appears below when it is done.')
          : html`<form method="post" action="${capsulesPath(path)}">
              <button class="button button-plain">
                ${icon('file')}${capsules.length > 0 ? 'Make another one' : 'Make one'}
              </button>
            </form>`
      }
      ${
        capsules.length > 0 &&
        html`<ul class="reports" aria-label="Capsules, latest first">
          ${capsules.map(capsuleItem)}
        </ul>`
      }
      ${
        capsules.some(({ stage }) => stage === 'done') &&
        html`<p class="hint">
          Keep the SHA-256 of the manifest apart. With it, whoever gets the file can verify it off-line: with
          the page <code>verify.html</code> inside, or with <code>earwitness verify FILE</code>. Each download
          is noted in the audit log.
        </p>`
      }`,
  })
}
