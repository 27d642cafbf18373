import { createHash } from 'node:crypto'
import { realpath, rm } from 'node:fs/promises'
import { type Server, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Whether a program listens behind a socket file; the file itself outlives a killed one. */
const isHeld = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })

const listen = (path: string): Promise<Server | undefined> =>
  new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    )
    server.listen(path, () => resolve(server))
  })

/** Where the lock of a folder is; the same folder by another name has the same. */
async function lockPath(folder: string): Promise<string> {
  const name = createHash('sha256')
    .update(await realpath(folder))
    .digest('hex')
    .slice(0, 24)
  return process.platform === 'win32'
    ? `\\\\.\\pipe\\earwitness-${name}`
    : join(tmpdir(), `earwitness-${name}.lock`)
}

/** Whether a program holds a data folder now. */
export const isFolderHeld = async (folder: string): Promise<boolean> =>
  lockPath(folder).then(isHeld, () => false)

/**
 * Holds a data folder for one program. A listening socket is the lock, because the system drops it
 * with the process, however that ends; a file with a number in it would have to be believed.
 *
 * @returns the function that lets go.
 * @throws {Error} when another program holds the folder.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = await lockPath(folder)
  let server = await listen(path)
  if (!server) {
    if (await isHeld(path))
      throw new Error(
        `Earwitness is running on ${folder} already. Stop it first, or choose another folder with DATA_DIR.`,
      )
    await rm(path, { force: true })
    server = await listen(path)
  }
  if (!server) throw new Error(`Another program has just taken ${folder}`)
  const held = server
  held.unref()
  return () => new Promise((resolve) => held.close(() => resolve()))
}
