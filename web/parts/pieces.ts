import { type Html, html } from '../../services/core/html.ts'
import type { StoredProblem } from '../../services/core/stages.ts'
import { type IconName, icon } from './icons.ts'

/** The head of a page: where one is, what it is, and the one thing to do here. */
export const pageHead = (head: {
  title: Html | string
  above?: Html
  below?: Html | string
  actions?: Html
}): Html =>
  html` <header class="page-head">
    <div class="page-title">
      ${head.above && html`<p class="above">${head.above}</p>`}
      <h1>${head.title}</h1>
      ${head.below && html`<div class="below">${head.below}</div>`}
    </div>
    ${head.actions && html`<div class="page-actions">${head.actions}</div>`}
  </header>`

/** The way back to the list. */
export const backTo = (href: string, text: string): Html =>
  html`<a class="back" href="${href}">${icon('back')}${text}</a>`

/** How often a list looks again while something in it is at work. */
const REFRESH = 'every 3s'

/** Lets a piece of a page fetch itself anew from an address of the same page, keeping focus and what is typed. */
export const refreshing = (id: string, href: string): Html =>
  html`hx-get="${href}" hx-select="#${id}" hx-trigger="${REFRESH}" hx-swap="outerMorph"`

/**
 * A box with a heading; `id` names it for links and for assistive technology.
 *
 * @param given.refreshFrom set while its content is about to change by itself.
 */
export const card = (given: {
  id: string
  title: string
  body: Html
  aside?: Html
  flush?: boolean
  refreshFrom?: string | false
}): Html =>
  html` <section
    class="card ${given.flush && 'card-flush'}"
    id="${given.id}"
    aria-labelledby="${given.id}-title"
    ${given.refreshFrom && refreshing(given.id, given.refreshFrom)}
  >
    <div class="card-head">
      <h2 id="${given.id}-title">${given.title}</h2>
      ${given.aside}
    </div>
    ${given.body}
  </section>`

/** What a list says that has nothing to show: why, and what to do next. */
export const empty = (given: { name: IconName; title: string; text: string; action?: Html }): Html =>
  html` <div class="empty">
    <div class="empty-icon">${icon(given.name)}</div>
    <p class="empty-title">${given.title}</p>
    <p>${given.text}</p>
    ${given.action && html`<p>${given.action}</p>`}
  </div>`

export interface Fact {
  readonly label: string
  readonly value: Html | string | number | undefined | null | false
}

/** Names and values; what is not known is left out. */
export function facts(list: readonly Fact[]): Html {
  const known = list.filter(
    ({ value }) => value !== undefined && value !== null && value !== '' && value !== false,
  )
  if (known.length === 0) return html``
  return html` <dl class="facts">
    ${known.map(
      ({ label, value }) =>
        html`<div>
          <dt>${label}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`
}

/** A problem in words: what it is called, and what happened this time. */
export const problemNote = (problem: StoredProblem, action?: Html): Html =>
  html` <div class="notice notice-bad">
    ${icon('warning')}
    <div>
      <p><strong>${problem.title}.</strong> ${problem.detail}</p>
      ${action}
    </div>
  </div>`

export const noteBox = (tone: 'info' | 'attention' | 'good' | 'bad', body: Html | string): Html =>
  html`<div class="notice notice-${tone}">
    ${icon(tone === 'good' ? 'check' : 'warning')}
    <div>${body}</div>
  </div>`

/** A share of work that is done, 0 … 1, as a bar that assistive technology reads as well. */
export const progressBar = (share: number, label: string): Html =>
  html`<progress max="100" value="${Math.round(share * 100)}" aria-label="${label}">
    ${Math.round(share * 100)} %
  </progress>`

/** Filters as links: each shows a list, one is current. */
export const tabs = (
  label: string,
  items: readonly { text: string; href: string; current: boolean; count?: number }[],
): Html =>
  html` <nav class="tabs" aria-label="${label}">
    ${items.map(
      ({ text, href, current, count }) =>
        html`<a href="${href}" ${current && html`aria-current="true"`}
          >${text}${count !== undefined && html` <span class="count">${count.toLocaleString('en')}</span>`}</a
        >`,
    )}
  </nav>`

/**
 * A button that asks before it acts. The question is a popover: it needs no script, closes with Escape,
 * and the harmless answer has the focus.
 */
export const confirmButton = (given: {
  id: string
  button: Html | string
  look?: 'danger' | 'plain'
  question: string
  text: string
  action: string
  yes: string
}): Html =>
  html` <button type="button" class="button button-${given.look ?? 'danger'}" popovertarget="${given.id}">
      ${given.button}
    </button>
    <div popover id="${given.id}" class="dialog" role="dialog" aria-labelledby="${given.id}-question">
      <h2 id="${given.id}-question">${given.question}</h2>
      <p>${given.text}</p>
      <form method="post" action="${given.action}" class="dialog-actions">
        <button type="button" class="button" popovertarget="${given.id}" popovertargetaction="hide" autofocus>
          Cancel
        </button>
        <button class="button button-danger-solid">${given.yes}</button>
      </form>
    </div>`
