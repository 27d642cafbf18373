import { type Conflict, sameInWords } from '../../services/catalog/conflicts.ts'
import { isEmbargoed } from '../../services/catalog/embargo.ts'
import type { Recording } from '../../services/catalog/recording.ts'
import { type Html, html } from '../../services/core/html.ts'
import { noteBox } from './pieces.ts'
import { timeExact } from './words.ts'

/** That another account claims the recording as well, for each account that does. Nothing more is known of it. */
export const conflictNotes = (conflicts: readonly Conflict[]): Html[] =>
  conflicts.map((conflict) =>
    noteBox(
      'attention',
      html`<p>
          <strong>Ownership in dispute.</strong> Another account registered ${sameInWords(conflict)}. Since
          ${timeExact(conflict.since)} both claim it: ${conflict.territories.join(', ')}.
        </p>
        <p>
          Neither sees who the other is.
          <a href="/recordings/${conflict.recordingId}/rights">Correct your rights</a>
          where they are not yours, and the dispute ends by itself.
        </p>`,
    ),
  )

/** That the recording is unreleased, and what follows from it; false when it is released. */
export const embargoNote = (recording: Recording): Html | false =>
  recording.embargoUntil !== null &&
  isEmbargoed(recording) &&
  noteBox(
    'info',
    html`<strong>Unreleased until ${timeExact(recording.embargoUntil)}.</strong> A find is told at once, in a
      mail of its own, and named there only to owners and reviewers.`,
  )
