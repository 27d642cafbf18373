import { startImport } from '../../services/actions/imports.ts'
import type { ImportEntry, ImportedRecording } from '../../services/catalog/import/entry.ts'
import type { CatalogueImport, ImportCounts } from '../../services/catalog/import/import.ts'
import { runImport } from '../../services/catalog/import/run.ts'
import * as imports from '../../services/catalog/import/store.ts'
import type { Recording } from '../../services/catalog/recording.ts'
import * as recordings from '../../services/catalog/store.ts'
import { Sha256 } from '../../services/core/ids.ts'
import type { Run } from '../../services/core/queue.ts'
import { importCatalogue } from '../../workers/import.ts'
import type { World } from './world.ts'

/** The ISRC of a recording by its number. */
export const isrcOf = (number: number): string => `AA6Q720${String(number).padStart(5, '0')}`

/** A row as a reader makes it. */
export const row = (number: number, more: Partial<ImportedRecording> = {}): ImportEntry => ({
  kind: 'recording',
  row: number,
  recording: { title: `Song number ${number}`, artists: ['The Sample Band'], isrc: isrcOf(number), ...more },
  warnings: [],
})

/** A row that has no ISRC. */
export function bare(number: number, more: Partial<ImportedRecording> = {}): ImportEntry {
  const { isrc: _, ...recording } = (row(number, more) as Extract<ImportEntry, { kind: 'recording' }>)
    .recording
  return { kind: 'recording', row: number, recording, warnings: [] }
}

/** An import that nobody works on. */
export const announced = ({ house, owner }: World, dryRun = false): Promise<CatalogueImport> =>
  house.db.tenant(owner.tenantId, (tx) =>
    imports.add(tx, owner.tenantId, {
      kind: 'csv',
      fileName: 'catalogue.csv',
      sha256: Sha256.parse('a'.repeat(64)),
      bytes: 1,
      options: {},
      dryRun,
      by: 'system',
    }),
  )

/** Takes entries into the owner's catalogue, as the job does. */
export const take = async (
  world: World,
  entries: AsyncIterable<ImportEntry> | Iterable<ImportEntry>,
  about?: CatalogueImport,
): Promise<ImportCounts & { about: CatalogueImport }> => {
  const given = about ?? (await announced(world))
  const { db } = world.house
  const holder = { id: world.owner.tenantId, name: 'Sample Records' }
  const signal = new AbortController().signal
  const counts = await runImport({ db, about: given, holder, signal }, { entries, warnings: () => [] })
  return { ...counts, about: given }
}

/** The newest hundred recordings. */
export const catalogueOf = ({ house, owner }: World): Promise<Recording[]> =>
  house.db.tenant(owner.tenantId, (tx) => recordings.list(tx, { limit: 100 }))
/** The recording of that title. @throws {Error} when there is none. */
export const titled = async (world: World, title: string): Promise<Recording> => {
  const one = (await catalogueOf(world)).find((recording) => recording.title === title)
  if (!one) throw new Error(`no ${title}`)
  return one
}
/** What was found wrong or odd, in its order. */
export const errorsOf = ({ house, owner }: World, { id }: Pick<CatalogueImport, 'id'>) =>
  house.db.tenant(owner.tenantId, (tx) => imports.errorsOf(tx, id, { after: 0, limit: 100 }))
/** What was changed, in its order. */
export const changesOf = ({ house, owner }: World, { id }: Pick<CatalogueImport, 'id'>) =>
  house.db.tenant(owner.tenantId, (tx) => imports.changesOf(tx, id, { after: 0, limit: 100 }))

export async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

/** Hands in a file and does its job. */
export async function imported(
  world: World,
  text: string,
  given: { dryRun?: boolean; fileName?: string } = {},
): Promise<CatalogueImport> {
  const { house, owner } = world
  const { dryRun = false, fileName = 'catalogue.csv' } = given
  const started = await startImport(house, owner, { fileName, source: bytesOf(text), dryRun, options: {} })
  return worked(world, started)
}

/** Does the job of an import. */
export async function worked(world: World, { id }: CatalogueImport): Promise<CatalogueImport> {
  const { house, owner } = world
  const run: Run = { log: house.log, progress: async () => {}, signal: new AbortController().signal }
  await importCatalogue(house)({ id }, run)
  const ended = await house.db.tenant(owner.tenantId, (tx) => imports.find(tx, id))
  if (!ended) throw new Error('no import')
  return ended
}
