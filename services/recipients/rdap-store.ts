import { z } from 'zod'

import type { Db, Tx } from '../core/db.ts'
import { RdapContacts } from './rdap-contacts.ts'
import type { RdapCache } from './rdap.ts'

const Kept = z.object({ status: z.number(), body: z.unknown() })

/** What a server answered at an address within the time for which that holds. */
export const findAnswer = (tx: Tx, url: string): Promise<z.infer<typeof Kept> | undefined> =>
  tx.maybe(Kept)`select status, body from rdap_answer where url = ${url} and expires_at > now()`

/** Keeps an answer in place of an older one. */
export async function keepAnswer(
  tx: Tx,
  url: string,
  { status, body, forS }: { status: number; body: unknown; forS: number },
): Promise<void> {
  await tx.run`
    insert into rdap_answer (url, status, body, expires_at)
    values (${url}, ${status}, ${body === null ? null : JSON.stringify(body)}, now() + make_interval(secs => ${forS}))
    on conflict (url) do update
       set status = excluded.status, body = excluded.body, fetched_at = now(), expires_at = excluded.expires_at`
}

const About = z.object({ body: z.unknown(), fetchedAt: z.date() })

/** What a registry said last of an address, as far as it is still kept; nobody is asked. */
export async function keptAbout(
  tx: Tx,
  address: string,
): Promise<{ contacts: RdapContacts; at: Date } | undefined> {
  const kept = await tx.maybe(About)`
    select body, fetched_at from registry_told(${address})`
  const read = kept && RdapContacts.safeParse(kept.body)
  return kept && read?.success ? { contacts: read.data, at: kept.fetchedAt } : undefined
}

/** Forgets what no longer holds. @returns how many answers that were. */
export const forgetAnswers = (tx: Tx): Promise<number> =>
  tx.run`delete from rdap_answer where expires_at < now()`

/** The table as the client's cache, for all workers together. */
export const rdapCache = (db: Pick<Db, 'system'>): RdapCache => ({
  find: (url) => db.system((tx) => findAnswer(tx, url)),
  keep: (url, answer) => db.system((tx) => keepAnswer(tx, url, answer)),
})
