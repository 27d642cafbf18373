import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Config } from './config.ts'
import { Problem } from './problem.ts'

/** AES-256-GCM with the sizes of NIST SP 800-38D. A nonce is random: one key seals far fewer than 2^32 values here. */
const CIPHER = 'aes-256-gcm'
const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** The first byte of what is sealed, so that the way of sealing can change one day. */
const VERSION = 1
const HEAD_BYTES = 1 + NONCE_BYTES + TAG_BYTES

/** Secrets that must be read again, sealed with a key that the database does not have. */
export interface Secrets {
  /**
   * Seals a text: version, nonce, tag, cipher text.
   *
   * @param about whose it is and what for, e.g. `member:<id>:totp`: in another row or column it does not open.
   */
  seal(text: string, about: string): Uint8Array
  /** The text again. @throws {Problem} secret/unreadable: another key, another place, or changed bytes. */
  unseal(bytes: Uint8Array, about: string): string
}

/** Seals and opens with one key of 32 bytes. */
export function secretsOf(key: Uint8Array): Secrets {
  if (key.length !== KEY_BYTES) throw new Error(`A key for secrets has ${KEY_BYTES} bytes`)
  const bound = (about: string): Buffer => Buffer.concat([Buffer.of(VERSION), Buffer.from(about)])
  return {
    seal(text, about) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES }).setAAD(bound(about))
      const hidden = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), hidden])
    },
    unseal(bytes, about) {
      try {
        if (bytes.length < HEAD_BYTES || bytes[0] !== VERSION) throw new Error('not sealed in this way')
        const nonce = bytes.subarray(1, 1 + NONCE_BYTES)
        const opener = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
        opener.setAAD(bound(about)).setAuthTag(bytes.subarray(1 + NONCE_BYTES, HEAD_BYTES))
        return Buffer.concat([opener.update(bytes.subarray(HEAD_BYTES)), opener.final()]).toString('utf8')
      } catch (error) {
        throw new Problem(
          'secret/unreadable',
          'A stored secret cannot be read: SECRETS_KEY, or secrets.key in DATA_DIR, is not the one that sealed it',
          { cause: error },
        )
      }
    },
  }
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code

/**
 * The key in a file, made when there is none. Several programs start at once: each writes a file of its own and
 * links it to the name, which the first does; so nobody ever reads half a key.
 */
function keyFromFile(folder: string): Buffer {
  const path = join(folder, 'secrets.key')
  try {
    return Buffer.from(readFileSync(path, 'utf8').trim(), 'base64')
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error
  }
  mkdirSync(folder, { recursive: true })
  const own = `${path}.${randomBytes(8).toString('hex')}`
  writeFileSync(own, `${randomBytes(KEY_BYTES).toString('base64')}\n`, { mode: 0o600, flag: 'wx' })
  try {
    linkSync(own, path)
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
  } finally {
    rmSync(own)
  }
  return Buffer.from(readFileSync(path, 'utf8').trim(), 'base64')
}

/**
 * Opens the secrets of this installation: with SECRETS_KEY, else with `secrets.key` in DATA_DIR, which is made once
 * and belongs into every backup.
 *
 * @throws {Error} when the key has not 32 bytes or the file cannot be made or read.
 */
export function openSecrets(config: Pick<Config, 'SECRETS_KEY' | 'DATA_DIR'>): Secrets {
  const key = config.SECRETS_KEY ? Buffer.from(config.SECRETS_KEY, 'base64') : keyFromFile(config.DATA_DIR)
  if (key.length === KEY_BYTES) return secretsOf(key)
  throw new Error(
    `${config.SECRETS_KEY ? 'SECRETS_KEY' : join(config.DATA_DIR, 'secrets.key')} must be 32 bytes in base64`,
  )
}
