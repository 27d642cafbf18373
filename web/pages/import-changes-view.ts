import { z } from 'zod'

import { clockTime } from '../../services/core/clock-time.ts'
import { type Html, html } from '../../services/core/html.ts'
import { numberPager } from '../parts/paging.ts'
import { card } from '../parts/pieces.ts'
import { mainCell, table } from '../parts/table.ts'
import type { ImportRead, TitledChange } from './import-data.ts'

/** What imports call a field, as people read it; those of a right stand beside those of a recording. */
const fieldNames: Readonly<Record<string, string>> = {
  title: 'Title',
  version: 'Version',
  artists: 'Artists',
  featured: 'Featured',
  isrc: 'ISRC',
  iswc: 'ISWC',
  durationMs: 'Length',
  rightsHolder: 'Rights holder',
  pLine: '℗ line',
  language: 'Language',
  genre: 'Genre',
  explicit: 'Explicit',
  ownId: 'Own number',
  policy: 'Policy',
  authorised: 'Authorised at',
  release: 'Release',
  releaseTitle: 'Title of the release',
  label: 'Label',
  grid: 'GRid',
  catalogNumber: 'Catalogue number',
  releaseDate: 'Release date',
  cLine: '© line',
  withdrawn: 'Withdrawn',
  role: 'Role',
  sharePercent: 'Share in %',
  territories: 'Territories',
  excludedTerritories: 'Excluded territories',
  validFrom: 'Valid from',
  validTo: 'Valid to',
}

const Parts = z.record(z.string(), z.unknown())

interface FieldChange {
  readonly name: string
  readonly from: unknown
  readonly to: unknown
}

/** A change field by field: of what has parts of its own, such as a right, those that differ. */
function fieldChanges(fields: TitledChange['fields']): FieldChange[] {
  return Object.entries(fields).flatMap(([name, { from, to }]) => {
    const [before, after] = [Parts.safeParse(from).data ?? {}, Parts.safeParse(to).data ?? {}]
    const parts = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    if (parts.length === 0) return [{ name, from, to }]
    return parts
      .filter((part) => JSON.stringify(before[part]) !== JSON.stringify(after[part]))
      .map((part) => ({ name: part, from: before[part], to: after[part] }))
  })
}

function valueInWords(name: string, value: unknown): string {
  if (value === null || value === undefined || value === '') return 'nothing'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (Array.isArray(value)) return value.length > 0 ? value.join(', ') : 'nothing'
  if (name === 'durationMs' && typeof value === 'number') return clockTime(value)
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  // A time of the database; what it was to the second helps nobody.
  return name === 'withdrawn' ? `since ${text.slice(0, 10)}` : text
}

const changeLine = ({ name, from, to }: FieldChange): Html =>
  html`<li>
    ${fieldNames[name] ?? name}: <del>${valueInWords(name, from)}</del> → <span class="unseen">becomes</span
    ><ins>${valueInWords(name, to)}</ins>
  </li>`

/** Recordings that were there and that an import changes, or would change: field by field, from what to what. */
export function changesCard(
  { about, changes }: ImportRead,
  query: Readonly<Record<string, string>>,
): Html | false {
  if (changes.shown.length === 0) return false
  return card({
    id: 'changes',
    title: about.dryRun ? 'What would change' : 'What was changed',
    flush: true,
    body: html`${table(
      'Changes of recordings that were there, in the order of the file',
      [
        {
          name: 'Recording',
          kind: 'main',
          cell: ({ recordingId, title }) =>
            title === undefined
              ? 'A recording that was removed'
              : mainCell(`/recordings/${recordingId}`, title),
        },
        { name: 'Row', kind: 'number', cell: ({ row }) => row },
        {
          name: 'Change',
          cell: ({ fields }) =>
            html`<ul class="changes">
              ${fieldChanges(fields).map(changeLine)}
            </ul>`,
        },
      ],
      changes.shown,
    )}${numberPager(`/recordings/imports/${about.id}`, query, {
      name: 'changes',
      id: 'changes',
      label: 'Pages of changes',
      next: changes.next,
    })}`,
  })
}
