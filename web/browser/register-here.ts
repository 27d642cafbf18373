import { UndecodableFile } from './decode.ts'
import { type Fingerprinter, createFingerprinter } from './fingerprinter.ts'
import { type FileRow, addRow } from './rows.ts'
import { register } from './send.ts'

/** Rows of one go; more are for the command line, which goes on where it stopped. */
const FILES_MAX = 500

/** The parts of the page (web/pages/register-here-view.ts). */
interface Parts {
  readonly form: HTMLFormElement
  readonly inputs: readonly HTMLInputElement[]
  readonly table: HTMLTableElement
  readonly body: HTMLTableSectionElement
  readonly start: HTMLButtonElement
  readonly stop: HTMLButtonElement
  readonly status: HTMLElement
}

function partsOf(form: HTMLFormElement): Parts {
  const part = (selector: string): Element => {
    const found = form.querySelector(selector)
    if (!found) throw new Error(`The page has no ${selector}`)
    return found
  }
  return {
    form,
    inputs: [...form.querySelectorAll<HTMLInputElement>('input[type=file]')],
    table: part('table') as HTMLTableElement,
    body: part('tbody') as HTMLTableSectionElement,
    start: part('[data-start]') as HTMLButtonElement,
    stop: part('[data-stop]') as HTMLButtonElement,
    status: part('[role=status]') as HTMLElement,
  }
}

const isAudio = ({ type, name }: File): boolean =>
  /^(audio|video)\//.test(type) || /\.(flac|m4a|opus|ogg|mp3|wav|aiff?)$/i.test(name)

const percent = (share: number): string => `${Math.floor(100 * share)} %`

/** Takes one file from its bytes to its registration. @returns whether the others can follow. */
async function registerRow(row: FileRow, fingerprinter: Fingerprinter): Promise<boolean> {
  const missing = row.missing()
  if (missing) {
    row.say(missing, 'failed')
    return true
  }
  row.say('listening…', 'busy')
  try {
    const made = await fingerprinter.fingerprint(row.file, (share) => row.say(percent(share), 'busy'))
    const sent = await register(row.names(), made)
    if ('href' in sent) row.say(sent.isNew ? 'registered' : 'known, completed', 'done', sent.href)
    else row.say(sent.refusal, 'failed')
    return 'href' in sent || !sent.ended
  } catch (error) {
    if (!(error instanceof UndecodableFile)) throw error
    row.say(error.message, 'failed')
    return true
  }
}

/** Makes the page work: files into rows, rows into registered recordings. */
function enhance(parts: Parts): void {
  const { form, table, body, start, stop, status } = parts
  const rows: FileRow[] = []
  let stopped = false
  let busy = false
  const say = (text: string): void => {
    status.textContent = text
  }
  const show = (): void => {
    const waiting = rows.filter(({ isDone }) => !isDone).length
    table.hidden = rows.length === 0
    start.disabled = busy || waiting === 0
    start.textContent = waiting === 1 ? 'Register 1 recording' : `Register ${waiting} recordings`
    stop.hidden = !busy
    for (const input of parts.inputs) input.disabled = busy
  }

  const take = async (files: readonly File[]): Promise<void> => {
    const audio = files
      .filter(isAudio)
      .toSorted((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }))
    const taken = audio.slice(0, FILES_MAX - rows.length)
    for (const [number, file] of taken.entries()) {
      say(`Reading names, ${number + 1} of ${taken.length}`)
      rows.push(await addRow(body, file))
    }
    const left = files.length - taken.length
    const added = `${taken.length} ${taken.length === 1 ? 'file' : 'files'} added`
    say(left > 0 ? `${added}; left out, as no audio or more than ${FILES_MAX}: ${left}` : added)
    show()
  }
  for (const input of parts.inputs) {
    input.addEventListener('change', () => {
      void take([...(input.files ?? [])])
      input.value = ''
    })
  }

  const registerAll = async (): Promise<void> => {
    ;[busy, stopped] = [true, false]
    show()
    const fingerprinter = createFingerprinter(form.dataset['thread'] ?? '')
    const waiting = rows.filter(({ isDone }) => !isDone)
    try {
      for (const [number, row] of waiting.entries()) {
        say(`${row.file.name}, ${number + 1} of ${waiting.length}`)
        if (stopped || !(await registerRow(row, fingerprinter))) break
      }
    } finally {
      fingerprinter.close()
      busy = false
      const done = rows.filter(({ isDone }) => isDone).length
      say(`${done} of ${rows.length} registered${stopped ? ', stopped' : ''}`)
      show()
    }
  }
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    if (!busy) void registerAll()
  })
  stop.addEventListener('click', () => {
    stopped = true
    say('Stopping after this file')
  })
  addEventListener('beforeunload', (event) => {
    if (busy) event.preventDefault()
  })
  form.hidden = false
  show()
}

const form = document.querySelector<HTMLFormElement>('form[data-register-here]')
if (form) enhance(partsOf(form))
