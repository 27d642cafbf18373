import type { MemberCaller } from '../../services/actions/account.ts'
import { ACCEPTANCE_DEFAULT, ACCEPTANCE_MAX, ACCEPTANCE_MIN } from '../../services/audio/search/decide.ts'
import { type Html, html } from '../../services/core/html.ts'
import { PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN } from '../../services/tenants/sign-in.ts'
import { type Caller, type Member, type Tenant, hasRole } from '../../services/tenants/tenant.ts'
import { type Filled, checkField, formFault, textField } from '../parts/fields.ts'
import { card, facts, noteBox, pageHead, tabs } from '../parts/pieces.ts'

const parts = {
  account: ['/settings', 'Account'],
  members: ['/settings/members', 'Members'],
  keys: ['/settings/keys', 'API keys'],
  allowList: ['/settings/allow-list', 'Allow-list'],
  mail: ['/settings/mail', 'Mail'],
  intake: ['/settings/intake', 'Intake by mail'],
  notices: ['/settings/notices', 'Notices'],
  password: ['/settings/password', 'Your password'],
  security: ['/settings/security', 'Security'],
} as const

/** Parts that are not for owners alone. */
const personal: ReadonlySet<keyof typeof parts> = new Set([
  'password',
  'security',
  'allowList',
  'intake',
  'notices',
])

/** Settings have parts; each is a page under the same head. */
export const settingsFrame = (current: keyof typeof parts, caller: Caller, body: Html): Html =>
  html` ${pageHead({ title: 'Settings' })}
    ${tabs(
      'Settings',
      Object.entries(parts).map(([name, [href, text]]) => ({ text, href, current: name === current })),
    )}
    ${!hasRole(caller, 'owner') && !personal.has(current) && noteBox('info', 'Only owners can change what belongs to the whole account.')}
    <div class="narrow">${body}</div>`

/** A secret that is shown once, with a button that copies it. */
export const secretBox = (given: { title: string; text: string; secret: string }): Html =>
  html` <div class="notice notice-good secret" role="status">
    <div>
      <p><strong>${given.title}</strong></p>
      <p>${given.text}</p>
      <p class="secret-line">
        <code id="secret" class="breakable" tabindex="0">${given.secret}</code>
        <button type="button" class="button button-small" data-copy="secret" hidden>Copy</button>
      </p>
    </div>
  </div>`

function contactForm(tenant: Tenant, filled: Filled): Html {
  const stored = Object.fromEntries(
    Object.entries(tenant).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, value] as const] : [],
    ),
  )
  const shown: Filled = { values: { ...stored, ...filled.values }, faults: filled.faults }
  return html` <form method="post" action="/settings/contact" class="stack">
    ${formFault(filled)}
    <p>Stands on every report as its sender. Hosts may ignore a report without a full address.</p>
    <div class="field-grid">
      ${textField(
        {
          name: 'name',
          label: 'Company',
          required: true,
          autocomplete: 'organization',
          charactersMax: 200,
        },
        shown,
      )}
      ${textField({ name: 'contactName', label: 'Contact person', autocomplete: 'name', charactersMax: 200 }, shown)}
      ${textField(
        {
          name: 'contactAddress',
          label: 'Postal address',
          autocomplete: 'street-address',
          charactersMax: 500,
          wide: true,
        },
        shown,
      )}
      ${textField(
        {
          name: 'contactCountry',
          label: 'Country',
          autocomplete: 'country',
          charactersMax: 2,
          placeholder: 'IN',
          hint: 'Two letters.',
        },
        shown,
      )}
      ${textField(
        {
          name: 'contactPhone',
          label: 'Telephone',
          type: 'tel',
          autocomplete: 'tel',
          placeholder: '+91 22 5555 0100',
          hint: 'With the country code.',
        },
        shown,
      )}
      ${textField(
        {
          name: 'contactEmail',
          label: 'E-mail for answers',
          type: 'email',
          autocomplete: 'email',
          charactersMax: 254,
        },
        shown,
      )}
    </div>
    <p><button class="button button-primary">Save contact</button></p>
  </form>`
}

const contactFacts = (tenant: Tenant): Html =>
  facts([
    { label: 'Company', value: tenant.name },
    { label: 'Contact person', value: tenant.contactName },
    { label: 'Postal address', value: tenant.contactAddress },
    { label: 'Country', value: tenant.contactCountry },
    { label: 'Telephone', value: tenant.contactPhone },
    { label: 'E-mail', value: tenant.contactEmail },
  ])

const switchesForm = (tenant: Tenant): Html =>
  html` <form method="post" action="/settings/switches" class="stack">
    ${checkField({
      name: 'keepReferenceAudio',
      label: 'Hold the audio of recordings',
      hint: 'Off: it is deleted as soon as it is fingerprinted. On: reviewers can listen to the original beside a find.',
      checked: tenant.keepReferenceAudio,
    })}
    ${checkField({
      name: 'keepSuspectAudio',
      label: 'Hold suspect files',
      hint: 'Off: deleted after examination; fingerprints, hashes and findings stay. On: kept as evidence and to listen to.',
      checked: tenant.keepSuspectAudio,
    })}
    ${checkField({
      name: 'alertsOn',
      label: 'Send alert mails',
      hint: 'One mail when cases open, to every member who wants it. Finds within a few minutes share a mail.',
      checked: tenant.alertsOn,
    })}
    <p><button class="button button-primary">Save switches</button></p>
  </form>`

