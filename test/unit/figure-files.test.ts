import { describe, expect, test } from 'vitest'

import { csvText } from '../../services/core/csv.ts'
import { RecipientId, newId } from '../../services/core/ids.ts'
import { figuresFile, yearlyFile } from '../../services/figures/document.ts'
import { type Figures, periodOf, suggestedClass } from '../../services/figures/figures.ts'
import { Language, Regime } from '../../services/notices/notice.ts'
import { HOLDERS_CHARACTERS_MAX, holdersInWords } from '../../services/notices/statements/holders.ts'
import { statementTexts } from '../../services/notices/statements/statements.ts'
import { hoursWords, shareWords } from '../../web/pages/figures-view.ts'

const tally = {
  notices: 2,
  acknowledged: 1,
  acknowledgeMedianH: 3.14159,
  acknowledgeP90H: 3.14159,
  locations: 4,
  removed: 3,
  restored: 1,
  refused: 1,
  noResponse: 0,
  counterNotices: 0,
  withdrawn: 0,
  unfounded: 0,
  removalMedianH: 10,
  removalP90H: 12,
}
const figures: Figures = {
  ...periodOf({ from: '2026-01-01', to: '2026-03-31' }),
  total: { ...tally, refusals: { incomplete: 1 } },
  reviewed: { confirmed: 3, falsePositives: 1, otherwiseDismissed: 2 },
  recipients: [
    {
      ...tally,
      recipientId: newId(RecipientId),
      name: '=HYPERLINK("https://evil.example")',
      role: 'hosting',
      refusals: { incomplete: 1 },
      class: null,
      suggestedClass: 'compliant',
    },
  ],
}

describe('a file of figures', () => {
  test('runs nothing when a spreadsheet opens it', () => {
    const { body, fileName, mediaType } = figuresFile(figures, 'csv')
    const [head, first, all] = body.split('\r\n')
    expect([fileName, mediaType]).toEqual(['figures-2026-01-01-2026-03-31.csv', 'text/csv; charset=utf-8'])
    expect(first).toMatch(/^"'=HYPERLINK\(""https:\/\/evil\.example""\)",hosting,2,1,3\.14,/)
    expect(all).toMatch(/^All recipients,,2,1,/)
    expect(head?.split(',')).toHaveLength(all?.split(',').length ?? 0)
    expect(csvText([['\t@x', -3, null, 'a,"b"', '＝1', ' -1']])).toBe(`'\t@x,-3,,"a,""b""",'＝1,' -1\r\n`)
    const row = {
      provider: '@cmd',
      role: 'hosting' as const,
      country: null,
      contentType: 'sound recordings' as const,
      notices: 1,
      locations: 1,
      removed: 1,
      restored: 0,
      refused: 0,
      countered: 0,
      none: 0,
      withdrawn: 0,
    }
    expect(yearlyFile(2026, [row], 'csv').body.split('\r\n')[1]).toBe(
      "'@cmd,hosting,,sound recordings,1,1,1,0,0,0,0,0",
    )
  })

  test('has rates beside what they are made of', () => {
    const told = JSON.parse(figuresFile(figures, 'json').body)
    expect(told).toMatchObject({
      from: '2026-01-01',
      to: '2026-03-31',
      total: { removed: 3, locations: 4, removalRate: 0.75, acknowledgeMedianH: 3.14 },
      reviewed: { precision: 0.75 },
    })
  })
})

describe('a period', () => {
  test('counts both of its days in, and is refused when it is none', () => {
    const now = new Date('2026-05-10T10:00:00Z')
    expect(periodOf({}, now)).toEqual({
      from: new Date('2026-02-10T00:00:00Z'),
      to: new Date('2026-05-11T00:00:00Z'),
    })
    expect(() => periodOf({ from: '2026-02-02', to: '2026-02-01' })).toThrow(/no period/)
    expect(() => periodOf({ from: '1990-01-01', to: '2026-02-01' })).toThrow(/no period/)
  })
})

describe('the class that figures suggest', () => {
  const of = (removed: number, noResponse: number, removalMedianH: number | null) =>
    suggestedClass({ removed, refused: 0, noResponse, removalMedianH }, 72)

  test('needs some settled demands, and tells the prompt from the slow and the deaf', () => {
    expect(of(4, 0, 5)).toBeUndefined()
    expect(of(6, 2, 70)).toBe('compliant')
    expect(of(6, 2, 73)).toBe('slow')
    expect(of(3, 3, 5)).toBe('slow')
    expect(of(1, 5, 5)).toBe('non_compliant')
    expect(of(0, 5, null)).toBe('non_compliant')
  })
})

describe('a share on a page', () => {
  test('shows its counts, and a percentage only of enough', () => {
    expect(shareWords({ count: 3, of: 4 })).toBe('3 of 4')
    expect(shareWords({ count: 0, of: 0 })).toBe('none yet')
    expect(shareWords({ count: 15, of: 20 })).toBe('75 % (15 of 20)')
    expect([0.2, 1, 30, 72].map(hoursWords)).toEqual(['under an hour', '1 hour', '30 hours', '3.0 days'])
  })
})

describe('rights holders in a statement', () => {
  test('are joined as the language does, and of very many the first are named', () => {
    expect(holdersInWords(['A', 'B', 'A'], 'de')).toBe('A und B')
    expect(holdersInWords(['A'], 'ja')).toBe('A')
    const many = Array.from({ length: 400 }, (_, i) => `Sample Records ${i}`)
    expect(holdersInWords(many, 'en')).toMatch(/^Sample Records 0, .*, and \d+ more that this notice names$/)
  })

  test.each(Language.options)('never make a statement longer than the format allows (%s)', (language) => {
    const many = Array.from({ length: 60 }, (_, i) => `${i}`.padEnd(300, 'x'))
    const host = 'h'.repeat(253)
    for (const names of [many, many.slice(0, 2), many.slice(0, 1)]) {
      const rightsHolder = holdersInWords(names, language)
      expect(rightsHolder.length).toBeLessThanOrEqual(HOLDERS_CHARACTERS_MAX)
      const { texts } = statementTexts({ regimes: Regime.options, language, rightsHolder, host })
      for (const { text } of texts) expect(text.length).toBeLessThanOrEqual(2000)
    }
  })
})
