import { describe, expect, test } from 'vitest'

import { bar, createLiveLines, createProgress, lengthOfTime, progressLine } from '../../bin/progress.ts'
import { displayWidth, fit, paint, printable, readArguments, table } from '../../bin/terminal.ts'
import { recordedTerminal } from '../support/fake-terminal.ts'

const usage = 'Usage: try THING… [--count N]'
const options = { count: { type: 'string' } } as const

describe('a progress bar', () => {
  test.each([
    [0, 4, '····   0 %'],
    [1, 3, '█···  33 %'],
    [999, 1000, '███·  99 %'],
    [4, 4, '████ 100 %'],
    [9, 4, '████ 100 %'],
    [-1, 4, '····   0 %'],
    [0, 0, '████ 100 %'],
  ])('of %d out of %d never says more than is done', (done, total, expected) => {
    expect(bar(done, total, 4)).toBe(expected)
  })

  test('tells count, rate and time left once there is something to tell them from', () => {
    const half = { label: 'Registering', done: 50, total: 100, unit: 'files', note: 'b.flac' }
    expect(progressLine({ ...half, seconds: 0.5 })).toMatch(/ {2}50\/100 files {2}b\.flac$/)
    expect(progressLine({ ...half, seconds: 25 })).toMatch(
      /50\/100 files {2}2\.0\/s {2}25 s left {2}b\.flac$/,
    )
  })

  test('on a pipe is one line, written at the end', () => {
    const terminal = recordedTerminal()
    const progress = createProgress(terminal, 'Composing', { unit: 'pieces' })
    for (let done = 0; done <= 8; done++) progress.show(done, 8)
    expect(terminal.errText()).toBe('')
    progress.end('done')
    progress.end('twice')
    expect(terminal.errText()).toBe(`Composing ${'█'.repeat(24)} 100 %  8/8 pieces  done\n`)
    expect(terminal.outText()).toBe('')
  })

  test('says nothing when its work never began', () => {
    const terminal = recordedTerminal()
    createProgress(terminal, 'Composing').end()
    expect(terminal.errText()).toBe('')
  })
})

describe('live lines on a screen', () => {
  test('replace each other, and lines that were said stay above them', () => {
    const terminal = recordedTerminal({ isTty: true })
    const live = createLiveLines(terminal)
    live.draw(['first', 'second'])
    live.say('a file failed')
    live.end(['last'])
    expect(onScreen(terminal.errText())).toEqual(['a file failed', 'last', ''])
  })

  test('are cut to the width of the screen, since a wrapped line could not be replaced', () => {
    const terminal = recordedTerminal({ isTty: true, columns: 10 })
    createLiveLines(terminal).end(['朝のサンプル朝のサンプル'])
    expect(terminal.errText()).toBe('朝のサン…\n')
  })
})

/** What a screen shows after text with `cursor up` and `clear to the end` was written to it. */
function onScreen(text: string): readonly string[] {
  const lines = ['']
  for (const part of text.replaceAll('\u001B', '␛').split(/(␛\[\d+A\r␛\[J|\n)/)) {
    const up = /^␛\[(\d+)A/.exec(part)
    if (up) lines.splice(-1 - Number(up[1]), Infinity, '')
    else if (part === '\n') lines.push('')
    else lines[lines.length - 1] += part
  }
  return lines
}

describe('a table', () => {
  test('keeps its columns under each other in any script', () => {
    const titles = [
      'Sample Piece',
      '朝のサンプル',
      'सुबह की धुन',
      'Été',
      'e\u0301te\u0301',
      '👩🏽‍🎤 live',
      'ﾊﾝｶｸ',
      '한국어',
    ]
    const lines = table(
      titles.map((title, index) => [title, String(index)]),
      [{ title: 'title' }, { title: 'n', align: 'right' }],
    ).split('\n')
    const widths = lines.filter(Boolean).map(displayWidth)
    expect(new Set(widths).size).toBe(1)
    expect(lines[3]).toBe('朝のサンプル  1')
    expect(lines[4]?.endsWith('  2')).toBe(true)
  })

  test('cuts long cells between characters, never through one', () => {
    expect(table([['नमूना मंडली'.repeat(9)]], [{ title: 'a', columnsMax: 6 }]).split('\n')[2]).toMatch(/^.+…$/u)
    expect(fit('朝のサンプル', 6)).toBe('朝の…')
    expect(fit('e\u0301e\u0301e\u0301', 2)).toBe('e\u0301…')
    expect(fit('abc', 3)).toBe('abc')
    expect(displayWidth(fit('👩🏽‍🎤👩🏽‍🎤', 3))).toBe(3)
  })

  test('shows what could move the cursor or turn the line round as what it is: not printable', () => {
    const evil = 'song\u001B[2J\u202Egpj.3pm\r\n'
    expect(printable(evil)).toBe('song\uFFFD[2J\uFFFDgpj.3pm\uFFFD\uFFFD')
    expect(table([[evil]], [{ title: 'name' }]).split('\n')).toHaveLength(4)
  })
})

test.each([
  [8.4, '8 s'],
  [65, '1 min 05 s'],
  [7_800, '2 h 10 min'],
])('%d seconds are told as %s', (seconds, expected) => {
  expect(lengthOfTime(seconds)).toBe(expected)
})

describe('colour', () => {
  test('is for screens whose owner did not forbid it', () => {
    expect(paint(recordedTerminal({ isTty: true }), 'red', 'no')).toBe('\u001B[31mno\u001B[39m')
    expect(paint(recordedTerminal({ isTty: true, env: { NO_COLOR: '1' } }), 'red', 'no')).toBe('no')
    expect(paint(recordedTerminal(), 'red', 'no')).toBe('no')
  })
})

describe('arguments', () => {
  test('are options and the rest', () => {
    const read = readArguments(recordedTerminal(), usage, ['a', '--count', '3', 'b'], options)
    expect(read).toMatchObject({ values: { count: '3' }, positionals: ['a', 'b'] })
  })

  test('that are unknown end with the usage on standard error and exit code 2', () => {
    const terminal = recordedTerminal()
    expect(readArguments(terminal, usage, ['--cuont', '3'], options)).toBe(2)
    expect(terminal.errText()).toMatch(/--cuont[\s\S]*Usage: try/)
    expect(terminal.outText()).toBe('')
  })

  test('that ask for help get it on standard output and exit code 0', () => {
    const terminal = recordedTerminal()
    expect(readArguments(terminal, usage, ['--help'], options)).toBe(0)
    expect(terminal.outText()).toBe(`${usage}\n`)
  })
})
