import { createHash } from 'node:crypto'

import { type Dossier, dossierOf } from './case-dossier.ts'
import type { Tx } from './core/db.ts'
import type { CaseId, NoticeId, TenantId } from './core/ids.ts'
import { Problem } from './core/problem.ts'
import { serviceVersion } from './core/version.ts'
import type { AbsentFile, Capsule, CapsuleFile, CapsuleHead } from './evidence/capsule.ts'
import { LOG_BYTES_MAX, LogDocument, faultOfLog } from './evidence/log.ts'
import { canonicalText } from './evidence/manifest.ts'
import { matchReport } from './evidence/match-report.ts'
import { readmeText } from './evidence/readme.ts'
import { screenshotsOf } from './evidence/screenshot-store.ts'
import { type Screenshot, screenshotEndings } from './evidence/screenshot.ts'
import { exceptionsReviewsAbout, logAbout, repliesAbout } from './evidence/store.ts'
import { verifyPage } from './evidence/verify-page.ts'
import { decisionsOf } from './matches/case-store.ts'
import { deliveriesOf } from './notices/delivery-store.ts'
import { locationsOf, locationsOfCase } from './notices/locations-store.ts'
import type { SignedNotice } from './notices/notice-row.ts'
import { eventsOf, findSigned } from './notices/store.ts'
import { type StoredReport, findReport, reportsOf } from './reports/store.ts'
import { findTenant } from './tenants/store.ts'

/** A notice has at most a thousand locations. */
const CASES_MAX = 1_000

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const pretty = (value: unknown): Uint8Array => utf8(`${JSON.stringify(value, undefined, 2)}\n`)
const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** A notice with all that happened to it. */
interface NoticeRecord {
  readonly notice: SignedNotice
  readonly locations: Awaited<ReturnType<typeof locationsOf>>
  readonly events: Awaited<ReturnType<typeof eventsOf>>
  readonly deliveries: Awaited<ReturnType<typeof deliveriesOf>>
  readonly replies: Awaited<ReturnType<typeof repliesAbout>>
}

/** A case with all that is known and was decided about it. */
export interface CaseRecord {
  readonly dossier: Dossier
  readonly decisions: Awaited<ReturnType<typeof decisionsOf>>
  readonly exceptionsReviews: Awaited<ReturnType<typeof exceptionsReviewsAbout>>
  readonly reports: readonly StoredReport[]
  readonly screenshots: readonly Screenshot[]
}

/** Everything in the database that a capsule is made of, as of one moment. */
export interface CapsuleRecord {
  readonly head: Omit<CapsuleHead, 'timeStamped'>
  readonly cases: readonly CaseRecord[]
  readonly notices: readonly NoticeRecord[]
  readonly log: LogDocument
}

async function noticeRecord(tx: Tx, id: NoticeId): Promise<NoticeRecord | undefined> {
  const notice = await findSigned(tx, id)
  if (!notice) return undefined
  return {
    notice,
    locations: await locationsOf(tx, id),
    events: await eventsOf(tx, id),
    deliveries: await deliveriesOf(tx, id),
    replies: await repliesAbout(tx, id),
  }
}

async function caseRecord(tx: Tx, id: CaseId): Promise<CaseRecord> {
  const reports: StoredReport[] = []
  for (const head of await reportsOf(tx, id)) {
    const report = await findReport(tx, head.id)
    if (report) reports.push(report)
  }
  return {
    dossier: await dossierOf(tx, id),
    decisions: await decisionsOf(tx, id),
    exceptionsReviews: await exceptionsReviewsAbout(tx, id),
    reports,
    screenshots: await screenshotsOf(tx, id),
  }
}

/** The notices of a capsule: its own, or the signed ones in which its case was demanded. */
async function noticesOf(tx: Tx, { caseId, noticeId }: Capsule): Promise<NoticeRecord[]> {
  const ids = caseId
    ? [...new Set((await locationsOfCase(tx, caseId)).map((location) => location.noticeId))]
    : [noticeId]
  const records: NoticeRecord[] = []
  for (const id of ids) {
    const record = id ? await noticeRecord(tx, id) : undefined
    if (record) records.push(record)
  }
  return records
}

