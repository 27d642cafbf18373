import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import { Problem } from '../../services/core/problem.ts'
import { attempt, listOf, readForm, refused } from '../../web/forms.ts'
import { titleOfFile } from '../../web/pages/recordings.ts'
import { safeNext } from '../../web/pages/sign-in.ts'
import { readAfter, listHref } from '../../web/parts/paging.ts'

const Form = z.object({ title: z.string().min(1), note: z.string().max(3).optional() })

describe('a form', () => {
  test('counts empty fields as left out', () => {
    expect(readForm(Form, { title: 'Song', note: '' })).toEqual({ title: 'Song' })
  })

  test('that does not fit comes back with its values and a fault beside each wrong field', async () => {
    const sent = { title: '', note: 'too long' }
    const { refusal } = await attempt(
      () => sent,
      async () => readForm(Form, sent),
    )
    expect(refusal).toMatchObject({
      status: 400,
      filled: { values: sent, faults: { title: 'this is needed', note: expect.stringContaining('3') } },
    })
  })

  test('shows a problem without a place above its fields', () => {
    expect(refused({}, new Problem('request/conflict', 'It is there already')).faults).toEqual({
      '': 'It is there already',
    })
  })

  test.each([
    ['/artists/0', 'artists'],
    ['/release/title', 'release'],
    ['/release/upc', 'upc'],
    ['/statements/signatureText', 'signatureText'],
  ])('finds the field of the pointer %s', (pointer, field) => {
    const problem = new Problem('request/invalid', '', { faults: [{ pointer, detail: 'wrong' }] })
    expect(refused({}, problem).faults).toEqual({ [field]: 'wrong' })
  })

  test('does not swallow what its sender cannot mend', async () => {
    const failing = attempt(
      () => ({}),
      () => Promise.reject(new Problem('auth/forbidden', 'no')),
    )
    await expect(failing).rejects.toMatchObject({ type: 'auth/forbidden' })
  })

  test('takes several names in a line', () => {
    expect(listOf(' Asha Rao, The Samples; ,')).toEqual(['Asha Rao', 'The Samples'])
  })
})

test.each([
  ['03 - Monsoon_Letter.flac', 'Monsoon Letter'],
  ['12. Harbour.wav', 'Harbour'],
  ['07 Night Train.mp3', 'Night Train'],
  ['1999.flac', '1999'],
  ['99 Luftballons.mp3', '99 Luftballons'],
  ['सुबह की धुन.m4a', 'सुबह की धुन'],
])('the title of %s is %s', (fileName, title) => {
  expect(titleOfFile(fileName)).toBe(title)
})

test.each([
  ['/cases/1?state=confirmed', '/cases/1?state=confirmed'],
  ['https://example.org/', '/'],
  ['//example.org', '/'],
  ['/\\example.org', '/'],
  ['/cases\r\nset-cookie: a=b', '/'],
  [undefined, '/'],
])('after signing in one goes from %s to %s', (next, path) => {
  expect(safeNext(next)).toBe(path)
})

describe('paging', () => {
  test('reads its own cursor and nothing else', () => {
    const id = '52407556-9e9b-4f5e-92d6-42c69d538602'
    expect(readAfter(`2026-11-22T10:00:00.000Z_${id}`)).toEqual({ at: new Date('2026-11-22T10:00:00Z'), id })
    expect(readAfter(`yesterday_${id}`)).toBeUndefined()
    expect(readAfter('2026-11-22T10:00:00.000Z_1')).toBeUndefined()
    expect(readAfter(undefined)).toBeUndefined()
  })

  test('keeps the filters and forgets what was done', () => {
    expect(listHref('/cases', { state: 'confirmed', done: 'saved', q: '' }, { after: 'x' })).toBe(
      '/cases?state=confirmed&after=x',
    )
    expect(listHref('/cases', {})).toBe('/cases')
  })
})
