import type { MemberCaller } from '../../services/actions/account.ts'
import type { SecondFactorState } from '../../services/actions/second-factor.ts'
import { type Html, html } from '../../services/core/html.ts'
import type { NoticeDocument } from '../../services/notices/notice.ts'
import { hasRole } from '../../services/tenants/tenant.ts'
import { icon } from '../parts/icons.ts'
import { noticePill, waitsForApproval } from '../parts/notice-words.ts'
import { backTo, card, noteBox, pageHead } from '../parts/pieces.ts'
import { table } from '../parts/table.ts'
import { counted } from '../parts/words.ts'
import { locationText } from './cases-view.ts'
import { type NoticeRead, statementsCard } from './notice-view.ts'
import { NOTICES_PATH, noticeName } from './notices-view.ts'

/** What keeps this member from approving; undefined when nothing does. */
function obstacleOf({ notice, approvalObstacle }: NoticeRead, caller: MemberCaller): string | undefined {
  if (!waitsForApproval(notice)) return 'This notice waits for no approval.'
  if (!hasRole(caller, 'signer')) return 'Only a member with the role ‘signer’ can approve.'
  if (approvalObstacle !== undefined) return approvalObstacle
  return notice.signedBy === caller.member.id
    ? 'Another signer has to approve of what you signed.'
    : undefined
}

const approving = (read: NoticeRead, caller: MemberCaller, factor: SecondFactorState): Html => {
  const path = `${NOTICES_PATH}/${read.notice.id}/approve`
  const obstacle = obstacleOf(read, caller)
  if (obstacle !== undefined) return noteBox('info', obstacle)
  return factor.fresh
    ? html`<form method="post" action="${path}">
        <p><button class="button button-primary">${icon('check')}I have read it, and approve</button></p>
      </form>`
    : html`<p>You approve with a second factor. You come back here afterwards.</p>
        <p>
          <a class="button button-primary" href="/settings/security?then=${encodeURIComponent(path)}"
            >${icon('key')}Show your second factor</a
          >
        </p>`
}

/** What the second of two signers reads: the works, the places and the statements as they were signed. */
export function approveView(given: {
  read: NoticeRead
  document: NoticeDocument
  caller: MemberCaller
  factor: SecondFactorState
}): Html {
  const { read, document, caller, factor } = given
  const { notice } = read
  const titles = new Map(document.works.map(({ workId, title }) => [workId, title]))
  return html` ${pageHead({
    above: backTo(`${NOTICES_PATH}/${notice.id}`, noticeName(notice)),
    title: `Approve ${noticeName(notice)}`,
    below: html`<span class="below-line"
      >${noticePill(notice)} <span>to ${notice.recipientName}</span>
      <span>${counted(document.locations.length, 'location')} at ${notice.host}</span></span
    >`,
  })}
  ${noteBox(
    'info',
    'Two people look at a first signature, and at large numbers of locations. Read it as if you signed it yourself.',
  )}
  ${card({
    id: 'locations',
    title: 'What is demanded',
    flush: true,
    body: table(
      'Locations, in the order of the notice',
      [
        {
          name: 'Address',
          kind: 'main',
          cell: ({ url, caseNumber, locationId }) =>
            html`<span class="breakable">${locationText(url)}</span>
              <span class="row-detail"><a href="/cases/${locationId}">${caseNumber}</a></span>`,
        },
        {
          name: 'Works',
          cell: ({ workIds }) => workIds.map((id) => titles.get(id) ?? '').join(', '),
        },
      ],
      document.locations,
    ),
  })}
  ${statementsCard(document)}
  ${card({
    id: 'approve',
    title: 'Your approval',
    body: html`<p>
        <a class="button" href="${NOTICES_PATH}/${notice.id}/preview">${icon('eye')}What will be sent</a>
      </p>
      ${approving(read, caller, factor)}`,
  })}`
}
