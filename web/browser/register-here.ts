import { UndecodableFile } from './decode.ts'
import { BrokenThread, type Fingerprinter, createFingerprinter } from './fingerprinter.ts'
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
  const objection = row.objection()
  if (objection) {
    row.say(objection, 'failed')
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
    const isOfFile = error instanceof UndecodableFile
    const isKnown = isOfFile || error instanceof BrokenThread
    row.say(isKnown ? error.message : 'something broke', 'failed')
    if (!isKnown) throw error
    return isOfFile
  }
}

/** What is under way: one thing at a time. */
interface State {
  readonly rows: FileRow[]
  /** Reading the names of files that were chosen, or registering. */
  work: 'none' | 'reading' | 'registering'
  stopped: boolean
}

const waitingOf = ({ rows }: State): FileRow[] => rows.filter(({ isDone }) => !isDone)

/** Brings the page to what is under way. */
function show({ table, start, stop, inputs }: Parts, state: State): void {
  const { length: waiting } = waitingOf(state)
  // Before the buttons change: one that is disabled or hidden loses the focus.
  const focused = document.activeElement
  table.hidden = state.rows.length === 0
  start.disabled = state.work !== 'none' || waiting === 0
  start.textContent = waiting === 1 ? 'Register 1 recording' : `Register ${waiting} recordings`
  for (const input of inputs) input.disabled = state.work !== 'none'
  // Whoever works with the keyboard stays at this place, though the button that they pressed goes.
  stop.hidden = state.work !== 'registering'
  if (focused === start && !stop.hidden) stop.focus()
  if (focused === stop && stop.hidden) (start.disabled ? inputs[0] : start)?.focus()
}

/** Adds a row for each file that is audio. */
async function take(parts: Parts, state: State, files: readonly File[]): Promise<void> {
  const taken = files
    .filter(isAudio)
    .toSorted((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }))
    .slice(0, FILES_MAX - state.rows.length)
  state.work = 'reading'
  show(parts, state)
  try {
    for (const [number, file] of taken.entries()) {
      parts.status.textContent = `Reading names, ${number + 1} of ${taken.length}`
      state.rows.push(await addRow(parts.body, file))
    }
  } finally {
    state.work = 'none'
    show(parts, state)
  }
  const left = files.length - taken.length
  const added = `${taken.length} ${taken.length === 1 ? 'file' : 'files'} added`
  parts.status.textContent =
    left > 0 ? `${added}; left out, as no audio or more than ${FILES_MAX}: ${left}` : added
}

/** Registers what is not yet registered, one after the other. */
async function registerAll(parts: Parts, state: State): Promise<void> {
  Object.assign(state, { work: 'registering', stopped: false } satisfies Partial<State>)
  show(parts, state)
  const fingerprinter = createFingerprinter(parts.form.dataset['thread'] ?? '')
  const waiting = waitingOf(state)
  try {
    for (const [number, row] of waiting.entries()) {
      if (state.stopped) break
      parts.status.textContent = `${row.file.name}, ${number + 1} of ${waiting.length}`
      if (!(await registerRow(row, fingerprinter))) break
    }
  } finally {
    fingerprinter.close()
    state.work = 'none'
    const done = state.rows.length - waitingOf(state).length
    parts.status.textContent = `${done} of ${state.rows.length} registered${state.stopped ? ', stopped' : ''}`
    show(parts, state)
  }
}

/** Makes the page work: files into rows, rows into registered recordings. */
function enhance(parts: Parts): void {
  const { form, stop } = parts
  const state: State = { rows: [], work: 'none', stopped: false }
  for (const input of parts.inputs) {
    const takeChosen = async (): Promise<void> => {
      const files = [...(input.files ?? [])]
      input.value = ''
      await take(parts, state, files)
      // It was disabled meanwhile, which takes the focus away.
      if (document.activeElement === document.body) input.focus()
    }
    input.addEventListener('change', () => void takeChosen())
  }
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    if (state.work === 'none') void registerAll(parts, state)
  })
  stop.addEventListener('click', () => {
    state.stopped = true
    parts.status.textContent = 'Stopping after this file'
  })
  addEventListener('beforeunload', (event) => {
    if (state.work === 'registering') event.preventDefault()
  })
  form.hidden = false
  show(parts, state)
}

const form = document.querySelector<HTMLFormElement>('form[data-register-here]')
if (form) enhance(partsOf(form))
