import type { SecondFactorState } from '../../services/actions/second-factor.ts'
import { type Html, html } from '../../services/core/html.ts'
import type { Fault } from '../../services/core/problem.ts'
import { type Language, StatementCode } from '../../services/notices/notice.ts'
import type { Gate } from '../../services/notices/readiness/gate.ts'
import { wordingNote } from '../../services/notices/statements/statements.ts'
import { FRESH_MINUTES } from '../../services/tenants/factor.ts'
import { faultList } from '../parts/fault-list.ts'
import { type Filled, checkField, formFault } from '../parts/fields.ts'
import { icon } from '../parts/icons.ts'
import { languageNames, noticePill, statementNames } from '../parts/notice-words.ts'
import { backTo, card, noteBox, pageHead } from '../parts/pieces.ts'
import { pill } from '../parts/pills.ts'
import { signatureField } from '../parts/signature.ts'
import { mainCell, table } from '../parts/table.ts'
import { counted } from '../parts/words.ts'
import { gateBody, wayTo } from './notice-checklist-view.ts'
import type { NoticeRead } from './notice-view.ts'
import { NOTICES_PATH, noticeName, pausedNote } from './notices-view.ts'

/** A notice that can be signed, or could be if nothing of it were open. */
export interface Signable extends NoticeRead {
  readonly checked: NonNullable<NoticeRead['checked']>
  readonly document: NonNullable<NoticeRead['document']>
  /** Of what is shown (`shownDigest`): it comes back with the signature. */
  readonly digest: string
}

/** One wording with the notices that have it. */
interface SharedStatement {
  readonly language: Language
  readonly code: StatementCode
  readonly text: string
  readonly notices: string[]
}

/** Equal texts once, with the names of the notices that have them; those that say the same of other hosts beside each other. */
function sharedStatements(signables: readonly Signable[]): SharedStatement[] {
  const shared = new Map<string, SharedStatement>()
  for (const { notice, document } of signables)
    for (const { code, text } of document.statements.texts) {
      const key = `${document.language} ${code} ${text}`
      const known = shared.get(key) ?? { language: document.language, code, text, notices: [] }
      known.notices.push(noticeName(notice))
      shared.set(key, known)
    }
  const order = ({ code }: SharedStatement): number => StatementCode.options.indexOf(code)
  return [...shared.values()].toSorted((a, b) => order(a) - order(b))
}

const noticesCard = (signables: readonly Signable[]): Html =>
  card({
    id: 'notices',
    title: 'What is signed',
    flush: true,
    aside: html`<span class="row-detail">${counted(signables.length, 'notice')}</span>`,
    body: table(
      'Notices that are signed together',
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
        { name: 'Locations', kind: 'number', cell: ({ document }) => document.locations.length },
        {
          name: 'Open points',
          kind: 'number',
          cell: ({ checked }) => checked.openPoints.length + checked.gate.stops.length,
        },
        {
          name: 'Dry run',
          cell: ({ notice }) =>
            html`<a class="button button-small row-tick" href="${NOTICES_PATH}/${notice.id}/preview"
              >${icon('eye')}What would be sent<span class="unseen"> of ${noticeName(notice)}</span></a
            >`,
        },
      ],
      signables,
    ),
  })

/** Everything that is open in any of them, with the ways to mend it. */
function openCard(signables: readonly Signable[], ids: string): Html {
  const open = signables.filter(
    ({ notice, checked }) =>
      checked.openPoints.length > 0 || checked.gate.stops.length > 0 || notice.state !== 'ready',
  )
  return card({
    id: 'open',
    title: 'Nothing can be signed yet',
    body: html` <p>Notices are signed together or not at all. This is what is open:</p>
      ${open.map(({ notice, checked, document, recipient }) => {
        const at = { noticeId: notice.id, recipientId: recipient.id, document }
        const points = [...checked.openPoints, ...checked.gate.stops]
        return html`<h3><a href="${NOTICES_PATH}/${notice.id}#checklist">${noticeName(notice)}</a></h3>
          <ul class="points">
            ${points.map((each) => {
              const way = wayTo(each, at)
              return html`<li>${each.todo} ${way && html`<a href="${way.href}">${way.text}</a>`}</li>`
            })}
            ${notice.state !== 'ready' && points.length === 0 && html`<li>It was not checked since it was last changed.</li>`}
          </ul>`
      })}
      <form method="post" action="${NOTICES_PATH}/check">
        <input type="hidden" name="ids" value="${ids}" />
        <p><button class="button button-primary">${icon('check')}Check them again</button></p>
      </form>`,
  })
}

const statementItem = ({ language, code, text, notices }: SharedStatement, total: number): Html =>
  html` <div>
    <dt>
      ${statementNames[code]}
      <span class="row-detail"
        >${notices.length === total ? 'in every notice' : `in ${notices.join('; ')}`}</span
      >
    </dt>
    <dd lang="${language}">${text}</dd>
  </div>`

function statementsToMake(signables: readonly Signable[]): Html {
  const shared = sharedStatements(signables)
  const languages = [...new Set(shared.map(({ language }) => language))]
  return card({
    id: 'statements',
    title: 'The statements that you make',
    body: html` <p>
        You make each of them with your signature, in the language of its notice. Read them in full.
      </p>
      ${languages.map(
        (language) =>
          html`${languages.length > 1 && html`<h3>${languageNames[language]}</h3>`}
            <dl class="statements-list">
              ${shared
                .filter((each) => each.language === language)
                .map((each) => statementItem(each, signables.length))}
            </dl>
            ${noteBox('attention', html`<p lang="${language}">${wordingNote(language)}</p>`)}`,
      )}`,
  })
}

