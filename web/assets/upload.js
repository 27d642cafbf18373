// Sends each chosen file as a form of its own and shows how far it is; in a form with `data-together` all files in one.
// Without this script the same form sends all files at once.

const size = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`)

/** One line of the list: name, size, bar, and in words what became of it. */
function lineFor(file) {
  const item = document.createElement('li')
  const name = document.createElement('span')
  name.className = 'upload-name'
  name.textContent = file.name
  const bar = document.createElement('progress')
  bar.max = 1
  bar.value = 0
  bar.setAttribute('aria-label', `Upload of ${file.name}`)
  const state = document.createElement('span')
  state.className = 'upload-state'
  state.textContent = size(file.size)
  item.append(name, bar, state)
  return { item, bar, state }
}

/** Sends one form; resolves to what the server says of it. */
function send(form, data, onShare) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest()
    request.open('POST', form.action)
    request.setRequestHeader('accept', 'application/json')
    request.responseType = 'json'
    request.upload.addEventListener('progress', (event) => {
      if (event.lengthComputable) onShare(event.loaded / event.total)
    })
    request.addEventListener('load', () => resolve(request.response ?? { faults: { '': `The server answered ${request.status}` } }))
    request.addEventListener('error', () => resolve({ faults: { '': 'The connection broke off. Try again.' } }))
    request.send(data)
  })
}

/** The form's words with one file, the file last: the server reads them in this order. */
function formWith(form, file, isOneOfMany) {
  const data = new FormData(form)
  data.delete('file')
  // What tells one recording from another cannot hold for several files.
  if (isOneOfMany) for (const name of ['title', 'version', 'isrc']) data.delete(name)
  data.append('file', file)
  return data
}

/** What is sent at once: its name and size for the list, and the form. */
function parcelsOf(form, files) {
  if (!('together' in form.dataset) || files.length < 2)
    return files.map((file) => ({ name: file.name, size: file.size, data: () => formWith(form, file, files.length > 1) }))
  // The browser's own form has the words before the files, and all of them.
  return [{ name: `${files.length} files`, size: files.reduce((sum, { size }) => sum + size, 0), data: () => new FormData(form) }]
}

async function sendAll(form, files, say) {
  const list = form.querySelector('[data-upload-list]')
  const parcels = parcelsOf(form, files)
  const lines = parcels.map(lineFor)
  list.replaceChildren(...lines.map(({ item }) => item))
  list.hidden = false
  let hrefs
  let failed = 0
  for (const [index, parcel] of parcels.entries()) {
    const { item, bar, state } = lines[index]
    say(parcels.length > 1 ? `Sending ${parcel.name}, ${index + 1} of ${parcels.length}` : `Sending ${parcel.name}`)
    const answer = await send(form, parcel.data(), (share) => {
      bar.value = share
      state.textContent = share < 1 ? `${Math.floor(share * 100)} %` : 'checking…'
    })
    if (answer.one) {
      hrefs = answer
      bar.value = 1
      state.textContent = 'received'
      item.className = 'upload-done'
    } else {
      failed += 1
      state.textContent = Object.entries(answer.faults ?? {})
        .map(([name, fault]) => (name ? `${name}: ${fault}` : fault))
        .join('; ')
      item.className = 'upload-failed'
    }
  }
  return { hrefs, failed }
}

function enhanceForm(form) {
  const input = form.querySelector('input[type=file]')
  const status = form.querySelector('[data-upload-status]')
  const drop = form.querySelector('[data-drop]')
  const label = drop.querySelector('label strong')
  const asked = label.textContent
  const say = (text) => (status.textContent = text)

  const showChoice = () => {
    const { files } = input
    label.textContent = files.length === 0 ? asked : files.length === 1 ? `${files[0].name}, ${size(files[0].size)}` : `${files.length} files`
    drop.classList.toggle('drop-filled', files.length > 0)
    for (const part of form.querySelectorAll('[data-single-file]')) part.hidden = files.length > 1
  }
  input.addEventListener('change', showChoice)
  for (const name of ['dragenter', 'dragover']) drop.addEventListener(name, (event) => {
    event.preventDefault()
    drop.classList.add('drop-over')
  })
  for (const name of ['dragleave', 'drop']) drop.addEventListener(name, () => drop.classList.remove('drop-over'))
  drop.addEventListener('drop', (event) => {
    event.preventDefault()
    if (event.dataTransfer.files.length === 0) return
    const transfer = new DataTransfer()
    for (const file of input.multiple ? event.dataTransfer.files : [event.dataTransfer.files[0]]) transfer.items.add(file)
    input.files = transfer.files
    showChoice()
  })

  form.addEventListener('submit', async (event) => {
    const files = [...input.files]
    if (files.length === 0 || form.dataset.sent) return
    event.preventDefault()
    form.dataset.sent = 'yes'
    form.classList.add('sending')
    const { hrefs, failed } = await sendAll(form, files, say)
    form.classList.remove('sending')
    delete form.dataset.sent
    if (failed === 0) location.assign(files.length > 1 ? hrefs.all : hrefs.one)
    else say(`${failed} of ${files.length} could not be taken`)
  })
  showChoice()
}

export function enhanceUploads() {
  for (const form of document.querySelectorAll('form[data-upload]')) enhanceForm(form)
}
