import { type Html, html } from '../../services/core/html.ts'
import { type Leak, type LeakManifest, MANIFEST_FILES_MAX } from '../../services/leaks/leak.ts'
import { type Filled, formFault, selectField, textArea, textField } from '../parts/fields.ts'
import { icon } from '../parts/icons.ts'
import { card, empty, noteBox, problemNote, progressBar } from '../parts/pieces.ts'
import { pill } from '../parts/pills.ts'
import { dropField } from '../parts/upload.ts'
import { counted, sizeInWords, timeAgo } from '../parts/words.ts'
import { LEAKS_PATH } from './leaks-view.ts'

const MINUTE_S = 60
const HOUR_S = 3_600

/** How long it will take, as people say it. */
export function durationWords(seconds: number): string {
  if (seconds < MINUTE_S) return counted(Math.max(1, Math.round(seconds)), 'second')
  if (seconds < HOUR_S) return counted(Math.round(seconds / MINUTE_S), 'minute')
  const minutes = Math.round((seconds % HOUR_S) / MINUTE_S)
  return `${counted(Math.floor(seconds / HOUR_S), 'hour')}${minutes > 0 ? ` ${counted(minutes, 'minute')}` : ''}`
}

const manifestPill = ({ stage, remark }: LeakManifest): Html => {
  if (stage === 'manifest') return pill('work', 'clock', 'Reading')
  if (stage === 'failed') return pill('bad', 'warning', 'Failed')
  return remark === null ? pill('good', 'check', 'Can be asked') : pill('attention', 'check', 'Read in part')
}

/** How far it is, in a line. */
function standing({ stage, rows, rate, secondsLeft, progress }: LeakManifest): string {
  if (stage !== 'manifest') return counted(rows, 'row')
  if (rows === 0) return progress === 0 ? 'Waiting for its turn' : 'Read; the index is being made'
  const parts = [
    `${counted(rows, 'row')} read`,
    rate !== null && rate > 0 && `${Math.round(rate).toLocaleString('en')} a second`,
    secondsLeft !== null && `about ${durationWords(secondsLeft)} left`,
  ]
  return parts.filter(Boolean).join(', ')
}

const countsLine = ({ counts }: LeakManifest): Html | false =>
  counts !== null &&
  html`<p class="hint">
    ${counted(counts.isrc, 'ISRC')}, ${counted(counts.upc, 'UPC')},
    ${counted(counts.hash, 'hash of a file', 'hashes of files')}; ${counted(counts.nameless, 'row')} without a
    usable ISRC
  </p>`

const faultSample = ({ faults, faultSample: sample, files }: LeakManifest): Html | false =>
  faults > 0 &&
  html`<details class="more">
    <summary>${counted(faults, 'row')} could not be read</summary>
    <ul>
      ${sample.map(
        ({ row, part, detail }) =>
          html`<li class="breakable">
            ${files.length > 1 && html`${files[part]?.name ?? `file ${part + 1}`}, `}row ${row}: ${detail}
          </li>`,
      )}
    </ul>
    ${faults > sample.length && html`<p class="hint">These are the first ${sample.length}.</p>`}
  </details>`

const manifestItem = (manifest: LeakManifest): Html => {
  const { id, name, files, bytes, stage, progress, problem, remark, batch, createdAt } = manifest
  const line = standing(manifest)
  return html`<li id="manifest-${id}">
    <div class="card-head">
      <h3 class="breakable">${name}</h3>
      ${manifestPill(manifest)}
    </div>
    <p class="row-detail">
      ${files.length > 1 && html`${counted(files.length, 'file')}, `}${sizeInWords(bytes)}${batch > 0 && html`, part ${batch}`},
      added ${timeAgo(createdAt)}
    </p>
    ${stage === 'manifest' && progressBar(progress, `Reading ${name}`)}
    <p>${line}</p>
    ${problem !== null && problemNote(problem)}
    ${remark !== null && noteBox('attention', html`<p><strong>${remark.title}.</strong> ${remark.detail} All rows before it are kept.</p>`)}
    ${countsLine(manifest)} ${faultSample(manifest)}
  </li>`
}

/** The manifests of a leak, renewing itself while one is being read. */
export const manifestsCard = (leak: Leak, manifests: readonly LeakManifest[]): Html => {
  const isReading = manifests.some(({ stage }) => stage === 'manifest')
  return card({
    id: 'manifests',
    title: 'Manifests',
    refreshFrom: isReading && `${LEAKS_PATH}/${leak.id}`,
    body:
      manifests.length > 0
        ? html`<ul class="stacked">
              ${manifests.map(manifestItem)}
            </ul>
            ${
              manifests.some(({ stage }) => stage === 'done') &&
              html`<p><a href="/exposure?leak=${leak.id}">What of yours is in it</a></p>`
            }
            ${
              isReading &&
              html`<noscript
                ><p>
                  This page does not renew itself without scripts.
                  <a href="${LEAKS_PATH}/${leak.id}">Look again</a>
                </p></noscript
              >`
            }`
        : empty({
            name: 'file',
            title: 'No manifest yet',
            text: 'Nothing can be asked of this leak until a list of what it has was read.',
          }),
  })
}

/** Where the manifests of an own leak are handed in. */
export const uploadCard = (leak: Leak, bytesMax: number, filled: Filled): Html =>
  card({
    id: 'upload',
    title: 'Add a manifest',
    body: html`<form
      method="post"
      action="${LEAKS_PATH}/${leak.id}/manifests"
      enctype="multipart/form-data"
      class="stack"
      data-upload="manifest"
      data-together
    >
      ${formFault(filled)}
      <details class="more" ${Object.keys(filled.faults).length > 0 && html`open`}>
        <summary>Name, part and columns</summary>
        <div class="stack">
          ${textField({ name: 'name', label: 'What it is called', charactersMax: 200, hint: 'Else as its first file.' }, filled)}
          ${
            leak.batches.length > 0 &&
            selectField(
              {
                name: 'batch',
                label: 'All its rows are of',
                prompt: 'several parts, or it is not known',
                options: Object.fromEntries(
                  leak.batches.map(({ number, name }) => [String(number), `${number}. ${name}`]),
                ),
              },
              filled,
            )
          }
          ${textArea(
            {
              name: 'mapping',
              label: 'Which columns its fields are read from',
              charactersMax: 20_000,
              placeholder: '{"isrc": "Code", "title": "Track", "popularity": "stats.popularity"}',
              hint: 'As JSON, only where the names of its columns are not known. Whatever names users, owners or playlists is never read.',
            },
            filled,
          )}
        </div>
      </details>
      ${dropField({
        id: 'manifest-file',
        label: 'Choose its files',
        hint: `JSON lines, a table, Parquet, SQLite or a list of files; also as gzip or zstd. Up to ${sizeInWords(bytesMax)} and ${MANIFEST_FILES_MAX > 100 ? 100 : MANIFEST_FILES_MAX} files, which are read as one manifest. Of larger ones the operator gives the path on the machine.`,
        multiple: true,
        required: true,
        accept: '.jsonl,.ndjson,.json,.csv,.tsv,.txt,.parquet,.sqlite,.sqlite3,.db,.gz,.zst,.list',
      })}
      <p><button class="button button-primary">${icon('submit')}Add the manifest</button></p>
    </form>`,
  })
