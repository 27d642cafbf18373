// Single keys for people who review many cases: an element tells its key in `data-key`, a list its rows by `data-rows`.
// They are listed on the page (web/parts/shortcuts.ts), where they can be turned off: speech input may press them.

const OFF_KEY = 'earwitness-keys-off'
/** How often a page that is used tells that somebody still looks: thrice before a quarter of an hour is over. */
const HOLD_MS = 4 * 60 * 1000

const isOff = () => localStorage.getItem(OFF_KEY) === 'yes'

function enhanceToggle(button) {
  const show = () => (button.textContent = isOff() ? 'Turn single keys on' : 'Turn single keys off')
  button.hidden = false
  show()
  button.addEventListener('click', () => {
    localStorage.setItem(OFF_KEY, isOff() ? 'no' : 'yes')
    show()
  })
}

/** Opens what a key stands for and puts the focus where one goes on: the first field of a form, or the link followed. */
function press(element) {
  if (element.tagName !== 'SUMMARY') return element.click()
  const details = element.parentElement
  details.open = !details.open || details.querySelector('form') !== null
  const field = details.querySelector('select, textarea, input:not([type=hidden])')
  ;(field ?? element).focus()
}

/** Moves the focus by one row; from outside the list to its first. */
function move(step) {
  const links = [...document.querySelectorAll('[data-rows] .row-link')]
  if (links.length === 0) return false
  const row = document.activeElement?.closest('tr')
  const at = links.findIndex((link) => link.closest('tr') === row)
  links[at < 0 ? 0 : Math.min(links.length - 1, Math.max(0, at + step))].focus()
  return true
}

/** Marks the row that has the focus. */
function mark() {
  const box = document.activeElement?.closest('tr')?.querySelector('input[type=checkbox]')
  box?.click()
  return Boolean(box)
}

const steps = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }

function hear(event) {
  const inField = event.target.closest('input:not([type=checkbox]), textarea, select')
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && inField) return inField.form?.requestSubmit()
  if (event.ctrlKey || event.metaKey || event.altKey || inField || isOff()) return
  const step = steps[event.key]
  if (step ? move(step) : event.key === 'x' && mark()) return event.preventDefault()
  const element = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`)
  if (!element) return
  event.preventDefault()
  press(element)
}

/** Keeps the case for whoever looks at it, as long as they do something. */
function holdWhileUsed(element) {
  let used = true
  for (const kind of ['pointerdown', 'keydown', 'scroll']) document.addEventListener(kind, () => (used = true), { passive: true })
  setInterval(() => {
    if (used && !document.hidden) fetch(element.dataset.hold, { method: 'post' }).catch(() => undefined) // The page says so when it is lost.
    used = false
  }, HOLD_MS)
}

function enhanceMarkAll(button) {
  button.hidden = false
  button.addEventListener('click', () => {
    const boxes = [...button.form.querySelectorAll('input[type=checkbox]')]
    const all = boxes.every((box) => box.checked)
    for (const box of boxes) box.checked = !all
  })
}

export function enhanceKeys() {
  for (const button of document.querySelectorAll('[data-keys-toggle]')) enhanceToggle(button)
  for (const button of document.querySelectorAll('[data-mark-all]')) enhanceMarkAll(button)
  for (const element of document.querySelectorAll('[data-hold]')) holdWhileUsed(element)
  if (document.querySelector('[data-shortcuts]')) document.addEventListener('keydown', hear)
}
