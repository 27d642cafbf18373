import express, { type Router } from 'express'

import { makeKey, revokeKey } from '../../services/actions/account.ts'
import { type Html, html } from '../../services/core/html.ts'
import { ApiKeyId } from '../../services/core/ids.ts'
import { apiKeys } from '../../services/tenants/store.ts'
import { type ApiKey, hasRole } from '../../services/tenants/tenant.ts'
import { NewKey } from '../account-forms.ts'
import { withFlash } from '../flash.ts'
import { attempt, readForm } from '../forms.ts'
import { type Filled, formFault, textField, unfilled } from '../parts/fields.ts'
import { icon } from '../parts/icons.ts'
import { card, confirmButton, empty } from '../parts/pieces.ts'
import { pill } from '../parts/pills.ts'
import { table } from '../parts/table.ts'
import { timeAgo } from '../parts/words.ts'
import { type Page, type Reply, type Visit, type Web, forMembers, idOf } from '../visit.ts'
import { secretBox, settingsFrame } from './settings-view.ts'

const keyTable = (keys: readonly ApiKey[], canRevoke: boolean): Html =>
  table(
    'API keys',
    [
      {
        name: 'Key',
        kind: 'main',
        cell: ({ name, hint }) => html`<strong>${name}</strong><span class="row-detail code">${hint}…</span>`,
      },
      {
        name: 'State',
        kind: 'state',
        cell: ({ revokedAt }) =>
          revokedAt ? pill('neutral', 'dash', 'Revoked') : pill('good', 'check', 'In use'),
      },
      {
        name: 'Last used',
        kind: 'number',
        cell: ({ lastUsedAt }) => (lastUsedAt ? timeAgo(lastUsedAt) : 'never'),
      },
      { name: 'Made', kind: 'number', cell: ({ createdAt }) => timeAgo(createdAt) },
      {
        name: 'Action',
        cell: ({ id, name, revokedAt }) =>
          revokedAt || !canRevoke
            ? '–'
            : confirmButton({
                id: `revoke-${id}`,
                button: 'Revoke',
                question: `Revoke “${name}”?`,
                text: 'Programs that use this key are refused at once. This cannot be undone.',
                action: `/settings/keys/${id}/revoke`,
                yes: 'Revoke key',
              }),
      },
    ],
    keys,
  )

const keyForm = (filled: Filled): Html =>
  html` <form method="post" action="/settings/keys" class="stack">
    ${formFault(filled)}
    ${textField(
      {
        name: 'name',
        label: 'Name',
        required: true,
        autocomplete: 'off',
        charactersMax: 100,
        hint: 'What will use it, e.g. release pipeline.',
      },
      filled,
    )}
    <p><button class="button button-primary">${icon('key')}Make key</button></p>
  </form>`

async function keysPage(
  visit: Visit,
  shown: { filled?: Filled; status?: number; secret?: string } = {},
): Promise<Page> {
  const keys = await visit.tenant((tx) => apiKeys(tx))
  const isOwner = hasRole(visit.caller, 'owner')
  const body = html` ${
    shown.secret &&
    secretBox({
      title: 'Your new key',
      text: 'Copy it now: it is shown once and cannot be shown again.',
      secret: shown.secret,
    })
  }
  ${card({
    id: 'list',
    title: 'API keys',
    flush: true,
    aside: html`<a href="/docs">API documentation</a>`,
    body:
      keys.length > 0
        ? keyTable(keys, isOwner)
        : empty({
            name: 'key',
            title: 'No keys yet',
            text: 'With a key, a program can register recordings, hand in suspects and read cases. It can never sign.',
          }),
  })}
  ${isOwner && card({ id: 'make', title: 'Make a key', body: keyForm(shown.filled ?? unfilled) })}`
  return {
    title: 'API keys',
    section: 'settings',
    body: settingsFrame('keys', visit.caller, body),
    status: shown.status ?? 200,
  }
}

async function made(visit: Visit): Promise<Reply> {
  const tried = await attempt(
    () => visit.form,
    async () => (await makeKey(visit.house, visit.caller, readForm(NewKey, visit.form).name)).secret,
  )
  // Answered at once, not after a redirect: the key is nowhere kept.
  return keysPage(visit, tried.refusal ?? { secret: tried.done, status: 201 })
}

/** Keys for programs. */
export function keyRoutes(web: Web): Router {
  const router = express.Router()
  router.get(
    '/settings/keys',
    forMembers(web, (visit) => keysPage(visit)),
  )
  router.post('/settings/keys', forMembers(web, made))
  router.post(
    '/settings/keys/:id/revoke',
    forMembers(web, async (visit) => {
      await revokeKey(visit.house, visit.caller, idOf(ApiKeyId, visit.params['id'], 'key'))
      return { redirect: withFlash('/settings/keys', 'key-revoked') }
    }),
  )
  return router
}
