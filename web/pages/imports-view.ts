import type { CatalogueImport, ImportKind } from '../../services/catalog/import/import.ts'
import { type Html, html } from '../../services/core/html.ts'
import { icon } from '../parts/icons.ts'
import { listHref, pager } from '../parts/paging.ts'
import { backTo, card, empty, pageHead } from '../parts/pieces.ts'
import { pill } from '../parts/pills.ts'
import { mainCell, table } from '../parts/table.ts'
import { sizeInWords, timeAgo } from '../parts/words.ts'

export const kindNames: Readonly<Record<ImportKind, string>> = {
  csv: 'Table',
  ern: 'DDEX ERN message',
  musicbrainz: 'MusicBrainz JSON',
}

/** Who handed an import in, as people say it. */
export function requesterName({ requestedBy: { actor, name } }: CatalogueImport): string {
  return name ?? (actor.startsWith('key:') ? 'a program with an API key' : 'a former member')
}

/** Recordings that an import changes, or would change. */
export const changing = ({ created, updated }: CatalogueImport): number => created + updated

/** Whether nothing at all of a file could be taken in. */
export const isRefused = (about: CatalogueImport): boolean =>
  about.stage === 'done' && about.errors > 0 && changing(about) + about.unchanged + about.purged === 0

/** Whether a person ended it. */
export const isStopped = ({ problem }: CatalogueImport): boolean =>
  problem?.type === '/problems/import/stopped'

/** Where an import stands, in one pill. */
export function importPill(about: CatalogueImport): Html {
  const { stage, dryRun } = about
  if (stage === 'import') return pill('work', 'clock', dryRun ? 'Checking' : 'Importing')
  if (stage === 'failed')
    return isStopped(about) ? pill('neutral', 'cross', 'Stopped') : pill('bad', 'warning', 'Failed')
  if (about.sameAs) return pill('neutral', 'dash', 'Known already')
  if (isRefused(about)) return pill('bad', 'warning', 'Refused')
  if (about.facts?.test) return pill('neutral', 'check', 'Test, checked')
  if (dryRun) return pill('attention', 'eye', 'Checked, not imported')
  return about.errors > 0 ? pill('attention', 'check', 'Imported in part') : pill('good', 'check', 'Imported')
}

const importTable = (rows: readonly CatalogueImport[]): Html => {
  const number = (count: number): string => count.toLocaleString('en')
  return table(
    'Imports, newest first',
    [
      {
        name: 'File',
        kind: 'main',
        cell: ({ id, fileName, kind, bytes }) =>
          mainCell(`/recordings/imports/${id}`, fileName, `${kindNames[kind]}, ${sizeInWords(bytes)}`),
      },
      { name: 'State', kind: 'state', cell: importPill },
      { name: 'New', kind: 'number', cell: ({ created }) => number(created) },
      { name: 'Changed', kind: 'number', cell: ({ updated, purged }) => number(updated + purged) },
      { name: 'Left out', kind: 'number', cell: ({ errors }) => number(errors) },
      { name: 'By', cell: requesterName },
      { name: 'Handed in', kind: 'number', cell: ({ createdAt }) => timeAgo(createdAt) },
    ],
    rows,
  )
}

const importLink = html`<a class="button button-primary" href="/recordings/import"
  >${icon('plus')}Import a catalogue</a
>`

/** All imports, newest first. */
export function importsView(given: {
  rows: readonly CatalogueImport[]
  last: CatalogueImport | undefined
  query: Readonly<Record<string, string>>
}): Html {
  const { rows, last, query } = given
  const path = '/recordings/imports'
  return html` ${pageHead({
    title: 'Imports',
    above: backTo('/recordings', 'Recordings'),
    below: 'Catalogues that were handed in as files, and what became of their rows.',
    ...(rows.length > 0 && { actions: importLink }),
  })}
  ${card({
    id: 'list',
    title: 'Handed in',
    flush: true,
    refreshFrom: rows.some(({ stage }) => stage === 'import') && listHref(path, query),
    body:
      rows.length > 0
        ? html`${importTable(rows)}${pager(path, query, last && { at: last.createdAt, id: last.id })}`
        : empty({
            name: 'file',
            title: 'No imports yet',
            text: 'A table of your distributor or a DDEX message brings in a whole catalogue at once.',
            action: importLink,
          }),
  })}`
}
