import express, { type Router } from 'express'

import {
  type MailSettings,
  changeMail,
  mailSettings,
  removeDkim,
  sendTestMail,
  setDkim,
} from '../../services/actions/mail-identity.ts'
import { type Html, html } from '../../services/core/html.ts'
import { Problem, type ProblemType } from '../../services/core/problem.ts'
import { DkimChange, MailChange } from '../../services/tenants/mail-settings.ts'
import { hasRole } from '../../services/tenants/tenant.ts'
import { withFlash } from '../flash.ts'
import { type Refusal, attempt, readForm, textOf } from '../forms.ts'
import { type Filled, checkField, formFault, textArea, textField, unfilled } from '../parts/fields.ts'
import { icon } from '../parts/icons.ts'
import { card, confirmButton, facts, noteBox } from '../parts/pieces.ts'
import { timeExact } from '../parts/words.ts'
import { type Page, type Reply, type Visit, type Web, forMembers } from '../visit.ts'
import { settingsFrame } from './settings-view.ts'

const here = '/settings/mail'

/** Forms of the page that came back. */
interface Shown {
  readonly mail?: Filled
  readonly dkim?: Filled
  readonly test?: Filled
}

function senderForm(settings: MailSettings, filled: Filled): Html {
  const stored = { mailFrom: settings.mailFrom ?? '', replyDomain: settings.replyDomain ?? '' }
  const shown: Filled = { values: { ...stored, ...filled.values, smtpUrl: '' }, faults: filled.faults }
  const server = settings.unreadable.includes('smtpUrl')
    ? 'A server was set, but its password cannot be read any more: give it again.'
    : settings.smtpHost
      ? `Now: ${settings.smtpHost}. Left empty, it stays.`
      : 'Left empty, mails go through the server of this installation.'
  return html`<form method="post" action="${here}" class="stack">
    ${formFault(filled)}
    ${textField(
      {
        name: 'mailFrom',
        label: 'Sender',
        charactersMax: 320,
        placeholder: 'Sample Records <notices@records.example>',
        hint: 'Whom hosts see. Left empty: the sender of this installation.',
      },
      shown,
    )}
    ${textField(
      {
        name: 'replyDomain',
        label: 'Domain for answers',
        charactersMax: 253,
        placeholder: 'replies.records.example',
        hint: 'Its mail must arrive at this installation (MX record). Left empty: the installation’s own.',
      },
      shown,
    )}
    ${textField(
      {
        name: 'smtpUrl',
        label: 'Mail server',
        autocomplete: 'off',
        charactersMax: 500,
        placeholder: 'smtps://user:password@mail.example:465',
        hint: `${server} It is kept sealed and never shown.`,
      },
      shown,
    )}
    ${
      (settings.smtpHost !== null || settings.unreadable.includes('smtpUrl')) &&
      checkField({ name: 'forgetServer', label: 'Use no server of our own any more', checked: false })
    }
    <p><button class="button button-primary">Save</button></p>
  </form>`
}

const recordFacts = ({ name, value }: { name: string; value: string }): Html =>
  html`<p>Publish this TXT record, so that receivers can check the signatures:</p>
    ${facts([
      { label: 'Name', value: html`<code class="breakable">${name}</code>` },
      { label: 'Type', value: 'TXT' },
      { label: 'Value', value: html`<code id="dkim-record" class="breakable" tabindex="0">${value}</code>` },
    ])}
    <p>
      <button type="button" class="button button-small" data-copy="dkim-record" hidden>Copy the value</button>
    </p>`

const dkimForm = (settings: MailSettings, filled: Filled): Html =>
  html`<form method="post" action="${here}/dkim" class="stack">
    ${formFault(filled)}
    <div class="field-grid">
      ${textField(
        {
          name: 'domain',
          label: 'Domain',
          required: true,
          charactersMax: 253,
          placeholder: 'records.example',
        },
        filled,
      )}
      ${textField(
        {
          name: 'selector',
          label: 'Selector',
          required: true,
          charactersMax: 63,
          placeholder: 'earwitness1',
        },
        filled,
      )}
    </div>
    <details class="more" ${Boolean(filled.faults['privateKey']) && html`open`}>
      <summary>Use a key that we have already</summary>
      ${textArea(
        {
          name: 'privateKey',
          label: 'Private key (PEM, RSA)',
          charactersMax: 10_000,
          hint: 'Left empty, a new key is made here. It is kept sealed and never shown.',
        },
        { values: {}, faults: filled.faults },
      )}
    </details>
    <p>
      <button class="button">${settings.dkimDomain ? 'Replace the key' : 'Make a key'}</button>
    </p>
  </form>`

