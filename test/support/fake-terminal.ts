import { Writable } from 'node:stream'

import type { Terminal } from '../../bin/terminal.ts'

/** A terminal that keeps what is written to it. */
export interface RecordedTerminal extends Terminal {
  readonly controller: AbortController
  outText(): string
  errText(): string
}

function recorder(): { stream: Writable; text: () => string } {
  let text = ''
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      text += chunk.toString()
      done()
    },
  })
  return { stream, text: () => text }
}

/** A terminal for tests: a pipe unless `isTty` is given, with an empty environment. */
export function recordedTerminal(
  given: { isTty?: boolean; columns?: number; env?: NodeJS.ProcessEnv } = {},
): RecordedTerminal {
  const [out, err] = [recorder(), recorder()]
  const controller = new AbortController()
  return {
    out: out.stream,
    err: err.stream,
    isTty: given.isTty ?? false,
    columns: given.columns ?? 80,
    env: given.env ?? {},
    signal: controller.signal,
    controller,
    outText: out.text,
    errText: err.text,
  }
}
