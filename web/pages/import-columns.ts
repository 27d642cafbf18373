import type { CsvField } from '../../services/catalog/import/csv/fields.ts'
import { type Html, html } from '../../services/core/html.ts'

/** What each column of a table says, for people who make one; in the groups in which they think of them. */
const groups: Readonly<Record<string, Partial<Readonly<Record<CsvField, string>>>>> = {
  'The recording': {
    title: 'needed',
    artist: 'needed; several with | between them',
    featured: 'featured artists, with | between them',
    version: 'Radio Edit, Live in Delhi',
    remixer: 'who remixed it',
    isrc: 'AA-6Q7-20-00047',
    iswc: 'of the work, T-034.524.680-1',
    duration: '3:45, 225 s or PT3M45S',
    duration_ms: 'the same in milliseconds',
    genre: 'as you call it',
    language: 'of the words, such as hi or pt-BR',
    explicit: 'yes or no',
    custom_id: 'your own number',
  },
  'The release': {
    release_title: 'of the album or single',
    upc: 'UPC or EAN with its check digit',
    grid: 'A1-2425G-ABC1234002-M',
    catalog_number: 'of the label',
    label: 'its name',
    release_date: '2020-05-29; other ways of writing it are understood',
    p_year: 'of the ℗ line, if that has none',
    p_line: '2020 Sample Records',
    c_year: 'of the © line, likewise',
    c_line: 'the same for ©',
  },
  'The rights': {
    rights_holder: 'left empty: your account',
    role: 'owner, exclusive-licensee or agent',
    share_percent: '0 to 100',
    territories: 'Worldwide, or countries by code or name with | between them',
    excluded_territories: 'the same way',
    valid_from: 'first day',
    valid_to: 'last day',
    right_type: 'only rights in sound recordings are taken in',
  },
  'What is done about copies': {
    policy: 'block, monitor or allow',
    authorised_urls: 'where it may be found, with | between them',
    authorised_channels: 'accounts that may have it, with | between them',
  },
}

/** The columns that a table may have, group by group. */
export const columnGuide = (): Html =>
  html` <p class="hint">
      Only title and artist are needed, in any order, with whatever other columns there are. Headings count
      whether they are written <code>release_title</code>, Album or Albumtitel: those that distributors use in
      English, German, French and Spanish are known.
    </p>
    <div class="column-guide">
      ${Object.entries(groups).map(
        ([name, fields]) =>
          html`<div>
            <h3>${name}</h3>
            <dl>
              ${Object.entries(fields).map(
                ([field, words]) =>
                  html`<div>
                    <dt><code>${field}</code></dt>
                    <dd>${words}</dd>
                  </div>`,
              )}
            </dl>
          </div>`,
      )}
    </div>`
