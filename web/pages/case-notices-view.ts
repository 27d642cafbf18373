import { type Html, html } from '../../services/core/html.ts'
import type { Case } from '../../services/matches/case.ts'
import type { Notice, NoticeLocationRow } from '../../services/notices/notice-row.ts'
import { type Caller, hasRole } from '../../services/tenants/tenant.ts'
import { type Filled, formFault } from '../parts/fields.ts'
import { icon } from '../parts/icons.ts'
import { noticePill, outcomeNames } from '../parts/notice-words.ts'
import { backTo, card, noteBox, pageHead } from '../parts/pieces.ts'
import { mainCell, table } from '../parts/table.ts'
import { timeAgo } from '../parts/words.ts'
import { retractFields } from './notice-forms-view.ts'
import { NOTICES_PATH, noticeName } from './notices-view.ts'

/** A notice about a case, and what became of the case's location in it. */
export interface CaseNotice {
  readonly notice: Notice
  readonly location: NoticeLocationRow
}

/** Signed, and not taken back yet. */
const stands = ({ notice, location }: CaseNotice): boolean =>
  notice.signedAt !== null && notice.state !== 'retracted' && location.outcome !== 'retracted'

/** Cases in these states wait for a notice. */
const waiting: ReadonlySet<Case['state']> = new Set(['confirmed', 'restored', 'escalated'])

const noticeTable = (caption: string, notices: readonly CaseNotice[]): Html =>
  table(
    caption,
    [
      {
        name: 'Notice',
        kind: 'main',
        cell: ({ notice }) =>
          mainCell(`${NOTICES_PATH}/${notice.id}`, noticeName(notice), notice.recipientName),
      },
      { name: 'State', kind: 'state', cell: ({ notice }) => noticePill(notice) },
      {
        name: 'Outcome here',
        cell: ({ location }) =>
          location.outcome && location.outcomeAt
            ? html`${outcomeNames[location.outcome]}
                <span class="row-detail">${timeAgo(location.outcomeAt)}</span>`
            : 'none yet',
      },
    ],
    notices,
  )

/** The notices about a case, with the way to one more and the way to take the case back from all of them. */
export function caseNoticesView(opened: Case, notices: readonly CaseNotice[], caller: Caller): Html | false {
  const isPlanned = notices.some(({ notice }) => notice.signedAt === null && notice.state !== 'closed')
  const canPrepare = waiting.has(opened.state) && !isPlanned
  const canRetract = hasRole(caller, 'signer') && notices.some(stands)
  if (notices.length === 0 && !canPrepare) return false
  return card({
    id: 'notices',
    title: 'Notices',
    flush: notices.length > 0,
    body: html`${
      notices.length > 0
        ? noticeTable('Notices about this case, the latest first', notices)
        : html`<p>No notice demands anything here yet.</p>`
    }
    ${
      (canPrepare || canRetract) &&
      html`<p class="row-actions ${notices.length > 0 && 'below-table'}">
        ${canPrepare && html`<a class="button" href="${NOTICES_PATH}/new">${icon('mail')}Prepare a notice</a>`}
        ${
          canRetract &&
          html`<a class="button button-danger" href="/cases/${opened.id}/retract"
            >${icon('back')}This was wrong: retract everywhere</a
          >`
        }
      </p>`
    }`,
  })
}

/** Taking a case back from every notice: which those are, why, and what becomes of the case. */
export function caseRetractView(opened: Case, notices: readonly CaseNotice[], filled: Filled): Html {
  const standing = notices.filter(stands)
  const path = `/cases/${opened.id}`
  return html` ${pageHead({
    above: backTo(path, opened.number),
    title: 'Retract everywhere',
    below: `${opened.recordingTitle}: one action when it turns out that a find was wrong.`,
  })}
  ${formFault(filled)}
  ${
    standing.length === 0
      ? noteBox('info', 'No signed notice demands anything about this case.')
      : html`${card({
          id: 'standing',
          title: 'It is taken back from',
          flush: true,
          body: noticeTable('Notices from which the case is taken back', standing),
        })}
        ${card({
          id: 'retract',
          title: 'Why, and what becomes of the case',
          body: html`<form method="post" action="${path}/retract" class="stack">
            ${retractFields(
              filled,
              'Everybody who got one of these notices or a copy is told. Other locations of those notices stay demanded.',
            )}
            <p><button class="button button-danger-solid">Retract it everywhere</button></p>
          </form>`,
        })}`
  }`
}
