import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { Client } from 'pg'
import { inject } from 'vitest'

import { type RunningService, startService } from '../../bin/service/start.ts'
import { TEMPLATE } from './global-setup.ts'
import { disguised } from './music.ts'

/** The whole service as `earwitness start` runs it, on a database of its own, beside a host of suspects. */
export interface Stage {
  readonly service: RunningService
  /** The address of 30 s of the tests' first piece, on this machine. */
  readonly suspectUrl: string
  close(): Promise<void>
}

/** A host on this machine that offers one suspect file. */
async function openHost(path: string): Promise<Server> {
  const host = createServer((_request, response) => {
    response.setHeader('content-type', 'audio/ogg')
    createReadStream(path).pipe(response)
  })
  await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve))
  return host
}

async function adminQuery(text: string): Promise<void> {
  const admin = new Client({ connectionString: inject('postgresUrl') })
  await admin.connect()
  await admin.query(text)
  await admin.end()
}

/** Starts everything on free ports. Slow: meant once for a whole file of tests. */
export async function openStage(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'earwitness-stage-'))
  const database = `earwitness_test_${randomBytes(6).toString('hex')}`
  await adminQuery(`create database ${database} template ${TEMPLATE}`)
  const host = await openHost(await disguised(1, 'fetched.ogg', ['-ss', '15', '-t', '30']))
  const { port } = host.address() as AddressInfo
  const service = await startService({
    ...process.env,
    DATA_DIR: folder,
    DATABASE_URL: Object.assign(new URL(inject('postgresUrl')), { pathname: `/${database}` }).href,
    REDIS_URL: '',
    HTTP_PORT: '0',
    ALERT_MERGE_S: '1',
    HOST_DELAY_MS: '0',
    LOG_LEVEL: 'warn',
    FETCH_ALLOW_ADDRESSES: `127.0.0.1:${port}`,
  })
  return {
    service,
    suspectUrl: `http://127.0.0.1:${port}/leaks/clip.ogg`,
    async close() {
      await service.close()
      host.closeAllConnections()
      await new Promise((resolve) => host.close(resolve))
      await adminQuery(`drop database ${database} with (force)`)
      await rm(folder, { recursive: true, force: true })
    },
  }
}
