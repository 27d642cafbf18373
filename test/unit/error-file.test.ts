import { describe, expect, test } from 'vitest'

import type { RowError } from '../../services/catalog/import/entry.ts'
import { errorFile } from '../../services/catalog/import/error-file.ts'
import { readTable } from '../support/csv.ts'

async function textOf(errors: Parameters<typeof errorFile>[0]): Promise<string> {
  let text = ''
  for await (const piece of errorFile(errors)) text += piece
  return text
}

const error = (message: string, column = 'title'): RowError => ({
  row: 7,
  column,
  code: 'malformed',
  message,
})

describe('a file of errors', () => {
  test('has a line for each, and its headings when there is none', async () => {
    expect(await textOf([])).toBe('row,column,code,message\r\n')
    expect(await textOf([error('plain'), error('', '')])).toBe(
      'row,column,code,message\r\n7,title,malformed,plain\r\n7,,malformed,\r\n',
    )
  })

  test('keeps separators, quotes and line ends within their cell', async () => {
    expect(await textOf([error('a, "b"\r\nc')])).toContain('7,title,malformed,"a, ""b""\r\nc"\r\n')
  })

  test.each(['=', '+', '-', '@', '\t', '\r', '\n', '＝'])(
    'has no cell that a spreadsheet would run: %j',
    async (start) => {
      const [, line = ''] = (await textOf([error(`${start}cmd|'/c calc'!A1`, `${start}SUM(A1)`)])).split(
        '\r\n7,',
      )
      const [column = '', , message = ''] = line.split(',')
      for (const cell of [column, message]) expect(cell).toMatch(/^"?'/)
    },
  )

  test('of a sheet that tries it is harmless', async () => {
    const { errors } = await readTable('title,artist,=HYPERLINK("x") ISRC,isrc\n,Band,,=1+1\n')
    const text = await textOf(errors)
    expect(errors.length).toBeGreaterThan(0)
    for (const line of text.split('\r\n'))
      for (const cell of line.split(',')) expect(cell).not.toMatch(/^[=+\-@]/)
  })

  test('is made as it is sent', async () => {
    let made = 0
    function* many(): Generator<RowError> {
      for (; made < 100_000; made++) yield error('plain')
    }
    const pieces = errorFile(many())
    const { value } = await pieces.next()
    expect(value?.length).toBeLessThan(70_000)
    expect(made).toBeLessThan(5_000)
    await pieces.return(undefined)
  })
})
