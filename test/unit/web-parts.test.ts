import { describe, expect, test } from 'vitest'

import { html } from '../../services/core/html.ts'
import { textField } from '../../web/parts/fields.ts'
import { confirmButton, facts } from '../../web/parts/pieces.ts'
import { casePill } from '../../web/parts/pills.ts'
import { table } from '../../web/parts/table.ts'
import { ago, counted, exactTime, percent, sizeInWords } from '../../web/parts/words.ts'

describe('words', () => {
  const now = new Date('2026-11-22T12:00:00Z')
  test.each([
    ['2026-11-22T11:59:30Z', 'just now'],
    ['2026-11-22T11:59:00Z', '1 minute ago'],
    ['2026-11-22T09:00:00Z', '3 hours ago'],
    ['2026-11-16T12:00:00Z', '6 days ago'],
    ['2026-11-15T12:00:00Z', '15 Nov 2026'],
  ])('%s was %s', (at, words) => {
    expect(ago(new Date(at), now)).toBe(words)
  })

  test('an exact time names its zone', () => {
    expect(exactTime(new Date('2026-11-22T14:03:05.900Z'))).toBe('22 Nov 2026, 14:03:05 UTC')
  })

  test('numbers are never made larger than they are', () => {
    expect(percent(0.9999)).toBe('99 %')
    expect(percent(1)).toBe('100 %')
    expect(percent(0.001)).toBe('under 1 %')
    expect(percent(0)).toBe('0 %')
    expect(sizeInWords(999)).toBe('999 bytes')
    expect(sizeInWords(9_437_184)).toBe('9.4 MB')
    expect(counted(1, 'case')).toBe('1 case')
    expect(counted(1204, 'case')).toBe('1,204 cases')
  })
})

describe('parts', () => {
  test('a refused field says what is wrong where a screen reader finds it, and keeps what was typed', () => {
    const field = { name: 'isrc', label: 'ISRC', hint: 'Twelve characters' }
    const { text } = textField(field, { values: { isrc: '<x>' }, faults: { isrc: 'not an ISRC' } })
    expect(text).toContain('value="&lt;x&gt;"')
    expect(text).toContain('aria-invalid="true"')
    expect(text).toContain('aria-describedby="isrc-fault isrc-hint"')
    expect(text).toMatch(/id="isrc-fault"[^>]*>not an ISRC/)
  })

  test('a password never comes back into the page', () => {
    const filled = { values: { password: 'secret words' }, faults: {} }
    expect(textField({ name: 'password', label: 'Password', type: 'password' }, filled).text).not.toContain(
      'secret words',
    )
  })

  test('a state is told by an icon and a word, not by colour alone', () => {
    expect(casePill('needs_review').text).toMatch(/<svg[\s\S]*Needs review/)
  })

  test('each cell of a table carries the name of its column for narrow screens', () => {
    const { text } = table('Sizes', [{ name: 'Size', cell: (size: number) => size }], [7])
    expect(text).toMatch(/<caption[^>]*>\s*Sizes\s*<\/caption>/)
    expect(text).toMatch(/data-label="Size"[\s\S]*7/)
  })

  test('facts leave out what is not known', () => {
    const { text } = facts([
      { label: 'ISRC', value: null },
      { label: 'Length', value: html`<b>3:45</b>` },
    ])
    expect(text).not.toContain('ISRC')
    expect(text).toContain('<b>3:45</b>')
  })

  test('what cannot be undone asks first, and the harmless answer has the focus', () => {
    const { text } = confirmButton({
      id: 'remove',
      button: 'Remove',
      question: 'Remove “Song”?',
      text: 'This cannot be undone.',
      action: '/recordings/1/remove',
      yes: 'Remove recording',
    })
    expect(text.indexOf('popovertarget="remove"')).toBeLessThan(text.indexOf('<form'))
    expect(text).toMatch(/autofocus[^>]*>\s*Cancel/)
  })
})