/** What the figure means, for somebody who has never heard of a threshold. */
const acceptanceText = html`<p>
    No search is certain. This says how often it may be wrong: of a million files that contain nothing of
    yours, so many may still be reported as a find. Lower means fewer false alarms and fewer finds: short,
    noisy or much altered copies are the first to be missed. Higher means more finds and more false alarms.
  </p>
  <p class="hint">
    Every find is looked at by a person either way. A change holds for what is compared from then on; each
    comparison keeps the figure it was made with.
  </p>`

const acceptanceForm = (tenant: Tenant, filled: Filled): Html =>
  html` <form method="post" action="/settings/acceptance" class="stack">
    ${acceptanceText}
    ${textField(
      {
        name: 'falseClaimsPerMillion',
        label: 'False claims per million files',
        required: true,
        charactersMax: 10,
        hint: `A whole number from ${ACCEPTANCE_MIN} to ${ACCEPTANCE_MAX.toLocaleString('en')}; usual is ${ACCEPTANCE_DEFAULT.toLocaleString('en')}.`,
      },
      {
        values: { falseClaimsPerMillion: String(tenant.falseClaimsPerMillion), ...filled.values },
        faults: filled.faults,
      },
    )}
    <p><button class="button button-primary">Save</button></p>
  </form>`

const acceptanceFacts = (tenant: Tenant): Html =>
  html`${acceptanceText}
  ${facts([{ label: 'False claims per million files', value: `at most ${tenant.falseClaimsPerMillion.toLocaleString('en')}` }])}`

const switchFacts = (tenant: Tenant): Html =>
  facts([
    {
      label: 'Audio of recordings',
      value: tenant.keepReferenceAudio ? 'held' : 'deleted after fingerprinting',
    },
    { label: 'Suspect files', value: tenant.keepSuspectAudio ? 'held' : 'deleted after examination' },
    { label: 'Alert mails', value: tenant.alertsOn ? 'on' : 'off' },
  ])

/** Who the account is, what is held, and who is mailed. */
export function accountView(tenant: Tenant, caller: MemberCaller, filled: Filled): Html {
  const isOwner = hasRole(caller, 'owner')
  return html` ${card({
    id: 'contact',
    title: 'Contact',
    body: isOwner ? contactForm(tenant, filled) : contactFacts(tenant),
  })}
  ${card({ id: 'audio', title: 'Audio and alerts', body: isOwner ? switchesForm(tenant) : switchFacts(tenant) })}
  ${card({
    id: 'acceptance',
    title: 'How sure a find must be',
    body: isOwner ? acceptanceForm(tenant, filled) : acceptanceFacts(tenant),
  })}
  ${card({
    id: 'alerts',
    title: 'Your alerts',
    body: html`<form method="post" action="/settings/alerts" class="stack">
      ${checkField({
        name: 'getsAlerts',
        label: 'Mail me when cases open',
        hint: `To ${caller.member.email}.`,
        checked: caller.member.getsAlerts,
      })}
      <p><button class="button">Save</button></p>
    </form>`,
  })}`
}

/** Choosing a password; `isFirst` right after the first sign-in by link, when it can be left for later. */
export const passwordView = ({ email, hasPassword }: Member, isFirst: boolean, filled: Filled): Html =>
  card({
    id: 'own-password',
    title: isFirst ? 'Choose a password' : 'Change your password',
    body: html`<form method="post" action="/settings/password${isFirst && '?first=1'}" class="stack">
      ${isFirst && html`<p>The link that brought you here is spent. With a password you can sign in again.</p>`}
      ${formFault(filled)}
      <input
        type="email"
        class="unseen"
        name="email"
        value="${email}"
        autocomplete="username"
        readonly
        tabindex="-1"
        aria-label="E-mail"
      />
      ${
        hasPassword &&
        textField(
          {
            name: 'present',
            label: 'Present password',
            type: 'password',
            required: true,
            autocomplete: 'current-password',
            charactersMax: PASSWORD_LENGTH_MAX,
          },
          filled,
        )
      }
      ${textField(
        {
          name: 'password',
          label: 'New password',
          type: 'password',
          required: true,
          autocomplete: 'new-password',
          charactersMax: PASSWORD_LENGTH_MAX,
          hint: `At least ${PASSWORD_LENGTH_MIN} characters. Several unrelated words are good.`,
        },
        filled,
      )}
      ${textField(
        {
          name: 'again',
          label: 'Once more',
          type: 'password',
          required: true,
          autocomplete: 'new-password',
          charactersMax: PASSWORD_LENGTH_MAX,
        },
        filled,
      )}
      <p class="row-actions">
        <button class="button button-primary">Set password</button>
        ${isFirst && html`<a class="button button-quiet" href="/">Later</a>`}
      </p>
    </form>`,
  })