const faultFields = {
  acknowledged: ['acknowledged', 'How many are likely to be wrong'],
  signatureText: ['signatureText', 'Signature'],
} as const

/** What the signer confirms to have read, in figures: never rounded to nothing. */
function acknowledgement({ count, expectedWrong, interval: [low, high] }: Gate): string {
  const wrong =
    expectedWrong > 0 && expectedWrong < 0.01
      ? 'fewer than 0.01'
      : `about ${Number(expectedWrong.toFixed(2))}`
  const range = low === high ? `${low}` : `${low} to ${high}`
  return `I have read it: of these ${counted(count, 'location')} ${wrong} are expected to be wrong (95 %: ${range}).`
}

const gateWithTick = (gate: Gate, filled: Filled): Html =>
  card({
    id: 'gate',
    title: 'How many are likely to be wrong',
    body: html`${gateBody(gate)}
    ${checkField({
      name: 'acknowledged',
      label: acknowledgement(gate),
      checked: filled.values['acknowledged'] === 'on',
      required: true,
    })}
    ${filled.faults['acknowledged'] && html`<p class="fault">${filled.faults['acknowledged']}</p>`}`,
  })

const signatureCard = (memberName: string, count: number, freshUntil: Date, filled: Filled): Html =>
  card({
    id: 'signature',
    title: 'Your signature',
    aside: pill('good', 'key', 'Second factor shown'),
    body: html` ${signatureField(memberName, filled, freshUntil)}
      <p><button class="button button-primary">${icon('pen')}Sign ${counted(count, 'notice')}</button></p>
      <p class="hint">
        Signing sends nothing. What you signed never changes; a correction is a new version.
      </p>`,
  })

const factorCard = ({ totp, passkeys }: SecondFactorState, path: string): Html =>
  card({
    id: 'factor',
    title: 'Show that it is you',
    body: html` <p>
        ${
          totp || passkeys.length > 0
            ? `You sign with a second factor that was shown in the last ${FRESH_MINUTES} minutes.`
            : 'You sign with a second factor. You have none yet: set up an authenticator app or a passkey first.'
        }
        You come back here afterwards.
      </p>
      <p>
        <a class="button button-primary" href="/settings/security?then=${encodeURIComponent(path)}"
          >${icon('key')}${totp || passkeys.length > 0 ? 'Show your second factor' : 'Set up a second factor'}</a
        >
      </p>`,
  })

/** What the signing itself found open, where it found more than this page. */
const refusedFaults = (faults: readonly Fault[]): Html | false =>
  faults.length > 0 &&
  html`<div class="notice notice-bad" role="alert">
    ${icon('warning')}
    <div>
      <p><strong>Nothing was signed.</strong></p>
      <ul class="points">
        ${faults.map(({ detail }) => html`<li>${detail}</li>`)}
      </ul>
    </div>
  </div>`

/** Signing many notices at once: what, how likely to be wrong, which statements, and the signature. */
export function signView(given: {
  signables: readonly Signable[]
  gate: Gate
  memberName: string
  canSign: boolean
  factor: SecondFactorState
  pausedWhy: string | null
  /** Why these would wait for an approval that nobody can give. */
  nobodyApproves: string | undefined
  /** The address of this page. */
  path: string
  filled: Filled
  faults: readonly Fault[]
}): Html {
  const { signables, gate, memberName, canSign, factor, pausedWhy, nobodyApproves, path, filled, faults } =
    given
  const ids = signables.map(({ notice }) => notice.id).join(',')
  const locations = signables.reduce((sum, { document }) => sum + document.locations.length, 0)
  const isOpen = signables.some(
    ({ notice, checked }) => checked.openPoints.length > 0 || notice.state !== 'ready',
  )
  const head = pageHead({
    above: backTo(NOTICES_PATH, 'Notices'),
    title: `Sign ${counted(signables.length, 'notice')}`,
    below: `About ${counted(locations, 'location')}. You sign once; each notice gets its own signature and time.`,
  })
  const top = html`${head} ${pausedNote(pausedWhy)}
  ${nobodyApproves !== undefined && noteBox('attention', html`You can sign, but nothing will be sent yet. ${nobodyApproves}`)}
  ${formFault(filled)} ${refusedFaults(faults)} ${faultList(filled, faultFields)} ${noticesCard(signables)}`
  if (isOpen || gate.stops.length > 0)
    return html`${top} ${openCard(signables, ids)}
    ${card({ id: 'gate', title: 'How many are likely to be wrong', body: gateBody(gate) })}`
  if (!canSign)
    return html`${top} ${noteBox('info', 'Only a member with the role ‘signer’ can sign.')}
    ${statementsToMake(signables)}`
  // Without a fresh factor there is nothing to fill in yet: what was ticked would be lost on the way there and back.
  if (!factor.fresh)
    return html`${top} ${factorCard(factor, path)}
    ${card({ id: 'gate', title: 'How many are likely to be wrong', body: gateBody(gate) })}
    ${statementsToMake(signables)}`
  return html`${top}
    <form method="post" action="${NOTICES_PATH}/sign" class="stacked">
      <input type="hidden" name="ids" value="${ids}" />
      ${signables.map(({ notice, digest }) => html`<input type="hidden" name="shown" value="${notice.id} ${digest}" />`)}
      ${gateWithTick(gate, filled)} ${statementsToMake(signables)}
      ${signatureCard(memberName, signables.length, factor.fresh.until, filled)}
    </form>`
}
