import type { Recording } from '../catalog/recording.ts'
import { html } from '../core/html.ts'
import type { Mail } from '../core/mail.ts'
import type { Case } from '../matches/case.ts'
import { confidenceInWords } from '../matches/match.ts'
import { formatIsrc } from '../metadata/identifiers/identifiers.ts'
import { defang } from '../submissions/submission.ts'
import type { Tenant } from '../tenants/tenant.ts'
import { type Letter, envelopeOf, linksOf } from './envelope.ts'
import { toldTo } from './unreleased.ts'

/** More cases than this are counted, not listed: the dashboard is the place for a flood. */
const CASES_MAX = 20

/** What an alert mail tells of one case. */
export type AlertCase = Pick<Case, 'number' | 'id' | 'location' | 'openedAt' | 'confidence' | 'shared'> &
  Pick<Recording, 'title' | 'artists' | 'isrc'> & {
    /** Told with the first case of a recording that was in files examined before it could be recognised. */
    readonly seenBefore?: { readonly times: number; readonly since: Date } | undefined
    /** The recording is under embargo. */
    readonly unreleased: boolean
    /** Its names were taken out, for somebody who may not know them (unreleased.ts). */
    readonly nameless?: boolean
  }

const sharedNote = 'only audio that other recordings of yours have too'

const seenNote = ({ times, since }: NonNullable<AlertCase['seenBefore']>): string =>
  `already seen ${times === 1 ? 'once, on' : `${times} times since`} ${since.toISOString().slice(0, 10)}, before it was registered with audio`

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** A recording as a mail calls it. */
export const namesOf = ({ title, artists, nameless, unreleased }: AlertCase): string =>
  nameless ? capitalised(title) : `“${title}” by ${artists.join(', ')}${unreleased ? ' (unreleased)' : ''}`

function subjectOf(cases: readonly AlertCase[]): string {
  const [first, ...more] = cases
  if (!first) return 'Earwitness'
  const others = more.length === 0 ? '' : ` and ${more.length} more`
  const found = first.unreleased && !first.nameless ? 'Found, unreleased' : 'Found'
  return `[${first.number}] ${found}: ${first.title}${others}`
}

/** What the mail is about, in its first line. */
const openingOf = (cases: readonly AlertCase[], tenant: Tenant): string =>
  cases.every(({ unreleased }) => unreleased)
    ? `Unreleased recordings of ${tenant.name} were found, and you are told at once. A person has to look before anything is done about it.`
    : `Recordings of ${tenant.name} were found. A person has to look before anything is done about it.`

function textOf(cases: readonly AlertCase[], tenant: Tenant, links: { house: string; stop: string }): string {
  const listed = cases
    .slice(0, CASES_MAX)
    .map((each) =>
      [
        `${each.number}  ${namesOf(each)}${each.isrc ? `, ISRC ${formatIsrc(each.isrc)}` : ''}`,
        `  found at: ${defang(each.location)}`,
        `  seen:     ${each.openedAt.toISOString()}`,
        `  sure:     ${confidenceInWords(1 - each.confidence)}`,
        ...(each.seenBefore ? [`  before:   ${seenNote(each.seenBefore)}`] : []),
        ...(each.shared ? [`  shared:   ${sharedNote}`] : []),
        `  review:   ${links.house}/cases/${each.id}`,
      ].join('\n'),
    )
  const rest =
    cases.length > CASES_MAX ? [`… and ${cases.length - CASES_MAX} more at ${links.house}/cases`] : []
  return [
    openingOf(cases, tenant),
    ...listed,
    ...rest,
    `Addresses are written so that no program opens them by itself (hxxp, [.]). No suspect media is attached.`,
    `To get no more of these mails: ${links.stop}`,
  ].join('\n\n')
}

function htmlOf(cases: readonly AlertCase[], tenant: Tenant, links: { house: string; stop: string }): string {
  const cell = 'padding:2px 12px 2px 0;vertical-align:top;color:#555'
  const page = html`<!doctype html>
    <html lang="en">
      <body style="font-family:system-ui,sans-serif;line-height:1.5;color:#1a1a1a;max-width:40rem">
        <p>${openingOf(cases, tenant)}</p>
        ${cases.slice(0, CASES_MAX).map(
          (each) =>
            html` <h2 style="font-size:1.05rem;margin:1.5rem 0 .25rem">${namesOf(each)}</h2>
              <table style="border-collapse:collapse">
                <tr>
                  <td style="${cell}">Case</td>
                  <td>${each.number}</td>
                </tr>
                ${
                  each.isrc &&
                  html`<tr>
                    <td style="${cell}">ISRC</td>
                    <td>${formatIsrc(each.isrc)}</td>
                  </tr>`
                }
                <tr>
                  <td style="${cell}">Found at</td>
                  <td style="word-break:break-all">${defang(each.location)}</td>
                </tr>
                <tr>
                  <td style="${cell}">Seen</td>
                  <td>${each.openedAt.toISOString()}</td>
                </tr>
                <tr>
                  <td style="${cell}">Sure</td>
                  <td>${confidenceInWords(1 - each.confidence)}</td>
                </tr>
                ${
                  each.seenBefore &&
                  html`<tr>
                    <td style="${cell}">Before</td>
                    <td>${seenNote(each.seenBefore)}</td>
                  </tr>`
                }
                ${
                  each.shared &&
                  html`<tr>
                    <td style="${cell}">Shared</td>
                    <td>${sharedNote}</td>
                  </tr>`
                }
              </table>
              <p><a href="${links.house}/cases/${each.id}">Review ${each.number}</a></p>`,
        )}
        ${cases.length > CASES_MAX && html`<p>… and <a href="${links.house}/cases">${cases.length - CASES_MAX} more</a></p>`}
        <p style="color:#555;font-size:.85rem">
          Addresses are written so that no program opens them by itself. No suspect media is attached.
          <a href="${links.stop}">Get no more of these mails</a>
        </p>
      </body>
    </html>`
  return page.text
}

/**
 * The mail that tells one member about newly opened cases: text and HTML, suspect addresses defanged,
 * one-click unsubscribe (RFC 8058), and threaded to the first mail about any of these cases. What is unreleased is
 * named only to members who may know it.
 */
export function composeAlert(given: Letter & { tenant: Tenant; cases: readonly AlertCase[] }): Mail {
  const cases = toldTo(given.member, given.cases)
  const links = linksOf(given)
  const numbers = cases.slice(0, CASES_MAX).map(({ number }) => number)
  return {
    ...envelopeOf(given, numbers),
    subject: subjectOf(cases),
    text: textOf(cases, given.tenant, links),
    html: htmlOf(cases, given.tenant, links),
  }
}
