import type { CatalogCounts } from '../../services/catalog/store.ts'
import { type Html, html } from '../../services/core/html.ts'
import type { CaseCounts } from '../../services/matches/case-store.ts'
import type { Case } from '../../services/matches/case.ts'
import type { SubmissionCounts } from '../../services/submissions/store.ts'
import { type IconName, icon } from '../parts/icons.ts'
import { card, empty, pageHead, refreshing } from '../parts/pieces.ts'
import { counted } from '../parts/words.ts'
import { caseTable } from './cases-view.ts'
import { type SubmissionRow, submissionTable } from './submissions-view.ts'

interface Overview {
  readonly latest: readonly SubmissionRow[]
  readonly cases: readonly Case[]
  readonly caseCounts: CaseCounts
  readonly submissionCounts: SubmissionCounts
  readonly catalogCounts: CatalogCounts
}

const tile = (given: {
  href: string
  name: IconName
  count: number
  text: string
  detail: string
  look?: string
}): Html =>
  html` <li class="tile ${given.look}">
    <a href="${given.href}">
      <span class="tile-text">${icon(given.name)}${given.text}</span>
      <strong>${given.count.toLocaleString('en')}</strong>
      <span class="tile-detail">${given.detail}</span></a
    >
  </li>`

function protectedDetail({ recordings, recognisable }: CatalogCounts): string {
  if (recordings === 0) return 'no recordings yet'
  return recognisable === recordings
    ? 'recordings, all recognisable'
    : `of ${counted(recordings, 'recording')} recognisable`
}

function tiles({ caseCounts, submissionCounts, catalogCounts }: Overview): Html {
  return html`<ul class="tiles">
    ${tile({
      href: '/cases?state=needs_review',
      name: 'eye',
      count: caseCounts.needsReview,
      text: 'Cases to review',
      detail: caseCounts.needsReview > 0 ? 'waiting for your decision' : 'nothing waits for you',
      look: caseCounts.needsReview > 0 ? 'tile-attention' : '',
    })}
    ${tile({ href: '/cases?state=confirmed', name: 'check', count: caseCounts.confirmed, text: 'Confirmed', detail: 'cases to act on' })}
    ${tile({
      href: '/submissions',
      name: 'submit',
      count: submissionCounts.open,
      text: 'At work',
      detail:
        submissionCounts.failed > 0
          ? `${submissionCounts.failed} failed so far`
          : `${submissionCounts.done} examined so far`,
    })}
    ${tile({
      href: '/recordings',
      name: 'recording',
      count: catalogCounts.recognisable,
      text: 'Protected',
      detail: protectedDetail(catalogCounts),
    })}
  </ul>`
}

interface Step {
  readonly done: boolean
  readonly title: string
  readonly text: string
  readonly href: string
  readonly name: IconName
}

/** A step of the first three; the one that comes next has the loud button. */
const step = ({ done, title, text, href, name }: Step, isNext: boolean): Html =>
  html` <li class="first-step ${done && 'first-step-done'}">
    <span class="step-dot">${done && icon('check')}</span>
    <div>
      <p><strong>${title}</strong>${done && html`<span class="unseen">, done</span>`}</p>
      <p>${text}</p>
      ${!done && html`<a class="button ${isNext && 'button-primary'}" href="${href}">${icon(name)}${title}</a>`}
    </div>
  </li>`

/** What a new account does first; gone once all three are done. */
function firstSteps({ catalogCounts, submissionCounts, caseCounts }: Overview): Html | false {
  const list: readonly Step[] = [
    {
      done: catalogCounts.recordings > 0,
      title: 'Register recordings',
      text: 'Upload a master; it is fingerprinted in seconds and then deleted.',
      href: '/recordings?register=1',
      name: 'plus',
    },
    {
      done: submissionCounts.open + submissionCounts.done + submissionCounts.failed > 0,
      title: 'Hand in a suspect',
      text: 'A link or a file that may contain one of them: whole, cut, sped up or pitched.',
      href: '/submissions',
      name: 'submit',
    },
    {
      done: caseCounts.confirmed + caseCounts.dismissed > 0,
      title: 'Review the case',
      text: 'See where they meet, listen, decide, and issue a report that a host must act on.',
      href: '/cases',
      name: 'case',
    },
  ]
  const next = list.find(({ done }) => !done)
  if (!next) return false
  const body = html`<ol class="first-steps">
    ${list.map((each) => step(each, each === next))}
  </ol>`
  return card({ id: 'first-steps', title: 'First steps', body })
}

/** What waits, what to do first, and what happened last. */
export const overviewView = (read: Overview): Html =>
  html` ${pageHead({
      title: 'Overview',
      actions: html`<a class="button button-primary" href="/submissions"
        >${icon('submit')}Hand in a suspect</a
      >`,
    })}
    <div
      id="state"
      class="stacked"
      ${read.submissionCounts.open + read.catalogCounts.inWork > 0 && refreshing('state', '/')}
    >
      ${tiles(read)} ${firstSteps(read)}
      <div class="halves">
        ${card({
          id: 'cases',
          title: 'Latest cases',
          flush: true,
          aside: html`<a href="/cases">All cases</a>`,
          body:
            read.cases.length > 0
              ? caseTable('Latest cases', read.cases)
              : empty({
                  name: 'case',
                  title: 'No cases yet',
                  text: 'A case opens by itself when a recording is found in a suspect.',
                }),
        })}
        ${card({
          id: 'submissions',
          title: 'Latest submissions',
          flush: true,
          aside: html`<a href="/submissions">All submissions</a>`,
          body:
            read.latest.length > 0
              ? submissionTable('Latest submissions', read.latest)
              : empty({
                  name: 'submit',
                  title: 'Nothing handed in yet',
                  text: 'Paste a link or drop a file under Submissions.',
                }),
        })}
      </div>
    </div>`
