import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'

import { importFiles, operatorLeakOf } from '../../../services/actions/operator-leaks.ts'
import { type ManifestFile } from '../../../services/leaks/leak.ts'
import { ManifestMapping } from '../../../services/leaks/manifest/fields.ts'
import { BATCHES_MAX } from '../../../services/leaks/packed/word.ts'
import { type Terminal, UsageError, exitCode, misused, readArguments } from '../../terminal.ts'
import { asOperator, operatorUsage } from './operator.ts'
import { readJson } from './read-json.ts'
import { watchManifest } from './watch-manifest.ts'

const usage = `
Usage: earwitness leak import LEAK FILE… [options]

Has a manifest of a leak read: a list of what it has, of one or more files on the machine of the service. They are read
by the service's worker where they lie, so it must be allowed to read them, and they are left alone. JSON lines, tables,
Parquet, SQLite, lists of files; also as gzip or zstd. Columns that name users, owners or playlists are never read.
LEAK is a name or an id. Prints the id of the manifest.

  --name NAME      what it is called; else as its first file
  --batch NUMBER   the part that all its rows are of
  --mapping FILE   which columns its fields are read from, as JSON: { "isrc": "Code", "title": "Track" }
  --watch          show how far it is until it was read; Ctrl-C leaves the reading at work
${operatorUsage}`

/** @throws {UsageError} for what is no file with bytes that this user may read. */
async function fileAt(given: string): Promise<ManifestFile> {
  const path = resolve(given)
  const facts = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`${given}: ${error.code === 'ENOENT' ? 'there is no such file' : error.message}`)
  })
  if (!facts.isFile()) throw new UsageError(`${given} is not a file`)
  if (facts.size === 0) throw new UsageError(`${given} has no bytes`)
  await access(path, constants.R_OK).catch(() => {
    throw new UsageError(`${given} cannot be read by this user`)
  })
  return { name: basename(path), bytes: facts.size, path }
}

/** `earwitness leak import`. @returns the exit code: 1 when it was watched and could not be read. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const given = readArguments(terminal, usage, argv, {
    name: { type: 'string' },
    batch: { type: 'string', default: '0' },
    mapping: { type: 'string' },
    watch: { type: 'boolean', default: false },
  })
  if (typeof given === 'number') return given
  const { values, positionals } = given
  const [named, ...paths] = positionals
  if (named === undefined || paths.length === 0)
    return misused(terminal, usage, 'Give a leak and at least one file')
  const batch = Number(values.batch)
  if (!Number.isInteger(batch) || batch < 0 || batch > BATCHES_MAX)
    return misused(terminal, usage, `--batch is a number from 1 to ${BATCHES_MAX}`)
  const files: ManifestFile[] = []
  for (const path of paths) files.push(await fileAt(path))
  const mapping = values.mapping === undefined ? {} : await readJson(values.mapping, ManifestMapping)
  const name = (values.name ?? files[0]?.name ?? '').trim().slice(0, 200)
  if (name === '') return misused(terminal, usage, '--name is empty')
  return asOperator(terminal, async (house) => {
    const leak = await operatorLeakOf(house, named)
    const manifest = await importFiles(house, leak.id, { name, files, mapping, batch })
    terminal.out.write(`${manifest.id}\n`)
    if (values.watch) return watchManifest(terminal, house, manifest.id)
    terminal.err.write('It is being read; `earwitness leak list` says how far it is.\n')
    return exitCode.done
  })
}
