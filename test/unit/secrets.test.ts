import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { Problem } from '../../services/core/problem.ts'
import { openSecrets, secretsOf } from '../../services/core/secrets.ts'

const unreadable = (work: () => unknown): string | undefined => {
  try {
    work()
    return undefined
  } catch (error) {
    return Problem.from(error).type
  }
}

describe('a sealed secret', () => {
  const secrets = secretsOf(randomBytes(32))
  const about = 'member:1:totp'

  test('opens as it was, and looks different each time', () => {
    for (const text of ['', 'JBSWY3DPEHPK3PXP', 'smtps://user:pässwörd@mail.example', 'x'.repeat(5000)]) {
      const sealed = secrets.seal(text, about)
      expect(secrets.unseal(sealed, about)).toBe(text)
      expect(Buffer.from(secrets.seal(text, about)).equals(Buffer.from(sealed))).toBe(false)
      if (text !== '') expect(Buffer.from(sealed).includes(text)).toBe(false)
    }
  })

  test('opens no more when any bit of it is changed', () => {
    const sealed = secrets.seal('secret', about)
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const changed = Uint8Array.from(sealed)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(
        unreadable(() => secrets.unseal(changed, about)),
        `bit ${bit}`,
      ).toBe('secret/unreadable')
    }
    for (let length = 0; length < sealed.length; length += 1)
      expect(unreadable(() => secrets.unseal(sealed.subarray(0, length), about))).toBe('secret/unreadable')
  })

  test('opens neither in another place nor with another key', () => {
    const sealed = secrets.seal('secret', about)
    expect(unreadable(() => secrets.unseal(sealed, 'member:2:totp'))).toBe('secret/unreadable')
    expect(unreadable(() => secretsOf(randomBytes(32)).unseal(sealed, about))).toBe('secret/unreadable')
  })
})

describe('the key of an installation', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'earwitness-secrets-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))
  const given = (DATA_DIR: string, SECRETS_KEY?: string) => openSecrets({ DATA_DIR, SECRETS_KEY })

  test('is made once, for its owner alone, and is there after a restart', async () => {
    const data = join(folder, 'new', 'data')
    const sealed = given(data).seal('kept', 'a')
    expect(given(data).unseal(sealed, 'a')).toBe('kept')
    expect(await readdir(data)).toEqual(['secrets.key'])
    expect((await stat(join(data, 'secrets.key'))).mode & 0o777).toBe(0o600)
  })

  test('comes from the environment before the file', () => {
    const data = join(folder, 'env')
    const key = randomBytes(32).toString('base64')
    const sealed = given(data, key).seal('kept', 'a')
    expect(given(join(folder, 'elsewhere'), key).unseal(sealed, 'a')).toBe('kept')
    expect(unreadable(() => given(data).unseal(sealed, 'a'))).toBe('secret/unreadable')
  })

  test('is refused when it is none', async () => {
    const data = await mkdtemp(join(folder, 'bad-'))
    await writeFile(join(data, 'secrets.key'), 'too short')
    expect(() => given(data)).toThrow('secrets.key must be 32 bytes in base64')
    expect(() => given(data, randomBytes(31).toString('base64'))).toThrow('SECRETS_KEY must be 32 bytes')
    const closed = await mkdtemp(join(folder, 'closed-'))
    await chmod(closed, 0o500)
    if (process.getuid?.() !== 0) expect(() => given(closed)).toThrow()
  })
})
