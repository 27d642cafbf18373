import { LeakId, LeakManifestId, RecordingId, newId } from '../../services/core/ids.ts'
import { exposureOf } from '../../services/leaks/audit/exposure-of.ts'
import { type AskedLeak, findRows } from '../../services/leaks/audit/find-rows.ts'
import { NamedRows } from '../../services/leaks/audit/named-rows.ts'
import { passNames, preparePass } from '../../services/leaks/audit/names-pass.ts'
import { LeakIndex } from '../../services/leaks/packed/leak-index.ts'
import { RowStore } from '../../services/leaks/rows/row-store.ts'
import { keysOfNames } from '../../services/metadata/compare/name-keys.ts'
import { type Figure, atLeast, exactly, plain } from '../figures.ts'
import { cpuMs } from '../machine.ts'
import type { InventedRecording } from '../names/material.ts'
import { gatherFigures } from './gather-figures.ts'
import { type InventedRow, type RowKind, inventDump, inventRecordings } from './generator.ts'

const SEED = 41
/** Rows for each recording of the catalogue: three of four recordings are in the dump. */
const ROWS_A_RECORDING = 30

const RECALL_MIN = 0.95
const PRECISION_MIN = 0.99
const NOT_CLAIMED_MIN = 0.99
/** Recordings that are asked for together, as the service does. */
const PAGE = 500

/** What is true of a recording in the dump. */
type Truth = Pick<InventedRow, 'kind' | 'hasAudio'>

/** What was made, and the truth about it by recording and by row. */
interface Scene {
  readonly catalogue: readonly InventedRecording[]
  readonly ids: readonly RecordingId[]
  readonly truth: ReadonlyMap<number, Truth>
  /** The recording that a row of names only is of. */
  readonly ofRow: ReadonlyMap<number, number>
  readonly leak: AskedLeak
}

interface Passed {
  readonly named: NamedRows
  readonly right: number
  readonly wrong: number
  /** Recordings that a row of names only was rightly taken for. */
  readonly found: ReadonlySet<number>
  readonly seconds: number
  readonly rows: number
}

/** Lets the rows without a code pass the catalogue, and holds what is said against the truth. */
async function passed({ catalogue, ids, ofRow, leak }: Scene, signal: AbortSignal): Promise<Passed> {
  const [manifest] = leak.manifests
  if (!manifest) throw new Error('The leak has no manifest')
  const numberOf = new Map(ids.map((id, number) => [id, number]))
  const pass = await preparePass(
    (async function* () {
      yield catalogue.map((names, number) => ({ id: ids[number] as RecordingId, names, addresses: [] }))
    })(),
  )
  const named = new NamedRows()
  const found = new Set<number>()
  let [right, wrong, rows] = [0, 0, 0]
  const before = cpuMs()
  await passNames(manifest.rows.nameless(), pass, {
    namelessRows: manifest.rows.namelessCount,
    signal,
    onRows: (count) => (rows += count),
    onMeant(row, { recording, foundBy, logOdds }) {
      const id = pass.ids[recording] as RecordingId
      const number = numberOf.get(id)
      if (number !== undefined && ofRow.get(row.locator.row) === number) {
        right += 1
        found.add(number)
      } else wrong += 1
      named.add(id, leak.id, { manifestId: manifest.id, batch: 0, row, foundBy, logOdds })
    },
  })
  return { named, right, wrong, found, seconds: (cpuMs() - before) / 1e3, rows }
}

/** What is said of every recording. @returns whether it is in the leak, and whether its audio is. */
async function answered({ catalogue, ids, leak }: Scene, named: NamedRows) {
  const answers: ('audio' | 'listed' | undefined)[] = []
  const before = cpuMs()
  for (let from = 0; from < catalogue.length; from += PAGE) {
    const page = catalogue.slice(from, from + PAGE)
    const rows = await findRows(
      leak,
      page.map(({ isrc }) => isrc),
      (place) => named.of(ids[from + place] as RecordingId, leak.id),
    )
    for (const [place, recording] of page.entries()) {
      const asked = { keys: keysOfNames(recording), recordings: catalogue.length }
      const { answer } = exposureOf(asked, rows[place] ?? [], leak.batches)
      const hasAudio = answer?.status === 'audio' || answer?.status === 'sibling'
      answers.push(answer && (hasAudio ? 'audio' : 'listed'))
    }
  }
  return { answers, seconds: (cpuMs() - before) / 1e3 }
}

