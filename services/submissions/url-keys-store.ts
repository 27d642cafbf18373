import { z } from 'zod'

import type { Tx } from '../core/db.ts'

const Keyed = z.object({ id: z.uuid(), text: z.string(), key: z.string() })

/** Addresses that were handed in, with their keys, by id. */
export const urlKeys = (tx: Tx, afterId: string | null, limit: number): Promise<z.infer<typeof Keyed>[]> =>
  tx.all(Keyed)`
    select id, url as text, url_key as key from submission
     where url is not null and (${afterId}::uuid is null or id > ${afterId}) order by id limit ${limit}`

/** Gives a submission its key, unless another one in work has it. */
export const keepUrlKey = (tx: Tx, id: string, key: string): Promise<number> =>
  tx.run`
    update submission s set url_key = ${key}
     where id = ${id} and (stage in ('done', 'failed') or not exists (
       select from submission o where o.tenant_id = s.tenant_id and o.url_key = ${key}
          and o.stage in ('queued', 'fetch', 'unpack', 'compare')))`
