import { type Html, html } from '../../services/core/html.ts'
import type { ArtworkEvidence } from '../../services/matches/artwork.ts'
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

const likenessTexts: Readonly<Record<ArtworkEvidence['relation'], string>> = {
  same: 'the cover of its release is the same picture',
  similar: 'the cover of its release is much like it',
  different: 'the cover of its release is another picture',
}

/** A recording that a file may be by its names alone, or by the picture that it is. */
export interface ShownLead {
  readonly id: string
  readonly title: string
  readonly names: NameEvidence | null
  readonly artwork: ArtworkEvidence | null
}

/** Recordings whose releases have a cover like a picture. */
const coverLeads = (leads: readonly ShownLead[]): Html | false =>
  leads.length > 0 &&
  html` <div class="leads">
    <p><strong>The picture is like a cover of yours:</strong></p>
    <ul>
      ${leads.map(
        ({ id, title, artwork }) =>
          artwork &&
          html`<li>
            <a href="/recordings/${id}">${title}</a>: ${likenessTexts[artwork.relation]} (${artwork.distance}
            of 256 bits differ)
          </li>`,
      )}
    </ul>
    <p class="hint">A picture alone says nothing of the audio around it, so no case was opened.</p>
  </div>`

/** Recordings that a file may be by its names alone, or by the picture that it is. */
export function leadList(leads: readonly ShownLead[]): Html {
  const named = leads.flatMap(({ names, ...lead }) => (names ? [{ ...lead, names }] : []))
  return html`${nameLeads(named)}${coverLeads(leads.filter(({ names }) => names === null))}`
}

const nameLeads = (
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
