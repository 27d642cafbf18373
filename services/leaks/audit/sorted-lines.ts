import { createReadStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setImmediate as turn } from 'node:timers/promises'

/** Lines that are held in memory, about a kilobyte each; more are sorted in files that are merged. */
const HELD_MAX = 50_000
/** Lines that are given out together. */
const PIECE_LINES = 500

interface Line {
  readonly score: number
  readonly text: string
}

/** A run of sorted lines on disk, read from its first to its last. */
interface Run {
  readonly lines: AsyncIterator<string>
  next: Line | undefined
}

const lineOf = (written: string): Line => {
  const tab = written.indexOf('\t')
  return { score: Number(written.slice(0, tab)), text: written.slice(tab + 1) }
}

async function advance(run: Run): Promise<void> {
  const { done, value } = await run.lines.next()
  run.next = done === true ? undefined : lineOf(value)
}

/** Lines of text in the order of their scores, the highest first, in bounded memory. Equal ones keep their order. */
export class SortedLines {
  #held: Line[] = []
  #folder: string | undefined
  readonly #runs: string[] = []
  readonly #heldMax: number

  /** @param heldMax lines in memory. */
  constructor(heldMax = HELD_MAX) {
    this.#heldMax = heldMax
  }

  /** @param json one line of JSON. */
  async add(score: number, json: string): Promise<void> {
    // Two separators that JSON leaves as they are end a line for whoever reads lines.
    const text = json.replaceAll(/[\u2028\u2029]/g, (sign) => (sign === '\u2028' ? '\\u2028' : '\\u2029'))
    this.#held.push({ score, text })
    if (this.#held.length >= this.#heldMax) await this.#spill()
  }

  #sorted(): Line[] {
    const lines = this.#held.toSorted((one, other) => other.score - one.score)
    this.#held = []
    return lines
  }

  async #spill(): Promise<void> {
    this.#folder ??= await mkdtemp(join(tmpdir(), 'earwitness-audit-'))
    const path = join(this.#folder, String(this.#runs.length))
    const lines = this.#sorted()
    await writeFile(
      path,
      lines.map(({ score, text }) => `${score}\t${text}\n`),
    )
    this.#runs.push(path)
  }

  /** All lines with their line feeds, in pieces; once. */
  async *bytes(): AsyncGenerator<Buffer> {
    let piece: string[] = []
    for await (const text of this.#merged()) {
      piece.push(text, '\n')
      if (piece.length < 2 * PIECE_LINES) continue
      yield Buffer.from(piece.join(''))
      piece = []
      await turn()
    }
    if (piece.length > 0) yield Buffer.from(piece.join(''))
  }

  async *#merged(): AsyncGenerator<string> {
    const held = this.#sorted()
    const runs = this.#runs.map((path): Run => {
      const lines = createInterface({ input: createReadStream(path), crlfDelay: Infinity })
      return { lines: lines[Symbol.asyncIterator](), next: undefined }
    })
    for (const run of runs) await advance(run)
    let at = 0
    for (;;) {
      // Runs come before what is held, and the earlier before the later, where scores are equal.
      let best: Run | undefined
      for (const run of runs)
        if (run.next && (best?.next === undefined || run.next.score > best.next.score)) best = run
      const line = held[at]
      if (best?.next && (line === undefined || best.next.score >= line.score)) {
        yield best.next.text
        await advance(best)
      } else if (line) {
        yield line.text
        at += 1
      } else return
    }
  }

  /** Removes what was written aside. */
  async close(): Promise<void> {
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true })
  }
}
