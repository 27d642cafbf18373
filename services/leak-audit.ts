import { gatherNews } from './alerts/news-store.ts'
import type { Blobs } from './core/blobs.ts'
import type { Db, Tx } from './core/db.ts'
import type { RecordingId } from './core/ids.ts'
import { type LeaksToAsk, isSameStanding, openLeaksOf } from './leak-opening.ts'
import {
  type AskedPage,
  type AskedRecording,
  countAsked,
  listAsked,
  listCatalogue,
  unregisteredCodes,
} from './leaks/asked-store.ts'
import { finish } from './leaks/audit-store.ts'
import {
  type Asked,
  type PageSubject,
  askPage,
  codeAsked,
  namesOf,
  recordingAsked,
} from './leaks/audit/ask-page.ts'
import { NamedRows } from './leaks/audit/named-rows.ts'
import { type PassCatalogue, passNames, preparePass } from './leaks/audit/names-pass.ts'
import { hasAudio, isWorse } from './leaks/audit/ranking.ts'
import { SortedLines } from './leaks/audit/sorted-lines.ts'
import { SummaryBuilder } from './leaks/audit/summary.ts'
import { WordFilter } from './leaks/audit/word-filter.ts'
import { type FoundChange, foundBy, keepExposures } from './leaks/exposure-store.ts'
import type { ExposureAudit } from './leaks/exposure.ts'
import type { OpenLeaks } from './leaks/open-leaks.ts'

/** Recordings that are asked for, and written, together: a second's work. */
const PAGE_RECORDINGS = 5_000
/** Recordings that are in memory at once for rows to pass them: about 300 megabytes. A larger catalogue is passed in parts. */
const PASS_RECORDINGS_MAX = 1_000_000
/** Of more recordings hardly a row has no word. */
const FILTERED_MAX = 2_000
/** A result has a kilobyte a line or two; more than this no page reads. */
const RESULT_BYTES_MAX = 2 ** 34
/** Names of leaks that news tell. */
const LEAKS_TOLD_MAX = 10

/** What an audit works with. */
export interface AuditTools {
  readonly db: Db
  readonly blobs: Blobs
  readonly leaks: OpenLeaks
}

/** Who runs an audit. */
export interface AuditRun {
  readonly signal: AbortSignal
  readonly progress: (share: number) => Promise<void>
}

/** How far an audit has come: rows that pass the catalogue, and recordings that are asked for. */
class Progress {
  readonly #run: AuditRun
  readonly #total: number
  #done = 0

  constructor(run: AuditRun, total: number) {
    this.#run = run
    this.#total = total
  }

  add(count: number): void {
    this.#done += count
    // Only a picture of the work.
    void this.#run.progress(Math.min(0.99, this.#done / Math.max(1, this.#total))).catch(() => undefined)
  }
}

/** Pages of recordings, each in a transaction of its own. @param recordingsMax of all pages together. */
async function* pagesOf(
  list: (page: AskedPage) => Promise<AskedRecording[]>,
  after?: RecordingId,
  recordingsMax = Number.POSITIVE_INFINITY,
): AsyncGenerator<AskedRecording[]> {
  let [from, left] = [after, recordingsMax]
  while (left > 0) {
    const page = await list({ after: from, limit: Math.min(PAGE_RECORDINGS, left) })
    if (page.length === 0) return
    yield page
    left -= page.length
    from = page.at(-1)?.id
  }
}

async function* namesOfPages(pages: AsyncIterable<readonly AskedRecording[]>) {
  for await (const page of pages) yield page.map(namesOf)
}

/** The part of a catalogue that is asked for, as rows pass all of it. */
interface AskedNames {
  readonly ids: ReadonlySet<RecordingId>
  readonly filter: WordFilter | undefined
}

/** One audit at work. */
class AuditWork {
  readonly #tools: AuditTools
  readonly #audit: ExposureAudit
  readonly #run: AuditRun
  readonly #leaks: LeaksToAsk
  readonly #now = new Date()
  readonly #named = new NamedRows()
  readonly #summary = new SummaryBuilder()
  readonly #lines = new SortedLines()

  constructor(tools: AuditTools, audit: ExposureAudit, run: AuditRun, leaks: LeaksToAsk) {
    this.#tools = tools
    this.#audit = audit
    this.#run = run
    this.#leaks = leaks
  }

