/** What is asked of a database: rows as objects. */
interface Asked {
  all(sql: string): unknown[]
}

/** The columns of each table by its name; views and virtual tables are left out: they run a stranger's code. */
export type SqliteTables = ReadonlyMap<string, ReadonlySet<string>>

const names = (rows: readonly unknown[]): string[] =>
  rows.map((row) => String((row as { name: unknown }).name))

/** The tables of a database and their columns. */
export function describeTables(database: Asked, schema: 'main' | 'files'): SqliteTables {
  const tables = names(
    database.all(
      `select name from ${schema}.sqlite_schema where type = 'table' and sql not like 'create virtual%' and name not like 'sqlite_%'`,
    ),
  )
  return new Map(
    tables.map((table) => [
      table,
      new Set(names(database.all(`pragma ${schema}.table_info('${table.replaceAll("'", "''")}')`))),
    ]),
  )
}

/** Whether these are the tables of the schema published in December 2025. */
export const isPublishedSchema = (tables: SqliteTables): boolean =>
  tables.get('tracks')?.has('external_id_isrc') === true

const wantedOfTrack = [
  'name',
  'external_id_isrc',
  'external_id_upc',
  'external_id_ean',
  'popularity',
  'duration_ms',
  'fetched_at',
] as const
const wantedOfFile = [
  'filename',
  'status',
  'reencoded_kbit_vbr',
  'sha256_original',
  'sha256_with_embedded_meta',
  'alternatives',
  'track_popularity',
] as const

const has = (tables: SqliteTables, table: string, ...columns: readonly string[]): boolean =>
  columns.every((column) => tables.get(table)?.has(column) === true)

/** The artists of a track in one text, in their order, where the tables that say so are there. */
const ARTISTS = `(select group_concat(a.name, char(31)) from track_artists ta join artists a on a.rowid = ta.artist_rowid
  where ta.track_rowid = t.rowid) as artists`

/**
 * The query of the published schema, over what of it is there. Only columns that a field of ours asks for are named in
 * it, so playlists, their owners and users are not even read.
 *
 * @param filesIn which of the databases has `track_files`.
 */
export function publishedQuery(tables: SqliteTables, files: SqliteTables, filesIn: 'main' | 'files'): string {
  const ofTrack = wantedOfTrack
    .filter((column) => has(tables, 'tracks', column))
    .map((column) => `t.${column}`)
  const columns = ['t.rowid as "row number"', 't.id as track_id', ...ofTrack]
  const joins: string[] = []
  if (has(tables, 'tracks', 'album_rowid') && has(tables, 'albums', 'name')) {
    columns.push('al.name as album_name')
    joins.push('left join albums al on al.rowid = t.album_rowid')
  }
  if (has(tables, 'track_artists', 'track_rowid', 'artist_rowid') && has(tables, 'artists', 'name'))
    columns.push(ARTISTS)
  if (has(files, 'track_files', 'track_id')) {
    columns.push(
      ...wantedOfFile.filter((column) => has(files, 'track_files', column)).map((column) => `f.${column}`),
    )
    joins.push(`left join ${filesIn}.track_files f on f.track_id = t.id`)
  }
  return `select ${columns.join(', ')} from tracks t ${joins.join(' ')}`
}
