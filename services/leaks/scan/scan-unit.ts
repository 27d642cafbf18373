import { open } from 'node:fs/promises'

import { BATCH_FAULTS_MAX, type RowFault } from '../manifest/batch.ts'
import { openBytes, shareOf } from '../manifest/bytes.ts'
import { type FieldPaths, type ManifestMapping, fieldPaths } from '../manifest/fields.ts'
import { IsrcScan, type ScanHit as LineHit } from '../manifest/isrc-scan.ts'
import { LINE_BYTES_MAX, objectOf } from '../manifest/json-lines.ts'
import { readManifest } from '../manifest/open-manifest.ts'
import { readRow } from '../manifest/read-row.ts'
import { loadDuckDb, parquetRows } from './duckdb.ts'
import type { Unit, UnitNews } from './messages.ts'
import { parquetShape, parquetWindows, scanWindow } from './parquet-window.ts'
import type { RowMatcher, ScanHit } from './row-matcher.ts'

/** Between two words about a long unit. */
const NEWS_MS = 250
/** What is read of a plain file at once. */
const CHUNK_BYTES = 4 << 20
/** The first of three bytes that some programs write before the first line. */
const BYTE_ORDER_MARK = 0xef
/** Bytes of an empty line that ends as on Windows. */
const BLANK_BYTES_MAX = 1

type OnNews = (news: UnitNews) => void

/** Does units of work, one after the other. */
export class UnitScanner {
  readonly #matcher: RowMatcher
  readonly #paths: FieldPaths
  readonly #mapping: ManifestMapping
  readonly #onNews: OnNews
  readonly #hits: ScanHit[]
  readonly #chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES)
  #faults: RowFault[] = []
  #faultCount = 0
  /** Of the unit at hand: rows that passed, and those of them that were told. */
  #rowsPassed = 0
  #rowsTold = 0
  #contradictedTold = 0
  #toldAtMs = 0

  /**
   * @param hits that the matcher finds, in the order in which it finds them; emptied as they are told.
   * @param onNews is told how far a long unit is, while it is worked on.
   */
  constructor(matcher: RowMatcher, hits: ScanHit[], mapping: ManifestMapping, onNews: OnNews) {
    this.#matcher = matcher
    this.#hits = hits
    this.#paths = fieldPaths(mapping)
    this.#mapping = mapping
    this.#onNews = onNews
  }

  /**
   * Does one unit.
   *
   * @returns what was not told by `onNews` yet.
   * @throws {Problem} where it cannot be read on; what came before it is in `rest`.
   */
  async run(unit: Unit): Promise<UnitNews> {
    this.#rowsPassed = this.#rowsTold = 0
    this.#toldAtMs = performance.now()
    if (unit.kind === 'range') return this.#news(await this.#range(unit), 1)
    if (unit.kind === 'block') {
      const scan = this.#lineScan(unit.part)
      scan.push(Buffer.from(unit.bytes))
      scan.end()
      return this.#news(scan.rows, 1)
    }
    if (unit.kind === 'window') return this.#news(await this.#window(unit), 1)
    if (unit.kind === 'parquet') return this.#news(await this.#parquet(unit), 1)
    return this.#news(unit.byteScan ? await this.#packedLines(unit) : await this.#readRows(unit), 1)
  }

  /** What was done of a unit that could not be done as a whole. */
  rest(): UnitNews {
    return this.#news(this.#rowsPassed, 1)
  }

