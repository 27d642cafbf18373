import { handledAs } from '../../services/actions/handle-reply.ts'
import { type Html, html } from '../../services/core/html.ts'
import type { Notice } from '../../services/notices/notice-row.ts'
import { afterEvent, answeredOutcomes } from '../../services/notices/notice-state.ts'
import type { Findings } from '../../services/notices/replies/classify.ts'
import type { Reply } from '../../services/notices/reply-store.ts'
import { faultList } from '../parts/fault-list.ts'
import { type Filled, formFault, selectField, textArea } from '../parts/fields.ts'
import { noticePill, outcomeNames, replyKindNames } from '../parts/notice-words.ts'
import { pager } from '../parts/paging.ts'
import { backTo, card, empty, facts, noteBox, pageHead, tabs } from '../parts/pieces.ts'
import { shortHash, timeExact } from '../parts/words.ts'
import { replyTable } from './notice-history-view.ts'
import { NOTICES_PATH, noticeName } from './notices-view.ts'

export const REPLIES_PATH = '/replies'

/** Answers to notices: those that a person has to read, or all. */
export function repliesView(given: {
  rows: readonly Reply[]
  last: Reply | undefined
  waiting: number
  isAll: boolean
  query: Readonly<Record<string, string>>
}): Html {
  const { rows, last, waiting, isAll, query } = given
  return html` ${pageHead({
    title: 'Replies',
    below:
      'Answers to your notices. What a machine understands is done already; the others wait for a person.',
  })}
  ${card({
    id: 'list',
    title: isAll ? 'All replies' : 'To be read',
    flush: true,
    aside: tabs('Filter', [
      { text: 'To be read', href: REPLIES_PATH, current: !isAll, count: waiting },
      { text: 'All', href: `${REPLIES_PATH}?show=all`, current: isAll },
    ]),
    body:
      rows.length > 0
        ? html`${replyTable(isAll ? 'Replies, newest first' : 'Replies to be read, newest first', rows)}${pager(REPLIES_PATH, query, last && { at: last.receivedAt, id: last.id })}`
        : empty({
            name: 'inbox',
            title: isAll ? 'No replies yet' : 'Nothing waits for you',
            text: 'When a recipient answers a notice, the answer comes here by itself.',
          }),
  })}`
}

const meanings: Readonly<Record<(typeof handledAs)[number], string>> = {
  acknowledged: 'They confirm that they got it',
  asked: 'They ask for more: it needs a new version',
  rejected: 'They refuse',
  countered: 'Somebody objects: a counter-notice',
  bounced: 'It did not reach them',
  commented: 'Nothing changes: only a note',
}

/** What was read from an answer, in words. */
function findingFacts({ foundBy, bounce, autoReply, acns, numbers, fault }: Findings) {
  return [
    {
      label: 'Belongs to the notice by',
      value:
        foundBy &&
        { address: 'its address', thread: 'its thread', subject: 'a number in its subject, perhaps' }[
          foundBy
        ],
    },
    {
      label: 'About the delivery',
      value: bounce && [bounce.action, bounce.status, bounce.diagnostic].filter(Boolean).join(', '),
    },
    { label: 'Their number', value: autoReply?.ticket },
    { label: 'ACNS', value: acns && acns.length > 0 && acns.map(({ kind }) => kind).join(', ') },
    { label: 'Names the notices', value: numbers.join(', ') },
    { label: 'What could not be read', value: fault },
  ]
}

const handleForm = (reply: Reply, notice: Notice, filled: Filled): Html => {
  const possible = handledAs.filter((kind) => afterEvent(notice.state, kind) !== undefined)
  return html` ${formFault(filled)}
    ${faultList(filled, { as: ['as', 'What it means'], outcome: ['outcome', 'For each location'], comment: ['comment', 'In your words'] })}
    <form method="post" action="${REPLIES_PATH}/${reply.id}" class="stack">
      <div class="field-grid">
        ${selectField(
          {
            name: 'as',
            label: 'What it means',
            required: true,
            prompt: 'Choose',
            options: Object.fromEntries(possible.map((kind) => [kind, meanings[kind]])),
            hint: 'That copies are gone is found by looking at them, not by an answer.',
          },
          filled,
        )}
        ${selectField(
          {
            name: 'outcome',
            label: 'For each location',
            prompt: 'Says nothing of single locations',
            options: Object.fromEntries(answeredOutcomes.map((outcome) => [outcome, outcomeNames[outcome]])),
            hint: 'Of all locations of the notice that have no answer yet.',
          },
          filled,
        )}
      </div>
      ${textArea({ name: 'comment', label: 'In your words', required: true, rows: 2, charactersMax: 5000 }, filled)}
      <p><button class="button button-primary">Keep it</button></p>
    </form>`
}

/** One answer with its text, and the form by which a person says what it means. */
export function replyView(given: { reply: Reply; notice: Notice; canHandle: boolean; filled: Filled }): Html {
  const { reply, notice, canHandle, filled } = given
  const toHandle = canHandle
    ? handleForm(reply, notice, filled)
    : noteBox('info', 'Only a reviewer or a signer can say what an answer means.')
  return html` ${pageHead({
      above: backTo(REPLIES_PATH, 'Replies'),
      title: reply.subject === '' ? 'Reply without a subject' : reply.subject,
      below: html`<span class="below-line"
        ><span class="breakable">${reply.sender}</span> <span>${timeExact(reply.receivedAt)}</span></span
      >`,
    })}
    <div class="columns">
      <div>
        ${card({
          id: 'text',
          title: 'What it says',
          body: html`<p class="hint">
              As it came. Links in it are text: whoever sent it may not be who they say.
            </p>
            <pre class="mail-text" tabindex="0" aria-label="Text of the reply">
${reply.text === '' ? 'The mail has no text.' : reply.text}</pre>`,
        })}
        ${card({
          id: 'handle',
          title: reply.handledAt === null ? 'What it means' : 'Handled',
          body:
            reply.handledAt === null
              ? toHandle
              : html`<p>
                  ${reply.handledBy === 'system' ? 'By Earwitness' : 'By a member'},
                  ${timeExact(reply.handledAt)}. What followed from it stands in the history of the notice.
                </p>`,
        })}
      </div>
      ${card({
        id: 'facts',
        title: 'Facts',
        body: facts([
          {
            label: 'Notice',
            value: html`<a href="${NOTICES_PATH}/${notice.id}">${noticeName(notice)}</a>
              ${noticePill(notice)}`,
          },
          { label: 'Recipient', value: notice.recipientName },
          { label: 'Host', value: notice.host },
          { label: 'Kind', value: replyKindNames[reply.kind] },
          ...findingFacts(reply.findings),
          { label: 'Mail', value: shortHash(reply.rawSha256) },
        ]),
      })}
    </div>`
}
