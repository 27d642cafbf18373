import type { RowLocator } from '../manifest-row.ts'
import type { RowFault } from '../manifest/batch.ts'
import type { Unit, UnitNews } from './messages.ts'
import type { ScanHit } from './row-matcher.ts'

/** Faults that are told one by one. */
const FAULTS_MAX = 100

/** What came of a piece of lines, whose rows were counted from its own first. */
interface Held {
  rows: number
  isDone: boolean
  readonly hits: ScanHit[]
  readonly faults: RowFault[]
}

/** The pieces of one file that wait for those before them. */
interface HeldFile {
  readonly pieces: Map<number, Held>
  next: number
  rows: number
}

const moved = <T extends { readonly locator: RowLocator }>(one: T, rows: number): T => ({
  ...one,
  locator: { ...one.locator, row: one.locator.row + rows },
})

/**
 * Puts together what threads found. The rows of a piece of lines are numbered when all pieces before it are done, because
 * only then it is known how many rows those have.
 */
export class Merge {
  readonly #onHit: (hit: ScanHit) => void
  readonly #files = new Map<number, HeldFile>()
  rows = 0
  hits = 0
  contradicted = 0
  faults = 0
  readonly faultSample: RowFault[] = []

  constructor(onHit: (hit: ScanHit) => void) {
    this.#onHit = onHit
  }

  take(unit: Unit, news: UnitNews): void {
    this.rows += news.rows
    this.hits += news.hits.length
    this.contradicted += news.contradicted
    this.faults += news.faultCount
    if (!('order' in unit)) this.#give(news, 0)
    else this.#hold(unit.part, unit.order, news)
  }

  /** A unit is done: what waited for it can go. */
  done(unit: Unit): void {
    if (!('order' in unit)) return
    const file = this.#file(unit.part)
    this.#piece(file, unit.order).isDone = true
    for (let piece = file.pieces.get(file.next); piece?.isDone; piece = file.pieces.get(file.next)) {
      this.#give(piece, file.rows)
      file.rows += piece.rows
      file.pieces.delete(file.next)
      file.next += 1
    }
  }

  #file(part: number): HeldFile {
    const known = this.#files.get(part) ?? { pieces: new Map(), next: 0, rows: 0 }
    this.#files.set(part, known)
    return known
  }

  #piece(file: HeldFile, order: number): Held {
    const known = file.pieces.get(order) ?? { rows: 0, isDone: false, hits: [], faults: [] }
    file.pieces.set(order, known)
    return known
  }

  #hold(part: number, order: number, news: UnitNews): void {
    const piece = this.#piece(this.#file(part), order)
    piece.rows += news.rows
    piece.hits.push(...news.hits)
    piece.faults.push(...news.faults)
  }

  #give({ hits, faults }: Pick<UnitNews, 'hits' | 'faults'>, rows: number): void {
    for (const hit of hits) this.#onHit(rows === 0 ? hit : { ...hit, row: moved(hit.row, rows) })
    const room = FAULTS_MAX - this.faultSample.length
    this.faultSample.push(...faults.slice(0, room).map((fault) => moved(fault, rows)))
  }
}
