import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Page, Request } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { fingerprintFile } from '../../services/audio/fingerprint/fingerprint-file.ts'
import { encodeFingerprint } from '../../services/audio/fingerprint/fingerprint.ts'
import { type TestBrowser, faultsOf, openBrowser, shot } from '../support/browser.ts'
import { disguised, ffmpegPath, piece } from '../support/music.ts'
import { findPrograms } from '../support/programs.ts'
import { type Stage, openStage } from '../support/stage.ts'

const { chromium } = await findPrograms()

/** Decoding and fingerprinting beside other tests. */
const PATIENCE_MS = 60_000
/** What a fingerprint, its sketch and names take in text form; audio of the same length takes ten times as much. */
const REGISTRATION_BYTES_MAX = 80_000
/** A stretch of a file that cannot be in a request by chance. */
const WITNESS_BYTES = 24

interface Registration {
  readonly title: string
  readonly artists: string[]
  readonly fingerprint: string
}

describe.skipIf(!chromium)('registering on this computer', () => {
  let stage: Stage
  let browser: TestBrowser
  let page: Page
  const requests: Request[] = []
  /** Chooses files once the page's script has shown the form for it. */
  const choose = async (
    files: Parameters<ReturnType<Page['locator']>['setInputFiles']>[0],
  ): Promise<void> => {
    await page.getByText('Choose files').waitFor()
    await page.locator('#local-files').setInputFiles(files)
  }
  const registrations = (): Registration[] =>
    requests
      .filter((request) => request.method() === 'POST' && request.url().endsWith('/v1/recordings'))
      .map((request) => request.postDataJSON() as Registration)

  beforeAll(async () => {
    stage = await openStage()
    browser = await openBrowser(chromium ?? '')
    page = await browser.page()
    page.setDefaultTimeout(PATIENCE_MS)
    await page.goto(stage.service.signInUrl)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { level: 1 }).waitFor()
    page.on('request', (request) => requests.push(request))
  })
  afterAll(async () => {
    await browser.close()
    await stage.close()
  })

  test('sends names and the fingerprint that the service would make, and no byte of the audio', async () => {
    // At the engine's own rate nothing is resampled, so that both sides must agree to the last bit.
    const plain = await disguised(1, 'engine-rate.wav', ['-ac', '1', '-ar', '11025'])
    const coded = await disguised(2, 'coded.mp3', [
      '-metadata',
      'title=Second',
      '-metadata',
      'artist=The Samples',
    ])
    await page.goto(`${stage.service.url}/recordings`)
    await page.getByRole('link', { name: 'Register on this computer' }).click()
    await choose([plain, coded])
    await page.getByLabel('Title of 2-coded.mp3').waitFor()
    expect(await page.getByLabel('Title of 2-coded.mp3').inputValue()).toBe('Second')
    await page.getByRole('button', { name: 'Register 2 recordings' }).click()
    await page.getByText('1 of 2 registered').waitFor()
    await page.getByText('needs an artist').waitFor()
    await page.getByLabel('Artists of 1-engine-rate.wav').fill('One | Two')
    await page.getByLabel('Title of 1-engine-rate.wav').fill('First')
    expect(await faultsOf(page)).toEqual([])
    await shot(page, 'register-here')
    await page.getByRole('button', { name: 'Register 1 recording' }).click()
    await page.getByText('2 of 2 registered').waitFor()

    const [second, first] = registrations()
    expect(first).toMatchObject({ title: 'First', artists: ['One', 'Two'] })
    const here = await fingerprintFile(plain, { ffmpegPath: await ffmpegPath() })
    expect(first?.fingerprint).toBe(Buffer.from(encodeFingerprint(here.reference)).toString('base64'))
    expect(second).toMatchObject({ title: 'Second', artists: ['The Samples'] })

    for (const file of [plain, coded]) {
      const bytes = await readFile(file)
      const witness = bytes.subarray(bytes.length >> 1, (bytes.length >> 1) + WITNESS_BYTES)
      for (const request of requests) {
        const body = request.postDataBuffer() ?? Buffer.alloc(0)
        expect(body.length).toBeLessThan(REGISTRATION_BYTES_MAX)
        expect(body.includes(witness)).toBe(false)
        expect(body.includes(witness.toString('base64').slice(4, -4))).toBe(false)
      }
    }
  })

  test('is enough to be found: also what was coded, resampled and mixed by the browser', async () => {
    await page.goto(`${stage.service.url}/submissions`)
    await page
      .locator('#suspect-file')
      .setInputFiles(await disguised(2, 'leak.ogg', ['-ss', '20', '-t', '12', '-ac', '2']))
    await page.getByRole('button', { name: 'Examine files' }).click()
    await page.getByRole('heading', { name: /1 recording of yours found/ }).waitFor()
  })

  test('says what is no audio and what is known already', async () => {
    await page.goto(`${stage.service.url}/recordings/here`)
    await choose([
      { name: 'One - Not audio.mp3', mimeType: 'audio/mpeg', buffer: Buffer.from('this is text') },
      { name: 'cover.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('no audio either') },
      {
        name: 'One - First.wav',
        mimeType: 'audio/wav',
        buffer: await readFile(await disguised(1, 'engine-rate.wav', ['-ac', '1', '-ar', '11025'])),
      },
    ])
    await page.getByText('2 files added; left out, as no audio or more than 500: 1').waitFor()
    await page.getByLabel('Artists of One - First.wav').fill('Two | One')
    await page.getByRole('button', { name: 'Register 2 recordings' }).click()
    await page.getByText('not a format that this browser decodes').waitFor()
    await page.getByRole('link', { name: 'known, completed' }).waitFor()
    expect(await page.getByText('1 of 2 registered').count()).toBe(1)
  })

  test('takes a folder and works on a phone', async () => {
    const storageState = await page.context().storageState()
    const phone = await browser.page({ viewport: { width: 360, height: 740 }, storageState })
    await phone.goto(`${stage.service.url}/recordings/here`)
    expect(await phone.locator('#local-folder').getAttribute('webkitdirectory')).toBe('')
    await phone.getByText('Choose files').waitFor()
    await phone.locator('#local-files').setInputFiles([await piece(3)])
    await phone.getByLabel('Title of piece-3.wav').waitFor()
    expect(await faultsOf(phone)).toEqual([])
    await shot(phone, 'register-here-phone')
    await phone.context().close()
    expect(browser.complaints).toEqual([])
  })

  test('says what is wrong with a file and goes on with the next, by keyboard alone', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'earwitness-here-'))
    const gone = join(folder, 'One - 1 Gone.wav')
    await copyFile(await piece(1), gone)
    await page.goto(`${stage.service.url}/recordings/here`)
    const inverted = await readFile(await disguised(2, 'inverted.wav', ['-af', 'pan=stereo|c0=c0|c1=-1*c0']))
    await choose([
      { name: 'One - 2 Hours long.flac', mimeType: 'audio/flac', buffer: flacOfSamples(6 * 3_600 * 44_100) },
      { name: 'One - 3 Inverted.wav', mimeType: 'audio/wav', buffer: inverted },
    ])
    await page.getByLabel('Title of One - 3 Inverted.wav').waitFor()
    await page.locator('#local-files').focus()
    await choose([gone])
    await page.getByText('1 file added').waitFor()
    expect(await page.evaluate<string>('document.activeElement.id')).toBe('local-files')
    await rm(folder, { recursive: true })
    await page.getByRole('button', { name: 'Register 3 recordings' }).press('Enter')
    expect(await page.evaluate<string>('document.activeElement.textContent')).toBe('Stop')
    await page.getByText('1 of 3 registered').waitFor()
    expect(await page.getByText('too long for a browser').count()).toBe(1)
    expect(await page.getByText('cannot be read any more').count()).toBe(1)
    expect(await page.getByRole('link', { name: 'registered' }).count()).toBe(1)
    expect(await page.evaluate<string>('document.activeElement.textContent')).toBe('Register 2 recordings')
  })

  test('does not wait for a thread that cannot be loaded', async () => {
    await page.goto(`${stage.service.url}/recordings/here`)
    await page.route('**/fingerprint-thread.js', (route) => route.abort())
    await choose([await piece(1)])
    await page.getByLabel('Artists of piece-1.wav').fill('One')
    await page.getByRole('button', { name: 'Register 1 recording' }).click()
    await page.getByText('0 of 1 registered').waitFor()
    expect(await page.getByText('the page broke: reload it').count()).toBe(1)
    await page.unroute('**/fingerprint-thread.js')
    await page.getByRole('button', { name: 'Register 1 recording' }).click()
    await page.getByText('1 of 1 registered').waitFor()
  })

  test('stops where the session ends, and keeps what was typed', async () => {
    await page.goto(`${stage.service.url}/recordings/here`)
    await choose([await piece(4), await piece(5)])
    await page.getByLabel('Title of piece-5.wav').waitFor()
    for (const name of ['piece-4.wav', 'piece-5.wav']) await page.getByLabel(`Artists of ${name}`).fill('One')
    await page.context().clearCookies()
    await page.getByRole('button', { name: 'Register 2 recordings' }).click()
    await page.getByText('0 of 2 registered').waitFor()
    expect(await page.getByText('your session has ended').count()).toBe(1)
    expect(await page.getByLabel('Artists of piece-4.wav').isEditable()).toBe(true)
  })
})

/** The beginning of a FLAC file that says that it has so many samples of stereo at 44,100 Hz. */
function flacOfSamples(samples: number): Buffer {
  const info = Buffer.alloc(34)
  info.writeUInt16BE(4_096, 0)
  info.writeUInt16BE(4_096, 2)
  // 20 bits of rate, 3 of channels less one, 5 of bits less one, 36 of samples.
  info.writeBigUInt64BE((44_100n << 44n) | (1n << 41n) | (15n << 36n) | BigInt(samples), 10)
  return Buffer.concat([Buffer.from('fLaC'), Buffer.from([0x80, 0, 0, info.length]), info])
}
