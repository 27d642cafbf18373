import { type Html, html } from '../../services/core/html.ts'
import type { BundleName } from '../bundles.ts'
import { backTo, pageHead } from '../parts/pieces.ts'

const bundleUrl = (name: BundleName): string => `/assets/${name}`

const fileField = (id: string, label: string, attributes: Html): Html =>
  html` <p class="local-choice">
    <label class="button" for="${id}">${label}</label>
    <input class="unseen" type="file" id="${id}" multiple accept="audio/*,.flac,.m4a,.opus" ${attributes} />
  </p>`

const rowsTable: Html = html` <table class="table local-table" hidden>
  <caption class="unseen">
    Files to register
  </caption>
  <thead>
    <tr>
      <th scope="col">File</th>
      <th scope="col">Title</th>
      <th scope="col">Artists, with | between them</th>
      <th scope="col">ISRC</th>
      <th scope="col">State</th>
    </tr>
  </thead>
  <tbody></tbody>
</table>`

/** Where files become fingerprints in the browser. Needs a script, so without one it says what to do instead. */
export const registerHereView = (): Html =>
  html` ${pageHead({
      title: 'Register on this computer',
      above: backTo('/recordings', 'Recordings'),
      below:
        'Your browser listens to the files and sends their names and fingerprints. The audio never leaves this computer.',
    })}
    <section class="card" aria-label="Files">
      <form class="stack" data-register-here data-thread="${bundleUrl('fingerprint-thread.js')}" hidden>
        <div class="local-choices">
          ${fileField('local-files', 'Choose files', html``)}
          ${fileField('local-folder', 'Choose a folder', html`webkitdirectory`)}
        </div>
        <p class="hint">
          Names come from the tags and the names of the files. Correct them before you register.
        </p>
        ${rowsTable}
        <p class="local-actions">
          <button class="button button-primary" data-start disabled>Register</button>
          <button type="button" class="button" data-stop hidden>Stop</button>
          <span role="status"></span>
        </p>
      </form>
      <noscript>
        <p>
          This needs scripts. Without them, use <code>earwitness register FOLDER</code> on your computer: it
          makes the same fingerprints, and the audio stays there as well.
        </p>
      </noscript>
    </section>
    <script type="module" src="${bundleUrl('register-here.js')}"></script>`
