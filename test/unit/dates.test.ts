import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { guessDateOrder, parseDate } from '../../services/metadata/values/dates.ts'

describe('a date written', () => {
  test.each([
    '2020-01-31',
    '20200131',
    '2020/01/31',
    '2020.1.31',
    '31.01.2020',
    '31.1.2020',
    '31/01/2020',
    '01/31/2020',
    '1-31-2020',
    '31 Jan 2020',
    '31-Jan-2020',
    '31 JANUARY 2020',
    '31st January 2020',
    '31. January 2020',
    '31st of January, 2020',
    'January 31, 2020',
    'Jan. 31 2020',
    'January 31st, 2020',
    '2020-Jan-31',
    '2020-01-31T23:30:00Z',
    '2020-01-31T23:30:00.000+05:30',
    '2020-01-31T23:30:00-0800',
    '2020-01-31 00:00',
    '2020-01-31 00:00:00 UTC',
    '2020-01-31Z',
    '2020-01-31-05:00',
    '1/31/2020 12:00:00 AM',
    'Jan 31, 2020, 9:30 pm',
    '43861',
    '43861.75',
    '43861.0',
    '２０２０-０１-３１',
    '  2020-01-31 ',
  ])('%s is 31 January 2020 in either order', (text) => {
    expect(parseDate(text, 'dmy')).toBe('2020-01-31')
    expect(parseDate(text, 'mdy')).toBe('2020-01-31')
  })

  test.each([
    ['05/06/2020', '2020-06-05', '2020-05-06'],
    ['5.6.2020', '2020-06-05', '2020-05-06'],
    ['05-06-2020', '2020-06-05', '2020-05-06'],
    ['2020-05-06', '2020-05-06', '2020-05-06'],
  ])('%s is %s day first, %s month first', (text, dayFirst, monthFirst) => {
    expect(parseDate(text, 'dmy')).toBe(dayFirst)
    expect(parseDate(text, 'mdy')).toBe(monthFirst)
  })

  test.each([
    ['2020-02-29', '2020-02-29'],
    ['2000-02-29', '2000-02-29'],
    ['1860-01-01', '1860-01-01'],
    ['2100-12-31', '2100-12-31'],
    ['18264', '1950-01-01'],
    ['73415', '2100-12-31'],
    ['Sept 3, 1999', '1999-09-03'],
    ['3 May 1999', '1999-05-03'],
  ])('%s is %s', (text, date) => expect(parseDate(text, 'dmy')).toBe(date))

  test.each([
    '2021-02-29',
    '1900-02-29',
    '2020-13-01',
    '2020-00-10',
    '2020-01-00',
    '31/04/2020',
    '13/13/2020',
    '30 Feb 2020',
    '1859-12-31',
    '2101-01-01',
    '31/01/20',
    '2020',
    '2020-01',
    'Jan 2020',
    '2020-01/31',
    '18263',
    '73416',
    '436861',
    '4386',
    '31012020',
    '31 Foo 2020',
    '31 Janfoo 2020',
    '2020-01-31 to 2020-02-28',
    'tomorrow',
    '',
    '12:00',
    `2020-01${' '.repeat(100_000)}-31`,
  ])('%.30j is none', (text) => {
    expect(parseDate(text, 'dmy')).toBeUndefined()
    expect(parseDate(text, 'mdy')).toBeUndefined()
  })

  test('any day is itself in every spelling', () => {
    const days = fc.date({
      min: new Date('1950-01-01'),
      max: new Date('2100-12-31'),
      noInvalidDate: true,
    })
    fc.assert(
      fc.property(days, (date) => {
        const iso = date.toISOString()
        const [year = '', month = '', day = ''] = iso.slice(0, 10).split('-')
        const name = date.toLocaleString('en', { month: 'long', timeZone: 'UTC' })
        const serial = Math.floor((date.getTime() - Date.UTC(1899, 11, 30)) / 86_400_000)
        for (const text of [
          iso,
          `${year}${month}${day}`,
          `${day} ${name} ${year}`,
          `${name} ${day}, ${year}`,
        ])
          expect(parseDate(text, 'dmy')).toBe(iso.slice(0, 10))
        expect(parseDate(`${day}/${month}/${year}`, 'dmy')).toBe(iso.slice(0, 10))
        expect(parseDate(`${month}/${day}/${year}`, 'mdy')).toBe(iso.slice(0, 10))
        expect(parseDate(String(serial), 'dmy')).toBe(iso.slice(0, 10))
      }),
    )
  })
})

describe('the order of a column', () => {
  test.each([
    ['dmy', ['05/06/2020', '31/01/2020', '2020-01-01', 'n/a']],
    ['dmy', ['31.01.2020 10:00']],
    ['mdy', ['05/06/2020', '01/31/2020']],
    [undefined, ['05/06/2020', '01/02/2020']],
    [undefined, ['31/01/2020', '01/31/2020']],
    [undefined, ['2020-01-31', '31 Jan 2020', '43861']],
    [undefined, ['31/31/2020', '31/04/2020']],
    [undefined, []],
  ])('is %s of %j', (order, texts) => expect(guessDateOrder(texts)).toBe(order))

  test('is found in a stream of values, read once', () => {
    function* column(): Generator<string> {
      for (let row = 0; row < 10_000; row++) yield '05/06/2020'
      yield '06/25/2020'
    }
    expect(guessDateOrder(column())).toBe('mdy')
  })
})
