import { type Html, html } from '../../services/core/html.ts'
import type { NameEvidence } from '../../services/matches/names.ts'
import { percent } from './words.ts'

const relationTexts: Readonly<Record<NameEvidence['relation'], string>> = {
  same: 'this recording',
  derivative: 'something made of this recording: sped up, slowed or the like',
  'other-version': 'another version of it, such as a live recording or a remix',
}

const flagTexts: Readonly<Record<NameEvidence['flags'][number], string>> = {
  'isrc-contradicted':
    'It carries the ISRC of this recording, but its title and length are another’s: the code was not counted.',
  'isrc-differs': 'Its names are those of this recording, and its ISRC is another.',
}

/** What the names of a suspect say of one recording, with every reason. */
export const nameReasons = (names: NameEvidence): Html =>
  html` <p>
      The suspect calls itself <q class="breakable">${names.claimed}</q>. That means
      ${relationTexts[names.relation]} with a probability of <strong>${percent(names.probability)}</strong>:
    </p>
    <ul>
      ${names.reasons.map(({ text }) => html`<li>${text}</li>`)}
    </ul>
    ${names.flags.map((flag) => html`<p><strong>${flagTexts[flag]}</strong></p>`)}
    <p class="hint">
      The numbers are log-odds: above 0 they speak for it, below against. Names can be forged, so they support
      a match and never make one.
    </p>`

/** Recordings that a file may be by its names alone. */
export const leadList = (
  leads: readonly { readonly id: string; readonly title: string; readonly names: NameEvidence }[],
): Html | false =>
  leads.length > 0 &&
  html` <div class="leads">
    <p><strong>By its names alone it may be:</strong></p>
    <ul>
      ${leads.map(
        ({ id, title, names }) =>
          html`<li>
            <a href="/recordings/${id}">${title}</a>, ${percent(names.probability)}
            <details class="more">
              <summary>Why</summary>
              ${nameReasons(names)}
            </details>
          </li>`,
      )}
    </ul>
    <p class="hint">None of it was heard in the file, so no case was opened.</p>
  </div>`
