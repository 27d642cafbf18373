import express, { type Router } from 'express'

import {
  type MemberCaller,
  changeMember,
  inviteMember,
  linkForMember,
} from '../../services/actions/account.ts'
import { resetFactors } from '../../services/actions/second-factor.ts'
import { type Html, html } from '../../services/core/html.ts'
import { MemberId } from '../../services/core/ids.ts'
import * as tenants from '../../services/tenants/store.ts'
import { type Member, Role, hasRole } from '../../services/tenants/tenant.ts'
import { MemberChange, NewMember } from '../account-forms.ts'
import { withFlash } from '../flash.ts'
import { attempt, readForm } from '../forms.ts'
import { type Filled, checkField, formFault, textField, unfilled } from '../parts/fields.ts'
import { icon } from '../parts/icons.ts'
import { card, confirmButton } from '../parts/pieces.ts'
import { pill } from '../parts/pills.ts'
import { type Page, type Reply, type Visit, type Web, forMembers, idOf } from '../visit.ts'
import { secretBox, settingsFrame } from './settings-view.ts'

const roleHints: Readonly<Record<Role, string>> = {
  owner: 'manages the account, its members and keys',
  reviewer: 'decides cases and issues reports',
  signer: 'makes the legal statements on a report, by name',
}

const roleBoxes = (prefix: string, held: readonly string[], fault: string | undefined): Html =>
  html` <fieldset>
    <legend>Roles</legend>
    ${fault && html`<p class="fault">${fault}</p>`}
    ${Role.options.map((role) =>
      checkField({
        id: `${prefix}-${role}`,
        name: 'roles',
        value: role,
        label: role,
        hint: roleHints[role],
        checked: held.includes(role),
      }),
    )}
  </fieldset>`

const addForm = (filled: Filled): Html =>
  html` <form method="post" action="/settings/members" class="stack">
    ${formFault(filled)}
    <div class="field-grid">
      ${textField({ name: 'name', label: 'Name', required: true, autocomplete: 'off', charactersMax: 200 }, filled)}
      ${textField(
        {
          name: 'email',
          label: 'E-mail',
          type: 'email',
          required: true,
          autocomplete: 'off',
          charactersMax: 254,
        },
        filled,
      )}
      ${textField(
        {
          name: 'title',
          label: 'Function',
          autocomplete: 'off',
          charactersMax: 200,
          hint: 'Stands under a signature, e.g. Head of Content Protection.',
        },
        filled,
      )}
    </div>
    ${roleBoxes('new', (filled.values['roles'] ?? 'reviewer').split(', '), filled.faults['roles'])}
    <p><button class="button button-primary">${icon('plus')}Add member</button></p>
  </form>`

function memberActions({ id, name, roles, disabledAt }: Member): Html {
  return html` <details class="more">
    <summary>Change</summary>
    <form method="post" action="/settings/members/${id}/roles" class="stack">
      ${roleBoxes(`roles-${id}`, roles, undefined)}
      <p><button class="button button-small">Save roles</button></p>
    </form>
    <div class="row-actions">
      <form method="post" action="/settings/members/${id}/link">
        <button class="button button-small">${icon('link')}Make a sign-in link</button>
      </form>
      ${
        disabledAt
          ? html`<form method="post" action="/settings/members/${id}/enable">
              <button class="button button-small">Let in again</button>
            </form>`
          : confirmButton({
              id: `shut-out-${id}`,
              button: 'Shut out',
              question: `Shut out ${name}?`,
              text: 'They can no longer sign in and get no more mails. What they decided and signed stays under their name.',
              action: `/settings/members/${id}/disable`,
              yes: 'Shut out',
            })
      }
      ${confirmButton({
        id: `reset-factors-${id}`,
        look: 'plain',
        button: 'Reset second factors',
        question: `Reset the second factors of ${name}?`,
        text: 'For somebody who lost their device. They have to set up another one before they can sign.',
        action: `/settings/members/${id}/reset-factors`,
        yes: 'Reset',
      })}
    </div>
  </details>`
}

const memberItem = (member: Member, caller: MemberCaller): Html =>
  html` <li class="person">
    <div class="person-head">
      <p>
        <strong>${member.name}</strong>${member.id === caller.member.id && ' (you)'}
        <span class="row-detail">${member.email}${member.title && html` · ${member.title}`}</span>
      </p>
      <p class="pills">
        ${member.disabledAt ? pill('bad', 'cross', 'Shut out') : member.roles.map((role) => pill('neutral', role === 'signer' ? 'pen' : 'person', role))}
      </p>
    </div>
    ${hasRole(caller, 'owner') && memberActions(member)}
  </li>`

async function membersPage(
  visit: Visit,
  shown: { filled?: Filled; status?: number; link?: string } = {},
): Promise<Page> {
  const list = await visit.tenant((tx) => tenants.members(tx))
  const body = html` ${
    shown.link &&
    secretBox({
      title: 'The sign-in link',
      text: 'Give it to the member over a channel you trust. It is shown only now, works once, and ends after a day.',
      secret: shown.link,
    })
  }
  ${card({
    id: 'list',
    title: 'Members',
    body: html`<ul class="people">
      ${list.map((member) => memberItem(member, visit.caller))}
    </ul>`,
  })}
  ${hasRole(visit.caller, 'owner') && card({ id: 'add', title: 'Add a member', body: addForm(shown.filled ?? unfilled) })}`
  return {
    title: 'Members',
    section: 'settings',
    body: settingsFrame('members', visit.caller, body),
    status: shown.status ?? 200,
  }
}

const memberId = (visit: Visit): MemberId => idOf(MemberId, visit.params['id'], 'member')

async function added(visit: Visit): Promise<Reply> {
  const tried = await attempt(
    () => visit.form,
    async () => (await inviteMember(visit.house, visit.caller, readForm(NewMember, visit.form))).signInUrl,
  )
  // Answered at once, not after a redirect: the link is nowhere kept.
  return membersPage(visit, tried.refusal ?? { link: tried.done, status: 201 })
}

const changed =
  (changeOf: (visit: Visit) => { roles?: readonly Role[]; disabled?: boolean }) =>
  async (visit: Visit): Promise<Reply> => {
    const { refusal } = await attempt(
      () => ({}),
      async () => changeMember(visit.house, visit.caller, memberId(visit), changeOf(visit)),
    )
    return refusal
      ? membersPage(visit, refusal)
      : { redirect: withFlash('/settings/members', 'member-changed') }
  }

/** The people of an account. */
export function memberRoutes(web: Web): Router {
  const router = express.Router()
  router.get(
    '/settings/members',
    forMembers(web, (visit) => membersPage(visit)),
  )
  router.post('/settings/members', forMembers(web, added))
  router.post(
    '/settings/members/:id/reset-factors',
    forMembers(web, async (visit) => {
      await resetFactors(visit.house, visit.caller, memberId(visit))
      return { redirect: withFlash('/settings/members', 'factors-reset') }
    }),
  )
  router.post(
    '/settings/members/:id/link',
    forMembers(web, async (visit) =>
      membersPage(visit, {
        link: (await linkForMember(visit.house, visit.caller, memberId(visit))).signInUrl,
      }),
    ),
  )
  router.post(
    '/settings/members/:id/roles',
    forMembers(
      web,
      changed(({ form }) => readForm(MemberChange, form)),
    ),
  )
  router.post(
    '/settings/members/:id/disable',
    forMembers(
      web,
      changed(() => ({ disabled: true })),
    ),
  )
  router.post(
    '/settings/members/:id/enable',
    forMembers(
      web,
      changed(() => ({ disabled: false })),
    ),
  )
  return router
}
