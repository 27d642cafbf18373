import {
  type AnswerLine,
  answerCounts,
  answerCsv,
  answerLines,
} from '../../services/leaks/private/answer-table.ts'
import { type IsrcList, LIST_ISRCS_MAX, readIsrcList } from '../../services/leaks/private/isrc-list.ts'
import { privateCheck } from '../../services/leaks/private/private-check.ts'
import { AskingFailed, httpAsker } from './check-asker.ts'
import { countsText, saveText, showLines } from './check-results.ts'

/** A file that is longer is no list of 10,000 codes. */
const FILE_BYTES_MAX = 20_000_000
/** Lines that cannot be read are shown up to here, and all counted. */
const FAULTS_SHOWN_MAX = 20

/** The parts of the page (web/pages/private-check-view.ts). */
const partsOf = (form: HTMLFormElement) => {
  const part = (selector: string): Element => {
    const found = document.querySelector(selector)
    if (!found) throw new Error(`The page has no ${selector}`)
    return found
  }
  return {
    form,
    text: part('#isrcs') as HTMLTextAreaElement,
    file: part('#isrc-file') as HTMLInputElement,
    drop: part('[data-drop-list]') as HTMLElement,
    start: part('[data-start]') as HTMLButtonElement,
    stop: part('[data-stop]') as HTMLButtonElement,
    progress: part('[data-progress]') as HTMLProgressElement,
    status: part('[data-status]') as HTMLElement,
    faults: part('[data-faults]') as HTMLUListElement,
    results: part('[data-results]') as HTMLElement,
    counts: part('[data-counts]') as HTMLElement,
    kind: part('#result-kind') as HTMLSelectElement,
    filter: part('#result-filter') as HTMLInputElement,
    body: part('[data-results] tbody') as HTMLTableSectionElement,
    more: part('[data-more]') as HTMLElement,
    save: part('[data-save]') as HTMLButtonElement,
  }
}
type Parts = ReturnType<typeof partsOf>

/** Says which lines of the list are no ISRCs. */
function showFaults({ faults }: Parts, list: IsrcList): void {
  const lines = list.faults
    .slice(0, FAULTS_SHOWN_MAX)
    .map(({ line, text }) => `Line ${line} has no ISRC: ${text}`)
  const more = list.faultCount - lines.length
  if (more > 0) lines.push(`and ${more.toLocaleString('en')} more lines without an ISRC`)
  if (list.isCut)
    lines.push(`The list was cut off: ${LIST_ISRCS_MAX.toLocaleString('en')} ISRCs are asked at once`)
  faults.replaceChildren(
    ...lines.map((line) => {
      const item = document.createElement('li')
      item.textContent = line
      return item
    }),
  )
  faults.hidden = lines.length === 0
}

/** Shows the lines that the filter leaves. */
function showResults({ body, kind, filter, more }: Parts, lines: readonly AnswerLine[]): void {
  const { left, shown } = showLines(body, lines, { kind: kind.value, text: filter.value })
  more.textContent =
    left === 0
      ? 'No line fits this filter.'
      : shown < left
        ? `${shown} of ${left.toLocaleString('en')} lines are shown; the CSV has all.`
        : ''
}

/** Brings the buttons to what is under way; who works with the keyboard keeps a place. */
function showWork({ start, stop, progress, text, file }: Parts, isBusy: boolean): void {
  const focused = document.activeElement
  start.disabled = isBusy
  stop.hidden = !isBusy
  progress.hidden = !isBusy
  text.readOnly = isBusy
  file.disabled = isBusy
  if (isBusy && focused === start) stop.focus()
  if (!isBusy && focused === stop) start.focus()
}

/** Asks and shows what came of it. @returns the lines, for the filter and the table file. */
async function check(parts: Parts, signal: AbortSignal): Promise<readonly AnswerLine[]> {
  const { text, status, progress, results, counts } = parts
  const list = readIsrcList(text.value)
  showFaults(parts, list)
  if (list.isrcs.length === 0) {
    status.textContent = 'Enter at least one ISRC, such as AA-6Q7-20-00047.'
    text.focus()
    return []
  }
  status.textContent = 'Asking…'
  const answer = await privateCheck(
    list.isrcs,
    httpAsker({
      signal,
      onWait: (seconds) => (status.textContent = `The service asks for ${seconds} s of patience`),
    }),
    {
      signal,
      onProgress(done, total) {
        progress.value = done / total
        status.textContent = `${done.toLocaleString('en')} of ${total.toLocaleString('en')} buckets`
      },
    },
  )
  const lines = answerLines(list.isrcs, answer)
  if (answer.leaks.length === 0) {
    status.textContent = 'There is no leak that can be asked here yet.'
    return []
  }
  counts.textContent = countsText(answerCounts(list.isrcs, answer), answer.leaks.length)
  results.hidden = false
  showResults(parts, lines)
  status.textContent = 'Done.'
  counts.focus()
  return lines
}

/** Takes a file's text for the list. */
async function takeFile({ text, status }: Parts, file: File | undefined): Promise<void> {
  if (!file) return
  if (file.size > FILE_BYTES_MAX) {
    status.textContent = `${file.name} is larger than a list of ISRCs.`
    return
  }
  text.value = await file.text()
  status.textContent = `${file.name} was read here; it was not sent.`
  text.focus()
}

/** Lets a file be dropped or chosen. */
function takeFiles(parts: Parts): void {
  const { drop, file } = parts
  file.addEventListener('change', () => void takeFile(parts, file.files?.[0]))
  for (const kind of ['dragenter', 'dragover', 'dragleave', 'drop'] as const)
    drop.addEventListener(kind, (event) => {
      event.preventDefault()
      drop.classList.toggle('drop-over', kind === 'dragenter' || kind === 'dragover')
      if (kind === 'drop') void takeFile(parts, event.dataTransfer?.files[0])
    })
}

function enhance(parts: Parts): void {
  const { form, stop, status, results, save, kind, filter } = parts
  let lines: readonly AnswerLine[] = []
  let controller: AbortController | undefined
  const run = async (): Promise<void> => {
    controller = new AbortController()
    results.hidden = true
    showWork(parts, true)
    try {
      lines = await check(parts, controller.signal)
    } catch (error) {
      const isStopped = controller.signal.aborted
      status.textContent = isStopped
        ? 'Stopped.'
        : error instanceof AskingFailed
          ? error.message
          : 'The page broke: reload it.'
      if (!isStopped && !(error instanceof AskingFailed)) throw error
    } finally {
      controller = undefined
      showWork(parts, false)
    }
  }
  takeFiles(parts)
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    if (!controller) void run()
  })
  stop.addEventListener('click', () => controller?.abort())
  save.addEventListener('click', () => saveText('private-check.csv', answerCsv(lines)))
  kind.addEventListener('change', () => showResults(parts, lines))
  filter.addEventListener('input', () => showResults(parts, lines))
  if (isSecureContext) form.hidden = false
  else status.textContent = 'Browsers hash only on pages that come by https. Use https, or the command line.'
}

const form = document.querySelector<HTMLFormElement>('form[data-private-check]')
if (form) enhance(partsOf(form))
