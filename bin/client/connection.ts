import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'

import { z } from 'zod'

import { type Terminal, UsageError } from '../terminal.ts'

/** Where the service is and the API key that opens it; without one it is asked as a visitor. */
export interface Connection {
  /** Without a slash at the end. */
  readonly server: string
  readonly key: string | undefined
}

/** The options by which every client command is told where to go. */
export const connectionOptions = { server: { type: 'string' }, key: { type: 'string' } } as const

/** The part of a command's usage that explains them. */
export const connectionUsage = `
  --server URL     address of the service; else EARWITNESS_SERVER, else what \`earwitness start\` noted
  --key KEY        API key (ewk_…); else EARWITNESS_KEY, else the key that \`earwitness start\` made`

/** What `earwitness start` leaves for commands on the same machine, readable by its user only. */
export const localFile = (env: NodeJS.ProcessEnv): string =>
  join(resolve(env['DATA_DIR'] || './var'), 'local.json')

const Server = z
  .url({ protocol: /^https?$/, error: 'not an http or https address' })
  .transform((url) => url.replace(/\/+$/, ''))
const Local = z.object({ server: Server, key: z.string().min(1) })

async function readLocal(path: string): Promise<z.infer<typeof Local> | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw new UsageError(`${path} cannot be read: ${error.message}`)
  })
  if (text === undefined) return undefined
  try {
    return Local.parse(JSON.parse(text))
  } catch (error) {
    throw new UsageError(`${path} is damaged; \`earwitness start\` writes it anew`, { cause: error })
  }
}

/** A key that travels unencrypted beyond this machine can be read on the way. */
function warnOfPlainText(terminal: Terminal, server: string): void {
  const { protocol, hostname } = new URL(server)
  const here = /^(localhost|.*\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)
  if (protocol === 'http:' && !here)
    terminal.err.write(
      `Careful: the key goes to ${hostname} unencrypted; use https beyond a trusted network\n`,
    )
}

/**
 * Finds the service: options win over the environment, the environment over the note of a local service.
 * The note's key is only ever sent to the note's server.
 *
 * @param options `as` whom: `visitor` without a key, even where one is known; `optional` where none is known.
 * @throws {UsageError} saying what to give.
 */
export async function connectionOf(
  terminal: Terminal,
  given: { server?: string | undefined; key?: string | undefined },
  { as = 'account' }: { readonly as?: 'account' | 'optional' | 'visitor' } = {},
): Promise<Connection> {
  const path = localFile(terminal.env)
  const named = given.server ?? (terminal.env['EARWITNESS_SERVER'] || undefined)
  const key = given.key ?? (terminal.env['EARWITNESS_KEY'] || undefined)
  const address = named === undefined ? undefined : Server.safeParse(named)
  if (address?.success === false) throw new UsageError(`“${named}” is not an http or https address`)
  const local = address && key ? undefined : await readLocal(path)
  const server = address?.data ?? local?.server
  if (!server) {
    throw new UsageError(
      `No service is known: start one with \`earwitness start\`, or give --server and --key (looked for ${path})`,
    )
  }
  if (as === 'visitor') return { server, key: undefined }
  const usable = key ?? (local?.server === server ? local.key : undefined)
  if (!usable && as === 'optional') return { server, key: undefined }
  if (!usable) throw new UsageError(`No API key for ${server}: give --key or EARWITNESS_KEY`)
  warnOfPlainText(terminal, server)
  return { server, key: usable }
}
