import { readFile, stat } from 'node:fs/promises'
import { text as textOf } from 'node:stream/consumers'

import { answerCounts, answerCsv, answerLines } from '../../services/leaks/private/answer-table.ts'
import { type IsrcList, LIST_CHARACTERS_MAX, readIsrcList } from '../../services/leaks/private/isrc-list.ts'
import { type Asker, type PrivateAnswer, privateCheck } from '../../services/leaks/private/private-check.ts'
import { parseIsrc } from '../../services/metadata/identifiers/identifiers.ts'
import { createProgress } from '../progress.ts'
import {
  type Terminal,
  UsageError,
  exitCode,
  misused,
  paint,
  printable,
  readArguments,
  table,
} from '../terminal.ts'
import { type Connection, connectionOf, connectionOptions, connectionUsage } from './connection.ts'
import { reporting } from './failure.ts'
import { ServerUnreachable, openTransport } from './transport.ts'
import { CheckableLeaksView } from './views.ts'

/** Codes of one run; with more it is shorter to ask for everything. */
const ISRCS_MAX = 100_000
/** Lines without a code that are named. */
const FAULTS_SHOWN_MAX = 20

const usage = `
Usage: earwitness leak check [ISRC…] [--file LIST] [options]

Says which ISRCs are in the leaks of which the service holds a manifest, without telling it which were asked for: of
each ISRC it is sent the first 16 of the 256 bits of its SHA-256, and it answers with all that begins so. What is
compared is compared here.

  --file LIST      ISRCs, one a line, or a table with ISRCs in some column; - reads standard input. Up to ${ISRCS_MAX}
  --everything     ask for all 65,536 beginnings, so that not even they tell anything; 132 requests and, of a
                   manifest of 186 million ISRCs, 1.5 GB
  --visitor        ask without a key, as anybody may where the operator allows it
  --json           print one JSON document: { leaks, results: [{ isrc, found: [{ leak, status, … }] }], faults }
  --csv            print a table: a line for each ISRC and leak, and one for each ISRC that is in none
${connectionUsage}

The exit status is 0 when none is in a leak, 3 when at least one is, 1 when the service refused or lines of the list
have no ISRC and none is in a leak, 2 when it was called wrongly.`

/** The asker of a service: the only requests that are ever sent. */
function askerOf(connection: Connection, signal: AbortSignal): Asker {
  const send = openTransport(connection, signal)
  const base = '/v1/private-check'
  return {
    async leaks() {
      const response = await send({ method: 'GET', path: `${base}/leaks` })
      const read = CheckableLeaksView.safeParse(await response.json().catch(() => undefined))
      if (read.success) return read.data.items
      throw new ServerUnreachable(
        `${connection.server}: its list of leaks has a form that is not known here`,
        {
          cause: read.error,
          mayPass: false,
        },
      )
    },
    async bucket(manifestId, prefix) {
      const path = `${base}/manifests/${manifestId}/buckets/${prefix}`
      return new Uint8Array(await (await send({ method: 'GET', path })).arrayBuffer())
    },
    async buckets(manifestId, prefixes) {
      const path = `${base}/manifests/${manifestId}/buckets`
      const response = await send({ method: 'POST', path, json: { prefixes }, isQuestion: true })
      return new Uint8Array(await response.arrayBuffer())
    },
  }
}

/** The text of a list. @throws {UsageError} when it cannot be one. */
async function listText(path: string): Promise<string> {
  if (path === '-') return textOf(process.stdin)
  const { size } = await stat(path)
  if (size > 4 * LIST_CHARACTERS_MAX) throw new UsageError(`${path} is larger than a list of ISRCs`)
  return readFile(path, 'utf8')
}

/** The codes that were given, and those of the file behind them. @throws {UsageError} for what is no ISRC. */
async function listOf(given: readonly string[], path: string | undefined): Promise<IsrcList> {
  const wrong = given.find((text) => parseIsrc(text) === undefined)
  if (wrong !== undefined) throw new UsageError(`“${printable(wrong)}” is no ISRC`)
  const text = path === undefined ? '' : await listText(path)
  const [fromFile, fromLine] = [readIsrcList(text, ISRCS_MAX), readIsrcList(given.join('\n'), ISRCS_MAX)]
  return { ...fromFile, isrcs: [...new Set([...fromLine.isrcs, ...fromFile.isrcs])] }
}

