import type { BesideMatch, Dossier } from '../../services/case-dossier.ts'
import { clockTime } from '../../services/core/clock-time.ts'
import { type Html, html } from '../../services/core/html.ts'
import { excludedInWords } from '../../services/matches/excluded.ts'
import { type Passage } from '../../services/matches/match.ts'
import { sharedInWords } from '../../services/matches/shared.ts'
import type { Item } from '../../services/submissions/submission.ts'
import { noteBox } from './pieces.ts'
import { isrcCode, percent } from './words.ts'

/** Notes on passages that do not tell which recording was copied. */
export const sharedNotes = (passages: readonly Passage[], sharing: Dossier['sharing']): Html[] =>
  sharedInWords(
    passages.map(({ sharedWith }) => sharedWith.flatMap((id) => sharing.get(id) ?? [])),
    'your',
  ).map((text) => noteBox('attention', text))

/** That passages lie in parts of the recording that are not its holder's own. */
export function excludedNote(passages: readonly Passage[]): Html | false {
  const text = excludedInWords(passages.map(({ excluded }) => excluded))
  return text !== undefined && noteBox('attention', text)
}

/** What else explains a part of the same audio, and is no find of its own. */
export const besideList = (besides: readonly BesideMatch[]): Html | false =>
  besides.length > 0 &&
  html`<p>Also matches:</p>
    <ul>
      ${besides.map(
        ({ match, recording }) =>
          html`<li>
            <a href="/matches/${match.id}">${recording.title}</a
            >${recording.isrc && html` ${isrcCode(recording.isrc)}`}
            <span class="row-detail"
              >${recording.artists.join(', ')} · ${percent(match.shareOfSuspect)} of the suspect, all of it
              shared audio</span
            >
          </li>`,
      )}
    </ul>`

/** That decoding broke off: what was not heard was not compared. */
export const decodedNote = ({ truncated, durationMs }: Item): Html | false =>
  truncated &&
  durationMs !== null &&
  noteBox(
    'attention',
    `Only the first ${clockTime(durationMs)} could be decoded. What follows is broken and was not examined.`,
  )
