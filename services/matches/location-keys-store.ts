import { z } from 'zod'

import type { Tx } from '../core/db.ts'

const Keyed = z.object({ id: z.uuid(), text: z.string(), key: z.string() })

/** Addresses of cases, with their keys, by id. */
export const locationKeys = (
  tx: Tx,
  afterId: string | null,
  limit: number,
): Promise<z.infer<typeof Keyed>[]> =>
  tx.all(Keyed)`
    select id, location as text, location_key as key from case_file
     where location_key like 'http%' and (${afterId}::uuid is null or id > ${afterId}) order by id limit ${limit}`

/** Gives a case the key of its place, unless another open case of the recording has it: then that one goes on. */
export const keepLocationKey = (tx: Tx, id: string, key: string): Promise<number> =>
  tx.run`
    update case_file c set location_key = ${key}
     where id = ${id} and (state = 'closed' or not exists (
       select from case_file o where o.tenant_id = c.tenant_id and o.recording_id = c.recording_id
          and o.location_key = ${key} and o.state <> 'closed'))`
