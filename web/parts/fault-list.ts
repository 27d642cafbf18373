import { type Html, html } from '../../services/core/html.ts'
import type { Filled } from './fields.ts'
import { icon } from './icons.ts'

/**
 * Everything that is wrong with the fields of a form, above it, each with a way to its field; nothing when nothing is.
 * What is wrong with the form as a whole is for `formFault`.
 *
 * @param fields by the name of a fault, the id of its field and what that is called.
 */
export function faultList(
  filled: Filled,
  fields: Readonly<Record<string, readonly [id: string, label: string]>>,
): Html | false {
  const faults = Object.entries(filled.faults).filter(([name]) => name !== '')
  if (faults.length === 0) return false
  return html`<div class="notice notice-bad" role="alert" id="faults">
    ${icon('warning')}
    <div>
      <p>
        <strong
          >${faults.length === 1 ? 'One thing needs' : `${faults.length} things need`} another look.</strong
        >
      </p>
      <ul class="points">
        ${faults.map(([name, text]) => {
          const [id, label] = fields[name] ?? []
          return html`<li>${id ? html`<a href="#${id}">${label}</a>: ${text}` : text}</li>`
        })}
      </ul>
    </div>
  </div>`
}
