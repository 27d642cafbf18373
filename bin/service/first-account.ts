import { readFile, writeFile } from 'node:fs/promises'

import { z } from 'zod'

import type { Db } from '../../services/core/db.ts'
import { createSignInLink } from '../../services/tenants/sign-in.ts'
import {
  createApiKey,
  createMember,
  createTenant,
  findApiKey,
  firstTenant,
  members,
} from '../../services/tenants/store.ts'
import type { Member } from '../../services/tenants/tenant.ts'

/** The owner of an installation for one; both can be changed in the settings. */
const OWNER_EMAIL = 'owner@earwitness.localhost'
const TENANT_NAME = 'My catalogue'

/** What is noted for command line programs on this machine: readable by its user only. */
const Local = z.object({ server: z.url(), key: z.string(), databaseUrl: z.string(), smtpUrl: z.string() })
export type Local = z.infer<typeof Local>

/** The first tenant's owner, made on the first start. */
async function ensureOwner(db: Db): Promise<Member> {
  return db.system(async (tx) => {
    const tenant = (await firstTenant(tx)) ?? (await createTenant(tx, TENANT_NAME))
    const known = (await members(tx)).find(
      ({ tenantId, roles, disabledAt }) => tenantId === tenant.id && roles.includes('owner') && !disabledAt,
    )
    return (
      known ??
      createMember(tx, tenant.id, {
        email: OWNER_EMAIL,
        name: 'Owner',
        title: '',
        roles: ['owner', 'reviewer', 'signer'],
      })
    )
  })
}

/** The key noted at an earlier start if it still opens the door, else a new one. */
async function ensureKey(db: Db, owner: Member, path: string): Promise<string> {
  const noted = await readFile(path, 'utf8').then(
    (text) => Local.safeParse(JSON.parse(text)).data?.key,
    () => undefined,
  )
  return db.system(async (tx) => {
    if (noted && (await findApiKey(tx, noted))?.tenantId === owner.tenantId) return noted
    const { secret } = await createApiKey(tx, owner.tenantId, {
      name: 'command line on this machine',
      createdBy: owner.id,
    })
    return secret
  })
}

/**
 * Sees to it that somebody can sign in and that the command line tool has a key.
 *
 * @param path where the note for the command line tool goes.
 * @returns the owner, a one-time sign-in link's path, and the key.
 */
export async function openFirstAccount(
  db: Db,
  path: string,
  told: Omit<Local, 'key'>,
): Promise<{ owner: Member; signInPath: string; key: string }> {
  const owner = await ensureOwner(db)
  const key = await ensureKey(db, owner, path)
  const token = await db.system((tx) => createSignInLink(tx, owner))
  await writeFile(path, `${JSON.stringify({ ...told, key }, undefined, 2)}\n`, { mode: 0o600 })
  return { owner, signInPath: `/sign-in/${token}`, key }
}
