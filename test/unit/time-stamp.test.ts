import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type SafeFetch, createSafeFetch } from '../../services/core/safe-fetch.ts'
import { capsuleBytes } from '../../services/evidence/capsule.ts'
import { requestTimeStamp, verifyTimeStamp } from '../../services/evidence/time-stamp.ts'
import { nodeVerifier, sourceOf } from '../../services/evidence/verify-file.ts'
import { allHold, verifyCapsule } from '../../services/evidence/verify.ts'
import { gathered, sampleCapsule, utf8 } from '../support/capsule.ts'
import { type Authority, type Manner, hasOpenssl, openAuthority } from '../support/time-stamp-authority.ts'

const data = utf8('what is stamped')

const fetcherTo = (...hosts: readonly string[]): SafeFetch =>
  createSafeFetch({
    bytesMax: 1_000_000,
    timeoutMs: 10_000,
    idleTimeoutMs: 5_000,
    redirectsMax: 0,
    userAgent: 'Earwitness test',
    allowAddresses: hosts,
  })

if (!hasOpenssl) process.emitWarning('openssl is not there: time stamps are not tested')

describe.skipIf(!hasOpenssl)('a time stamp', () => {
  let authority: Authority
  let safeFetch: SafeFetch
  let token: Uint8Array
  beforeAll(async () => {
    authority = await openAuthority()
    safeFetch = fetcherTo(authority.host)
    token = await requestTimeStamp(safeFetch, authority.url, data)
  })
  afterAll(() => authority.close())

  const asked = (manner: Manner) => {
    authority.manner = manner
    return requestTimeStamp(safeFetch, authority.url, data)
  }

  test('is had from an authority, verified, and holds for openssl, too', async () => {
    const stamp = await verifyTimeStamp(token, data)
    expect(stamp).toMatchObject({ authority: 'Sample Time Stamps', policy: '1.2.3.4.1' })
    expect(Math.abs(Date.now() - stamp.at.getTime())).toBeLessThan(60_000)
    await writeFile(join(authority.folder, 'data'), data)
    await writeFile(join(authority.folder, 'token.tsr'), token)
    const told = await authority.openssl('ts -verify -in token.tsr -data data -CAfile ca.pem')
    expect(told).toContain('OK')
    await writeFile(join(authority.folder, 'q.tsq'), authority.questions[0] ?? '')
    const question = await authority.openssl('ts -query -in q.tsq -text')
    expect(question).toMatch(/Hash Algorithm: sha256[\s\S]*Certificate required: yes/)
  })

  test('over other bytes, or changed in any byte that says something, does not hold', async () => {
    await expect(verifyTimeStamp(token, utf8('other'))).rejects.toMatchObject({
      type: 'stamp/refused',
      message: expect.stringContaining('other bytes'),
    })
    // The bytes of the signature itself are the last ones.
    for (let back = 1; back < 40; back++) {
      const changed = token.slice()
      changed[changed.length - back]! ^= 1
      await expect(verifyTimeStamp(changed, data), `byte −${back}`).rejects.toMatchObject({
        type: 'stamp/refused',
      })
    }
  })

  test('that answers another request, is refused, is nonsense or not to be had is told apart', async () => {
    await expect(asked('earlier answer')).rejects.toMatchObject({
      message: expect.stringContaining('another request'),
    })
    await expect(asked('refusing')).rejects.toMatchObject({ message: expect.stringContaining('status 2') })
    await expect(asked('nonsense')).rejects.toMatchObject({ type: 'stamp/refused' })
    await expect(asked('away')).rejects.toMatchObject({ type: 'stamp/unreachable', retry: true })
    await expect(requestTimeStamp(safeFetch, 'http://127.0.0.1:1/', data)).rejects.toMatchObject({
      type: 'stamp/refused',
    })
  })

  test('by a certificate that is for something else is refused, and by an authority that is gone not to be had', async () => {
    const other = await openAuthority('other')
    try {
      expect(await verifyTimeStamp(await authority.signedBy(authority, token), data)).toMatchObject({
        authority: 'Sample Time Stamps',
      })
      await expect(verifyTimeStamp(await authority.signedBy(other, token), data)).rejects.toMatchObject({
        message: 'The certificate of the signature is not one for time stamps',
      })
    } finally {
      await other.close()
    }
    await expect(requestTimeStamp(fetcherTo(other.host), other.url, data)).rejects.toMatchObject({
      type: 'stamp/unreachable',
    })
  })

  test('over the manifest is a check of its capsule', async () => {
    const sealed = await sampleCapsule([], true)
    authority.manner = 'right'
    const stamp = await requestTimeStamp(safeFetch, authority.url, sealed.manifestBytes)
    const good = await verifyCapsule(sourceOf(await gathered(capsuleBytes(sealed, stamp))), nodeVerifier)
    expect(good.checks.at(-1)).toMatchObject({
      name: 'Time stamp',
      holds: true,
      detail: expect.stringContaining('by Sample Time Stamps at'),
    })
    const bad = await verifyCapsule(sourceOf(await gathered(capsuleBytes(sealed, token))), nodeVerifier)
    expect(allHold(bad)).toBe(false)
    expect(bad.checks.at(-1)).toMatchObject({ holds: false, detail: 'The token is over other bytes' })
    const stripped = await verifyCapsule(sourceOf(await gathered(capsuleBytes(sealed))), nodeVerifier)
    expect(stripped.checks.at(-1)).toMatchObject({ holds: false, detail: 'it was taken out' })
  })
})
