import { type Html, html } from '../../services/core/html.ts'
import type { Recipient } from '../../services/recipients/recipient.ts'
import type { LookedUp } from '../../services/recipients/resolution-store.ts'
import type { RecipientState } from '../../services/recipients/store.ts'
import { type Filled, formFault, textField } from '../parts/fields.ts'
import { icon } from '../parts/icons.ts'
import { listHref, pager } from '../parts/paging.ts'
import { card, empty, pageHead, tabs } from '../parts/pieces.ts'
import { mainCell, table } from '../parts/table.ts'
import { counted, timeAgo } from '../parts/words.ts'
import { addForm } from './recipient-form.ts'
import {
  RECIPIENTS_PATH,
  classWords,
  contactWords,
  hostPath,
  recipientPill,
  roleNames,
  sourceWords,
} from './recipient-words.ts'

const recipientTable = (rows: readonly Recipient[]): Html =>
  table(
    'Recipients, newest first',
    [
      {
        name: 'Recipient',
        kind: 'main',
        cell: ({ id, name, role, key }) =>
          mainCell(`${RECIPIENTS_PATH}/${id}`, name, `${roleNames[role]} · ${key}`),
      },
      { name: 'State', kind: 'state', cell: recipientPill },
      { name: 'Contact', cell: contactWords },
      { name: 'Known from', cell: sourceWords },
      { name: 'Class', cell: (row) => classWords(row.class) },
    ],
    rows,
  )

const hostTable = (hosts: readonly LookedUp[]): Html =>
  table(
    'Hosts that were looked up, the last first',
    [
      { name: 'Host', kind: 'main', cell: ({ host }) => mainCell(hostPath(host), host) },
      {
        name: 'Found',
        cell: ({ candidates, stage }) =>
          stage === 'resolve' ? 'being looked up' : counted(candidates, 'candidate'),
      },
      { name: 'Looked up', cell: ({ createdAt }) => timeAgo(createdAt) },
    ],
    hosts,
  )

const lookUpForm = (filled: Filled): Html =>
  html` <form method="post" action="${RECIPIENTS_PATH}/look-up" class="stack">
    ${formFault(filled)}
    ${textField(
      {
        name: 'host',
        label: 'Host',
        required: true,
        autocomplete: 'off',
        charactersMax: 253,
        placeholder: 'files.example.org',
        hint: 'Its pages about copyright are read, and the registries of addresses and domains are asked. Nobody is written to.',
      },
      filled,
    )}
    <p><button class="button button-primary">${icon('search')}Look up</button></p>
  </form>`

const stateNames: Readonly<Record<RecipientState | 'all', string>> = {
  all: 'All',
  usable: 'Usable',
  stale: 'Out of date',
  guess: 'Guesses',
  paused: 'Paused',
}

/** Those who can remove copies: hosts that were looked up, the list, and a form. */
export function recipientsView(given: {
  rows: readonly Recipient[]
  last: Recipient | undefined
  hosts: readonly LookedUp[]
  state: RecipientState | undefined
  query: Readonly<Record<string, string>>
  canChange: boolean
  filled: Filled
  hostFilled: Filled
}): Html {
  const { rows, last, hosts, state, query, canChange, filled, hostFilled } = given
  const { state: _state, after: _after, ...kept } = query
  return html` ${pageHead({
    title: 'Recipients',
    below: 'Who can remove copies, where that is known from, and how old it is.',
  })}
  ${card({
    id: 'look-up',
    title: 'Look up a host',
    body: html`${lookUpForm(hostFilled)} ${hosts.length > 0 && hostTable(hosts)}`,
  })}
  ${card({
    id: 'list',
    title: 'Known recipients',
    flush: true,
    aside: tabs(
      'Filter by state',
      (Object.keys(stateNames) as (keyof typeof stateNames)[]).map((name) => ({
        text: stateNames[name],
        href: listHref(RECIPIENTS_PATH, kept, { state: name === 'all' ? '' : name }),
        current: name === (state ?? 'all'),
      })),
    ),
    body:
      rows.length > 0
        ? html`${recipientTable(rows)}${pager(RECIPIENTS_PATH, query, last && { at: last.createdAt, id: last.id })}`
        : empty({
            name: 'mail',
            title: state === undefined ? 'Nobody is known yet' : 'Nothing here',
            text: 'Look up a host above: whoever can act on copies there is entered here.',
          }),
  })}
  ${canChange && card({ id: 'add', title: 'Enter a recipient', body: addForm(filled) })}`
}