const share = (some: number, all: number): number => (all === 0 ? 1 : some / all)

function accuracyFigures(
  { catalogue, truth }: Scene,
  pass: Passed,
  answers: readonly ('audio' | 'listed' | undefined)[],
): Figure[] {
  const numbersOf = (kind: RowKind): number[] =>
    [...truth].filter(([, one]) => one.kind === kind).map(([number]) => number)
  const rightOf = (kind: RowKind): Figure => {
    const numbers = numbersOf(kind)
    const right = numbers.filter(
      (number) => answers[number] === (truth.get(number)?.hasAudio ? 'audio' : 'listed'),
    ).length
    return exactly(`audit: ${kind}, said rightly`, right, '', numbers.length)
  }
  const nameOnly = numbersOf('name-only')
  const wrong = numbersOf('wrong-isrc')
  const left = wrong.filter((number) => answers[number] === undefined).length
  const absent = catalogue.filter((_, number) => !truth.has(number)).length
  const claimed = answers.filter((answer, number) => answer !== undefined && !truth.has(number)).length
  return [
    plain('audit: recordings asked for', catalogue.length, ''),
    rightOf('identifier'),
    rightOf('sibling'),
    rightOf('alternative'),
    plain('audit: recordings that only names tell of', nameOnly.length, ''),
    atLeast('audit: by names, recall', share(pass.found.size, nameOnly.length), '', RECALL_MIN),
    atLeast('audit: by names, precision', share(pass.right, pass.right + pass.wrong), '', PRECISION_MIN),
    plain('audit: recordings whose code is on another song', wrong.length, ''),
    atLeast('audit: of these not claimed', share(left, wrong.length), '', NOT_CLAIMED_MIN),
    plain('audit: recordings that are not in it', absent, ''),
    plain('audit: of these claimed', claimed, ''),
  ]
}

/**
 * A dump of so many rows is read as the service reads it, and every recording of the catalogue that it was made for is
 * asked for; what is said is held against the truth.
 */
export async function auditFigures(
  parent: string,
  rows: number,
  { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress: (share: number) => void },
): Promise<Figure[]> {
  const catalogue = [...inventRecordings(SEED, Math.max(100, Math.ceil(rows / ROWS_A_RECORDING)))]
  const truth = new Map<number, Truth>()
  const ofRow = new Map<number, number>()
  function* tracks() {
    let row = 0
    for (const { kind, of, hasAudio, track } of inventDump({ seed: SEED, rows, catalogue })) {
      row += 1
      if (of !== undefined) truth.set(of, { kind, hasAudio })
      if (of !== undefined && kind === 'name-only') ofRow.set(row, of)
      yield track
    }
  }
  const gathered = await gatherFigures(parent, tracks(), {
    signal,
    onProgress: (done) => onProgress(0.7 * done),
  })
  const manifest = {
    id: newId(LeakManifestId),
    batch: 0,
    index: await LeakIndex.open(gathered.folder),
    rows: await RowStore.open(gathered.folder),
  }
  try {
    const leak: AskedLeak = {
      id: newId(LeakId),
      name: 'Sample dump',
      kind: 'streaming-dump',
      batches: [],
      manifests: [manifest],
    }
    const scene: Scene = { catalogue, ids: catalogue.map(() => newId(RecordingId)), truth, ofRow, leak }
    const pass = await passed(scene, signal)
    onProgress(0.85)
    const { answers, seconds } = await answered(scene, pass.named)
    onProgress(1)
    return [
      ...gathered.figures,
      ...accuracyFigures(scene, pass, answers),
      plain('audit: rows without a code passed by names, a CPU second', pass.rows / pass.seconds, ''),
      plain('audit: recordings answered, a CPU second', catalogue.length / seconds, ''),
    ]
  } finally {
    await Promise.all([manifest.index.close(), manifest.rows.close()])
  }
}
