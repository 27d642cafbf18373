import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { type CaseId, ScreenshotId, type TenantId, newId } from '../core/ids.ts'
import { sql } from '../core/sql.ts'
import { Screenshot } from './screenshot.ts'

/** Addresses of a case that are offered; one that was found more often is at its first ones still. */
const ADDRESSES_MAX = 50

const columns = sql`s.id, s.case_id, s.number, s.source, s.address, s.taken_at, s.taken_by, m.name as taken_by_name,
  s.note, s.sha256, s.bytes, s.media_type, s.width, s.height, s.added_at`
const tables = sql`screenshot s left join member m on s.taken_by = 'member:' || m.id`

/** The screenshots of a case, in the order in which they were added. */
export const screenshotsOf = (tx: Tx, caseId: CaseId): Promise<Screenshot[]> =>
  tx.all(Screenshot)`select ${columns} from ${tables} where s.case_id = ${caseId} order by s.number`

export const findScreenshot = (tx: Tx, id: ScreenshotId): Promise<Screenshot | undefined> =>
  tx.maybe(Screenshot)`select ${columns} from ${tables} where s.id = ${id}`

/** A picture before it is numbered. */
export type NewScreenshot = Omit<Screenshot, 'id' | 'caseId' | 'number' | 'takenByName' | 'addedAt'>

/** Keeps a picture, whose file is in the blob store already. The case has to be locked: pictures are counted. */
export async function keepScreenshot(
  tx: Tx,
  about: { readonly id: CaseId; readonly tenantId: TenantId },
  taken: NewScreenshot,
): Promise<Screenshot> {
  const id = newId(ScreenshotId)
  await tx.run`
    insert into screenshot (id, tenant_id, case_id, number, source, address, taken_at, taken_by, note, sha256, bytes,
                            media_type, width, height)
    select ${id}, ${about.tenantId}, ${about.id}, coalesce(max(number), 0) + 1, ${taken.source}, ${taken.address},
           ${taken.takenAt}, ${taken.takenBy}, ${taken.note}, ${taken.sha256}, ${taken.bytes}, ${taken.mediaType},
           ${taken.width}, ${taken.height}
      from screenshot where case_id = ${about.id}`
  const kept = await findScreenshot(tx, id)
  if (!kept) throw new Error('a screenshot vanished within its transaction')
  return kept
}

const Address = z.object({ address: z.string() })

/**
 * The addresses that a picture of a case can show: its location and the page that leads there, then what was handed in
 * and where that led. None of a file that was handed in without an address.
 */
export async function addressesOf(tx: Tx, caseId: CaseId): Promise<string[]> {
  const rows = await tx.all(Address)`
    select address from (
      select a.address, a.rank from case_file
       cross join lateral (values (case when location_key like 'http%' then location end, 1), (page_url, 2))
                          a (address, rank)
       where id = ${caseId}
      union all
      select a.address, 3 from match m join item i on i.id = m.item_id join submission s on s.id = i.submission_id
        left join capture p on p.submission_id = s.id and (p.item_id is null or p.item_id = i.id)
        cross join lateral (values (s.url), (i.url), (i.page_url), (p.requested_url), (p.final_url)) a (address)
       where m.case_id = ${caseId}) known
     where address like 'http%' group by address order by min(rank), address limit ${ADDRESSES_MAX}`
  return rows.map(({ address }) => address)
}
