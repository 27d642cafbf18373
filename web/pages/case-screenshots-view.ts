import { type Html, html } from '../../services/core/html.ts'
import {
  SCREENSHOTS_MAX,
  SCREENSHOT_BYTES_MAX,
  SCREENSHOT_NOTE_CHARACTERS_MAX,
  type Screenshot,
} from '../../services/evidence/screenshot.ts'
import { type Filled, formFault, selectField, textArea, textField, unfilled } from '../parts/fields.ts'
import { icon } from '../parts/icons.ts'
import { card } from '../parts/pieces.ts'
import { dropField } from '../parts/upload.ts'
import { counted, exactTime, sizeInWords, timeExact } from '../parts/words.ts'

/** The name under which the form comes back when it was refused. */
const FORM = 'screenshot'

/** Whether what was sent and refused is this form. */
export const isScreenshotForm = (filled: Filled): boolean => filled.values['form'] === FORM

/** What the page of a case shows of its screenshots. */
export interface ShownScreenshots {
  readonly caseId: string
  readonly screenshots: readonly Screenshot[]
  /** What the reader can add a picture of: none of a file that was handed in, or for who may not add any. */
  readonly addresses: readonly string[]
}

const screenshotItem = (screenshot: Screenshot): Html => {
  const { id, number, source, address, takenAt, takenByName, note, bytes, width, height } = screenshot
  return html`<li class="screenshot">
    <a href="/v1/screenshots/${id}/picture" aria-label="Open screenshot ${number} in full"
      ><img
        src="/v1/screenshots/${id}/picture"
        alt="Screenshot ${number}, taken ${exactTime(takenAt)}"
        width="${width}"
        height="${height}"
        loading="lazy"
        decoding="async"
    /></a>
    <div>
      <p><strong>${number}</strong> · taken ${timeExact(takenAt)}</p>
      <p class="row-detail">
        ${source === 'browser' ? 'By the built-in browser' : `Uploaded by ${takenByName ?? 'somebody'}`},
        ${width} × ${height} pixels, ${sizeInWords(bytes)}
      </p>
      <p class="row-detail breakable">${address}</p>
      ${note && html`<p class="quote">${note}</p>`}
    </div>
  </li>`
}

function addForm({ caseId, addresses, screenshots }: ShownScreenshots, filled: Filled): Html {
  const isOpen = isScreenshotForm(filled)
  const own = isOpen ? filled : unfilled
  const fileFault = own.faults['file']
  return html`<details class="choice" ${isOpen && html`open`}>
    <summary class="button button-plain">
      ${icon('plus')}Add ${screenshots.length > 0 ? 'another' : 'one'}
    </summary>
    <form
      method="post"
      action="/cases/${caseId}/screenshots"
      enctype="multipart/form-data"
      class="stack"
      data-upload="screenshot"
    >
      <input type="hidden" name="form" value="${FORM}" />
      ${formFault(own)}
      ${selectField(
        {
          id: 'screenshot-address',
          name: 'address',
          label: 'What it shows',
          required: true,
          options: Object.fromEntries(addresses.map((address) => [address, address])),
        },
        own,
      )}
      ${textField(
        {
          id: 'screenshot-taken',
          name: 'takenAt',
          label: 'When it was taken',
          required: true,
          autocomplete: 'off',
          placeholder: '2031-03-06 14:30',
          hint: 'Day and time in UTC.',
        },
        own,
      )}
      ${textArea(
        {
          id: 'screenshot-note',
          name: 'note',
          label: 'What is to be seen in it',
          rows: 2,
          charactersMax: SCREENSHOT_NOTE_CHARACTERS_MAX,
        },
        own,
      )}
      ${fileFault && html`<p class="notice notice-bad" role="alert">${fileFault}</p>`}
      ${dropField({
        id: 'screenshot-file',
        label: 'Choose a picture',
        hint: `PNG or JPEG, at most ${sizeInWords(SCREENSHOT_BYTES_MAX)}. It is kept as it is, for as long as the case.`,
        multiple: false,
        required: true,
        accept: 'image/png,image/jpeg',
      })}
      <p><button class="button button-primary">Add the screenshot</button></p>
    </form>
  </details>`
}

/** The screenshots of a case and the form that adds one; false where there is nothing to show or to add. */
export function screenshotsCard(shown: ShownScreenshots, filled: Filled): Html | false {
  const { screenshots, addresses } = shown
  if (addresses.length === 0 && screenshots.length === 0) return false
  return card({
    id: 'screenshots',
    title: 'Screenshots',
    aside: html`<span class="row-detail">${counted(screenshots.length, 'picture')}</span>`,
    body: html`${
      screenshots.length > 0
        ? html`<ol class="screenshots">
            ${screenshots.map(screenshotItem)}
          </ol>`
        : html`<p>
            None yet. What the page shows today it may not show tomorrow: a picture of it goes into evidence.
          </p>`
    }
    ${
      screenshots.length >= SCREENSHOTS_MAX
        ? html`<p class="hint">A case holds at most ${SCREENSHOTS_MAX} pictures.</p>`
        : addresses.length > 0 && addForm(shown, filled)
    }`,
  })
}