/** The log about some subjects. @throws {Problem} evidence/tampered when its chain does not hold. */
async function logOf(tx: Tx, tenantId: TenantId, subjects: readonly string[]): Promise<LogDocument> {
  const entries = await logAbout(tx, tenantId, subjects)
  const log = LogDocument.parse({ format: 'earwitness/log/1', entries })
  const fault = await faultOfLog(log, (bytes) => Promise.resolve(sha256Of(bytes)))
  if (fault) throw new Problem('evidence/tampered', `The audit log does not hold: ${fault}`)
  return log
}

function subjectOf(
  { caseId, noticeId }: Capsule,
  cases: readonly CaseRecord[],
  notices: readonly NoticeRecord[],
): CapsuleHead['subject'] {
  const opened = cases.find(({ dossier }) => dossier.opened.id === caseId)?.dossier.opened
  if (opened) return { kind: 'case', id: opened.id, number: opened.number }
  const signed = notices.find(({ notice }) => notice.id === noticeId)?.notice
  if (!signed) throw new Problem('row/stage', 'The notice is not signed; there is nothing to prove yet')
  const { id, number, version, documentSha256 } = signed
  return { kind: 'notice', id, number, version, documentSha256 }
}

/**
 * Reads everything that a capsule is made of, in one transaction.
 *
 * @throws {Problem} row/unknown, row/stage, evidence/tampered when the audit log does not hold.
 */
export async function readRecord(tx: Tx, capsule: Capsule, at: Date): Promise<CapsuleRecord> {
  const notices = await noticesOf(tx, capsule)
  const locations = notices.flatMap((record) => record.locations)
  const ids = capsule.caseId ? [capsule.caseId] : [...new Set(locations.map(({ caseId }) => caseId))]
  const cases: CaseRecord[] = []
  for (const id of ids.slice(0, CASES_MAX)) cases.push(await caseRecord(tx, id))
  const tenant = await findTenant(tx, capsule.tenantId)
  if (!tenant) throw new Error('a capsule without a tenant')
  const subjects = [...ids.map((id) => `case:${id}`), ...notices.map(({ notice }) => `notice:${notice.id}`)]
  const log = await logOf(tx, capsule.tenantId, subjects)
  const last = log.entries.at(-1)
  if (!last) throw new Error('a log without an entry')
  const engineVersions = cases.flatMap(({ dossier }) =>
    dossier.matches.map(({ match }) => match.engineVersion),
  )
  const head: CapsuleRecord['head'] = {
    capsuleId: capsule.id,
    subject: subjectOf(capsule, cases, notices),
    tenantName: tenant.name.replaceAll(/[\p{Cc}\p{Cs}]/gu, ' '),
    tool: {
      name: 'earwitness',
      version: serviceVersion,
      engineVersion: Math.max(0, ...engineVersions),
      thresholds: { falseClaimsPerMillion: tenant.falseClaimsPerMillion },
    },
    createdAt: at,
    auditHead: { number: last.number, entryHash: last.entryHash },
  }
  return { head, cases, notices, log }
}

function noticeFiles({ head, notices }: CapsuleRecord): CapsuleFile[] {
  return notices.flatMap(({ notice, locations, events, deliveries, replies }): CapsuleFile[] => {
    const name = `notices/${notice.number}-v${notice.version}`
    const isSubject = head.subject.kind === 'notice' && head.subject.id === notice.id
    const history = { number: notice.number, version: notice.version, locations, events, deliveries, replies }
    return [
      {
        path: isSubject ? 'notice.json' : `${name}.json`,
        kind: 'notice',
        mediaType: 'application/json',
        capturedAt: notice.signedAt,
        content: utf8(notice.documentText),
        recordedSha256: notice.documentSha256,
      },
      {
        path: isSubject ? 'notice-history.json' : `${name}-history.json`,
        kind: 'notice_history',
        mediaType: 'application/json',
        capturedAt: head.createdAt,
        content: pretty(history),
      },
    ]
  })
}

