import { expect, test } from 'vitest'

import { type Place, inventLeak, placesOf } from '../../bin/demo/leak/dump-rows.ts'
import type { DumpTrack } from '../../bin/demo/leak/dump-track.ts'
import type { DemoTrack } from '../../bin/demo/music-source.ts'

const isrcOf = (number: number): string => `AA6Q726${String(number).padStart(5, '0')}`
const tracks: readonly DemoTrack[] = Array.from({ length: 8 }, (_, at) => {
  const title = `Sample Piece ${at + 1}`
  return {
    title,
    path: `piece-${at + 1}.wav`,
    seconds: 75,
    recording: { title, artists: ['The Samples'], isrc: isrcOf(at + 1) },
  }
})
const ROWS = 20_000
const rows: readonly DumpTrack[] = [...inventLeak(tracks, ROWS)]

/** The rows that have to do with a recording: its title, or its code. */
const about = (at: number): readonly DumpTrack[] =>
  rows.filter(({ name, external_id_isrc: isrc }) => name === tracks[at]?.title || isrc === isrcOf(at + 1))

test('the leak has just so many rows, every code but those of siblings once', () => {
  expect(rows).toHaveLength(ROWS)
  const codes = rows.flatMap(({ external_id_isrc: isrc }) => isrc ?? [])
  expect(codes.length - new Set(codes).size).toBe(1)
  expect(codes.every((code) => /^AA6Q7\d{7}$/.test(code))).toBe(true)
  expect(new Set(rows.map(({ track_id: id }) => id)).size).toBe(ROWS)
})

test('each recording is in it as its place says', () => {
  expect(placesOf(tracks)).toEqual([
    'audio',
    'sibling',
    'metadata',
    'names',
    'wrong-isrc',
    'absent',
    'absent',
    'absent',
  ] satisfies Place[])
  expect(about(0)).toMatchObject([{ status: 'success', popularity: 62 }])
  expect(about(1)).toMatchObject([{ status: 'skipped_isrc_has_download' }, { status: 'success' }])
  expect(about(2)).toHaveLength(1)
  expect(about(2)[0]?.status).toBeUndefined()
  expect(about(3)).toMatchObject([{ name: 'Sample Piece 4', external_id_isrc: null }])
  expect(about(4)).toMatchObject([{ external_id_isrc: isrcOf(5) }])
  expect(about(4)[0]?.name).not.toBe('Sample Piece 5')
  expect([5, 6, 7].flatMap(about)).toEqual([])
})

test('all of them are in its first tenth', () => {
  const last = rows.findLastIndex(({ external_id_isrc: isrc }) => isrc?.startsWith('AA6Q726'))
  expect(last).toBeLessThan(ROWS / 10)
})

test('a recording without a code can only be there by its names', () => {
  const [first] = tracks
  if (!first) throw new Error('no track')
  const nameless = { ...first, recording: { title: 'Sample Song', artists: ['The Samples'] } }
  expect(placesOf([nameless])).toEqual(['names'])
  const found = [...inventLeak([nameless], 1_000)].filter(({ name }) => name === 'Sample Song')
  expect(found).toMatchObject([{ external_id_isrc: null }])
})
