import { type Html, html } from '../../services/core/html.ts'
import type { Refusal } from '../forms.ts'
import { icon } from './icons.ts'

/** Audio and video by kind, and the names that some systems know no kind for. */
const MEDIA = 'audio/*,video/*,.flac,.m4a,.opus,.wv,.ape,.mka'

/**
 * A place to drop files. It is an ordinary file field under a large label, so it works by keyboard and without
 * scripts; upload.js adds dropping, the list of files and their progress.
 */
export const dropField = (given: {
  id: string
  label: string
  hint: string
  multiple: boolean
  required?: boolean
  /** What the chooser of the browser offers; audio and video when not given. */
  accept?: string
}): Html =>
  html` <div class="drop" data-drop>
      <input
        type="file"
        id="${given.id}"
        name="file"
        accept="${given.accept ?? MEDIA}"
        ${given.multiple && html`multiple`}
        ${given.required && html`required`}
        aria-describedby="${given.id}-hint"
      />
      <label for="${given.id}"
        >${icon('submit')}<span
          ><strong>${given.label}</strong> <span class="drop-or">or drop here</span></span
        ></label
      >
      <p class="hint" id="${given.id}-hint">${given.hint}</p>
      <ul class="upload-list" data-upload-list hidden></ul>
    </div>
    <p class="unseen" role="status" data-upload-status></p>`

/**
 * What upload.js is told about one form: where to look at what came of it, or what is wrong.
 *
 * @param hrefs `one` for this file alone, `all` when it was one of several.
 */
export const uploadReply = (
  refusal: Refusal | undefined,
  hrefs: { readonly one: string; readonly all: string },
): { json: unknown; status: number } =>
  refusal ? { json: { faults: refusal.filled.faults }, status: refusal.status } : { json: hrefs, status: 201 }