const reportFiles = ({ cases }: CapsuleRecord): CapsuleFile[] =>
  cases.flatMap(({ reports }) =>
    reports.map(({ number, version, issuedAt, documentText, documentSha256 }): CapsuleFile => ({
      path: `reports/${number}-v${version}.json`,
      kind: 'report',
      mediaType: 'application/json',
      capturedAt: issuedAt,
      content: utf8(documentText),
      recordedSha256: documentSha256,
    })),
  )

/** Where the picture lies in a capsule. @param caseNumber of the case that it is of. */
export const screenshotPath = (caseNumber: string, { number, mediaType }: Screenshot): string =>
  `screenshots/${caseNumber}-${number}.${screenshotEndings[mediaType]}`

/** What was told about each picture; nothing where there is none. */
function screenshotFacts({ head, cases }: CapsuleRecord): CapsuleFile[] {
  const screenshots = cases.flatMap(({ dossier: { opened }, screenshots: own }) =>
    own.map((facts) => ({ path: screenshotPath(opened.number, facts), caseNumber: opened.number, ...facts })),
  )
  if (screenshots.length === 0) return []
  return [
    {
      path: 'screenshots.json',
      kind: 'screenshot_facts',
      mediaType: 'application/json',
      capturedAt: head.createdAt,
      content: pretty({ screenshots }),
    },
  ]
}

/** @throws {Problem} request/too-large when nobody could read it back. */
function logBytes(log: LogDocument): Uint8Array {
  const bytes = utf8(canonicalText(log))
  if (bytes.length > LOG_BYTES_MAX)
    throw new Problem('request/too-large', 'The audit log since then is too long for a capsule')
  return bytes
}

/** The files of a capsule that are written from the database alone. @throws {Problem} request/too-large. */
export async function writtenFiles(record: CapsuleRecord): Promise<CapsuleFile[]> {
  const { head, cases, log } = record
  const { createdAt, subject, tenantName, tool } = head
  const written = (
    path: string,
    kind: CapsuleFile['kind'],
    mediaType: string,
    content: Uint8Array,
  ): CapsuleFile => ({ path, kind, mediaType, capturedAt: createdAt, content })
  const reported = cases.map(({ dossier }) => ({
    opened: dossier.opened,
    recording: dossier.recording,
    referenceSha256: dossier.recording.audioSha256,
    matches: dossier.matches.map((find) => ({
      ...find,
      passages: find.passages.map(({ sketches: _drawn, ...passage }) => passage),
    })),
  }))
  const report = matchReport(reported, {
    serviceVersion: tool.version,
    falseClaimsPerMillion: tool.thresholds.falseClaimsPerMillion,
    at: createdAt,
  })
  const decisions = cases.map(({ dossier, ...told }) => ({
    number: dossier.opened.number,
    decisions: told.decisions,
    exceptionsReviews: told.exceptionsReviews,
  }))
  return [
    written(
      'README.txt',
      'readme',
      'text/plain',
      utf8(readmeText(`${subject.kind} ${subject.number}`, tenantName)),
    ),
    written('verify.html', 'verifier', 'text/html', new Uint8Array(await verifyPage())),
    written('match-report.json', 'match_report', 'application/json', pretty(report)),
    written('decisions.json', 'decisions', 'application/json', pretty({ cases: decisions })),
    written('log.json', 'log', 'application/json', logBytes(log)),
    ...screenshotFacts(record),
    ...reportFiles(record),
    ...noticeFiles(record),
  ]
}

/** A capsule's files, and those that it only names. */
export interface CapsuleFiles {
  readonly files: readonly CapsuleFile[]
  readonly absent: readonly AbsentFile[]
}