function dkimCard(settings: MailSettings, filled: Filled): Html {
  const { dkimDomain, dkimRecord, unreadable } = settings
  return card({
    id: 'dkim',
    title: 'Signature of the domain (DKIM)',
    body: html`<p>With it receivers can tell that a mail is from you and arrived unchanged.</p>
      ${unreadable.includes('dkimKey') && noteBox('bad', 'The key cannot be read any more. Make another one.')}
      ${dkimRecord && recordFacts(dkimRecord)} ${dkimForm(settings, filled)}
      ${
        dkimDomain &&
        confirmButton({
          id: 'remove-dkim',
          button: 'Sign no more',
          question: `Sign no more for ${dkimDomain}?`,
          text: 'The key is forgotten. Mails go out without a signature, and more of them end as spam.',
          action: `${here}/dkim/remove`,
          yes: 'Sign no more',
        })
      }`,
  })
}

async function mailPage(visit: Visit, shown: Shown = {}, status = 200): Promise<Page> {
  const isOwner = hasRole(visit.caller, 'owner')
  const settings = isOwner ? await mailSettings(visit.house, visit.caller) : undefined
  const body =
    settings &&
    html`${settings.problem && noteBox('bad', html`Messages wait: ${settings.problem.detail} (since ${timeExact(settings.problem.since)}). Give another server below, or none; they go out within minutes.`)}
    ${card({ id: 'sender', title: 'How notices are mailed', body: senderForm(settings, shown.mail ?? unfilled) })}
    ${dkimCard(settings, shown.dkim ?? unfilled)}
    ${card({
      id: 'test',
      title: 'Try it',
      body: html`${formFault(shown.test ?? unfilled)}
        <form method="post" action="${here}/test" class="stack">
          <p>A mail to ${visit.caller.member.email}, sent and signed as a host would get it.</p>
          <p><button class="button">${icon('mail')}Send me a test mail</button></p>
        </form>`,
    })}`
  return {
    title: 'Mail',
    section: 'settings',
    body: settingsFrame('mail', visit.caller, body ?? html``),
    status,
  }
}

/** The change that a form asks for: what is left empty is taken away, except the server, which is never shown. */
function changeOf(visit: Visit): MailChange {
  const [mailFrom, replyDomain, smtpUrl] = ['mailFrom', 'replyDomain', 'smtpUrl'].map((name) =>
    textOf(visit.form, name).trim(),
  )
  return readForm(MailChange, {
    mailFrom: mailFrom || null,
    replyDomain: replyDomain || null,
    ...(visit.form['forgetServer'] === 'on' ? { smtpUrl: null } : { smtpUrl: smtpUrl ?? '' }),
  })
}

const saved =
  (work: (visit: Visit) => Promise<unknown>, shownAs: (refusal: Refusal) => Shown) =>
  async (visit: Visit): Promise<Reply> => {
    const { refusal } = await attempt(
      () => visit.form,
      async () => work(visit),
    )
    return refusal
      ? mailPage(visit, shownAs(refusal), refusal.status)
      : { redirect: withFlash(here, 'saved') }
  }

/** What can become of a test mail on its way. */
const sendingProblems: ReadonlySet<ProblemType> = new Set([
  'mail/refused',
  'mail/misconfigured',
  'mail/unreachable',
  'delivery/unclear',
])

/** A mail that could not be sent is no fault of ours: the page says what the server said. */
async function tested(visit: Visit): Promise<Reply> {
  try {
    await sendTestMail(visit.house, visit.caller)
    return { redirect: withFlash(here, 'test-mail-sent') }
  } catch (error) {
    const failed = error instanceof Problem && sendingProblems.has(error.type)
    if (!failed) throw error
    const faults = { '': `The mail could not be sent: ${error.message}` }
    return mailPage(visit, { test: { values: {}, faults } }, 422)
  }
}

/** Sender, server and signature of an account's notices. */
export function mailSettingsRoutes(web: Web): Router {
  const router = express.Router()
  router.get(
    here,
    forMembers(web, (visit) => mailPage(visit)),
  )
  const ofMail = (refusal: Refusal): Shown => ({ mail: refusal.filled })
  const ofDkim = (refusal: Refusal): Shown => ({ dkim: refusal.filled })
  router.post(
    here,
    forMembers(
      web,
      saved((visit) => changeMail(visit.house, visit.caller, changeOf(visit)), ofMail),
    ),
  )
  router.post(
    `${here}/dkim`,
    forMembers(
      web,
      saved((visit) => setDkim(visit.house, visit.caller, readForm(DkimChange, visit.form)), ofDkim),
    ),
  )
  router.post(
    `${here}/dkim/remove`,
    forMembers(
      web,
      saved((visit) => removeDkim(visit.house, visit.caller), ofDkim),
    ),
  )
  router.post(`${here}/test`, forMembers(web, tested))
  return router
}
