import { type Html, html } from '../../services/core/html.ts'

/** What was typed and what is wrong with it: lets a refused form come back as it was sent. */
export interface Filled {
  readonly values: Readonly<Record<string, string>>
  readonly faults: Readonly<Record<string, string>>
}

export const unfilled: Filled = { values: {}, faults: {} }

interface Field {
  readonly name: string
  readonly label: string
  readonly hint?: string
  readonly type?: 'text' | 'email' | 'password' | 'url' | 'tel' | 'search' | 'date'
  readonly required?: boolean
  readonly placeholder?: string
  readonly autocomplete?: string
  readonly charactersMax?: number
  /** Set when a page has two fields of one name. */
  readonly id?: string
  readonly wide?: boolean
}

const described = (id: string, hint: string | undefined, fault: string | undefined): Html | false => {
  const ids = [fault && `${id}-fault`, hint && `${id}-hint`].filter(Boolean).join(' ')
  return ids !== '' && html`aria-describedby="${ids}"`
}

const frame = (field: Field, fault: string | undefined, control: Html): Html => {
  const id = field.id ?? field.name
  return html`<div class="field ${field.wide && 'field-wide'}">
    <label for="${id}"
      >${field.label}${!field.required && html` <span class="optional">optional</span>`}</label
    >
    ${control} ${fault && html`<p class="fault" id="${id}-fault">${fault}</p>`}
    ${field.hint && html`<p class="hint" id="${id}-hint">${field.hint}</p>`}
  </div>`
}

/** A labelled line of text with its hint and, after a refusal, its fault. */
export function textField(field: Field, filled: Filled = unfilled): Html {
  const id = field.id ?? field.name
  const fault = filled.faults[field.name]
  const value = field.type === 'password' ? undefined : filled.values[field.name]
  return frame(
    field,
    fault,
    html`<input
      id="${id}"
      name="${field.name}"
      type="${field.type ?? 'text'}"
      value="${value}"
      ${field.required && html`required`}
      ${field.placeholder && html`placeholder="${field.placeholder}"`}
      ${field.autocomplete && html`autocomplete="${field.autocomplete}"`}
      ${field.charactersMax && html`maxlength="${field.charactersMax}"`}
      ${fault && html`aria-invalid="true"`}
      ${described(id, field.hint, fault)}
    />`,
  )
}

/** A labelled box for several lines. */
export function textArea(field: Field & { readonly rows?: number }, filled: Filled = unfilled): Html {
  const id = field.id ?? field.name
  const fault = filled.faults[field.name]
  return frame(
    field,
    fault,
    html`<textarea
      id="${id}"
      name="${field.name}"
      rows="${field.rows ?? 3}"
      ${field.required && html`required`}
      ${field.charactersMax && html`maxlength="${field.charactersMax}"`}
      ${fault && html`aria-invalid="true"`}
      ${described(id, field.hint, fault)}
    >
${filled.values[field.name]}</textarea>`,
  )
}

/** A labelled choice of one. */
export function selectField(
  field: Field & { readonly options: Readonly<Record<string, string>>; readonly prompt?: string },
  filled: Filled = unfilled,
): Html {
  const id = field.id ?? field.name
  const fault = filled.faults[field.name]
  const chosen = filled.values[field.name] ?? ''
  const option = ([value, text]: [string, string]): Html =>
    html`<option value="${value}" ${value === chosen && html`selected`}>${text}</option>`
  return frame(
    field,
    fault,
    html`<select
      id="${id}"
      name="${field.name}"
      ${field.required && html`required`}
      ${described(id, field.hint, fault)}
    >
      ${field.prompt && option(['', field.prompt])}${Object.entries(field.options).map(option)}
    </select>`,
  )
}

/** A box to tick, with what it means under its label. */
export const checkField = (field: {
  name: string
  label: string
  value?: string
  hint?: string
  checked: boolean
  required?: boolean
  id?: string
}): Html => {
  const id = field.id ?? field.name
  return html`<div class="check">
    <input
      type="checkbox"
      id="${id}"
      name="${field.name}"
      value="${field.value ?? 'on'}"
      ${field.checked && html`checked`}
      ${field.required && html`required`}
      ${field.hint && html`aria-describedby="${id}-hint"`}
    />
    <div>
      <label for="${id}">${field.label}</label
      >${field.hint && html`<p class="hint" id="${id}-hint">${field.hint}</p>`}
    </div>
  </div>`
}

/** What is wrong with a form as a whole, above its fields. */
export const formFault = (filled: Filled): Html | false =>
  Boolean(filled.faults['']) && html`<p class="notice notice-bad" role="alert">${filled.faults['']}</p>`
