import express, { type Router } from 'express'

import { editRecording } from '../../services/actions/catalogue.ts'
import { type Recording, RecordingEdit } from '../../services/catalog/recording.ts'
import { type Html, html } from '../../services/core/html.ts'
import { RecordingId } from '../../services/core/ids.ts'
import { withFlash } from '../flash.ts'
import { type Refusal, type Sent, attempt, readForm, textOf } from '../forms.ts'
import { type Filled, checkField, formFault, textField } from '../parts/fields.ts'
import { type Reply, type Visit, type Web, forMembers, idOf } from '../visit.ts'

/** The name under which the form comes back when it was refused. */
const FORM = 'notice-facts'

/** Whether what was sent and refused is this form. */
export const isNoticeFactsForm = (filled: Filled): boolean => filled.values['form'] === FORM

/** What notices say of a recording besides its names, as a form. */
export function noticeFactsForm(recording: Recording, sent: Filled): Html {
  const { id, publicDomain, registrationNumber, officialUrl } = recording
  const stored = {
    publicDomain: publicDomain ? 'on' : '',
    registrationNumber: registrationNumber ?? '',
    officialUrl: officialUrl ?? '',
  }
  const wasSent = isNoticeFactsForm(sent)
  const filled = wasSent ? sent : { values: stored, faults: {} }
  return html` <form method="post" action="/recordings/${id}/notice-facts" class="stack">
    <input type="hidden" name="form" value="${FORM}" />
    ${wasSent && formFault(filled)}
    ${textField(
      {
        name: 'registrationNumber',
        label: 'Registration number',
        autocomplete: 'off',
        charactersMax: 60,
        placeholder: 'SR 1-234-567',
        hint: 'Of the US Copyright Office, if it is registered there.',
      },
      filled,
    )}
    ${textField(
      {
        name: 'officialUrl',
        label: 'Official address',
        type: 'url',
        autocomplete: 'off',
        charactersMax: 2_048,
        placeholder: 'https://',
        hint: 'Where it is to be had lawfully: whoever reads a notice can compare.',
      },
      filled,
    )}
    ${checkField({
      name: 'publicDomain',
      label: 'It is in the public domain',
      hint: 'Then nothing is demanded for it any more: its notices are refused.',
      checked: filled.values['publicDomain'] === 'on',
    })}
    <p><button class="button">Save what notices say</button></p>
  </form>`
}

/** A field that was emptied takes its value away. @throws {Problem} request/invalid. */
function factsOf(form: Sent): RecordingEdit {
  const orNull = (name: string): string | null => textOf(form, name).trim() || null
  return readForm(RecordingEdit, {
    publicDomain: textOf(form, 'publicDomain') === 'on',
    registrationNumber: orNull('registrationNumber'),
    officialUrl: orNull('officialUrl'),
  })
}

/** Saves what notices say of a recording; `refusedPage` shows its page again with what is wrong. */
export function noticeFactsRoutes(
  web: Web,
  refusedPage: (visit: Visit, refusal: Refusal) => Promise<Reply>,
): Router {
  const router = express.Router()
  router.post(
    '/recordings/:id/notice-facts',
    forMembers(web, async (visit) => {
      const id = idOf(RecordingId, visit.params['id'], 'recording')
      const { refusal } = await attempt(
        () => visit.form,
        async () => editRecording(visit.house, visit.caller, id, factsOf(visit.form)),
      )
      return refusal
        ? refusedPage(visit, refusal)
        : { redirect: `${withFlash(`/recordings/${id}`, 'saved')}#notice-facts` }
    }),
  )
  return router
}
