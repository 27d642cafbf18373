import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { CaughtMail } from '../../services/core/mail-catcher.ts'
import type { Client } from '../client/api-client.ts'
import { findingRows } from '../client/findings.ts'
import type { ReportView, SubmissionView } from '../client/views.ts'
import type { RunningService } from '../service/start.ts'
import { type Terminal, paint, table } from '../terminal.ts'
import type { LeakConclusion } from './leak/play.ts'
import { leakLines } from './leak/tell-leak.ts'
import { awaitMail } from './mailbox.ts'
import type { Registered } from './registering.ts'
import type { Suspect } from './suspects.ts'
import { judge } from './verdicts.ts'

/** From the last match to the mail: the gathering time, a job and a conversation with the mail catcher. */
const MAIL_WAIT_MS = 60_000

const formats = { pdf: 'pdf', json: 'json', text: 'txt' } as const
type Format = keyof typeof formats

/** What the service said of one suspect, and what is wrong with it. */
export interface Judged {
  readonly suspect: Suspect
  readonly submission: SubmissionView
  readonly faults: readonly string[]
}

/** A report as files. */
export interface SavedReport extends ReportView {
  readonly files: Readonly<Record<Format, string>>
}

/** Everything the demo shows at its end. */
export interface Conclusion {
  readonly registered: readonly Registered[]
  readonly judged: readonly Judged[]
  readonly mail: CaughtMail | undefined
  readonly report: SavedReport | undefined
  readonly leak: LeakConclusion
  /** In words; empty when all is as it should be. */
  readonly wrong: readonly string[]
}

/** Holds every answer against the truth about its suspect; both lists in the same order. */
export function judgeAll(
  suspects: readonly Suspect[],
  registered: readonly Registered[],
  submissions: readonly SubmissionView[],
): readonly Judged[] {
  const recordingIds = registered.map(({ id }) => id)
  return suspects.map((suspect, index) => {
    const submission = submissions[index]
    if (!submission) throw new Error(`no submission for ${suspect.name}`)
    return { suspect, submission, faults: judge(suspect.expected, recordingIds, submission) }
  })
}

/** Issues the report of a case and writes it down in all its forms. */
async function saveReport(client: Client, caseId: string, folder: string): Promise<SavedReport> {
  await mkdir(folder, { recursive: true })
  const report = await client.createReport(caseId)
  const files: Record<Format, string> = { pdf: '', json: '', text: '' }
  for (const format of Object.keys(formats) as Format[]) {
    files[format] = join(folder, `${report.number}-v${report.version}.${formats[format]}`)
    await writeFile(files[format], await client.report(report.id, format))
  }
  return { ...report, files }
}

/** Waits for the mail, issues the report, and says what is wrong. */
export async function conclude(given: {
  readonly terminal: Terminal
  readonly client: Client
  readonly service: Pick<RunningService, 'mailFolder' | 'owner'>
  readonly folder: string
  readonly registered: readonly Registered[]
  readonly judged: readonly Judged[]
  readonly leak: LeakConclusion
}): Promise<Conclusion> {
  const { terminal, client, service, judged, leak } = given
  const wrong = [
    ...judged.flatMap(({ suspect, faults }) => faults.map((fault) => `${suspect.name}: ${fault}`)),
    ...leak.wrong,
  ]
  // The one with an address: addresses differ from run to run, so its case is new and must cause a mail.
  const found = judged.find(({ suspect }) => suspect.deliver === 'url')?.submission.items[0]?.matches[0]
  if (!found)
    return { ...given, mail: undefined, report: undefined, wrong: [...wrong, 'no case, so no mail'] }
  terminal.err.write('Waiting for the alert mail …\n')
  const { signal } = terminal
  const mail =
    service.mailFolder === undefined
      ? undefined
      : await awaitMail(service.mailFolder, { mentions: found.caseNumber, waitMs: MAIL_WAIT_MS, signal })
  if (!mail) wrong.push(`no alert mail about ${found.caseNumber} came within ${MAIL_WAIT_MS / 1000} s`)
  else if (!mail.to.includes(service.owner.email)) wrong.push(`the mail went to ${mail.to}`)
  const report = await saveReport(client, found.caseId, given.folder)
  const { registered } = given
  return { registered, judged, mail, report, leak, wrong }
}

function verdictTable(terminal: Terminal, judged: readonly Judged[]): string {
  const rows = judged.flatMap(({ suspect, submission, faults }) =>
    findingRows([submission]).map(([, ...cells]) => [
      suspect.name,
      ...cells,
      faults.length === 0 ? '✓' : '✗',
    ]),
  )
  const titles = [
    'suspect',
    'verdict',
    'recording',
    'passages',
    'change found',
    'confidence',
    'seconds',
    'right',
  ]
  const text = table(
    rows,
    titles.map((title) => ({
      title,
      align: title === 'confidence' || title === 'seconds' ? 'right' : 'left',
    })),
  )
  return text
    .replaceAll(/✓$/gm, paint(terminal, 'green', '✓'))
    .replaceAll(/✗$/gm, paint(terminal, 'red', '✗'))
}

const indented = (text: string): string => text.trimEnd().replaceAll(/^(?=.)/gm, '  │ ')

/** Prints the end of the demo: on standard output as text or, with `json`, as one JSON document. */
export function printConclusion(terminal: Terminal, conclusion: Conclusion, json: boolean): void {
  const { registered, judged, mail, report, leak, wrong } = conclusion
  if (json) {
    const suspects = judged.map(({ suspect, submission, faults }) => ({ ...suspect, faults, submission }))
    const told = mail && { subject: mail.subject, to: mail.to, text: mail.text }
    const document = { right: wrong.length === 0, wrong, registered, suspects, mail: told, report, leak }
    terminal.out.write(`${JSON.stringify(document, undefined, 2)}\n`)
    return
  }
  const lines = [`\n${verdictTable(terminal, judged)}`]
  if (mail)
    lines.push(`Alert mail\n  To:      ${mail.to}\n  Subject: ${mail.subject}\n${indented(mail.text)}\n`)
  if (report) {
    const { pdf, json: data, text } = report.files
    lines.push(`Report ${report.number}, version ${report.version}\n  ${pdf}\n  ${data}\n  ${text}\n`)
  }
  lines.push(...leakLines(terminal, leak))
  lines.push(
    wrong.length === 0
      ? paint(
          terminal,
          'green',
          `All verdicts right: ${judged.length} of ${judged.length} suspects, and the audit of the leak`,
        )
      : paint(terminal, 'red', `Not right:\n${wrong.map((fault) => `  ${fault}`).join('\n')}`),
  )
  terminal.out.write(`${lines.join('\n')}\n`)
}