  #system<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#tools.db.system(work)
  }

  /** @returns false when more is known of leaks than when it began: it has to be begun anew. */
  async make(): Promise<boolean> {
    const asked = await this.#system((tx) => countAsked(tx, this.#audit))
    const rows = asked === 0 ? 0 : this.#namelessRows()
    const progress = new Progress(this.#run, rows + asked)
    if (rows > 0) await this.#passNames(progress)
    try {
      if (!(await this.#askRecordings(progress))) return false
      await this.#askCodes()
      await this.#finish()
      return true
    } finally {
      await this.#lines.close()
    }
  }

  #namelessRows(): number {
    const manifests = this.#leaks.leaks.flatMap((leak) => leak.manifests)
    return manifests.reduce((sum, { rows }) => sum + rows.namelessCount, 0)
  }

  /**
   * Rows without a usable ISRC pass the whole catalogue, whatever part of it is asked for: which of two versions a row is of
   * does not depend on whether both were asked for.
   */
  async #passNames(progress: Progress): Promise<void> {
    const { tenantId, scope } = this.#audit
    const asked = scope.kind === 'all' ? undefined : await this.#askedNames()
    const list = (page: AskedPage) => this.#system((tx) => listCatalogue(tx, tenantId, page))
    for (let after: RecordingId | undefined; ;) {
      const pages = pagesOf(list, after, PASS_RECORDINGS_MAX)
      const catalogue = await preparePass(namesOfPages(pages))
      await this.#passManifests(catalogue, asked, progress)
      after = catalogue.ids.at(-1)
      if (catalogue.ids.length < PASS_RECORDINGS_MAX) return
    }
  }

  async #askedNames(): Promise<AskedNames> {
    const ids = new Set<RecordingId>()
    const filter = new WordFilter()
    const list = (page: AskedPage) => this.#system((tx) => listAsked(tx, this.#audit, page))
    for await (const page of pagesOf(list))
      for (const recording of page) {
        ids.add(recording.id)
        if (ids.size <= FILTERED_MAX) filter.add(recordingAsked(recording).keys)
      }
    return { ids, filter: ids.size <= FILTERED_MAX ? filter : undefined }
  }

  async #passManifests(
    catalogue: PassCatalogue,
    asked: AskedNames | undefined,
    progress: Progress,
  ): Promise<void> {
    for (const leak of this.#leaks.leaks)
      for (const { id: manifestId, batch, rows } of leak.manifests)
        await passNames(rows.nameless(), catalogue, {
          namelessRows: rows.namelessCount,
          filter: asked?.filter,
          signal: this.#run.signal,
          onRows: (count) => progress.add(count),
          onMeant: (row, meant) => {
            const id = catalogue.ids[meant.recording]
            if (id === undefined || asked?.ids.has(id) === false) return
            const { foundBy: how, logOdds } = meant
            this.#named.add(id, leak.id, { manifestId, batch, row, foundBy: how, logOdds })
          },
        })
  }

  async #askRecordings(progress: Progress): Promise<boolean> {
    const list = (page: AskedPage) => this.#system((tx) => listAsked(tx, this.#audit, page))
    for await (const page of pagesOf(list)) {
      this.#run.signal.throwIfAborted()
      const asked = await this.#ask(page.map(recordingAsked))
      const answers = asked.flatMap(({ subject, lines }) =>
        subject.id === null ? [] : lines.map((line) => ({ ...line, recordingId: subject.id as RecordingId })),
      )
      const isKept = await this.#system(async (tx) => {
        if (!(await isSameStanding(tx, this.#audit.tenantId, this.#leaks))) return false
        await keepExposures(
          tx,
          this.#audit,
          page.map(({ id }) => id),
          answers,
        )
        return true
      })
      if (!isKept) return false
      await this.#take(asked)
      progress.add(page.length)
    }
    return true
  }

  async #askCodes(): Promise<void> {
    const codes = await this.#system((tx) => unregisteredCodes(tx, this.#audit))
    for (let at = 0; at < codes.length; at += PAGE_RECORDINGS)
      await this.#take(await this.#ask(codes.slice(at, at + PAGE_RECORDINGS).map(codeAsked)))
  }

  #ask(page: readonly PageSubject[]): Promise<Asked[]> {
    return askPage(page, this.#leaks.leaks, { named: this.#named, now: this.#now })
  }

  async #take(asked: readonly Asked[]): Promise<void> {
    for (const { subject, lines, isContradicted } of asked) {
      this.#summary.add(subject, lines, isContradicted)
      for (const line of lines) await this.#lines.add(line.score, JSON.stringify(line))
    }
  }

  async #finish(): Promise<void> {
    const { db, blobs } = this.#tools
    const { id, tenantId, cause } = this.#audit
    const summary = this.#summary.summary(this.#leaks.leaks, this.#now.toISOString().slice(0, 10))
    const { sha256: resultSha256 } = await blobs.put(this.#lines.bytes(), { bytesMax: RESULT_BYTES_MAX })
    const news = cause === 'asked' ? undefined : await newsOf(db, this.#audit)
    await db.system(async (tx) => {
      if (!(await finish(tx, id, { summary, resultSha256 })) || !news) return
      await gatherNews(tx, tenantId, { kind: 'exposed', key: `exposed:${id}`, details: news })
    })
  }
}

/** What an audit that nobody asked for has to tell; undefined when nothing is worse than before. */
async function newsOf(db: Db, audit: ExposureAudit) {
  const counts = { recordings: 0, audio: 0, unreleased: 0 }
  const leaks = new Set<string>()
  for (let after: RecordingId | undefined; ;) {
    const page = { after, recordings: PAGE_RECORDINGS }
    const changes = await db.system((tx) => foundBy(tx, audit, page))
    if (changes.length === 0) break
    after = changes.at(-1)?.recordingId
    const worse = changes.filter((each) => isWorse(each.before, each.after))
    for (const { leakName } of worse) leaks.add(leakName)
    const different = (of: readonly FoundChange[]): number =>
      new Set(of.map(({ recordingId }) => recordingId)).size
    counts.recordings += different(worse)
    counts.audio += different(worse.filter((each) => hasAudio(each.after)))
    counts.unreleased += different(worse.filter(({ isUnreleased }) => isUnreleased))
  }
  if (counts.recordings === 0) return undefined
  return { auditId: audit.id, cause: audit.cause, ...counts, leaks: [...leaks].slice(0, LEAKS_TOLD_MAX) }
}

/**
 * Asks all leaks that an account sees for a part of its catalogue: keeps the answers, tells what got worse where nobody had
 * asked, and ends the audit with its frozen result. When a manifest, a batch or a leak changes meanwhile, it begins anew.
 *
 * @throws {Problem} index/damaged. The reason of the signal.
 */
export async function makeAudit(tools: AuditTools, audit: ExposureAudit, run: AuditRun): Promise<void> {
  for (;;) {
    const leaks = await openLeaksOf(tools, audit.tenantId)
    if (await new AuditWork(tools, audit, run, leaks).make()) return
  }
}
