import express, { type Router } from 'express'

import { type Html, html } from '../../services/core/html.ts'
import { unsubscribe } from '../../services/tenants/store.ts'
import { plainLayout } from '../parts/layout.ts'
import type { Web } from '../visit.ts'

const ask: Html = html` <h1>Stop alert mails?</h1>
  <p class="lead">
    You will no longer be mailed when new cases open. You can switch the mails on again under Settings.
  </p>
  <form method="post"><button class="button button-primary button-wide">Stop the mails</button></form>`

const done: Html = html` <h1>No more alert mails</h1>
  <p class="lead">You will not be mailed about new cases any more.</p>
  <p><a class="button" href="/settings">Open settings</a></p>`

const unknown: Html = html` <h1>This link is not known</h1>
  <p class="lead">Sign in and switch alert mails off under Settings.</p>
  <p><a class="button" href="/settings">Open settings</a></p>`

/**
 * Ends a member's alert mails: by the button for people, and by the bare POST that mail programs send
 * (RFC 8058). The secret in the address is all it takes, so there is no session and no check of the origin.
 */
export function unsubscribeRoutes({ house }: Web): Router {
  const router = express.Router()
  router.get('/unsubscribe/:token', (_request, response) => {
    response.type('html').send(plainLayout({ title: 'Stop alert mails', body: ask }).text)
  })
  router.post('/unsubscribe/:token', async (request, response) => {
    const known = await house.db.system((tx) => unsubscribe(tx, request.params.token))
    const body = known ? done : unknown
    response.status(known ? 200 : 404).type('html')
    response.send(plainLayout({ title: 'Alert mails', body }).text)
  })
  return router
}
