import { setImmediate as turn } from 'node:timers/promises'

import { type NameKeys, keysOfNames } from '../../metadata/compare/name-keys.ts'
import type { AskedRecording } from '../asked-store.ts'
import type { AuditLine } from '../exposure.ts'
import { exposureOf } from './exposure-of.ts'
import { type AskedLeak, findRows } from './find-rows.ts'
import { type LineSubject, codeSubject, lineOf, titleOf } from './lines.ts'
import type { NamedRows } from './named-rows.ts'
import type { NamedRecording } from './names-pass.ts'

/** Answers between which other jobs of the worker have their turn. */
const ANSWERS_A_TURN = 500

/** A recording, or a code that is not registered, with what it is compared by. */
export interface PageSubject {
  readonly subject: LineSubject
  readonly keys: NameKeys
}

/** What all leaks say of one that was asked for. */
export interface Asked {
  readonly subject: LineSubject
  readonly lines: readonly AuditLine[]
  /** A leak has its ISRC on another song. */
  readonly isContradicted: boolean
}

/** What a recording is called, as services/metadata compares it. */
export const namesOf = (recording: AskedRecording): NamedRecording => {
  const { id, title, version, artists, isrc, durationMs, upc, releaseTitle, year } = recording
  return {
    id,
    names: {
      title,
      artists,
      version: version ?? undefined,
      isrc: isrc ?? undefined,
      durationMs: durationMs ?? undefined,
      upc: upc ?? undefined,
      releaseTitle: releaseTitle ?? undefined,
      year: year ?? undefined,
    },
    addresses: [...recording.authorised, ...(recording.officialUrl === null ? [] : [recording.officialUrl])],
  }
}

/** A recording to be asked for. */
export const recordingAsked = (recording: AskedRecording): PageSubject => ({
  subject: { ...recording, title: titleOf(recording) },
  keys: keysOfNames(namesOf(recording).names),
})

/** A code to be asked for. */
export const codeAsked = (isrc: string): PageSubject => ({
  subject: codeSubject(isrc),
  keys: keysOfNames({ isrc }),
})

/**
 * Asks leaks for some recordings or codes.
 *
 * @param options `named`: what was found of them by names.
 * @returns for each what the leaks say, in the same order; lines without those that have nothing of it.
 * @throws {Problem} index/damaged.
 */
export async function askPage(
  page: readonly PageSubject[],
  leaks: readonly AskedLeak[],
  options: { readonly named: NamedRows; readonly now: Date },
): Promise<Asked[]> {
  const { named, now } = options
  const asked = page.map(({ subject }) => ({ subject, lines: [] as AuditLine[], isContradicted: false }))
  const isrcs = page.map(({ subject }) => subject.isrc)
  for (const leak of leaks) {
    const byNames = (place: number) => {
      const id = page[place]?.subject.id ?? undefined
      return id === undefined ? [] : named.of(id, leak.id)
    }
    const rows = await findRows(leak, isrcs, byNames)
    for (const [place, each] of asked.entries()) {
      if (place % ANSWERS_A_TURN === ANSWERS_A_TURN - 1) await turn()
      const [found = [], keys] = [rows[place], page[place]?.keys]
      if (found.length === 0 || !keys) continue
      const { answer, contradicted } = exposureOf({ keys }, found, leak.batches)
      if (answer) each.lines.push(lineOf(each.subject, leak, answer, now))
      each.isContradicted ||= contradicted
    }
  }
  return asked
}
