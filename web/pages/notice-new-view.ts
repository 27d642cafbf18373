import { type Html, html } from '../../services/core/html.ts'
import type { Case } from '../../services/matches/case.ts'
import type { Asked } from '../../services/notices/asked-store.ts'
import type { Planned } from '../../services/notices/counts-store.ts'
import { EXPLANATION_CHARACTERS_MIN, Regime } from '../../services/notices/notice.ts'
import { isGuess } from '../../services/recipients/recipient.ts'
import type { Candidate } from '../../services/recipients/resolution-store.ts'
import { faultList } from '../parts/fault-list.ts'
import { type Filled, checkField, formFault, selectField, textArea, textField } from '../parts/fields.ts'
import { icon } from '../parts/icons.ts'
import { languageNames, noticeFormatNames, regimeNames } from '../parts/notice-words.ts'
import { backTo, card, empty, noteBox, pageHead } from '../parts/pieces.ts'
import { casePill } from '../parts/pills.ts'
import { counted } from '../parts/words.ts'
import { locationText } from './cases-view.ts'
import { NOTICES_PATH } from './notices-view.ts'
import { askedPill, hostPath, recipientPill, roleNames, sourceWords } from './recipient-words.ts'

/** Cases at one host, and who may be asked about them. */
export interface HostGroup {
  readonly host: string
  readonly cases: readonly Case[]
  readonly candidates: readonly Candidate[]
  /** Who was asked about which of the cases, and did not act. */
  readonly asked: readonly Asked[]
  readonly isBeingLookedUp: boolean
}

/** The field that says who is asked about a host. */
export const recipientField = (host: string): string => `recipient:${host}`

/** What several boxes or fields of one name were filled with, as `Filled` keeps it. */
export const listIn = (filled: Filled, name: string): string[] =>
  (filled.values[name] ?? '').split(', ').filter(Boolean)

function caseBox(opened: Case, planned: Planned | undefined, isTicked: boolean): Html {
  const id = `case-${opened.id}`
  return html` <div class="check">
    <input
      type="checkbox"
      id="${id}"
      name="caseIds"
      value="${opened.id}"
      aria-describedby="${id}-hint"
      ${isTicked && html`checked`}
    />
    <div>
      <label for="${id}">${opened.recordingTitle} <span class="code">${opened.number}</span></label>
      <p class="hint breakable" id="${id}-hint">
        ${locationText(opened.location)} ${opened.state !== 'confirmed' && casePill(opened.state)}
        ${planned && html`in the draft <a href="${NOTICES_PATH}/${planned.noticeId}">${planned.number}</a> already`}
      </p>
    </div>
  </div>`
}

function candidateChoice(
  host: string,
  candidate: Candidate,
  { isChosen, isAsked }: { isChosen: boolean; isAsked: boolean },
): Html {
  const id = `recipient-${host}-${candidate.id}`
  const guess = isGuess(candidate)
  return html` <div class="check">
    <input
      type="radio"
      id="${id}"
      name="${recipientField(host)}"
      value="${candidate.id}"
      aria-describedby="${id}-hint"
      ${isChosen && html`checked`}
      ${guess && html`disabled`}
    />
    <div>
      <label for="${id}">${candidate.name} ${recipientPill(candidate)} ${isAsked && askedPill}</label>
      <p class="hint" id="${id}-hint">
        ${roleNames[candidate.role]} · ${sourceWords(candidate)}
        ${
          guess &&
          html`<strong>A guess:</strong> it can be chosen once a person has confirmed it.
            <a href="/recipients/${candidate.id}">Look at it</a>`
        }
      </p>
    </div>
  </div>`
}

/** Whether the same recipients were asked about all cases of a group: then one choice does for all. */
const isAskedAlike = ({ cases, asked }: HostGroup): boolean =>
  new Set(asked.map(({ recipientId }) => recipientId)).size * cases.length === asked.length

const lookUpButton = ({ host, isBeingLookedUp, candidates }: HostGroup): Html =>
  isBeingLookedUp
    ? noteBox(
        'info',
        html`${host} is being looked up; this takes some seconds.
          <button class="button button-small" name="again" value="${host}" formnovalidate>
            Show what was found
          </button>`,
      )
    : html`<p class="row-actions">
        <button class="button button-small" name="lookUp" value="${host}" formnovalidate>
          ${icon('search')}Look up ${candidates.length > 0 && 'again'}<span class="unseen"> ${host}</span>
        </button>
        <a class="button button-small button-quiet" href="${hostPath(host)}"
          >All that is known<span class="unseen"> of ${host}</span></a
        >
      </p>`

