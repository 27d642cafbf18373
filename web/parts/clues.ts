import { type Html, html } from '../../services/core/html.ts'
import { CLUES_ARE_CLUES, type Clue, likelihoodInWords } from '../../services/provenance/clue.ts'
import { type AudioCopy, COPIES_TOLD_MAX } from '../../services/submissions/same-audio-store.ts'
import type { Item } from '../../services/submissions/submission.ts'
import { timeAgo } from './words.ts'

/** Clues to where a file comes from, shown as clues; nothing where there are none. */
export const clueList = (clues: readonly Clue[] | null): Html | false =>
  clues !== null &&
  clues.length > 0 &&
  html`<div class="clues">
    <p>
      <strong>Does it come from a ${[...new Set(clues.map(({ leak }) => leak))].join(', or a ')}?</strong>
    </p>
    <ul>
      ${clues.map(
        ({ text, likelihoodRatio }) =>
          html`<li>${text} <span class="row-detail">${likelihoodInWords(likelihoodRatio)}</span></li>`,
      )}
    </ul>
    <p class="hint">${CLUES_ARE_CLUES}</p>
  </div>`

/** Where the same audio was handed in before or since: the same file, or the same with other tags. */
export function copyList({ sha256 }: Pick<Item, 'sha256'>, copies: readonly AudioCopy[]): Html | false {
  if (copies.length === 0) return false
  const shown = copies.slice(0, COPIES_TOLD_MAX)
  return html`<div class="copies">
    <p><strong>The same audio, packet by packet, is in other submissions:</strong></p>
    <ul>
      ${shown.map(
        (copy) =>
          html`<li>
            <a href="/submissions/${copy.submissionId}#item-${copy.itemId}"
              >${copy.sha256 === sha256 ? 'the same file' : 'the same file with other tags'}</a
            >, handed in ${timeAgo(copy.createdAt)}
          </li>`,
      )}
      ${copies.length > shown.length && html`<li>and in more</li>`}
    </ul>
  </div>`
}
