import type { Writable } from 'node:stream'
import { type ParseArgsConfig, parseArgs } from 'node:util'

/** What a command may know of the world: where answers and messages go, and when to stop. */
export interface Terminal {
  /** Answers: ids, JSON, tables asked for. */
  readonly out: Writable
  /** Everything else that people read. */
  readonly err: Writable
  /** Whether `err` is a screen: only there lines are redrawn and coloured. */
  readonly isTty: boolean
  /** Width of the screen in characters; 80 when there is none. */
  readonly columns: number
  readonly env: NodeJS.ProcessEnv
  /** Aborted by Ctrl-C or SIGTERM: commands tidy up and return. */
  readonly signal: AbortSignal
}

/** Exit codes that every command shares. `found`: what was asked about is in a leak, and all went well. */
export const exitCode = { done: 0, someFailed: 1, usage: 2, found: 3, interrupted: 130 } as const

const COLUMNS_DEFAULT = 80
/** npm passes Ctrl-C on to a program that has got it from the terminal already: two this close are one. */
const DOUBLE_MS = 1_000

/**
 * The terminal of this process. The first Ctrl-C aborts `signal`, the second ends the process at once;
 * a reader that closes its end of a pipe (`| head`) aborts as well.
 */
export function processTerminal(): Terminal {
  const controller = new AbortController()
  let firstAt = Number.POSITIVE_INFINITY
  const interrupt = (): void => {
    if (Date.now() - firstAt > DOUBLE_MS) process.exit(exitCode.interrupted)
    firstAt = Math.min(firstAt, Date.now())
    controller.abort(new Error('interrupted'))
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
      controller.abort(error)
    })
  }
  return {
    out: process.stdout,
    err: process.stderr,
    isTty: process.stderr.isTTY ?? false,
    get columns() {
      return process.stderr.columns ?? COLUMNS_DEFAULT
    },
    env: process.env,
    signal: controller.signal,
  }
}

/** Ends a command with a message and, when it was called wrongly, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

type Options = NonNullable<ParseArgsConfig['options']>

/** What was given: the values of options, and the rest in its order. */
type CommandLine<T extends Options> = ReturnType<
  typeof parseArgs<{ options: T; allowPositionals: true; args: string[] }>
>

/**
 * Reads a command's arguments. `--help` prints the usage on standard output.
 *
 * @returns the options, or an exit code when there is nothing left to do.
 */
export function readArguments<const T extends Options>(
  terminal: Terminal,
  usage: string,
  argv: readonly string[],
  options: T,
): CommandLine<T> | number {
  if (argv.includes('--help') || argv.includes('-h')) {
    terminal.out.write(`${usage.trim()}\n`)
    return exitCode.done
  }
  try {
    return parseArgs<{ options: T; allowPositionals: true; args: string[] }>({
      args: [...argv],
      allowPositionals: true,
      options,
    })
  } catch (error) {
    // parseArgs has a code for each way of writing options wrongly; anything else is a mistake of ours.
    if (!(error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')))
      throw error
    return misused(terminal, usage, error.message)
  }
}

/** Says what was wrong with the arguments, then how it goes. @returns exit code 2 */
export function misused(terminal: Terminal, usage: string, message: string): number {
  terminal.err.write(`${paint(terminal, 'red', message)}\n\n${usage.trim()}\n`)
  return exitCode.usage
}

const colours = { red: 31, green: 32, yellow: 33, grey: 90 } as const

/** Text in a colour, on a screen whose owner did not forbid it (no-color.org). */
export function paint(terminal: Terminal, colour: keyof typeof colours, text: string): string {
  return terminal.isTty && !terminal.env['NO_COLOR'] ? `\u001b[${colours[colour]}m${text}\u001b[39m` : text
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** Wide and full-width blocks of Unicode's East Asian Width (UAX #11), to the precision that terminals have. */
const wide =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97C\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6\u{1B000}-\u{1B2FF}\u{20000}-\u{3FFFD}]|\p{Emoji_Presentation}|\uFE0F/u

/**
 * Columns that text takes on a screen: two for each wide character, one for every other character with
 * all its marks. Old terminals give some Indic vowel signs a column of their own; then a table is ragged.
 */
export function displayWidth(text: string): number {
  let columns = 0
  for (const { segment } of graphemes.segment(text)) columns += wide.test(segment) ? 2 : 1
  return columns
}

/** Text that fits the columns, cut between characters and ended with '…' if it does not. */
export function fit(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text
  let kept = ''
  let used = 1
  for (const { segment } of graphemes.segment(text)) {
    used += wide.test(segment) ? 2 : 1
    if (used > columns) break
    kept += segment
  }
  return columns > 0 ? `${kept}…` : ''
}

/** Names come from strangers' files: whatever could move the cursor, colour or reorder the line becomes '�'. */
export const printable = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu, '\uFFFD')

/** A column of a table; numbers go to the right. */
export interface Column {
  readonly title: string
  readonly align?: 'left' | 'right'
  /** Longer cells are cut; 40 when not given. */
  readonly columnsMax?: number
}

const CELL_COLUMNS_DEFAULT = 40

/** Rows under their titles in aligned columns, two spaces apart, each line ended. Cells are made printable. */
export function table(rows: readonly (readonly string[])[], columns: readonly Column[]): string {
  const cells = [columns.map(({ title }) => title), ...rows].map((row) =>
    columns.map(({ columnsMax = CELL_COLUMNS_DEFAULT }, i) => fit(printable(row[i] ?? ''), columnsMax)),
  )
  const widths = columns.map((_, i) => Math.max(...cells.map((row) => displayWidth(row[i] ?? ''))))
  const line = (row: readonly string[]): string =>
    columns
      .map(({ align }, i) => {
        const space = ' '.repeat((widths[i] ?? 0) - displayWidth(row[i] ?? ''))
        return align === 'right' ? space + (row[i] ?? '') : (row[i] ?? '') + space
      })
      .join('  ')
      .trimEnd()
  const rule = widths.map((width) => '─'.repeat(width))
  return [cells[0] ?? [], rule, ...cells.slice(1)].map((row) => `${line(row)}\n`).join('')
}
