import { type Html, html } from '../core/html.ts'
import type { Mail } from '../core/mail.ts'
import { defang } from '../submissions/submission.ts'
import type { Tenant } from '../tenants/tenant.ts'
import { type Letter, type Links, envelopeOf, linksOf } from './envelope.ts'
import { type AlertCase, namesOf } from './mail.ts'
import type { ToldNews } from './news-store.ts'
import { toldTo } from './unreleased.ts'

/** More than this is counted, not listed. */
const NEWS_MAX = 20

/** What a mail tells, with the case that it is about. */
export type MailedNews = ToldNews & { readonly about?: AlertCase | undefined }

/** One piece of news as it is read: what happened, what there is to know, and where one goes. */
interface Paragraph {
  readonly number: string
  readonly title: string
  readonly lines: readonly string[]
  readonly go: { readonly text: string; readonly path: string }
}

const days = (count: number): string => `${count} business ${count === 1 ? 'day' : 'days'}`

const caseName = (about: AlertCase | undefined): string => (about ? namesOf(about) : 'A copy')
const whereabouts = (about: AlertCase | undefined): string[] =>
  about ? [`Found at ${defang(about.location)}`] : []

function counterNotice(news: Extract<MailedNews, { kind: 'counter_notice' }>): Paragraph {
  const { receivedOn, putBackFrom, putBackLatest, businessDaysLeft } = news.details
  return {
    number: news.noticeNumber ?? '',
    title: `Counter-notice: ${caseName(news.about)}`,
    lines: [
      ...whereabouts(news.about),
      `${news.recipientName} received it on ${receivedOn}, and may put the copy back from ${putBackFrom} until ` +
        `${putBackLatest} unless it hears of an action that was filed.`,
      businessDaysLeft > 0 ? `That is in ${days(businessDaysLeft)}.` : 'That day has come.',
    ],
    go: { text: 'Answer it', path: `/notices/${news.noticeId}` },
  }
}

const recordingsOf = (count: number): string => (count === 1 ? 'One recording' : `${count} recordings`)

function exposed(details: Extract<MailedNews, { kind: 'exposed' }>['details']): Paragraph {
  const { auditId, recordings, audio, unreleased, leaks } = details
  return {
    number: '',
    title: `${recordingsOf(recordings)} listed in ${leaks.length === 1 ? `the leak ${leaks[0]}` : `${leaks.length} leaks`}`,
    lines: [
      audio === 0 ? 'No audio of them is known to have been taken.' : `Audio was taken of ${audio} of them.`,
      ...(unreleased === 0
        ? []
        : [`${recordingsOf(unreleased)} among them ${unreleased === 1 ? 'is' : 'are'} not released yet.`]),
      'An entry in a leak is no copy at a place: nothing can be demanded for it yet.',
    ],
    go: { text: 'Read the audit', path: `/exposure/${auditId}` },
  }
}

function paragraphOf(news: MailedNews): Paragraph {
  const notice = news.noticeNumber ?? ''
  switch (news.kind) {
    case 'restored':
      return {
        number: news.about?.number ?? '',
        title: `Back again: ${caseName(news.about)}`,
        lines: [...whereabouts(news.about), 'It was removed, and the very same file is there again.'],
        go: { text: 'Look at the case', path: `/cases/${news.caseId}` },
      }
    case 'no_answer': {
      const { locations } = news.details
      return {
        number: notice,
        title: `No answer from ${news.recipientName}`,
        lines: [
          `${locations === 1 ? 'One location is' : `${locations} locations are`} escalated: somebody else can be asked now.`,
        ],
        go: { text: 'Prepare the next notice', path: '/notices/new' },
      }
    }
    case 'counter_notice':
      return counterNotice(news)
    case 'india_order':
      return {
        number: notice,
        title: news.details.isDue
          ? 'The court’s order is due (India)'
          : 'A week left for the court’s order (India)',
        lines: [
          `Rule 75 gives 21 days: without an order by ${news.details.dueOn} ${news.recipientName} may restore access.`,
        ],
        go: { text: 'Look at the notice', path: `/notices/${news.noticeId}` },
      }
    case 'notices_paused': {
      const { unfounded, locations, days: within } = news.details
      return {
        number: '',
        title: 'Signing and sending are paused',
        lines: [
          `${unfounded} of the ${locations} locations that were demanded in the last ${within} days turned out to be unfounded.`,
          'Recipients stop reading notices of whom that happens to often. Find out why, and then let them go on.',
        ],
        go: { text: 'See the figures', path: '/figures' },
      }
    }
    case 'exposed':
      return exposed(news.details)
    case 'watch_failing': {
      const { watchId, name, failures, problem } = news.details
      return {
        number: '',
        title: `A watched place cannot be read: ${defang(name)}`,
        lines: [`${problem}. It failed ${failures} times in a row, and is asked less often now.`],
        go: { text: 'Look at the watch', path: `/watches/${watchId}` },
      }
    }
    case 'reply_waiting':
      return {
        number: notice,
        title: `An answer of ${news.recipientName} waits`,
        lines: ['No machine understands it: a person has to read it.'],
        go: { text: 'Read it', path: `/replies/${news.details.replyId}` },
      }
  }
}

