import type { MemberCaller } from '../../services/actions/account.ts'
import type { SecondFactorState } from '../../services/actions/second-factor.ts'
import { type Html, html, trusted } from '../../services/core/html.ts'
import { FRESH_MINUTES, type Passkey } from '../../services/tenants/factor.ts'
import { PASSWORD_LENGTH_MAX } from '../../services/tenants/sign-in.ts'
import { assetUrl } from '../assets.ts'
import { type Filled, formFault, textField, unfilled } from '../parts/fields.ts'
import { icon } from '../parts/icons.ts'
import { card, confirmButton, noteBox } from '../parts/pieces.ts'
import { timeAgo, timeExact } from '../parts/words.ts'

/** What the page shows besides what is set up: where to go afterwards, and forms that came back. */
export interface Shown {
  readonly onward: string
  readonly confirm?: Filled
  readonly proof?: Filled
}

const thenField = (onward: string): Html | false =>
  onward !== '' && html`<input type="hidden" name="then" value="${onward}" />`

const codeField = (id: string, filled: Filled): Html =>
  textField(
    {
      id,
      name: 'code',
      label: 'Code',
      required: true,
      autocomplete: 'one-time-code',
      charactersMax: 20,
      hint: 'The six digits that the app shows now.',
    },
    { values: {}, faults: filled.faults },
  )

/** Where a script says what went wrong with a passkey. */
const passkeyFault = html`<p class="notice notice-bad" role="alert" data-passkey-fault hidden></p>`

/** Showing a factor: by a code, or by a passkey where the browser has them. */
function confirmCard(
  { totp, passkeys, fresh }: SecondFactorState,
  { onward, confirm = unfilled }: Shown,
): Html {
  const goOn = onward !== '' && html`<p><a class="button" href="${onward}">${icon('arrow')}Go on</a></p>`
  return card({
    id: 'confirm',
    title: 'Show that it is you',
    body: html`${
      fresh
        ? html`${noteBox('good', html`Shown in this session; it counts until ${timeExact(fresh.until)}.`)}${goOn}`
        : html`<p>
            Before you sign, and before you change your factors, show one of them. It counts for
            ${FRESH_MINUTES} minutes, in this browser only.
          </p>`
    }
    ${formFault(confirm)}
    ${
      totp &&
      html`<form method="post" action="/settings/security/verify" class="stack">
        ${thenField(onward)} ${codeField('confirm-code', confirm)}
        <p><button class="button button-primary">Confirm</button></p>
      </form>`
    }
    ${
      passkeys.length > 0 &&
      html`${passkeyFault}
        <p>
          <button type="button" class="button" data-passkey="verify" data-then="${onward}" hidden>
            ${icon('key')}Use a passkey
          </button>
        </p>
        ${!totp && html`<noscript><p>Passkeys need JavaScript in this browser.</p></noscript>`}`
    }`,
  })
}

/** Asked for while there is no factor: an open browser left alone must not be enough. */
const proofField = (id: string, isNeeded: boolean, filled: Filled): Html | false =>
  isNeeded &&
  textField(
    {
      id,
      name: 'password',
      label: 'Your password',
      type: 'password',
      required: true,
      autocomplete: 'current-password',
      charactersMax: PASSWORD_LENGTH_MAX,
    },
    filled,
  )

function appCard(
  state: SecondFactorState,
  needsPassword: boolean,
  { onward, proof = unfilled }: Shown,
): Html {
  const body = state.totp
    ? html`<p>An authenticator app is set up.</p>
        ${confirmButton({
          id: 'remove-app',
          button: 'Remove',
          question: 'Remove the authenticator app?',
          text: 'Its codes are worth nothing from then on. Without another factor you cannot sign.',
          action: '/settings/security/totp/remove',
          yes: 'Remove',
        })}`
    : html`<p>An app on your telephone shows a new code every half minute; each works once.</p>
        ${formFault(proof)}
        <form method="post" action="/settings/security/totp" class="stack">
          ${thenField(onward)} ${proofField('app-password', needsPassword, proof)}
          <p><button class="button button-primary">${icon('plus')}Set up an app</button></p>
        </form>`
  return card({ id: 'app', title: 'Authenticator app', body })
}

