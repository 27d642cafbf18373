import { z } from 'zod'

import { type Check, type Verification, allHold, verifyCapsule } from '../verify.ts'
import type { ByteSource } from '../zip.ts'

// zod would try whether code can be made at run time, which this page forbids itself.
z.config({ jitless: true })

/** A browser hashes only what is in memory as one piece. */
async function sha256(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: BlobPart[] = []
  for await (const chunk of chunks) parts.push(chunk as Uint8Array<ArrayBuffer>)
  const digest = await crypto.subtle.digest('SHA-256', await new Blob(parts).arrayBuffer())
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

const sourceOf = (file: Blob): ByteSource => ({
  bytes: file.size,
  read: async (at, length) => new Uint8Array(await file.slice(at, at + length).arrayBuffer()),
})

function element<E extends Element>(id: string, kind: new () => E): E {
  const found = document.getElementById(id)
  if (!(found instanceof kind)) throw new Error(`the page has no ${id}`)
  return found
}

const input = element('capsule', HTMLInputElement)
const known = element('known', HTMLInputElement)
const drop = element('drop', HTMLElement)
const verdict = element('verdict', HTMLElement)
const bar = element('progress', HTMLProgressElement)
const table = element('checks', HTMLTableElement)
const rows = element('rows', HTMLTableSectionElement)

const words = (holds: Check['holds']): string =>
  holds === null ? 'not checked' : holds ? 'holds' : 'does not hold'

function rowOf({ name, holds, detail }: Check): HTMLTableRowElement {
  const row = document.createElement('tr')
  row.className = holds === null ? 'open' : holds ? 'good' : 'bad'
  for (const text of [words(holds), name, detail]) row.insertCell().textContent = text
  return row
}

/** What was found out, in a sentence; who listens to the page hears it first. */
function sentence(result: Verification): string {
  const bad = result.checks.filter(({ holds }) => holds === false)
  if (allHold(result)) {
    const { subject, tenantName, createdAt } = result.manifest ?? {}
    const about =
      subject && `Evidence about ${subject.kind} ${subject.number} of ${tenantName}, written ${createdAt}.`
    return `Everything that can be checked here holds. ${about ?? ''}`
  }
  return `This capsule does not hold: ${bad.map(({ name }) => name).join(', ')}.`
}

function show(result: Verification): void {
  verdict.className = allHold(result) ? 'good' : 'bad'
  verdict.textContent = sentence(result)
  rows.replaceChildren(...result.checks.map(rowOf))
  table.hidden = false
}

/** Which file is being verified: one that is chosen meanwhile takes its place. */
let turn = 0

async function verify(file: Blob): Promise<void> {
  const mine = ++turn
  bar.hidden = false
  bar.value = 0
  table.hidden = true
  verdict.className = ''
  verdict.textContent = 'Checking…'
  try {
    const onProgress = (done: number, total: number): void => {
      if (mine === turn) bar.value = done / total
    }
    const given = known.value.trim().toLowerCase()
    const result = await verifyCapsule(
      sourceOf(file),
      { sha256, onProgress },
      given === '' ? undefined : given,
    )
    if (mine === turn) show(result)
  } catch (error) {
    if (mine !== turn) return
    verdict.className = 'bad'
    verdict.textContent = `It cannot be checked here: ${error instanceof Error ? error.message : String(error)}`
  } finally {
    if (mine === turn) bar.hidden = true
  }
}

const again = (): void => {
  const [file] = input.files ?? []
  if (file) void verify(file)
}
input.addEventListener('change', again)
known.addEventListener('change', again)
drop.addEventListener('dragover', (event) => event.preventDefault())
drop.addEventListener('drop', (event) => {
  event.preventDefault()
  const file = event.dataTransfer?.files[0]
  if (file) void verify(file)
})
