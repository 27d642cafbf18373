import { type Html, html, trusted } from '../../services/core/html.ts'

/** Line drawings in a box of 16 by 16, drawn in the colour of the text around them. */
const drawings = {
  home: 'M2.5 7 8 2.5 13.5 7v6a.5.5 0 0 1-.5.5H9.5v-4h-3v4H3a.5.5 0 0 1-.5-.5z',
  submit: 'M8 10.5v-8M4.8 5.5 8 2.3l3.2 3.2M2.5 10v2.5a1 1 0 0 0 1 1h9a1 1 0 0 0 1-1V10',
  case: 'M2.5 5.5h11v7a1 1 0 0 1-1 1h-9a1 1 0 0 1-1-1zM5.8 5.2V3.5a1 1 0 0 1 1-1h2.4a1 1 0 0 1 1 1v1.7M6 9.2l1.4 1.4L10.2 8',
  recording: 'M8 13.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zM8 9.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3z',
  report:
    'M4 1.8h5l3.2 3.2v9a.4.4 0 0 1-.4.4H4a.4.4 0 0 1-.4-.4V2.2a.4.4 0 0 1 .4-.4zM8.8 2v3.2h3.2M5.8 8.2h4.4M5.8 10.8h4.4',
  figures: 'M2.5 13.5h11M4.5 11V8M8 11V4.5M11.5 11V6.5',
  settings:
    'M2.5 4.5h6M12 4.5h1.5M2.5 11.5H4M7.5 11.5h6M10.2 6.3a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6zM5.8 13.3a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6z',
  inbox:
    'M2.2 9.5 4 3.3a.7.7 0 0 1 .7-.5h6.6a.7.7 0 0 1 .7.5l1.8 6.2v3a1 1 0 0 1-1 1H3.2a1 1 0 0 1-1-1zM2.4 9.5h3.1l1 1.8h3l1-1.8h3.1',
  check: 'M3 8.5l3.2 3.2L13 4.9',
  cross: 'M4 4l8 8M12 4l-8 8',
  clock: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 4.8V8l2.2 1.6',
  eye: 'M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 9.8a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6z',
  ear: 'M4.5 6.2a3.6 3.6 0 1 1 6 2.7c-1 .9-1.5 1.4-1.5 2.5a2.1 2.1 0 0 1-3.6 1.5M6.5 6.3a1.6 1.6 0 1 1 2.4 1.4',
  warning: 'M8 2.3 14.2 13H1.8zM8 6.5v3M8 11.2v.1',
  dash: 'M3.5 8h9',
  dots: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  plus: 'M8 3v10M3 8h10',
  arrow: 'M3 8h10M9 4l4 4-4 4',
  back: 'M13 8H3M7 4 3 8l4 4',
  link: 'M6.6 9.4l2.8-2.8M7.2 4.6l1.4-1.4a2.9 2.9 0 0 1 4.2 4.2l-1.4 1.4M8.8 11.4l-1.4 1.4a2.9 2.9 0 0 1-4.2-4.2l1.4-1.4',
  file: 'M4 1.8h5l3.2 3.2v9a.4.4 0 0 1-.4.4H4a.4.4 0 0 1-.4-.4V2.2a.4.4 0 0 1 .4-.4zM8.8 2v3.2h3.2',
  download: 'M8 2.5v8M4.8 7.5 8 10.7l3.2-3.2M2.5 13.5h11',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.4 10.4l3.1 3.1',
  key: 'M5.5 13a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM7.7 7.8l5-5M10.5 5l1.8 1.8',
  person: 'M8 7.5a2.6 2.6 0 1 0 0-5.2 2.6 2.6 0 0 0 0 5.2zM2.8 13.7c.6-2.6 2.6-4 5.2-4s4.6 1.4 5.2 4',
  mail: 'M2 3.8h12v8.4H2zM2.2 4l5.8 4.8L13.8 4',
  menu: 'M2.5 4.5h11M2.5 8h11M2.5 11.5h11',
  moon: 'M13.3 9.6A5.6 5.6 0 0 1 6.4 2.7a5.6 5.6 0 1 0 6.9 6.9z',
  leave: 'M6.5 2.5H3.3a.8.8 0 0 0-.8.8v9.4a.8.8 0 0 0 .8.8h3.2M6.5 8h7M10.5 5l3 3-3 3',
  speech: 'M2.5 3.3h11v7.4H7.2L4.3 13v-2.3H2.5z',
  retry: 'M13 8a5 5 0 1 1-1.6-3.7M13 2.5v2.7h-2.7',
  pen: 'M3 13l.7-2.9 7-7a1 1 0 0 1 1.4 0l.8.8a1 1 0 0 1 0 1.4l-7 7z',
} as const

export type IconName = keyof typeof drawings

/** A small picture beside a word that says the same; so it is hidden from screen readers. */
export const icon = (name: IconName): Html =>
  html`<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
    <path d="${drawings[name]}" />
  </svg>`

/** The sign of Earwitness: sound arriving at an ear. The same drawing is the favicon (assets/mark.svg). */
export const mark: Html = trusted(
  '<svg class="mark" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true" focusable="false">' +
    '<rect class="mark-ground" width="32" height="32" rx="8"/>' +
    '<path class="mark-sound" d="M6 13.5v5M9.8 10.5v11"/>' +
    '<path class="mark-ear" d="M14 13.2a6 6 0 1 1 10.4 4.1c-1.9 1.9-2.7 2.8-2.7 4.9a3.8 3.8 0 0 1-6.8 2.3"/>' +
    '<path class="mark-ear" d="M17.6 13.4a2.5 2.5 0 1 1 3.9 2.1c-1 .7-1.5 1.2-1.5 2.2"/></svg>',
)
