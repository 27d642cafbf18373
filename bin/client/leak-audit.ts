import { readFile, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

import { z } from 'zod'

import { ISRCS_MAX } from '../../services/leaks/exposure.ts'
import { readIsrcList } from '../../services/leaks/private/isrc-list.ts'
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
import { connectionOf, connectionOptions, connectionUsage } from './connection.ts'
import { reporting } from './failure.ts'
import { type Request, ServerUnreachable, openTransport } from './transport.ts'

const usage = `
Usage: earwitness leak audit [--label LABEL | --release ID | --isrcs FILE] [options]

Asks for the recordings of the account, or some of them, in all leaks of which the service has manifests, waits, and
says which are in them. Prints the id of the audit.

  --label LABEL   recordings of this label only
  --release ID    recordings of this release only
  --isrcs FILE    these codes, one a line, or a table with codes in it; they need not be registered
  --pdf FILE      save the report
  --csv FILE      save all lines as a table
  --json          print one JSON document instead: the audit with its summary
${connectionUsage}`

/** Between two looks at an audit. */
const LOOK_MS = 500
/** Lines that are shown; all are in the table of --csv. */
const SHOWN_MAX = 20

const Counts = z.object({ asked: z.number(), listed: z.number(), audio: z.number(), published: z.number() })

/** What of an audit is read here; the rest is passed on with --json. */
const AuditView = z.looseObject({
  id: z.string(),
  stage: z.string(),
  progress: z.number(),
  problem: z.object({ title: z.string(), detail: z.string() }).nullable(),
  summary: z
    .looseObject({
      ...Counts.shape,
      forecasts: z.array(z.object({ reason: z.string(), batches: z.array(z.object({ name: z.string() })) })),
    })
    .nullable(),
})
type AuditView = z.infer<typeof AuditView>

const LinesView = z.object({
  items: z.array(
    z.object({
      number: z.number(),
      title: z.string().nullable(),
      isrc: z.string().nullable(),
      leakName: z.string(),
      status: z.string(),
      batchName: z.string().nullable(),
      publishedOn: z.string().nullable(),
    }),
  ),
})

/** What is asked for. @throws {UsageError} for a list in which something is no code. */
async function scopeOf(values: {
  readonly label?: string | undefined
  readonly release?: string | undefined
  readonly isrcs?: string | undefined
}): Promise<unknown> {
  if (values.label !== undefined) return { kind: 'label', label: values.label }
  if (values.release !== undefined) return { kind: 'release', releaseId: values.release }
  if (values.isrcs === undefined) return { kind: 'all' }
  const path = values.isrcs
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`${path}: ${error.code === 'ENOENT' ? 'there is no such file' : error.message}`)
  })
  const { isrcs, faults, faultCount, isCut } = readIsrcList(text, ISRCS_MAX)
  if (isCut) throw new UsageError(`${path} has more than ${ISRCS_MAX} codes; ask for them in parts`)
  const [first] = faults
  if (first)
    throw new UsageError(
      `${path}: ${faultCount} lines without an ISRC; the first is line ${first.line}: ${printable(first.text)}`,
    )
  if (isrcs.length === 0) throw new UsageError(`${path} has no ISRC`)
  return { kind: 'isrcs', isrcs }
}

/** What is asked of the service. */
function clientOf(connection: Parameters<typeof openTransport>[0], signal: AbortSignal) {
  const send = openTransport(connection, signal)
  const ask = async <T extends z.ZodType>(schema: T, request: Request): Promise<z.output<T>> => {
    const read = schema.safeParse(await (await send(request)).json().catch(() => undefined))
    if (read.success) return read.data
    const what = `its answer to ${request.method} ${request.path} has a form that is not known here`
    throw new ServerUnreachable(`${connection.server}: ${what}`, { cause: read.error, mayPass: false })
  }
  return {
    start: (scope: unknown) => ask(AuditView, { method: 'POST', path: '/v1/exposure-audits', json: scope }),
    audit: (id: string) => ask(AuditView, { method: 'GET', path: `/v1/exposure-audits/${id}` }),
    lines: (id: string) =>
      ask(LinesView, { method: 'GET', path: `/v1/exposure-audits/${id}/lines?limit=${SHOWN_MAX}` }),
    async save(id: string, file: 'report.pdf' | 'lines.csv', path: string): Promise<void> {
      const answer = await send({ method: 'GET', path: `/v1/exposure-audits/${id}/${file}` })
      await writeFile(path, Buffer.from(await answer.arrayBuffer()))
    },
  }
}
type AuditClient = ReturnType<typeof clientOf>