const passkeyItem = ({ id, name, createdAt, lastUsedAt }: Passkey, index: number): Html =>
  html` <li class="person">
    <div class="person-head">
      <p>
        <strong>${name}</strong>
        <span class="row-detail"
          >added ${timeAgo(createdAt)},
          ${lastUsedAt ? html`used ${timeAgo(lastUsedAt)}` : 'not used since'}</span
        >
      </p>
      ${confirmButton({
        id: `remove-passkey-${index}`,
        button: 'Remove',
        question: `Remove “${name}”?`,
        text: 'This device can no longer show that it is you.',
        action: `/settings/security/passkeys/${id}/remove`,
        yes: 'Remove',
      })}
    </div>
  </li>`

function passkeyCard({ passkeys, passkeysPossible }: SecondFactorState, needsPassword: boolean): Html {
  const adding = passkeysPossible
    ? html`<form class="stack" data-passkey="add" hidden>
          ${passkeyFault}
          ${textField({ id: 'passkey-name', name: 'name', label: 'Name of the device', required: true, charactersMax: 100 })}
          ${proofField('passkey-password', needsPassword, unfilled)}
          <p><button class="button">${icon('plus')}Add a passkey</button></p>
        </form>
        <noscript><p>Adding one needs JavaScript in this browser.</p></noscript>`
    : html`<p>
        Browsers allow passkeys only on https with a host name. Whoever runs this service can set its
        PUBLIC_URL.
      </p>`
  return card({
    id: 'passkeys',
    title: 'Passkeys',
    body: html`<p>
        A security key, a telephone or a password manager that answers for you; nothing has to be typed.
      </p>
      ${
        passkeys.length > 0 &&
        html`<ul class="people">
          ${passkeys.map(passkeyItem)}
        </ul>`
      }
      ${adding}`,
  })
}

/** The member's own second factors. */
export function securityView(state: SecondFactorState, { member }: MemberCaller, shown: Shown): Html {
  const hasFactor = state.totp || state.passkeys.length > 0
  const needsPassword = !hasFactor && member.hasPassword
  return html`${
      hasFactor
        ? confirmCard(state, shown)
        : noteBox('info', 'You have no second factor yet. Without one you cannot sign a notice.')
    }
    ${appCard(state, needsPassword, shown)} ${passkeyCard(state, needsPassword)}
    <script type="module" src="${assetUrl('passkeys.js')}"></script>`
}

/** The secret of an app that is being set up: shown once, with the form for its first code. */
export const enrolView = (
  begun: { secret: string; svg: string } | undefined,
  onward: string,
  filled: Filled,
): Html =>
  card({
    id: 'enrol',
    title: 'Set up an authenticator app',
    body: html`${
        begun
          ? html`<p>Scan this with the app, or type the key into it. It is shown only now.</p>
              <div class="qr" role="img" aria-label="QR code with the key below">${trusted(begun.svg)}</div>
              <p class="secret-line">
                <code id="secret" class="breakable" tabindex="0"
                  >${begun.secret.replaceAll(/.{4}(?=.)/g, '$& ')}</code
                >
                <button type="button" class="button button-small" data-copy="secret" hidden>Copy</button>
              </p>`
          : html`<p>Type the code that the app shows for the key you have just given it.</p>`
      }
      ${formFault(filled)}
      <form method="post" action="/settings/security/totp/confirm" class="stack">
        ${thenField(onward)} ${codeField('first-code', filled)}
        <p class="row-actions">
          <button class="button button-primary">Finish</button>
          <a class="button button-quiet" href="/settings/security">Begin again</a>
        </p>
      </form>`,
  })
