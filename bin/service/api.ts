import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { Express } from 'express'

import { createHttpApp } from '../../services/api/app.ts'
import { REQUEST_TIMEOUT_MS } from '../../services/api/idempotency.ts'
import { openBlobs } from '../../services/core/blobs.ts'
import { type Config, databaseUrlOf } from '../../services/core/config.ts'
import { openDb } from '../../services/core/db.ts'
import type { Logger } from '../../services/core/log.ts'
import { openNetworkTable } from '../../services/core/network-table.ts'
import { openQueues } from '../../services/core/queue.ts'
import { openSecrets } from '../../services/core/secrets.ts'
import { createWeb } from '../../web/router.ts'
import { type ProgramRun, type Running, programRun } from './program.ts'

/** A client that does not finish its headers is not a client. */
const HEADERS_TIMEOUT_MS = 20_000

/** Listens on the configured address. @throws {Error} naming what to set when it is taken. */
async function listen(app: Express, config: Config): Promise<Server> {
  const server = createServer(app)
  server.headersTimeout = HEADERS_TIMEOUT_MS
  server.requestTimeout = REQUEST_TIMEOUT_MS
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(config.HTTP_PORT, config.HTTP_HOST, resolve)
  }).catch((error: unknown) => {
    throw new Error(`Cannot listen on ${config.HTTP_HOST}:${config.HTTP_PORT}; choose another HTTP_PORT`, {
      cause: error,
    })
  })
  return server
}

/** Opens the API and the dashboard. */
export async function openApi(config: Config, log: Logger): Promise<Running> {
  const databaseUrl = databaseUrlOf(config)
  const db = openDb(databaseUrl, log)
  const queues = openQueues({ databaseUrl, redisUrl: config.REDIS_URL }, log)
  const house = {
    config,
    db,
    queues,
    blobs: await openBlobs(config.blobDir),
    secrets: openSecrets(config),
    log,
    networks: config.NETWORK_DB === undefined ? undefined : await openNetworkTable(config.NETWORK_DB),
  }
  const web = createWeb(house, { ...(config.MAIL_CATCHER_DIR && { inboxFolder: config.MAIL_CATCHER_DIR }) })
  const server = await listen(createHttpApp(house, web), config)
  return {
    ready: { port: (server.address() as AddressInfo).port },
    async close() {
      // Requests under way are answered; idle connections are not waited for.
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeIdleConnections()
      await closed
      await Promise.all([queues.close(), db.close()])
    },
  }
}

const usage = `
Usage: earwitness api

Runs the API and the dashboard until SIGTERM or Ctrl-C. Needs DATABASE_URL; run earwitness migrate first.
Settings come from the environment; .env.example lists them.`

export const run: ProgramRun = programRun('api', usage, openApi)