async function ended(terminal: Terminal, client: AuditClient, started: AuditView): Promise<AuditView> {
  const progress = createProgress(terminal, 'Asking the leaks')
  for (let seen = started; ; seen = await client.audit(started.id)) {
    const hasEnded = seen.stage !== 'audit'
    progress.show(hasEnded ? 1 : seen.progress, 1)
    if (hasEnded) {
      if (terminal.isTty) progress.end()
      return seen
    }
    await sleep(LOOK_MS, undefined, { signal: terminal.signal })
  }
}

/** What an audit found, for people. */
async function conclude(terminal: Terminal, client: AuditClient, { id, summary }: AuditView): Promise<void> {
  if (!summary) return
  const { asked, listed, audio, published, forecasts } = summary
  const number = (count: number): string => count.toLocaleString('en')
  terminal.err.write(
    `${number(listed)} of ${number(asked)} in a leak, ${number(audio)} with audio, ${number(published)} published\n`,
  )
  const { items } = await client.lines(id)
  if (items.length > 0)
    terminal.err.write(
      `\n${table(
        items.map((line) => [
          String(line.number),
          line.title ?? line.isrc ?? '',
          line.leakName,
          line.status,
          line.publishedOn === null ? (line.batchName ?? '') : `${line.batchName ?? ''} ${line.publishedOn}`,
        ]),
        [
          { title: 'rank', align: 'right' },
          { title: 'recording' },
          { title: 'leak' },
          { title: 'in it' },
          { title: 'part' },
        ],
      )}`,
    )
  for (const { reason, batches } of forecasts)
    if (batches.length > 0)
      terminal.err.write(`\nNext: ${printable(batches[0]?.name ?? '')}. ${printable(reason)}\n`)
}

/** `earwitness leak audit`. @returns the exit code: 0 when it could be made, whatever it found. */
export function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  return reporting(
    terminal,
    async () => {
      const given = readArguments(terminal, usage, argv, {
        ...connectionOptions,
        label: { type: 'string' },
        release: { type: 'string' },
        isrcs: { type: 'string' },
        pdf: { type: 'string' },
        csv: { type: 'string' },
        json: { type: 'boolean', default: false },
      })
      if (typeof given === 'number') return given
      const { values, positionals } = given
      if (positionals.length > 0) return misused(terminal, usage, `What is “${positionals[0]}”?`)
      if ([values.label, values.release, values.isrcs].filter((each) => each !== undefined).length > 1)
        return misused(terminal, usage, 'Give one of --label, --release and --isrcs')
      const scope = await scopeOf(values)
      const client = clientOf(await connectionOf(terminal, values), terminal.signal)
      const started = await client.start(scope)
      if (!values.json) terminal.out.write(`${started.id}\n`)
      const audit = await ended(terminal, client, started)
      if (audit.stage === 'done') {
        if (values.pdf !== undefined) await client.save(audit.id, 'report.pdf', values.pdf)
        if (values.csv !== undefined) await client.save(audit.id, 'lines.csv', values.csv)
      }
      if (values.json) terminal.out.write(`${JSON.stringify(audit, undefined, 2)}\n`)
      else await conclude(terminal, client, audit)
      if (audit.problem)
        terminal.err.write(`${paint(terminal, 'red', audit.problem.title)}: ${audit.problem.detail}\n`)
      return audit.stage === 'done' ? exitCode.done : exitCode.someFailed
    },
    'The service makes the audit all the same; its page is under Exposure',
  )
}
