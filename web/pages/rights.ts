import express, { type Router } from 'express'
import { z } from 'zod'

import { maySetEmbargo, setEmbargo } from '../../services/actions/embargo.ts'
import { changeRight, hashDocument } from '../../services/actions/rights.ts'
import { openConflictsOf } from '../../services/catalog/conflict-store.ts'
import type { Recording } from '../../services/catalog/recording.ts'
import { NewRight, type RecordingRight } from '../../services/catalog/rights.ts'
import * as recordings from '../../services/catalog/store.ts'
import { RecordingId, type Sha256 } from '../../services/core/ids.ts'
import { Problem } from '../../services/core/problem.ts'
import { readTerritories } from '../../services/metadata/values/territories.ts'
import { toldRecording } from '../../services/unreleased.ts'
import { withFlash } from '../flash.ts'
import { type Sent, attempt, momentOf, readForm, textOf } from '../forms.ts'
import { readMultipart } from '../multipart.ts'
import { type Page, type Reply, type Visit, type Web, forMembers, found, idOf } from '../visit.ts'
import { type RefusedForm, rightsView } from './rights-view.ts'

/** Countries as people write them, by any of their codes and names. */
const places = z
  .string()
  .default('')
  .transform((text, context) => {
    const { territories, unknown } = readTerritories([text])
    if (unknown.length === 0) return territories
    context.addIssue({ code: 'custom', message: `not a country that is known: ${unknown.join(', ')}` })
    return z.NEVER
  })

const day = z.iso.date('a day, e.g. 2026-01-31').nullable().default(null)

/** The form of a right, flat as its fields are; the catalogue's own schema judges what they mean together. */
const Form = z
  .object({
    role: NewRight.shape.role,
    sharePercent: z
      .string()
      .transform((text) => Number(text.trim().replace(',', '.')))
      .pipe(z.number('a number, e.g. 33.33').min(0.01, 'at least 0.01').max(100, 'at most 100')),
    territories: places.refine((codes) => codes.length > 0, 'Worldwide, or at least one country'),
    excludedTerritories: places,
    validFrom: day,
    validTo: day,
    documentName: z.string().trim().max(300).nullable().default(null),
    documentSha256: NewRight.shape.documentSha256,
    documentExpires: day,
  })
  .refine((form) => form.documentExpires === null || form.documentName !== null, {
    path: ['documentExpires'],
    message: 'of which document? Give its name, too',
  })
  .transform((form): z.input<typeof NewRight> => form)
  .pipe(NewRight)

/** Which right a form is about; nothing for a new one. */
const At = z
  .object({ position: z.coerce.number().int().min(1), mark: z.string().max(64) })
  .optional()
  .catch(undefined)

/** What a moment should have looked like. */
const MOMENT_WANTED = 'a day and a time, e.g. 2031-03-06 23:00'

const Until = z.object({
  until: z
    .string()
    .trim()
    .transform(momentOf)
    .pipe(z.iso.datetime(MOMENT_WANTED))
    .transform((text) => new Date(text)),
})

const recordingId = (visit: Visit): RecordingId => idOf(RecordingId, visit.params['id'], 'recording')

async function rightsPage(visit: Visit, refused?: RefusedForm, status = 200): Promise<Page> {
  const id = recordingId(visit)
  const read = await visit.tenant(async (tx) => ({
    recording: found(await recordings.find(tx, id), 'recording'),
    conflicts: await openConflictsOf(tx, id),
  }))
  if (toldRecording(visit.caller, read.recording) !== read.recording)
    throw new Problem('auth/forbidden', 'It is unreleased: only owners and reviewers see its rights')
  const body = rightsView({ ...read, mayEmbargo: maySetEmbargo(visit.caller), refused })
  return { title: `Rights: ${read.recording.title}`, section: 'recordings', body, status }
}

/** The hash of the document: of the file that came, or as it was while the name is the same. */
const hashOf = (known: RecordingRight | undefined, name: string, sent: Sha256 | undefined): Sha256 | null =>
  sent ?? (known && known.documentName === name ? known.documentSha256 : null)

async function rightSaved(visit: Visit): Promise<Reply> {
  const id = recordingId(visit)
  let sent: Sent = {}
  const { refusal } = await attempt(
    () => sent,
    async () => {
      const documents: { readonly name: string; readonly sha256: Sha256 }[] = []
      const { fields } = await readMultipart(visit.request, async (file) => {
        sent = file.fields
        documents.push({ name: file.fileName, sha256: await hashDocument(file.source) })
      })
      sent = fields
      const [document] = documents
      const at = At.parse(fields)
      if (at && textOf(fields, 'remove') === 'on')
        return changeRight(visit.house, visit.caller, id, at, undefined)
      const recording: Recording = found(await visit.tenant((tx) => recordings.find(tx, id)), 'recording')
      const documentName = textOf(fields, 'documentName').trim() || (document?.name ?? '')
      const known = at && recording.rights[at.position - 1]
      const documentSha256 = hashOf(known, documentName, document?.sha256)
      const right = readForm(Form, { ...fields, documentName, documentSha256 })
      return changeRight(visit.house, visit.caller, id, at, right)
    },
  )
  if (!refusal) return { redirect: withFlash(`/recordings/${id}/rights`, 'saved') }
  return rightsPage(visit, { form: At.parse(sent)?.position ?? 0, filled: refusal.filled }, refusal.status)
}

async function embargoSet(visit: Visit): Promise<Reply> {
  const id = recordingId(visit)
  const { refusal } = await attempt(
    () => visit.form,
    () => setEmbargo(visit.house, visit.caller, id, readForm(Until, visit.form).until),
  )
  if (!refusal) return { redirect: withFlash(`/recordings/${id}/rights`, 'saved') }
  return rightsPage(visit, { form: 'embargo', filled: refusal.filled }, refusal.status)
}

async function embargoEnded(visit: Visit): Promise<Reply> {
  const id = recordingId(visit)
  await setEmbargo(visit.house, visit.caller, id, null)
  return { redirect: withFlash(`/recordings/${id}/rights`, 'saved') }
}

/** What is held where and when in one recording, and until when it is unreleased. */
export function rightsRoutes(web: Web): Router {
  const router = express.Router()
  router.get(
    '/recordings/:id/rights',
    forMembers(web, (visit) => rightsPage(visit)),
  )
  router.post('/recordings/:id/rights', forMembers(web, rightSaved))
  router.post('/recordings/:id/embargo', forMembers(web, embargoSet))
  router.post('/recordings/:id/embargo/end', forMembers(web, embargoEnded))
  return router
}
