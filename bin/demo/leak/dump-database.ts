import sqlite from 'node-sqlite3-wasm'

import type { DumpTrack } from './dump-track.ts'

/** Rows of one transaction. */
const COMMIT_ROWS = 20_000

/** The tables that count of the schema published in December 2025, and of those that may not be kept one. */
const SCHEMA = `
  create table artists (rowid integer primary key, name text);
  create table albums (rowid integer primary key, name text);
  create table tracks (rowid integer primary key, id text, fetched_at integer, name text, album_rowid integer,
    external_id_isrc text, external_id_upc text, popularity integer, duration_ms integer);
  create table track_artists (track_rowid integer, artist_rowid integer, primary key (track_rowid, artist_rowid))
    without rowid;
  create table track_files (track_id text primary key, status text, reencoded_kbit_vbr integer, sha256_original text,
    sha256_with_embedded_meta text, alternatives text) without rowid;
  create table playlists (rowid integer primary key, owner_display_name text, added_by_id text);`

type Statement = ReturnType<InstanceType<typeof sqlite.Database>['prepare']>

/** What was inserted last under a name: songs of one artist follow each other, and no more is remembered. */
interface Last {
  name: string
  rowid: number
}

/** Writes an SQLite database in the published schema, track by track. */
export class DumpDatabase {
  readonly #database: InstanceType<typeof sqlite.Database>
  readonly #insert: Readonly<
    Record<'artist' | 'album' | 'track' | 'trackArtist' | 'file' | 'owner', Statement>
  >
  readonly #artist: Last = { name: '', rowid: 0 }
  readonly #album: Last = { name: '', rowid: 0 }
  #artists = 0
  #rows = 0

  /** @param path of a file that is not there yet. */
  constructor(path: string) {
    const database = new sqlite.Database(path)
    // It can be made again: nothing has to be safe before it is whole.
    database.exec(`pragma journal_mode = off; pragma synchronous = off; ${SCHEMA} begin`)
    this.#database = database
    this.#insert = {
      artist: database.prepare('insert into artists values (?, ?)'),
      album: database.prepare('insert into albums values (?, ?)'),
      track: database.prepare('insert into tracks values (?, ?, ?, ?, ?, ?, ?, ?, ?)'),
      trackArtist: database.prepare('insert into track_artists values (?, ?)'),
      file: database.prepare('insert into track_files values (?, ?, ?, ?, ?, ?)'),
      owner: database.prepare('insert into playlists values (?, ?, ?)'),
    }
  }

  #albumOf(name: string | null): number | null {
    if (name === null) return null
    if (this.#album.name !== name) {
      this.#album.name = name
      this.#insert.album.run([++this.#album.rowid, name])
    }
    return this.#album.rowid
  }

  /** Names of one track are in the order of their numbers, as the schema gives them back. */
  #artistOf(name: string, isFirst: boolean): number {
    if (isFirst && this.#artist.name === name) return this.#artist.rowid
    this.#insert.artist.run([++this.#artists, name])
    if (isFirst) Object.assign(this.#artist, { name, rowid: this.#artists })
    return this.#artists
  }

  /** Takes a track. @returns its number, from 1. */
  add(track: DumpTrack): number {
    const row = ++this.#rows
    this.#insert.track.run([
      row,
      track.track_id,
      track.fetched_at,
      track.name,
      this.#albumOf(track.album_name),
      track.external_id_isrc,
      track.external_id_upc,
      track.popularity,
      track.duration_ms,
    ])
    for (const [at, { name }] of track.artists.entries())
      this.#insert.trackArtist.run([row, this.#artistOf(name, at === 0)])
    if (track.status !== undefined)
      this.#insert.file.run([
        track.track_id,
        track.status,
        track.reencoded_kbit_vbr ?? null,
        track.sha256_original ?? null,
        track.sha256_with_embedded_meta ?? null,
        track.alternatives ? JSON.stringify(track.alternatives) : null,
      ])
    this.#insert.owner.run([row, track.owner_display_name, track.added_by_id])
    if (row % COMMIT_ROWS === 0) this.#database.exec('commit; begin')
    return row
  }

  /** Writes what is left. */
  close(): void {
    for (const statement of Object.values(this.#insert)) statement.finalize()
    this.#database.exec('commit')
    this.#database.close()
  }
}