/** Says which lines of the list are no ISRCs. */
function tellFaults(terminal: Terminal, { faults, faultCount, isCut }: IsrcList): void {
  const say = (line: string): boolean => terminal.err.write(`${paint(terminal, 'yellow', printable(line))}\n`)
  for (const { line, text } of faults.slice(0, FAULTS_SHOWN_MAX)) say(`line ${line} has no ISRC: ${text}`)
  if (faultCount > FAULTS_SHOWN_MAX) say(`and ${faultCount - FAULTS_SHOWN_MAX} more lines without an ISRC`)
  if (isCut) say(`the list was cut off: at most ${ISRCS_MAX} ISRCs are asked for`)
}

const columns = [
  { title: 'ISRC' },
  { title: 'leak' },
  { title: 'how' },
  { title: 'quality' },
  { title: 'popularity', align: 'right' as const },
  { title: 'batch' },
  { title: 'published' },
]

function tell(terminal: Terminal, list: IsrcList, answer: PrivateAnswer): void {
  const lines = answerLines(list.isrcs, answer).filter(({ isFound }) => isFound)
  const rows = lines.map(({ isrc, leak, how, quality, popularity, batch, published }) => [
    isrc,
    leak,
    how,
    quality,
    popularity,
    batch,
    published,
  ])
  if (rows.length > 0) terminal.out.write(table(rows, columns))
  const { asked, found, audio, published } = answerCounts(list.isrcs, answer)
  const leaks = `${answer.leaks.length} ${answer.leaks.length === 1 ? 'leak' : 'leaks'}`
  const told = `${found} of ${asked} ISRCs in ${leaks}; of ${audio} there is audio, of ${published} in a published batch`
  const none =
    answer.leaks.length === 0 ? 'There is no leak that you can ask' : `None of ${asked} ISRCs in ${leaks}`
  terminal.err.write(`${found > 0 ? paint(terminal, 'red', told) : none}\n`)
}

/** The answer for programs. */
function json(list: IsrcList, { leaks, found }: PrivateAnswer): string {
  const results = new Map(list.isrcs.map((isrc) => [isrc, { isrc, found: [] as unknown[] }]))
  for (const { isrc, leak, status, codec, popularity = null, batch = null } of found)
    results.get(isrc)?.found.push({ leakId: leak.id, leak: leak.name, status, codec, popularity, batch })
  return JSON.stringify({ leaks, results: [...results.values()], faults: list.faults }, undefined, 2)
}

/** Asks with a bar. */
async function check(
  terminal: Terminal,
  list: IsrcList,
  given: { readonly connection: Connection; readonly everything: boolean },
): Promise<PrivateAnswer> {
  const { signal } = terminal
  const progress = createProgress(terminal, 'Asking', { unit: 'buckets' })
  const answer = await privateCheck(list.isrcs, askerOf(given.connection, signal), {
    everything: given.everything,
    signal,
    onProgress: (done, total) => progress.show(done, total),
  })
  if (terminal.isTty) progress.end()
  return answer
}

/** `earwitness leak check`. @returns the exit code. */
export function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  return reporting(terminal, async () => {
    const given = readArguments(terminal, usage, argv, {
      ...connectionOptions,
      file: { type: 'string' },
      everything: { type: 'boolean', default: false },
      visitor: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      csv: { type: 'boolean', default: false },
    })
    if (typeof given === 'number') return given
    const { values, positionals } = given
    if (positionals.length === 0 && values.file === undefined) return misused(terminal, usage, 'Which ISRCs?')
    const list = await listOf(positionals, values.file)
    tellFaults(terminal, list)
    if (list.isrcs.length === 0) throw new UsageError('There is no ISRC to ask for')
    const connection = await connectionOf(terminal, values, { as: values.visitor ? 'visitor' : 'optional' })
    const answer = await check(terminal, list, { connection, everything: values.everything })
    if (values.json) terminal.out.write(`${json(list, answer)}\n`)
    else if (values.csv) terminal.out.write(answerCsv(answerLines(list.isrcs, answer)))
    else tell(terminal, list, answer)
    if (answer.found.length > 0) return exitCode.found
    return list.faultCount > 0 ? exitCode.someFailed : exitCode.done
  })
}
