import { type Html, html } from '../../services/core/html.ts'
import { LIST_ISRCS_MAX } from '../../services/leaks/private/isrc-list.ts'
import type { BundleName } from '../bundles.ts'
import { icon } from '../parts/icons.ts'

const bundleUrl = (name: BundleName): string => `/assets/${name}`
const most = LIST_ISRCS_MAX.toLocaleString('en')

/** What the service learns by a check, and what it does not. */
const disclosure: Html = html` <details class="check-facts" open>
  <summary>What leaves your browser, and what does not</summary>
  <dl>
    <dt>Leaves</dt>
    <dd>
      Of each ISRC the first four of the 64 hex digits of its SHA-256 hash. Thousands of ISRCs that exist
      begin like it, so it does not tell which of them you mean. Also what every request tells: your network
      address, and about how many ISRCs you ask for.
    </dd>
    <dt>Stays here</dt>
    <dd>
      The ISRCs, their hashes, your file, and what was found. The service sends all that begins alike; your
      browser compares.
    </dd>
    <dt>What remains</dt>
    <dd>
      Somebody who already knows all ISRCs of an album could tell that all their beginnings were asked
      together.
      <code>earwitness leak check --everything</code> asks for all beginnings there are, which tells nothing.
    </dd>
  </dl>
</details>`

const results: Html = html` <section data-results hidden aria-labelledby="results-title">
  <h2 id="results-title">Result</h2>
  <p class="lead" data-counts tabindex="-1"></p>
  <div class="check-tools">
    <div class="field">
      <label for="result-kind">Show</label>
      <select id="result-kind">
        <option value="found">those in a leak</option>
        <option value="clear">those in none</option>
        <option value="all">all</option>
      </select>
    </div>
    <div class="field">
      <label for="result-filter">ISRC or leak</label>
      <input id="result-filter" type="search" autocomplete="off" />
    </div>
    <button type="button" class="button" data-save>${icon('download')}Save as CSV</button>
  </div>
  <div class="table-wide">
    <table class="table">
      <caption class="unseen">
        What the leaks have of your list
      </caption>
      <thead>
        <tr>
          <th scope="col">ISRC</th>
          <th scope="col">Leak</th>
          <th scope="col">How</th>
          <th scope="col">Quality</th>
          <th scope="col">Popularity</th>
          <th scope="col">Batch</th>
          <th scope="col">Published</th>
        </tr>
      </thead>
      <tbody></tbody>
    </table>
  </div>
  <p class="hint" data-more role="status"></p>
</section>`

const form: Html = html` <form class="stack" data-private-check hidden>
  <div class="field">
    <label for="isrcs">ISRCs, one in a line</label>
    <textarea
      id="isrcs"
      rows="7"
      spellcheck="false"
      autocomplete="off"
      placeholder="AA-6Q7-20-00047"
      aria-describedby="isrcs-hint"
    ></textarea>
    <p class="hint" id="isrcs-hint">Up to ${most}, also as rows of a table with other columns.</p>
  </div>
  <div class="drop" data-drop-list>
    <input type="file" id="isrc-file" accept=".csv,.tsv,.txt,text/*" />
    <label for="isrc-file"
      >${icon('submit')}<span
        ><strong>Choose a list</strong> <span class="drop-or">or drop one here: CSV or text</span></span
      ></label
    >
  </div>
  <p class="local-actions">
    <button class="button button-primary" data-start>Check</button>
    <button type="button" class="button" data-stop hidden>Stop</button>
    <progress max="1" value="0" data-progress hidden aria-label="Share of the buckets that came"></progress>
  </p>
</form>`

/**
 * Asking whether ISRCs are in a leak. It needs a script, so without one it says what to do instead.
 *
 * @param memberName whose session the browser has: then all leaks of the account are asked.
 */
export const privateCheckView = (memberName: string | undefined): Html =>
  html` <div class="private-check">
      <h1>Is it in a leak?</h1>
      <p class="lead">
        Asks which of your recordings are listed in leaks of which this service holds a manifest, without
        telling it which recordings you ask about.
      </p>
      ${
        memberName !== undefined &&
        html`<p class="hint">
          Signed in as ${memberName}: all leaks that your account sees are asked, and the service knows that
          it is you who asks.
        </p>`
      }
      ${form}
      <p role="status" data-status></p>
      <ul class="fault" data-faults hidden></ul>
      <noscript>
        <p>
          This needs scripts: your browser has to hash and compare, so that your list need not be sent.
          Without them, use <code>earwitness leak check --file LIST</code> on your computer, which does the
          same.
        </p>
      </noscript>
      ${results} ${disclosure}
    </div>
    <script type="module" src="${bundleUrl('private-check.js')}"></script>`

/** What visitors see where the operator has not opened it. */
export const privateCheckOffView: Html = html` <h1>The private check is off</h1>
  <p class="lead">
    Whoever runs this service has not opened it to visitors without an account. Members can always use it.
  </p>
  <p><a class="button button-primary" href="/sign-in?next=%2Fprivate-check">Sign in</a></p>`
