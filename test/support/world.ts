import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { type Server, createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Express } from 'express'
import { Client } from 'pg'
import { test as base, inject } from 'vitest'

import type { House } from '../../services/actions/house.ts'
import { openBlobs } from '../../services/core/blobs.ts'
import { readConfig } from '../../services/core/config.ts'
import { openDb } from '../../services/core/db.ts'
import { openLog } from '../../services/core/log.ts'
import { openQueues } from '../../services/core/queue.ts'
import { openSecrets } from '../../services/core/secrets.ts'
import { createApiKey, createMember, createTenant } from '../../services/tenants/store.ts'
import type { Caller, Member, Tenant } from '../../services/tenants/tenant.ts'
import { TEMPLATE } from './global-setup.ts'

export { describe, expect } from 'vitest'

/** A rights holder with one member who has every role, and a key. */
export interface Account {
  readonly tenant: Tenant
  readonly member: Member
  readonly caller: Caller
  readonly key: string
}

/** A house of its own for one test: a database copied from the template, a queue in it, a folder. */
export interface World {
  readonly house: House
  readonly databaseUrl: string
  readonly folder: string
  /** The caller of the first account, and of one that must never see anything of it. */
  readonly owner: Caller
  readonly stranger: Caller
  /** An account more; `owner` and `stranger` are two of these. */
  account(name: string): Promise<Account>
  /** Serves an app on a free port of 127.0.0.1 until the test ends. */
  listen(app: Express): Promise<string>
}

async function makeAccount(house: House, name: string): Promise<Account> {
  return house.db.system(async (tx) => {
    const tenant = await createTenant(tx, name)
    const email = `${name.toLowerCase().replaceAll(/[^a-z]+/g, '-')}-${randomBytes(4).toString('hex')}@example.org`
    const member = await createMember(tx, tenant.id, {
      email,
      name: `${name} Owner`,
      title: 'Head',
      roles: ['owner', 'reviewer', 'signer'],
    })
    const { secret } = await createApiKey(tx, tenant.id, { name: 'test', createdBy: member.id })
    const caller: Caller = { kind: 'member', tenantId: tenant.id, member, sessionHash: '' }
    return { tenant, member, caller, key: secret }
  })
}

/** A fresh house for every test that asks for `world`. Nothing of ours is mocked. */
export const test = base.extend<{ world: World }>({
  world: async ({}, use) => {
    const name = `earwitness_test_${randomBytes(6).toString('hex')}`
    const admin = new Client({ connectionString: inject('postgresUrl') })
    await admin.connect()
    await admin.query(`create database ${name} template ${TEMPLATE}`)
    const databaseUrl = Object.assign(new URL(inject('postgresUrl')), { pathname: `/${name}` }).href
    const folder = await mkdtemp(join(tmpdir(), 'earwitness-world-'))
    const log = openLog('test', process.env['TEST_LOG'] ?? 'silent')
    const config = readConfig({
      DATA_DIR: folder,
      DATABASE_URL: databaseUrl,
      ALERT_MERGE_S: '1',
      HOST_DELAY_MS: '0',
    })
    const house: House = {
      config,
      log,
      db: openDb(databaseUrl, log),
      queues: openQueues({ databaseUrl }, log),
      blobs: await openBlobs(config.blobDir),
      secrets: openSecrets(config),
    }
    const servers: Server[] = []
    const [owner, stranger] = [
      await makeAccount(house, 'Sample Records'),
      await makeAccount(house, 'Stranger Records'),
    ]

    await use({
      house,
      databaseUrl,
      folder,
      owner: owner.caller,
      stranger: stranger.caller,
      account: (accountName) => makeAccount(house, accountName),
      async listen(app) {
        const server = createServer(app)
        servers.push(server)
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
        const address = server.address()
        if (address === null || typeof address === 'string') throw new Error('a TCP server without a port')
        return `http://127.0.0.1:${address.port}`
      },
    })

    for (const server of servers) {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
    await Promise.all([house.queues.close(), house.db.close()])
    await admin.query(`drop database ${name} with (force)`)
    await admin.end()
    await rm(folder, { recursive: true, force: true })
  },
})
