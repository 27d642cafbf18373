import { csvText } from '../../core/csv.ts'
import type { NoticeDocument } from '../notice.ts'

/** The columns that search engines' and platforms' bulk tools map from. */
export const bulkColumns = ['work_title', 'artist', 'isrc', 'authorised_url', 'infringing_url'] as const

/** A row for every work at every location: CSV in UTF-8 (RFC 4180), safe to open in a spreadsheet. */
export function bulkCsv({ works, locations }: NoticeDocument): string {
  const byId = new Map(works.map((work) => [work.workId, work]))
  const rows = locations.flatMap(({ workIds, url }) =>
    workIds.map((workId) => {
      const work = byId.get(workId)
      return [
        work?.title ?? '',
        work?.artists.join(', ') ?? '',
        work?.isrc ?? '',
        work?.officialUrl ?? '',
        url,
      ]
    }),
  )
  return csvText([bulkColumns, ...rows])
}

/** The addresses, one a line and each once, in the order of the notice: what bulk forms have pasted into them. */
export const bulkText = ({ locations }: NoticeDocument): string =>
  [...new Set(locations.map(({ url }) => url))].map((url) => `${url}\n`).join('')
