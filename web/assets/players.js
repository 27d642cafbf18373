// Two sides of one passage, heard in turn: A plays the suspect, B the recording at the same moment, space stops.

const sides = { a: 'suspect', b: 'reference' }

const playing = (audio) => !audio.paused && !audio.ended

function stop(audios) {
  for (const audio of audios) audio.pause()
}

/** Where one side is when the other is at its present moment: they may differ in tempo, so seconds would drift. */
function sameMoment(from) {
  const tempo = Number(from.closest('[data-tempo]').dataset.tempo)
  return from.dataset.side === 'suspect' ? from.currentTime * tempo : from.currentTime / tempo
}

/** Plays one side from where the other side is. */
function switchTo(audio, audios) {
  const item = audio.closest('[data-passage]')
  const from = audios.find((other) => other !== audio && playing(other) && item.contains(other))
  const at = from && sameMoment(from)
  stop(audios.filter((other) => other !== audio))
  const begin = () => {
    if (at !== undefined && at < audio.duration) audio.currentTime = at
    // Interrupted by the other key before it began: that is what was asked for.
    audio.play().catch((error) => {
      if (error.name !== 'AbortError') throw error
    })
  }
  if (at === undefined || audio.readyState > 0) return begin()
  audio.addEventListener('loadedmetadata', begin, { once: true })
  audio.load()
}

export function enhancePlayers() {
  const list = document.querySelector('[data-players]')
  if (!list) return
  const audios = [...list.querySelectorAll('audio')]
  let passage = list.querySelector('[data-passage]')
  for (const audio of audios) {
    audio.addEventListener('play', () => {
      passage = audio.closest('[data-passage]')
      stop(audios.filter((other) => other !== audio))
    })
  }
  list.addEventListener('focusin', (event) => {
    passage = event.target.closest('[data-passage]') ?? passage
  })
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (event.target.closest('input, textarea, select, button, a, summary, audio') && event.key === ' ') return
    if (event.target.closest('input, textarea, select')) return
    const side = sides[event.key.toLowerCase()]
    const audio = side && passage?.querySelector(`audio[data-side="${side}"]`)
    if (audio) switchTo(audio, audios)
    else if (event.key === ' ' && audios.some(playing)) stop(audios)
    else return
    event.preventDefault()
  })
}