function hostCard(
  group: HostGroup,
  planned: ReadonlyMap<string, Planned>,
  filled: Filled,
  isFirstTime: boolean,
): Html {
  const { host, cases, candidates } = group
  const ticked = new Set(listIn(filled, 'caseIds'))
  const asked = new Set(group.asked.map(({ recipientId }) => recipientId))
  const isMixed = asked.size > 0 && !isAskedAlike(group)
  const usable = candidates.find((candidate) => !isGuess(candidate) && !asked.has(candidate.id))
  const chosen = filled.values[recipientField(host)] ?? (isMixed ? undefined : usable?.id)
  return card({
    id: `host-${host}`,
    title: host,
    aside: html`<span class="row-detail">${counted(cases.length, 'case')}</span>`,
    body: html` <div class="halves-wide">
      <fieldset>
        <legend>Cases</legend>
        ${cases.map((opened) =>
          caseBox(
            opened,
            planned.get(opened.id),
            isFirstTime ? !planned.has(opened.id) : ticked.has(opened.id),
          ),
        )}
      </fieldset>
      <fieldset>
        <legend>Who is asked</legend>
        ${
          candidates.length > 0
            ? candidates.map((candidate) =>
                candidateChoice(host, candidate, {
                  isChosen: candidate.id === chosen,
                  isAsked: asked.has(candidate.id),
                }),
              )
            : html`<p class="hint">
                Nobody is known yet. Look the host up, or enter somebody under Recipients.
              </p>`
        }
        ${
          isMixed &&
          html`<p class="hint">
            Choose nobody, and each case goes to the first of them who was not asked about it yet.
          </p>`
        }
        ${lookUpButton(group)}
      </fieldset>
    </div>`,
  })
}

/** The boxes of the laws; the forms that change a draft have them, too. */
export function regimeBoxes(filled: Filled): Html {
  const held = listIn(filled, 'regimes')
  const fault = filled.faults['regimes']
  return html` <fieldset id="regimes" tabindex="-1" ${fault && html`aria-describedby="regimes-fault"`}>
    <legend>By which law</legend>
    ${fault && html`<p class="fault" id="regimes-fault">${fault}</p>`}
    ${Regime.options.map((regime) =>
      checkField({
        id: `regime-${regime}`,
        name: 'regimes',
        value: regime,
        label: regimeNames[regime],
        checked: held.includes(regime),
      }),
    )}
    <p class="hint">Each law asks for its own statements and facts; the checklist says which are missing.</p>
  </fieldset>`
}

/** What a person writes for a notice; the forms that change a draft have the same. */
export const detailFields = (filled: Filled): Html =>
  html`${textArea(
    {
      name: 'illegalityExplanation',
      label: 'Why the copies are unlawful',
      rows: 4,
      charactersMax: 4000,
      hint: `In your own words, of at least ${EXPLANATION_CHARACTERS_MIN} characters; the Digital Services Act asks for it.`,
    },
    filled,
  )}
  ${textField(
    {
      name: 'storage',
      label: 'Where the copies are kept',
      autocomplete: 'off',
      charactersMax: 500,
      hint: 'As far as you know; rule 75 of India asks for it.',
    },
    filled,
  )}
  ${textArea({ name: 'notes', label: 'Anything else for the recipient', rows: 2, charactersMax: 4000 }, filled)}`

const wordsCard = (filled: Filled): Html =>
  card({
    id: 'words',
    title: 'What the notices rest on',
    body: html`${regimeBoxes(filled)}
      <div class="field-grid">
        ${selectField({ name: 'language', label: 'Language', required: true, options: languageNames }, filled)}
        ${selectField(
          {
            name: 'format',
            label: 'Form',
            prompt: 'The best that each recipient takes',
            options: noticeFormatNames,
          },
          filled,
        )}
      </div>
      ${detailFields(filled)}`,
  })

/** What the Enter key in a field means; without it the first button would be meant, which looks a host up. */
const defaultButton = html`<button class="unseen" tabindex="-1" aria-hidden="true">Draft the notices</button>`

/** Confirmed cases by host, with who may be asked and what the notices shall say. */
export function prepareView(given: {
  groups: readonly HostGroup[]
  planned: ReadonlyMap<string, Planned>
  /** Cases about files that were handed in: nobody can be asked about those. */
  placeless: number
  isCut: boolean
  filled: Filled
  isFirstTime: boolean
}): Html {
  const { groups, planned, placeless, isCut, filled, isFirstTime } = given
  const head = pageHead({
    above: backTo(NOTICES_PATH, 'Notices'),
    title: 'Prepare notices',
    below:
      'One draft for each recipient and host. Nothing is sent, and no case changes, before a person signs.',
  })
  if (groups.length === 0)
    return html`${head}${card({
      id: 'none',
      title: 'Cases',
      flush: true,
      body: empty({
        name: 'case',
        title: 'No case waits for a notice',
        text: 'Notices are prepared from cases that a person has confirmed, that came back, or that were escalated.',
        action: html`<a class="button" href="/cases?state=needs_review">Review cases</a>`,
      }),
    })}`
  const fields = Object.fromEntries(
    groups.map(({ host }) => [recipientField(host), [`host-${host}`, host] as const]),
  )
  return html` ${head} ${formFault(filled)}
    ${faultList(filled, {
      ...fields,
      caseIds: [`host-${groups[0]?.host}`, 'Cases'],
      regimes: ['regimes', 'By which law'],
      illegalityExplanation: ['illegalityExplanation', 'Why the copies are unlawful'],
      storage: ['storage', 'Where the copies are kept'],
      notes: ['notes', 'Anything else for the recipient'],
    })}
    ${isCut && noteBox('info', 'More cases wait than fit on this page: prepare notices for these first.')}
    ${
      placeless > 0 &&
      noteBox(
        'info',
        `${counted(placeless, 'case')} about handed-in files: there is no host that could be asked.`,
      )
    }
    <form method="post" action="${NOTICES_PATH}/new" class="stacked">
      ${defaultButton} ${groups.map((group) => hostCard(group, planned, filled, isFirstTime))}
      ${wordsCard(filled)}
      <p><button class="button button-primary">${icon('mail')}Draft the notices</button></p>
    </form>`
}
