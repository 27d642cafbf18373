import { z } from 'zod'

import { type Match, type Passage, coveredShare } from './match.ts'

/** What may allow a use without the holder's leave, each with the question that a reviewer answers. */
export const exceptionQuestions = {
  licensed: {
    name: 'Licence or private use',
    question: 'Is the use licensed by somebody who may do so, or private?',
    hint: 'Distributors, collecting societies, the artist’s own channels; copies for one’s own use that nobody else reaches.',
  },
  fair_use: {
    name: 'Fair use or fair dealing',
    question: 'Would fair use (USA, 17 U.S.C. 107) or fair dealing (UK, India, Canada) cover it?',
    hint: 'Weigh purpose and character, the nature of the work, how much was taken, and the effect on its market.',
  },
  quotation: {
    name: 'Quotation, criticism, review',
    question: 'Is it quoted for criticism, review or news?',
    hint: 'The use needs the quotation for what it says about it, takes no more than that, and names the source.',
  },
  parody: {
    name: 'Parody, caricature, pastiche',
    question: 'Is it parody, caricature or pastiche?',
    hint: 'It recalls the work, differs from it noticeably, and is humour, mockery or an artistic dialogue.',
  },
  de_minor_use: {
    name: 'Minor use in Germany',
    question: 'In Germany: is its use presumed permitted (UrhDaG §§ 9, 10)?',
    hint:
      'Made by a user of a platform, up to 15 seconds of a track, less than half of the work, combined with other ' +
      'content, without more than insignificant income. Where the platform does not serve Germany: no.',
  },
} as const satisfies Record<string, { name: string; question: string; hint: string }>

export const ExceptionKind = z.enum(Object.keys(exceptionQuestions) as [ExceptionKind, ...ExceptionKind[]])
export type ExceptionKind = keyof typeof exceptionQuestions

/** A word is no reason; an essay belongs into the comment. */
const REASON_CHARACTERS_MIN = 10
const REASON_CHARACTERS_MAX = 1_500

const reason = z
  .string()
  .trim()
  .min(REASON_CHARACTERS_MIN, `say why, in at least ${REASON_CHARACTERS_MIN} characters`)
  .max(REASON_CHARACTERS_MAX)

export const ExceptionAnswer = z.strictObject({
  applies: z.enum(['yes', 'no', 'unclear']),
  reason: reason.optional(),
})
export type ExceptionAnswer = z.infer<typeof ExceptionAnswer>

/** An answer to every question, each with its own reason or with the one that covers all that have none. */
export const ExceptionAnswers = z
  .strictObject({
    answers: z.strictObject({
      licensed: ExceptionAnswer,
      fair_use: ExceptionAnswer,
      quotation: ExceptionAnswer,
      parody: ExceptionAnswer,
      de_minor_use: ExceptionAnswer,
    } satisfies Record<ExceptionKind, typeof ExceptionAnswer>),
    reason: reason.optional().describe('Covers every answer that has no reason of its own'),
  })
  .superRefine(({ answers, reason: shared }, context) => {
    if (shared !== undefined) return
    for (const kind of ExceptionKind.options)
      if (answers[kind].reason === undefined)
        context.addIssue({
          code: 'custom',
          path: ['answers', kind, 'reason'],
          message: 'say why, here or once for all',
        })
  })
export type ExceptionAnswers = z.infer<typeof ExceptionAnswers>

/** `not_excepted` only when every answer is no; what is unclear is not cleared. */
export const ExceptionsOutcome = z.enum(['not_excepted', 'excepted'])
export type ExceptionsOutcome = z.infer<typeof ExceptionsOutcome>

export const outcomeOf = ({ answers }: ExceptionAnswers): ExceptionsOutcome =>
  ExceptionKind.options.every((kind) => answers[kind].applies === 'no') ? 'not_excepted' : 'excepted'

/** What was considered, what was found and why: a line each, for notices and pages. */
export const exceptionsInWords = ({ answers, reason: shared }: ExceptionAnswers): string[] =>
  ExceptionKind.options.map((kind) => {
    const { applies, reason: own } = answers[kind]
    const words = applies === 'no' ? 'does not apply' : applies === 'yes' ? 'applies' : 'unclear'
    return `${exceptionQuestions[kind].name}: ${words}. ${(own ?? shared ?? '').replaceAll(/\s+/g, ' ')}`
  })

/** UrhDaG § 10: what counts as minor of an audio track. */
const DE_MINOR_MS_MAX = 15_000
/** UrhDaG § 9 (2) 1: less than half of the work. */
const DE_SHARE_BELOW = 0.5
/** Where more of the copy than this is the recording, it is not combined with other content. */
const SUSPECT_SHARE_ALONE = 0.95

/** Whether UrhDaG § 9 might presume the use to be permitted, as far as audio can tell, and by what. */
export interface DeHint {
  readonly presumed: boolean
  readonly reasons: readonly string[]
}

/**
 * A hint for the German question, from what was matched. Whether a user of a platform made it, and whether it earns
 * money, only a person can see: the hint never decides.
 *
 * @param territories as a recording has them: country codes, or Worldwide with what is excepted.
 */
export function dePresumedPermitted(
  finds: readonly {
    readonly match: Pick<Match, 'shareOfRecording' | 'shareOfSuspect'>
    readonly passages: readonly Pick<Passage, 'referenceFromMs' | 'referenceToMs'>[]
  }[],
  territories: readonly string[],
): DeHint {
  const endMs = Math.max(
    0,
    ...finds.flatMap(({ passages }) => passages.map(({ referenceToMs }) => referenceToMs)),
  )
  // Over all finds: what one copy has and another has not was taken all the same.
  const ranges = finds.flatMap(({ passages }) =>
    passages.map((p) => [p.referenceFromMs, p.referenceToMs] as const),
  )
  const heardMs = coveredShare(ranges, endMs) * endMs
  const share = Math.max(0, ...finds.map(({ match }) => match.shareOfRecording))
  const alone = Math.max(0, ...finds.map(({ match }) => match.shareOfSuspect))
  const inGermany =
    (territories.includes('DE') || territories.includes('Worldwide')) && !territories.includes('except DE')
  const seconds = Math.ceil(heardMs / 1000)
  const percent = Math.ceil(share * 100)
  const told = [
    [inGermany, inGermany ? 'the rights include Germany' : 'the rights do not include Germany'],
    [
      heardMs <= DE_MINOR_MS_MAX,
      heardMs <= DE_MINOR_MS_MAX
        ? `${seconds} s of the track were found, not more than 15 s`
        : `${seconds} s of the track were found, more than 15 s`,
    ],
    [
      share < DE_SHARE_BELOW,
      share < DE_SHARE_BELOW
        ? `${percent} % of the recording was found, less than half`
        : `${percent} % of the recording was found, half of it or more`,
    ],
    [
      alone < SUSPECT_SHARE_ALONE,
      alone < SUSPECT_SHARE_ALONE ? 'the copy has other content, too' : 'the copy has no other content',
    ],
  ] as const
  const presumed = finds.length > 0 && told.every(([holds]) => holds)
  return { presumed, reasons: told.filter(([holds]) => presumed || !holds).map(([, words]) => words) }
}
