import { type Html, html } from '../../services/core/html.ts'
import type { Notice } from '../../services/notices/notice-row.ts'
import { isUnsigned } from '../../services/notices/notice-state.ts'
import { type Recipient, isMailFormat } from '../../services/recipients/recipient.ts'
import { icon } from '../parts/icons.ts'
import { noticePill, waitsForApproval } from '../parts/notice-words.ts'
import { backTo, card, noteBox, pageHead } from '../parts/pieces.ts'
import { mainCell, table } from '../parts/table.ts'
import { counted } from '../parts/words.ts'
import { NOTICES_PATH, noticeName } from './notices-view.ts'

/** A notice on its way out. */
export interface Sendable {
  readonly notice: Notice
  readonly recipient: Recipient
  /** Why nobody can approve of it, where that is so. */
  readonly approvalObstacle: string | undefined
  /** Why it was just refused. */
  readonly refusal: string | undefined
}

const mayGoByMail = ({ notice }: Sendable): boolean =>
  notice.state === 'signed' && !waitsForApproval(notice) && isMailFormat(notice.format)

/** What happens to a notice next, in words. */
function nextWords({ notice, recipient, approvalObstacle, refusal }: Sendable): Html | string {
  const page = `${NOTICES_PATH}/${notice.id}`
  if (refusal !== undefined) return html`<strong class="fault">${refusal}</strong>`
  if (isUnsigned(notice.state)) return html`has to be signed first`
  if (notice.state !== 'signed') return 'nothing: it is out, or on its way'
  if (waitsForApproval(notice))
    return approvalObstacle ?? html`another signer has to <a href="${page}/approve">read and approve</a> it`
  if (isMailFormat(notice.format))
    return html`goes to <span class="breakable">${recipient.email ?? 'an unknown address'}</span>`
  return html`is given in by hand: <a href="${page}/preview">the sheet to copy from</a>, then
    <a href="${page}#now">record it</a>`
}

/** Signed notices with the way each goes out, and one button for all that go by mail. */
export function sendView({ sendables, canSign }: { sendables: readonly Sendable[]; canSign: boolean }): Html {
  const byMail = sendables.filter(mayGoByMail)
  return html` ${pageHead({
    above: backTo(NOTICES_PATH, 'Notices'),
    title: `Send ${counted(sendables.length, 'notice')}`,
    below: 'Each recipient gets only as many mails an hour as it takes; the others wait.',
  })}
  ${card({
    id: 'list',
    title: 'How each goes out',
    flush: true,
    body: table(
      'Notices and how they go out',
      [
        {
          name: 'Notice',
          kind: 'main',
          cell: ({ notice }) =>
            mainCell(
              `${NOTICES_PATH}/${notice.id}`,
              noticeName(notice),
              `${notice.recipientName} · ${notice.host}`,
            ),
        },
        { name: 'State', kind: 'state', cell: ({ notice }) => noticePill(notice) },
        { name: 'Next', cell: (each) => html`<div class="row-tick">${nextWords(each)}</div>` },
      ],
      sendables,
    ),
  })}
  ${!canSign && noteBox('info', 'Only a member with the role ‘signer’ can send.')}
  ${
    canSign &&
    byMail.length > 0 &&
    html`<form method="post" action="${NOTICES_PATH}/send">
      <input type="hidden" name="ids" value="${sendables.map(({ notice }) => notice.id).join(',')}" />
      <p>
        <button class="button button-primary">
          ${icon('mail')}Send ${counted(byMail.length, 'notice')} now
        </button>
      </p>
    </form>`
  }`
}
