// Passkeys: the browser asks the device, the API checks what it answers. Shown only where the browser can do it.

const API = '/v1/me/second-factor'

async function post(path, body = {}) {
  const response = await fetch(API + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const answer = await response.json()
  if (!response.ok) throw new Error(answer.detail ?? `The server answered ${response.status}`)
  return answer
}

/** In words: a browser says little of why a device did not answer. */
const reasonOf = (error) =>
  error.name === 'NotAllowedError'
    ? 'The device did not answer, or you closed its question. Try again.'
    : error.name === 'InvalidStateError'
      ? 'This device is a passkey of yours already.'
      : error.message

/** Runs the work of a button; what goes wrong is said in the paragraph for it. */
async function attempt(fault, work) {
  fault.hidden = true
  try {
    await work()
  } catch (error) {
    fault.textContent = reasonOf(error)
    fault.hidden = false
  }
}

function enhanceVerify(button) {
  const fault = button.closest('section').querySelector('[data-passkey-fault]')
  button.hidden = false
  button.addEventListener('click', () =>
    attempt(fault, async () => {
      const options = await post('/verify/passkey/options')
      const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options)
      const credential = await navigator.credentials.get({ publicKey })
      await post('/verify/passkey', { credential: credential.toJSON() })
      location.assign(button.dataset.then || '/settings/security?done=factor-shown')
    }),
  )
}

function enhanceAdd(form) {
  const fault = form.querySelector('[data-passkey-fault]')
  form.hidden = false
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const { name, password } = form.elements
    void attempt(fault, async () => {
      const options = await post('/passkeys/options', password ? { password: password.value } : {})
      const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options)
      const credential = await navigator.credentials.create({ publicKey })
      await post('/passkeys', { name: name.value, credential: credential.toJSON() })
      location.assign('/settings/security?done=factor-added')
    })
  })
}

if (globalThis.PublicKeyCredential?.parseCreationOptionsFromJSON) {
  for (const button of document.querySelectorAll('[data-passkey="verify"]')) enhanceVerify(button)
  for (const form of document.querySelectorAll('[data-passkey="add"]')) enhanceAdd(form)
}
