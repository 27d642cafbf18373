import type { ExceptionAnswers } from '../../services/matches/exceptions.ts'

const no = { applies: 'no' } as const

/** No exception covers the use, as a reviewer answers it: one reason for all questions. */
export const noException: ExceptionAnswers = {
  answers: { licensed: no, fair_use: no, quotation: no, parody: no, de_minor_use: no },
  reason: 'The whole recording, for download, without any comment',
}

/** What a reviewer sends to confirm a case. */
export const confirming = { kind: 'confirmed', exceptions: noException } as const