  #news(rows: number, share: number): UnitNews {
    const news = {
      rows: rows - this.#rowsTold,
      share,
      hits: this.#hits.splice(0),
      contradicted: this.#matcher.contradicted - this.#contradictedTold,
      faults: this.#faults,
      faultCount: this.#faultCount,
    }
    this.#rowsTold = rows
    this.#contradictedTold = this.#matcher.contradicted
    this.#faults = []
    this.#faultCount = 0
    return news
  }

  #tellNow(rows: number, share: number): void {
    this.#rowsPassed = rows
    if (performance.now() - this.#toldAtMs < NEWS_MS) return
    this.#toldAtMs = performance.now()
    this.#onNews(this.#news(rows, share))
  }

  #fault(row: number, part: number, detail: string): void {
    this.#faultCount += 1
    if (this.#faults.length < BATCH_FAULTS_MAX) this.#faults.push({ locator: { row, part }, detail })
  }

  #lineScan(part: number): IsrcScan {
    const { catalogue, withNames } = this.#matcher
    const onHit = (hit: LineHit): void => this.#takeLine(hit, part, true)
    const onNameless = (hit: LineHit): void => this.#takeLine(hit, part, false)
    return new IsrcScan(catalogue.codes, LINE_BYTES_MAX, onHit, withNames ? onNameless : undefined)
  }

  #takeLine({ line, row }: LineHit, part: number, hasCode: boolean): void {
    if (line.length <= BLANK_BYTES_MAX) return
    if (line.length > LINE_BYTES_MAX)
      return this.#fault(row, part, `The line is longer than ${LINE_BYTES_MAX} bytes`)
    const from = row === 1 && line[0] === BYTE_ORDER_MARK ? 3 : 0
    const object = objectOf(line.toString('utf8', from))
    if (!object) return this.#fault(row, part, 'The line is no JSON object')
    const read = readRow(object, this.#paths, { row, part })
    if (hasCode && read?.isrc === undefined)
      this.#fault(row, part, 'An ISRC stands in a field that is not known; a mapping says which it is')
    else if (read) this.#matcher.take(read)
    else this.#fault(row, part, 'Nothing in it names a recording')
  }

  async #range({ path, part, from, to }: Extract<Unit, { kind: 'range' }>): Promise<number> {
    const scan = this.#lineScan(part)
    const file = await open(path)
    try {
      for (let at = from; at < to;) {
        const { bytesRead } = await file.read(this.#chunk, 0, Math.min(CHUNK_BYTES, to - at), at)
        const chunk = this.#chunk
        if (bytesRead === 0) break
        scan.push(chunk.subarray(0, bytesRead))
        at += bytesRead
      }
    } finally {
      await file.close()
    }
    scan.end()
    return scan.rows
  }

  async #window(window: Omit<Extract<Unit, { kind: 'window' }>, 'kind'>): Promise<number> {
    const { rows, unread } = await scanWindow(window.path, window, this.#paths, this.#matcher)
    this.#faultCount += unread
    return rows
  }

  async #parquet({ path, part, threads }: Extract<Unit, { kind: 'parquet' }>): Promise<number> {
    const { rows, columns, codeColumns } = await parquetShape(path, this.#paths)
    const library = codeColumns && (await loadDuckDb())
    if (!library) {
      let seen = 0
      for (const { from, to } of await parquetWindows(path)) {
        seen += await this.#window({ path, part, from, to })
        this.#tellNow(seen, seen / rows)
      }
      return seen
    }
    const { catalogue, withNames: withoutCode } = this.#matcher
    const asked = { codes: catalogue.codes, columns, codeColumns, withoutCode, threads }
    let reached = 0
    for await (const batch of parquetRows(library, path, asked)) {
      for (const { number, raw } of batch) {
        reached = Math.max(reached, number)
        const row = readRow(raw, this.#paths, { row: number, part })
        if (row) this.#matcher.take(row)
        else this.#faultCount += 1
      }
      this.#tellNow(reached, reached / rows)
    }
    return rows
  }

  async #packedLines({ paths: [path = ''], part }: Extract<Unit, { kind: 'file' }>): Promise<number> {
    const bytes = await openBytes(path)
    const scan = this.#lineScan(part)
    for await (const chunk of bytes.chunks) {
      scan.push(chunk)
      this.#tellNow(scan.rows, shareOf(bytes))
    }
    scan.end()
    return scan.rows
  }

  async #readRows({ paths, part }: Extract<Unit, { kind: 'file' }>): Promise<number> {
    let seen = 0
    for await (const batch of readManifest(paths, this.#mapping)) {
      for (const row of batch.rows) this.#matcher.take({ ...row, locator: { row: row.locator.row, part } })
      seen += batch.seen
      this.#faultCount += batch.faultCount - batch.faults.length
      for (const { locator, detail } of batch.faults) this.#fault(locator.row, part, detail)
      this.#tellNow(seen, batch.share)
    }
    return seen
  }
}
