/** Text that is HTML already. Only `html` and `trusted` make it, so everything else is escaped. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  toString(): string {
    return this.text
  }
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function render(value: unknown): string {
  if (value instanceof Html) return value.text
  if (Array.isArray(value)) return value.map(render).join('')
  if (value === undefined || value === null || value === false) return ''
  if (typeof value !== 'string' && typeof value !== 'number')
    throw new TypeError('html`…` takes text, numbers, Html, lists of them, undefined, null or false')
  return String(value).replaceAll(/[&<>"']/g, (character) => escapes[character] ?? '')
}

/**
 * html`<b>${anything}</b>`: strings are escaped, Html is not, lists are joined; undefined, null and false vanish.
 * Values stand in text or in quoted attributes, nowhere else.
 *
 * @throws {TypeError} for objects and `true`, which would be mistakes.
 */
export const html = (strings: TemplateStringsArray, ...values: unknown[]): Html =>
  new Html(strings.reduce((text, part, i) => text + render(values[i - 1]) + part))

/** Markup that our own code made and escaped itself, such as the alignment picture. */
export const trusted = (markup: string): Html => new Html(markup)

/** Nothing at all, where a piece of a page is left out. */
export const nothing: Html = new Html('')
