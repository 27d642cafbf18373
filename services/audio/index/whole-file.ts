import { randomUUID } from 'node:crypto'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Makes a file in place of what is there. Whoever reads finds the old one or the new one with all its bytes, also
 * after a power cut.
 *
 * @param write writes the bytes; when it throws, the old file stays.
 * @throws what `write` throws; the file system's error.
 */
export async function writeWhole(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  // Of this call alone: two that write the same file must not write into one another's. Numbers of processes are not
  // enough, since those in different containers have the same.
  const fresh = `${path}.${randomUUID()}.part`
  try {
    const file = await open(fresh, 'w')
    try {
      await write(file)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(fresh, path)
  } finally {
    await rm(fresh, { force: true })
  }
  const folder = await open(dirname(path))
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** Appends bytes to a file; the system may take fewer of them at a time. */
export async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at, bytes.length - at)).bytesWritten
}
