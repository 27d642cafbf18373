import { createHash } from 'node:crypto'
import { type FileHandle, mkdir, open, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'

import { z } from 'zod'

import type { Known } from './describe.ts'
import type { FoundFile } from './walk.ts'

const Entry = z.object({ file: z.string(), id: z.uuid() })

/**
 * What has been registered already, so that a run that was broken off goes on where it stopped and a second
 * one only looks at what is new. One line of JSON for each recording, added when the service has answered.
 */
export interface Journal {
  readonly path: string
  /** The recording that this file became, if it has not changed since and was described the same way. */
  find(file: FoundFile, known: Known): string | undefined
  add(file: FoundFile, known: Known, recordingId: string): Promise<void>
  close(): Promise<void>
}

/** The folder for what programs remember, as the XDG Base Directory Specification has it. */
const stateFolder = (env: NodeJS.ProcessEnv): string =>
  join(env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state'), 'earwitness')

/** Size and time of change stand for the content: hashing a catalogue would take as long as fingerprinting it. */
const keyOf = ({ path, bytes, modifiedMs }: FoundFile, { rightsHolder, label, artist }: Known): string =>
  createHash('sha256')
    .update(JSON.stringify([path, bytes, modifiedMs, rightsHolder ?? '', label ?? '', artist ?? '']))
    .digest('hex')
    .slice(0, 32)

function entriesOf(text: string): Map<string, string> {
  const entries = new Map<string, string>()
  for (const line of text.split('\n')) {
    const entry = parsed(line)
    if (entry) entries.set(entry.file, entry.id)
  }
  return entries
}

/** A line, or undefined when it is not whole: a run may be killed while it writes its last one. */
function parsed(line: string): z.infer<typeof Entry> | undefined {
  try {
    return Entry.safeParse(JSON.parse(line)).data
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/**
 * Opens the journal of an account: what one account has registered another has not.
 *
 * @param accountId the account's id at the service, which no two accounts share.
 */
export async function openJournal(env: NodeJS.ProcessEnv, accountId: string): Promise<Journal> {
  const folder = stateFolder(env)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, `registered-${accountId}.jsonl`)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  const entries = entriesOf(text)
  const file: FileHandle = await open(path, 'a', 0o600)
  // What a killed run left of its last line must not swallow the next one.
  if (text !== '' && !text.endsWith('\n')) await file.appendFile('\n')
  return {
    path,
    find: (found, known) => entries.get(keyOf(found, known)),
    async add(found, known, id) {
      const entry = { file: keyOf(found, known), id }
      entries.set(entry.file, id)
      await file.appendFile(`${JSON.stringify(entry)}\n`)
    },
    close: () => file.close(),
  }
}
