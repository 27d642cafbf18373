import express, { type Router } from 'express'

import { type Html, html, trusted } from '../../services/core/html.ts'
import { type CaughtMail, caughtMail, caughtMails } from '../../services/core/mail-catcher.ts'
import { backTo, card, empty, facts, pageHead } from '../parts/pieces.ts'
import { mainCell, table } from '../parts/table.ts'
import { timeAgo, timeExact } from '../parts/words.ts'
import { type Web, forMembers, found } from '../visit.ts'

/** A mail brings its own styles, and nothing else: no script, no fetch, no form. Its links open elsewhere. */
const MAIL_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"

const mailTable = (mails: readonly CaughtMail[]): Html =>
  table(
    'Caught mails, newest first',
    [
      {
        name: 'Mail',
        kind: 'main',
        cell: ({ id, subject, from }) => mainCell(`/inbox/${id}`, subject, `from ${from}`),
      },
      { name: 'To', cell: ({ to }) => to },
      { name: 'Caught', kind: 'number', cell: ({ date }) => timeAgo(date) },
    ],
    mails,
  )

const inboxView = (mails: readonly CaughtMail[]): Html =>
  html` ${pageHead({ title: 'Inbox', below: 'No mail server is set, so mails are caught here instead of being sent.' })}
  ${card({
    id: 'list',
    title: 'Caught mails',
    flush: true,
    body:
      mails.length > 0
        ? mailTable(mails)
        : empty({
            name: 'mail',
            title: 'No mail yet',
            text: 'When a case opens, its alert appears here within a few minutes.',
          }),
  })}`

const mailView = (mail: CaughtMail): Html =>
  html` ${pageHead({ above: backTo('/inbox', 'Inbox'), title: mail.subject })}
  ${card({
    id: 'head',
    title: 'Envelope',
    body: facts([
      { label: 'From', value: mail.from },
      { label: 'To', value: mail.to },
      { label: 'Sent', value: timeExact(mail.date) },
    ]),
  })}
  ${
    mail.html !== undefined &&
    card({
      id: 'html',
      title: 'As a mail program shows it',
      body: html`<iframe
        class="mail"
        sandbox="allow-popups allow-popups-to-escape-sandbox"
        title="The mail as HTML"
        src="/inbox/${mail.id}/html"
      ></iframe>`,
    })
  }
  ${card({ id: 'text', title: 'As plain text', body: html`<pre class="mail-text" tabindex="0">${mail.text}</pre>` })}`

/** The mails of the built-in catcher; without one there is no inbox. */
export function inboxRoutes(web: Web): Router {
  const router = express.Router()
  const folder = web.inboxFolder
  if (folder === undefined) return router
  router.get(
    '/inbox',
    forMembers(web, async () => ({
      title: 'Inbox',
      section: 'inbox',
      body: inboxView(await caughtMails(folder)),
    })),
  )
  router.get(
    '/inbox/:id',
    forMembers(web, async ({ params }) => {
      const mail = found(await caughtMail(folder, params['id'] ?? ''), 'mail')
      return { title: mail.subject, section: 'inbox', body: mailView(mail) }
    }),
  )
  // A document of its own rather than `srcdoc`: that would inherit our policy, which forbids a mail's styles.
  router.get(
    '/inbox/:id/html',
    forMembers(web, async ({ params, request }) => {
      const mail = found(await caughtMail(folder, params['id'] ?? ''), 'mail')
      request.res?.set('content-security-policy', MAIL_POLICY)
      const markup = found(mail.html, 'mail as HTML')
      return trusted(`<base target="_blank">${markup}`)
    }),
  )
  return router
}