function subjectOf(paragraphs: readonly Paragraph[]): string {
  const [first, ...more] = paragraphs
  if (!first) return 'Earwitness'
  const others = more.length === 0 ? '' : ` and ${more.length} more`
  return `${first.number === '' ? '' : `[${first.number}] `}${first.title}${others}`
}

const openingOf = ({ name }: Tenant): string => `News of what ${name} demanded or watches.`
const closing = 'Addresses are written so that no program opens them by itself (hxxp, [.]).'

function textOf(paragraphs: readonly Paragraph[], tenant: Tenant, links: Links): string {
  const listed = paragraphs
    .slice(0, NEWS_MAX)
    .map(({ number, title, lines, go }) =>
      [
        number === '' ? title : `${number}  ${title}`,
        ...lines.map((line) => `  ${line}`),
        `  ${go.text}: ${links.house}${go.path}`,
      ].join('\n'),
    )
  const left = paragraphs.length - listed.length
  return [
    openingOf(tenant),
    ...listed,
    ...(left > 0 ? [`… and ${left} more at ${links.house}/notices`] : []),
    closing,
    `To get no more of these mails: ${links.stop}`,
  ].join('\n\n')
}

function htmlOf(paragraphs: readonly Paragraph[], tenant: Tenant, links: Links): Html {
  const left = paragraphs.length - NEWS_MAX
  return html`<!doctype html>
    <html lang="en">
      <body style="font-family:system-ui,sans-serif;line-height:1.5;color:#1a1a1a;max-width:40rem">
        <p>${openingOf(tenant)}</p>
        ${paragraphs.slice(0, NEWS_MAX).map(
          ({ number, title, lines, go }) =>
            html` <h2 style="font-size:1.05rem;margin:1.5rem 0 .25rem">${title}</h2>
              ${number !== '' && html`<p style="margin:0;color:#555">${number}</p>`}
              ${lines.map((line) => html`<p style="margin:.25rem 0;overflow-wrap:anywhere">${line}</p>`)}
              <p><a href="${links.house}${go.path}">${go.text}</a></p>`,
        )}
        ${left > 0 && html`<p>… and <a href="${links.house}/notices">${left} more</a></p>`}
        <p style="color:#555;font-size:.85rem">
          ${closing} <a href="${links.stop}">Get no more of these mails</a>
        </p>
      </body>
    </html>`
}

/**
 * The mail that tells one member what happened after something was demanded: text and HTML, suspect addresses defanged,
 * threaded to the first mail about any of the cases. What is unreleased is named only to members who may know it.
 */
export function composeNews(given: Letter & { tenant: Tenant; news: readonly MailedNews[] }): Mail {
  const { member, tenant } = given
  const told = given.news.map((each) =>
    each.about ? { ...each, about: toldTo(member, [each.about])[0] } : each,
  )
  const paragraphs = told.map(paragraphOf)
  const links = linksOf(given)
  const numbers = told.flatMap(({ about }) => (about ? [about.number] : []))
  return {
    ...envelopeOf(given, [...new Set(numbers)].slice(0, NEWS_MAX)),
    subject: subjectOf(paragraphs),
    text: textOf(paragraphs, tenant, links),
    html: htmlOf(paragraphs, tenant, links).text,
  }
}
