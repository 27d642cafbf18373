import type { House } from '../../services/actions/house.ts'
import { type Html, html } from '../../services/core/html.ts'
import { type CaseCounts, caseCounts } from '../../services/matches/case-store.ts'
import { countWaitingCounters } from '../../services/notices/counter-store.ts'
import { waitingReplies } from '../../services/notices/counts-store.ts'
import { findTenant } from '../../services/tenants/store.ts'
import type { Caller } from '../../services/tenants/tenant.ts'
import { assetUrl } from '../assets.ts'
import { type IconName, icon, mark } from './icons.ts'

/** The parts of the dashboard, as the menu has them. */
const sections = {
  overview: ['/', 'home', 'Overview'],
  submissions: ['/submissions', 'submit', 'Submissions'],
  cases: ['/cases', 'case', 'Cases'],
  recordings: ['/recordings', 'recording', 'Recordings'],
  exposure: ['/exposure', 'eye', 'Exposure'],
  reports: ['/reports', 'report', 'Reports'],
  notices: ['/notices', 'pen', 'Notices'],
  replies: ['/replies', 'speech', 'Replies'],
  counters: ['/counter-notices', 'warning', 'Counter-notices'],
  recipients: ['/recipients', 'mail', 'Recipients'],
  figures: ['/figures', 'figures', 'Figures'],
  settings: ['/settings', 'settings', 'Settings'],
  inbox: ['/inbox', 'inbox', 'Inbox'],
} as const satisfies Record<string, readonly [string, IconName, string]>

export type Section = keyof typeof sections

/** What the frame around a page shows of the account. */
export interface Frame {
  readonly tenantName: string
  readonly memberName: string
  readonly counts: CaseCounts
  /** Answers to notices that a person has to read. */
  readonly repliesWaiting: number
  /** Counter-notices that nobody has answered; without any, the menu does not speak of them. */
  readonly countersWaiting: number
  readonly hasInbox: boolean
}

/** Reads what the frame shows. */
export async function frameOf(
  house: House,
  caller: Extract<Caller, { kind: 'member' }>,
  hasInbox: boolean,
): Promise<Frame> {
  return house.db.tenant(caller.tenantId, async (tx) => ({
    tenantName: (await findTenant(tx, caller.tenantId))?.name ?? '',
    memberName: caller.member.name,
    counts: await caseCounts(tx),
    repliesWaiting: await waitingReplies(tx),
    countersWaiting: await countWaitingCounters(tx),
    hasInbox,
  }))
}

/** htmx may swap a piece of a page for another; an error must not become one, and nothing is evaluated. */
const htmxConfig = JSON.stringify({
  noSwap: [204, 304, '4xx', '5xx'],
  includeIndicatorCSS: false,
  history: false,
})

const head = (title: string): Html =>
  html` <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <meta name="robots" content="noindex" />
    <meta name="htmx-config" content="${htmxConfig}" />
    <title>${title} · Earwitness</title>
    <link rel="icon" type="image/svg+xml" href="${assetUrl('mark.svg')}" />
    <script src="${assetUrl('theme.js')}"></script>
    <link rel="stylesheet" href="${assetUrl('earwitness.css')}" />
    <script src="${assetUrl('htmx.js')}" defer></script>
    <script type="module" src="${assetUrl('app.js')}"></script>`

const brand: Html = html`<a class="brand" href="/">${mark}<span>Earwitness</span></a>`

/** Hidden until a script shows it: without one it could do nothing. */
const themeButton: Html = html`<button type="button" class="button button-quiet" data-theme-toggle hidden>
  ${icon('moon')}<span>Switch colours</span>
</button>`

function menu(frame: Frame, current: Section): Html {
  const hidden: Partial<Record<Section, boolean>> = {
    inbox: !frame.hasInbox,
    counters: frame.countersWaiting === 0 && current !== 'counters',
  }
  const shown = (Object.keys(sections) as Section[]).filter((name) => !hidden[name])
  return html` <nav id="menu" class="menu" popover aria-label="Main">
    <ul>
      ${shown.map((name) => {
        const [href, iconName, text] = sections[name]
        const waiting = name === 'cases' && frame.counts.needsReview > 0
        return html`<li>
          <a href="${href}" ${name === current && html`aria-current="page"`}
            >${icon(iconName)}${text}
            ${waiting && html`<span class="count count-attention">${frame.counts.needsReview}<span class="unseen"> to review</span></span>`}
            ${name === 'replies' && frame.repliesWaiting > 0 && html`<span class="count count-attention">${frame.repliesWaiting}<span class="unseen"> to read</span></span>`}
            ${name === 'counters' && frame.countersWaiting > 0 && html`<span class="count count-attention">${frame.countersWaiting}<span class="unseen"> to answer</span></span>`}</a
          >
        </li>`
      })}
    </ul>
    <div class="who">
      <p class="who-names"><strong>${frame.memberName}</strong><span>${frame.tenantName}</span></p>
      ${themeButton}
      <form method="post" action="/sign-out">
        <button class="button button-quiet">${icon('leave')}<span>Sign out</span></button>
      </form>
    </div>
  </nav>`
}

/** A page for a signed-in member: menu, message of what was done, content. */
export const layout = (
  given: Frame & { title: string; section: Section; body: Html; flash: string | undefined },
): Html =>
  html`<!doctype html>
    <html lang="en">
      <head>
        ${head(given.title)}
      </head>
      <body class="app">
        <a class="skip" href="#main">Skip to the content</a>
        <header class="side">
          ${brand}
          <button type="button" class="button menu-button" popovertarget="menu">${icon('menu')}Menu</button>
          ${menu(given, given.section)}
        </header>
        <main id="main" tabindex="-1">
          <div id="flash" role="status">
            ${given.flash && html`<p class="notice notice-good">${icon('check')}<span>${given.flash}</span></p>`}
          </div>
          ${given.body}
        </main>
      </body>
    </html>`

/** A page for anybody: one card in the middle, for signing in, unsubscribing and errors. */
export const plainLayout = (given: { title: string; body: Html; flash?: string | undefined }): Html =>
  html`<!doctype html>
    <html lang="en">
      <head>
        ${head(given.title)}
      </head>
      <body class="door">
        <header>${brand}</header>
        <main id="main" class="door-card" tabindex="-1">
          <div role="status">
            ${given.flash && html`<p class="notice notice-good">${icon('check')}<span>${given.flash}</span></p>`}
          </div>
          ${given.body}
        </main>
        <footer><p>Content-protection monitoring for music</p></footer>
      </body>
    </html>`
