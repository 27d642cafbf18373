import { describe, expect, test } from 'vitest'

import { type RowCells, cellNamed, rowCells } from '../../services/catalog/import/csv/row-cells.ts'
import { chunksOf } from '../support/csv.ts'

const sheet = [
  'Catalogue of Sample Records',
  'Track Title;Artist;ISRC;Notes',
  'First;One;AA6Q72000001;',
  '"Second\nof two lines";Two;;"a ""note"""',
  'Third;Three',
  'Fourth;Four;AA6Q72000004;last, without a line end',
].join('\r\n')

const valuesOf = (cells: RowCells, line: number): readonly string[] | undefined =>
  cells.get(line)?.map(({ value }) => value)

describe('cells of some rows', () => {
  test('are found by the line where their row begins, however the file comes', async () => {
    for (const bytesEach of [1, 7, 65_536]) {
      const cells = await rowCells(chunksOf(sheet, bytesEach), [4, 7], {})
      expect([...cells.keys()]).toEqual([4, 7])
      expect(valuesOf(cells, 4)).toEqual(['Second\nof two lines', 'Two', '', 'a "note"'])
      expect(valuesOf(cells, 7)).toEqual(['Fourth', 'Four', 'AA6Q72000004', 'last, without a line end'])
    }
  })

  test('are those that a person corrected, also emptied ones', async () => {
    const fixes = [
      { row: 3, column: 'ISRC', value: '' },
      { row: 3, column: 'Artist', value: 'Another' },
      { row: 7, column: 'Artist', value: 'of another row' },
    ]
    expect(valuesOf(await rowCells(chunksOf(sheet), [3], {}, fixes), 3)).toEqual(['First', 'Another', '', ''])
  })

  test('are none where no row begins, where it has too few, and of a file without headings', async () => {
    expect((await rowCells(chunksOf(sheet), [1, 2, 5, 6, 99], {})).size).toBe(0)
    expect((await rowCells(chunksOf(''), [1], {})).size).toBe(0)
    expect((await rowCells(chunksOf(sheet), [], {})).size).toBe(0)
  })

  test('come from no more of the file than is needed', async () => {
    let read = 0
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('title,artist\n')
      for (; ; read += 1) yield Buffer.from('Song,Band\n'.repeat(1_000))
    }
    expect(valuesOf(await rowCells(endless(), [2, 5_000], {}), 5_000)).toEqual(['Song', 'Band'])
    expect(read).toBeLessThan(100)
  })

  test('are named by the heading of the file, or by what the catalogue calls the column', async () => {
    const cells = (await rowCells(chunksOf(sheet), [4], {})).get(4) ?? []
    expect(cellNamed(cells, 'ISRC')?.heading).toBe('ISRC')
    expect(cellNamed(cells, 'isrc')?.heading).toBe('ISRC')
    expect(cellNamed(cells, 'artists')?.heading).toBe('Artist')
    expect(cellNamed(cells, 'Notes')?.value).toBe('a "note"')
    expect(cellNamed(cells, 'territories')).toBeUndefined()
    expect(cellNamed(cells, '')).toBeUndefined()
  })
})
