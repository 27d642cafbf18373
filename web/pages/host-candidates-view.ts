import { type Html, html } from '../../services/core/html.ts'
import type { RecipientId } from '../../services/core/ids.ts'
import { freshUntil, isGuess } from '../../services/recipients/recipient.ts'
import type { Candidate } from '../../services/recipients/resolution-store.ts'
import type { Resolution } from '../../services/recipients/resolution.ts'
import { backTo, card, empty, noteBox, pageHead, problemNote } from '../parts/pieces.ts'
import { pill } from '../parts/pills.ts'
import { mainCell, table } from '../parts/table.ts'
import { timeAgo } from '../parts/words.ts'
import { confirmContact } from './recipient-view.ts'
import {
  RECIPIENTS_PATH,
  askedPill,
  contactWords,
  hostPath,
  recipientPill,
  roleNames,
  sourceWords,
} from './recipient-words.ts'

const chooseButton = (host: string, { id, name, isChosen }: Candidate): Html =>
  isChosen
    ? pill('good', 'check', 'Asked first')
    : html`<form method="post" action="${hostPath(host)}/choose">
        <input type="hidden" name="recipientId" value="${id}" />
        <button class="button">Ask first<span class="unseen"> “${name}”</span></button>
      </form>`

/** Confirming is offered where nothing can be sent without it. */
const needsConfirming = (candidate: Candidate): boolean =>
  isGuess(candidate) || freshUntil(candidate) < new Date()

const candidateTable = (
  host: string,
  candidates: readonly Candidate[],
  asked: ReadonlySet<RecipientId>,
  canConfirm: boolean,
): Html =>
  table(
    'Who may be asked, the first first',
    [
      {
        name: 'Recipient',
        kind: 'main',
        cell: ({ id, name, role, note }) =>
          mainCell(
            `${RECIPIENTS_PATH}/${id}`,
            name,
            html`${roleNames[role]}${note !== null && html` · ${note}`}`,
          ),
      },
      {
        name: 'State',
        kind: 'state',
        cell: (row) => html`${recipientPill(row)} ${asked.has(row.id) && askedPill}`,
      },
      { name: 'Contact', cell: contactWords },
      { name: 'Known from', cell: sourceWords },
      {
        name: 'Action',
        cell: (row) =>
          html`${chooseButton(host, row)} ${canConfirm && needsConfirming(row) && confirmContact(row)}`,
      },
    ],
    candidates,
  )

const askedCard = ({ notes }: Resolution): Html | false =>
  notes !== null &&
  card({
    id: 'asked',
    title: 'What was asked',
    flush: true,
    body: table(
      'Questions and what came of them',
      [
        { name: 'Asked', kind: 'main', cell: ({ asked }) => html`<span class="breakable">${asked}</span>` },
        {
          name: 'Result',
          kind: 'state',
          cell: ({ found }) =>
            found ? pill('good', 'check', 'Found') : pill('neutral', 'dash', 'Not found'),
        },
        { name: 'In words', cell: ({ text }) => html`<span class="breakable">${text}</span>` },
      ],
      notes,
    ),
  })

function stateOf(lookUp: Resolution | undefined): Html | false {
  if (!lookUp) return noteBox('info', 'This host was not looked up yet.')
  if (lookUp.problem) return problemNote(lookUp.problem)
  return lookUp.stage === 'resolve' && noteBox('info', 'The host is being looked up.')
}

/** Who may be asked about copies at a host, with the way to look it up again. */
export function hostCandidatesView(given: {
  host: string
  lookUp: Resolution | undefined
  candidates: readonly Candidate[]
  /** Who was asked about cases that still wait, and did not act. */
  asked: ReadonlySet<RecipientId>
  canConfirm: boolean
}): Html {
  const { host, lookUp, candidates, asked, canConfirm } = given
  const isAtWork = lookUp?.stage === 'resolve'
  return html` ${pageHead({
    above: backTo(RECIPIENTS_PATH, 'Recipients'),
    title: html`<span class="breakable">${host}</span>`,
    below: lookUp ? html`Looked up ${timeAgo(lookUp.createdAt)}` : 'Never looked up',
    actions: html`<form method="post" action="${hostPath(host)}/resolve">
      <button class="button" ${isAtWork && html`disabled`}>Look up ${lookUp ? 'again' : 'now'}</button>
    </form>`,
  })}
  ${card({
    id: 'candidates',
    title: 'Who may be asked',
    flush: true,
    refreshFrom: isAtWork && hostPath(host),
    body: html`${stateOf(lookUp)}
    ${
      candidates.length > 0
        ? candidateTable(host, candidates, asked, canConfirm)
        : !isAtWork &&
          empty({
            name: 'mail',
            title: 'Nobody is known yet',
            text: 'Look the host up, or enter a recipient that is known by this host or its domain.',
          })
    }`,
  })}
  ${lookUp && askedCard(lookUp)}`
}
