import { readFile } from 'node:fs/promises'

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
})
