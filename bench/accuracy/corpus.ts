import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { type TableRow, pathBeside, readFileList, readTable } from '../../bin/engine/tables.ts'
import { UsageError } from '../../bin/terminal.ts'
import type { Mix } from './mixes.ts'
import { type Query, type Relatives, relativePair } from './recall.ts'

/** A set of real music that was laid out before, with the truth about its queries. */
export interface Corpus {
  readonly references: readonly { readonly id: string; readonly path: string }[]
  readonly queries: readonly Query[]
  readonly relatives: Relatives
  /** Queries that hold several recordings, one after the other. */
  readonly mixes: readonly Mix[]
}

/** What `true_ref_id` says of a stranger, and of a query with several recordings. */
const STRANGER = 'NONE'
const MIX = 'MIX'

const queryColumns = [
  'query_id',
  'path',
  'attack',
  'true_ref_id',
  'ref_start_s',
  'query_start_s',
  'speed',
  'tempo',
]

/**
 * Reads a set: `refs.tsv` (ref_id, path), `queries.tsv` (columns above; times in seconds) and, where they are
 * there, `relatives.tsv` (ref_id, relative_id), `sources.tsv` (query_id, source_id: what strangers are made of) and
 * `mixes.tsv` (query_id, ref_id, query_start_s, query_end_s, ref_start_s: what each mix is made of).
 *
 * @throws {UsageError} when a table or column is missing, or a number is none.
 */
export async function readCorpus(folder: string): Promise<Corpus> {
  const beside = async (name: string, needed: readonly string[]): Promise<readonly TableRow[]> =>
    existsSync(join(folder, name)) ? readTable(join(folder, name), needed) : []
  const sources = new Map(
    (await beside('sources.tsv', ['query_id', 'source_id'])).map(({ cells }) => [
      cells['query_id'],
      cells['source_id'],
    ]),
  )
  const table = join(folder, 'queries.tsv')
  const rows = await readTable(table, queryColumns)
  const isMix = ({ cells }: TableRow): boolean => cells['true_ref_id'] === MIX
  const segments = await beside('mixes.tsv', mixColumns)
  return {
    references: await readFileList(join(folder, 'refs.tsv'), 'ref_id'),
    queries: rows.filter((row) => !isMix(row)).map((row) => queryOf(table, row, sources)),
    relatives: new Set(
      (await beside('relatives.tsv', ['ref_id', 'relative_id'])).map(({ cells }) =>
        relativePair(cells['ref_id'] ?? '', cells['relative_id'] ?? ''),
      ),
    ),
    mixes: rows.filter(isMix).map((row) => mixOf(table, row, segments)),
  }
}

const mixColumns = ['query_id', 'ref_id', 'query_start_s', 'query_end_s', 'ref_start_s']

function mixOf(table: string, { cells }: TableRow, segments: readonly TableRow[]): Mix {
  const { query_id: id = '', path = '', attack = '' } = cells
  const own = segments.filter((row) => row.cells['query_id'] === id)
  return {
    path: pathBeside(table, path),
    attack,
    segments: own.map((row) => ({
      referenceId: row.cells['ref_id'] ?? '',
      fromMs: 1000 * numberIn(table, row, 'query_start_s'),
      toMs: 1000 * numberIn(table, row, 'query_end_s'),
      referenceFromMs: 1000 * numberIn(table, row, 'ref_start_s'),
    })),
  }
}

function numberIn(table: string, { line, cells }: TableRow, column: string): number {
  const value = Number(cells[column] || Number.NaN)
  if (!Number.isFinite(value)) throw new UsageError(`${table}, line ${line}: ${column} is no number`)
  return value
}

function queryOf(
  table: string,
  row: TableRow,
  sources: ReadonlyMap<string | undefined, string | undefined>,
): Query {
  const number = (column: string): number => numberIn(table, row, column)
  const { cells } = row
  const { query_id: id = '', path = '', attack = '', true_ref_id: truth = '' } = cells
  const isCopy = truth !== STRANGER
  return {
    id,
    path: pathBeside(table, path),
    attack,
    sourceId: isCopy ? truth : (sources.get(id) ?? STRANGER),
    isCopy,
    referenceFromMs: isCopy ? 1000 * number('ref_start_s') : 0,
    queryFromMs: isCopy ? 1000 * number('query_start_s') : 0,
    rate: isCopy ? number('speed') * number('tempo') : 1,
  }
}
