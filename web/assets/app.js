// Small helps on every page. Each page works without them.
import { enhanceUploads } from './upload.js'
import { enhanceKeys } from './keys.js'
import { enhancePlayers } from './players.js'

const THEME_KEY = 'earwitness-theme'

/** Switches between light and dark, starting from what is shown now, and remembers it. */
function enhanceTheme(button) {
  const dark = matchMedia('(prefers-color-scheme: dark)')
  const isDark = () => (document.documentElement.dataset.theme ?? (dark.matches ? 'dark' : 'light')) === 'dark'
  const show = () => button.setAttribute('aria-pressed', String(isDark()))
  button.querySelector('span').textContent = 'Dark colours'
  button.hidden = false
  show()
  button.addEventListener('click', () => {
    const next = isDark() ? 'light' : 'dark'
    document.documentElement.dataset.theme = next
    localStorage.setItem(THEME_KEY, next)
    show()
  })
}

/** Copies the text of another element; where the clipboard is closed, selects it instead. */
function enhanceCopy(button) {
  const source = document.getElementById(button.dataset.copy)
  button.hidden = false
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(source.textContent)
      button.textContent = 'Copied'
    } catch {
      getSelection().selectAllChildren(source)
      button.textContent = 'Selected: now copy'
    }
  })
}

/** The message of what was done belongs to this view only: reloading must not repeat it. */
function forgetFlash() {
  const here = new URL(location.href)
  if (!here.searchParams.has('done')) return
  here.searchParams.delete('done')
  history.replaceState(null, '', here)
}

/** A double click comes within this time; somebody whose request was lost may send again after it. */
const DOUBLE_MS = 3000

/** A form sent twice by a double click would do its work twice. */
function refuseDoubles(event) {
  const form = event.target
  if (event.defaultPrevented || form.method !== 'post') return
  if (form.dataset.sent) event.preventDefault()
  form.dataset.sent = 'yes'
  setTimeout(() => delete form.dataset.sent, DOUBLE_MS)
}

for (const button of document.querySelectorAll('[data-theme-toggle]')) enhanceTheme(button)
for (const button of document.querySelectorAll('[data-copy]')) enhanceCopy(button)
document.addEventListener('submit', refuseDoubles)
forgetFlash()
enhanceUploads()
enhancePlayers()
enhanceKeys()
