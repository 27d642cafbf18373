import { appendFile, mkdir, mkdtemp, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { describe as describeRecording, describeFile } from '../../bin/client/describe.ts'
import { openJournal } from '../../bin/client/journal.ts'
import { eachOf, findAudio } from '../../bin/client/walk.ts'
import { namesFromFile } from '../../services/metadata/claims/describe-file.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'earwitness-walk-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function put(...names: readonly string[]): Promise<void> {
  for (const name of names) {
    await mkdir(join(folder, name, '..'), { recursive: true })
    await writeFile(join(folder, name), 'not really audio')
  }
}

const found = async (...paths: readonly string[]): Promise<string[]> =>
  (await findAudio(paths.map((path) => join(folder, path)))).map(({ path }) => relative(folder, path))

describe('the walk', () => {
  test('finds audio in a stable order, numbers by value, and passes over everything else', async () => {
    await put(
      'b/10 End.FLAC',
      'b/2 Begin.mp3',
      'b/cover.jpg',
      'a.opus',
      'b/._2 Begin.mp3',
      '.trash/x.mp3',
      'c/d/e.wav',
    )
    expect(await found('.')).toEqual(['a.opus', 'b/2 Begin.mp3', 'b/10 End.FLAC', 'c/d/e.wav'])
  })

  test('takes a file that is named, whatever its ending, and each file once', async () => {
    await put('leak.bin', 'a/1.mp3')
    expect(await found('leak.bin', 'a', 'a/1.mp3', 'leak.bin')).toEqual(['leak.bin', 'a/1.mp3'])
  })

  test('follows links, but not in circles', async () => {
    await put('music/1.mp3', 'elsewhere/2.mp3')
    await symlink(folder, join(folder, 'music', 'all'))
    await symlink('itself', join(folder, 'music', 'itself'))
    await symlink('nowhere', join(folder, 'music', 'gone.mp3'))
    expect(await found('music')).toEqual(['music/1.mp3', 'music/all/elsewhere/2.mp3'])
  })

  test('says which path is not there, and when there are too many files', async () => {
    await put('1.mp3', '2.mp3', '3.mp3')
    await expect(found('typo')).rejects.toThrow(/typo: there is no such file/)
    await expect(findAudio([folder], { filesMax: 2 })).rejects.toThrow('More than 2 audio files')
  })
})

describe('what a file is called', () => {
  test.each([
    ['Artist - Title.mp3', 'Artist', 'Title'],
    ['नमूना मंडली - सुबह की धुन.flac', 'नमूना मंडली', 'सुबह की धुन'],
    ['07 - Artist - Title - Live.mp3', 'Artist', 'Title - Live'],
    ['1-03. The_Title.mp3', undefined, 'The Title'],
    ['07 Title.mp3', undefined, 'Title'],
    ['99 Luftballons.mp3', undefined, '99 Luftballons'],
    ['1999.mp3', undefined, '1999'],
    ['03.mp3', undefined, '03'],
  ])('%s', (name, artist, title) => {
    expect(namesFromFile(`/music/${name}`)).toEqual({ ...(artist && { artist }), title })
  })

  test('tags come first, then the file name, then the command line', () => {
    const names = (tags: object, path: string, artist?: string) => {
      const { recording } = describeRecording(path, tags, { artist })
      return [recording.title, ...recording.artists]
    }
    expect(names({ title: 'T', artists: ['A', 'B'] }, '/x - y.mp3')).toEqual(['T', 'A', 'B'])
    expect(names({ title: 'T' }, '/x - y.mp3')).toEqual(['T', 'x'])
    expect(names({}, '/x - y.mp3', 'Z')).toEqual(['y', 'x'])
    expect(names({}, '/y.mp3', 'Z')).toEqual(['y', 'Z'])
    expect(() => names({}, '/y.mp3')).toThrow(/who the artist is/)
  })

  test('a wrong ISRC or barcode is told and left out; good ones are kept', () => {
    const { recording, warnings } = describeRecording(
      '/a - t.mp3',
      {
        isrc: ['USXX', 'aa-6q7-20-00047'],
        barcode: '036000291453',
        album: 'Letters',
        label: ['L'],
        date: '2020-05-01',
      },
      { rightsHolder: 'R' },
    )
    expect(recording).toEqual({
      title: 't',
      artists: ['a'],
      isrc: 'AA6Q72000047',
      rightsHolder: 'R',
      release: { title: 'Letters', label: 'L', releaseDate: '2020-05-01' },
    })
    expect(warnings).toEqual([
      '“USXX” in its tags is not an ISRC; left out',
      '“036000291453” in its tags is not a UPC or EAN; left out',
    ])
  })

  test('what the service would refuse is refused here, with the reason', () => {
    expect(() => describeRecording('/a - t.mp3', { title: 'x'.repeat(501) }, {})).toThrow(/title: .*500/)
  })

  test('a file whose tags cannot be read is named after itself', async () => {
    await put('A - T.mp3')
    const { recording, warnings } = await describeFile(join(folder, 'A - T.mp3'), {})
    expect(recording).toEqual({ title: 'T', artists: ['A'] })
    expect(warnings.length).toBeLessThanOrEqual(1)
    await expect(describeFile(join(folder, 'gone.mp3'), {})).rejects.toThrow(/ENOENT/)
  })
})

describe('the journal', () => {
  const [account, other] = ['0d2f6a53-7d0e-4b7e-9a80-3a2c6d8f4e21', '4f8c1f6e-9d2b-4c7a-8a51-0f6f1b7f2c11']
  const open = (id = account) => openJournal({ XDG_STATE_HOME: folder }, id)
  const song = async () => (await findAudio([join(folder, 'song.mp3')]))[0]!

  test('knows a file again until it changes or is described otherwise', async () => {
    await put('song.mp3')
    const before = await song()
    const first = await open()
    await first.add(before, {}, other)
    await first.close()

    const journal = await open()
    expect(journal.find(before, {})).toBe(other)
    expect(journal.find(before, { rightsHolder: 'Somebody' })).toBeUndefined()
    await utimes(join(folder, 'song.mp3'), new Date(), new Date('2031-01-01'))
    expect(journal.find(await song(), {})).toBeUndefined()
    await journal.close()
  })

  test('is another one for another account', async () => {
    await put('song.mp3')
    const first = await open()
    await first.add(await song(), {}, other)
    await first.close()
    const second = await open(other)
    expect(second.find(await song(), {})).toBeUndefined()
    await second.close()
  })

  test('survives a run that was killed in the middle of a line', async () => {
    await put('song.mp3', 'more.mp3')
    const first = await open()
    await first.add(await song(), {}, other)
    await first.close()
    await appendFile(first.path, '{"file":"abc","i')

    const second = await open()
    const [more] = await findAudio([join(folder, 'more.mp3')])
    await second.add(more!, {}, account)
    await second.close()
    const third = await open()
    expect(third.find(await song(), {})).toBe(other)
    expect(third.find(more!, {})).toBe(account)
    await third.close()
    expect((await readFile(first.path, 'utf8')).endsWith('\n')).toBe(true)
  })
})

describe('work on many files', () => {
  test('is done on each once, no more at a time than allowed', async () => {
    const done: number[] = []
    let [now, most] = [0, 0]
    await eachOf([5, 1, 4, 2, 3], 2, async (one, index) => {
      most = Math.max(most, ++now)
      await new Promise((resolve) => setTimeout(resolve, one))
      now -= 1
      done[index] = one
    })
    expect(done).toEqual([5, 1, 4, 2, 3])
    expect(most).toBe(2)
  })

  test('stops at the first error after what is under way has ended', async () => {
    const ended: number[] = []
    const work = eachOf([1, 2, 3, 4, 5], 2, async (one) => {
      if (one === 1) throw new Error('no service')
      await new Promise((resolve) => setTimeout(resolve, 5))
      ended.push(one)
    })
    await expect(work).rejects.toThrow('no service')
    expect(ended).toEqual([2])
  })
})
