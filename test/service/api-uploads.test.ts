import { request } from 'node:http'

import { serveApi, toneWav } from '../support/api.ts'
import { describe, expect, test } from '../support/world.ts'

const audio = { 'content-type': 'audio/wav' }

/** A form as a program writes it by hand, with its parts in the given order. */
const formOf = (...parts: readonly string[]): { body: Buffer; headers: Record<string, string> } => ({
  body: Buffer.from(
    [...parts.map((part) => `--edge\r\nContent-Disposition: form-data; ${part}\r\n`), '--edge--\r\n'].join(
      '',
    ),
  ),
  headers: { 'content-type': 'multipart/form-data; boundary=edge' },
})
const filePart = 'name="file"; filename="a.mp3"\r\n\r\nbytes'
const notePart = 'name="note"\r\n\r\nseen in a forum'

describe('a file is handed in', () => {
  test('as the body, its name in the query or in Content-Disposition', async ({ world }) => {
    const { key } = await world.account('Bare')
    const ask = (await serveApi(world)).withKey(key)
    const named = await ask(
      'post',
      '/v1/submissions/file?fileName=..%2Fl%C3%A9ak.wav&note=hi',
      toneWav(1),
      audio,
    )
    expect(named.json).toMatchObject({
      kind: 'file',
      fileName: 'léak.wav',
      note: 'hi',
      stage: 'unpack',
      step: 'unpack',
    })
    const disposition = { ...audio, 'content-disposition': `attachment; filename*=UTF-8''l%C3%A9ak.wav` }
    expect((await ask('post', '/v1/submissions/file', toneWav(1), disposition)).json.fileName).toBe(
      'léak.wav',
    )
    expect((await ask('post', '/v1/submissions/file', toneWav(1))).json.fileName).toBe('unnamed')
    expect((await ask('post', '/v1/submissions/file?note=a&mood=b', 'x', audio)).json.faults[0].pointer).toBe(
      '/query/mood',
    )
  })

  test('as a form', async ({ world }) => {
    const { key } = await world.account('Form')
    const ask = (await serveApi(world)).withKey(key)
    const form = new FormData()
    form.set('note', 'from a form')
    form.set('file', new Blob([toneWav(1)]), 'léak.wav')
    const answer = await ask('post', '/v1/submissions/file', form)
    expect(answer.json).toMatchObject({ fileName: 'léak.wav', note: 'from a form', bytes: toneWav(1).length })
  })

  test('and a form that is wrong is told how', async ({ world }) => {
    const { key } = await world.account('Wrong Forms')
    const ask = (await serveApi(world)).withKey(key)
    const told = async ({ body, headers }: { body: Buffer; headers: Record<string, string> }) => {
      const { status, json } = await ask('post', '/v1/submissions/file', body, headers)
      return `${status} ${json.detail}`
    }
    expect(await told(formOf(notePart))).toBe('400 The form holds no file')
    expect(await told(formOf(filePart + '\r\n', notePart + '\r\n'))).toMatch(
      /^400 The field “note” came after the file/,
    )
    expect(await told(formOf(filePart + '\r\n', filePart + '\r\n'))).toBe('400 One file at a time')
    expect(await told(formOf('name="mood"\r\n\r\nbad\r\n', filePart + '\r\n'))).toBe(
      '400 /mood: is not known',
    )
    expect(await told({ body: formOf(filePart).body.subarray(0, 60), headers: formOf().headers })).toMatch(
      /^400 The form/,
    )
    expect(
      await told({ body: Buffer.from('x'), headers: { 'content-type': 'multipart/form-data' } }),
    ).toMatch(/^400 The form/)
    expect((await ask('get', '/v1/submissions')).json.items).toEqual([])
  })

  test('and is refused when it is empty, too large, packed, or no file', async ({ world }) => {
    const { key } = await world.account('Refused')
    const house = { ...world.house, config: { ...world.house.config, FETCH_BYTES_MAX: 50_000 } }
    const api = await serveApi({ ...world, house })
    const ask = api.withKey(key)
    const path = '/v1/submissions/file'
    const told = async (body: unknown, headers = {}) => {
      const { status, json } = await ask('post', path, body, headers)
      return [status, json.type.replace('/problems/', '')]
    }
    expect(await told('', audio)).toEqual([422, 'file/empty'])
    expect(await told(Buffer.alloc(50_001), audio)).toEqual([413, 'request/too-large'])
    const form = new FormData()
    form.set('file', new Blob([Buffer.alloc(5_000_000)]), 'big.wav')
    expect(await told(form)).toEqual([413, 'request/too-large'])
    expect(await told({ url: 'https://host.example' })).toEqual([415, 'request/unsupported-media'])
    expect(await told('a=b', { 'content-type': 'application/x-www-form-urlencoded' })).toEqual([
      415,
      'request/unsupported-media',
    ])
    expect(await told('x', { ...audio, 'content-encoding': 'gzip' })).toEqual([
      415,
      'request/unsupported-media',
    ])
    expect((await ask('post', path, Buffer.alloc(50_000, 1), audio)).status).toBe(202)
  })

  test('and a sender that does not say how much it has is stopped at the limit, with an answer', async ({
    world,
  }) => {
    const { key } = await world.account('Endless')
    const house = { ...world.house, config: { ...world.house.config, FETCH_BYTES_MAX: 50_000 } }
    const { url } = await serveApi({ ...world, house })
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sending = request(`${url}/v1/submissions/file`, {
        method: 'POST',
        headers: { ...audio, authorization: `Bearer ${key}` },
      })
      const timer = setInterval(() => sending.write(Buffer.alloc(20_000)), 5)
      sending.once('response', (response) => {
        clearInterval(timer)
        sending.destroy()
        resolve(response.statusCode)
      })
      sending.once('error', reject)
    })
    expect(status).toBe(413)
  })
})

describe('a recording’s audio', () => {
  test('is taken for fingerprinting, once at a time', async ({ world }) => {
    const { key } = await world.account('Audio')
    const ask = (await serveApi(world)).withKey(key)
    const { id } = (await ask('post', '/v1/recordings', { title: 'T', artists: ['A'] })).json
    const taken = await ask('put', `/v1/recordings/${id}/audio`, toneWav(2), audio)
    expect(taken.json).toMatchObject({ id, stage: 'index', progress: 0, hasFingerprint: false })
    const same = await ask('put', `/v1/recordings/${id}/audio`, toneWav(2), audio)
    expect(same.json).toMatchObject({ id, stage: 'index' })
    const again = await ask('put', `/v1/recordings/${id}/audio`, toneWav(3), audio)
    expect([again.status, again.json.type]).toEqual([409, '/problems/row/stage'])
    expect((await ask('put', `/v1/recordings/${id}/audio`, { no: 'file' })).status).toBe(415)
  })
})
