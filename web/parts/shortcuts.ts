import { type Html, html } from '../../services/core/html.ts'

/** Keys and what they do, for people who work without a mouse; the script that hears them can be told to stop. */
export const shortcuts = (keys: readonly (readonly [key: string, what: string])[]): Html =>
  html`<details class="more shortcuts" data-shortcuts>
    <summary data-key="?">Keyboard</summary>
    <dl class="facts">
      ${keys.map(
        ([key, what]) =>
          html`<div>
            <dt><kbd>${key}</kbd></dt>
            <dd>${what}</dd>
          </div>`,
      )}
    </dl>
    <p><button type="button" class="button button-small" data-keys-toggle hidden>Keys</button></p>
  </details>`
