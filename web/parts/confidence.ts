import { type Html, html } from '../../services/core/html.ts'
import type { ConfidenceReason } from '../../services/matches/confidence.ts'
import { confidenceInWords } from '../../services/matches/match.ts'

/** What the confidence of a match is made of. */
export const confidenceSum = (confidence: number, reasons: readonly ConfidenceReason[]): Html =>
  html` <p>
      The confidence of <strong>${confidenceInWords(1 - confidence)}</strong> is the sum of what speaks for
      this recording and against it:
    </p>
    <ul>
      ${reasons.map(({ text }) => html`<li>${text}</li>`)}
    </ul>
    <p class="hint">
      The numbers are log-odds: above 0 they speak for it, below against. Names and covers move the
      confidence; only audio opens a case.
    </p>`
