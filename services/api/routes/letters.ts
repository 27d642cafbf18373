import { z } from 'zod'

import { previewLetter } from '../../actions/letters.ts'
import { LeakId, LetterId } from '../../core/ids.ts'
import { renderLetterPdf } from '../../letters/letter-pdf.ts'
import { letterText } from '../../letters/letter-text.ts'
import { LetterDraft, NewLetter } from '../../letters/letter.ts'
import { contentOf, findLetter, listLetters } from '../../letters/store.ts'
import { found, oneId } from '../found.ts'
import { LetterView } from '../leak-views.ts'
import { listOf, pageOf, pageQuery } from '../page.ts'
import { fileOf, json, route } from '../route.ts'
import { request, view } from '../schema.ts'

const tag = 'Leaks'

const listAll = route({
  id: 'listLetters',
  method: 'get',
  path: '/v1/letters',
  summary:
    'Letters about leaks and data sets that were signed, newest first. They are signed at the dashboard',
  tag,
  caller: 'any',
  query: z.strictObject({ ...pageQuery, leakId: LeakId.optional() }),
  answer: listOf('LetterList', LetterView),
  async handle({ house, caller, query: { leakId, cursor: after, limit } }) {
    const asked = { leakId, after, limit: limit + 1 }
    const rows = await house.db.tenant(caller.tenantId, (tx) => listLetters(tx, asked))
    return pageOf(rows, limit, ({ signedAt }) => signedAt)
  },
})

const getOne = route({
  id: 'getLetter',
  method: 'get',
  path: '/v1/letters/:id',
  summary: 'A letter that was signed',
  tag,
  caller: 'any',
  params: oneId(LetterId),
  answer: LetterView,
  async handle({ house, caller, params }) {
    return found(await house.db.tenant(caller.tenantId, (tx) => findLetter(tx, params.id)), 'letter')
  },
})

const download = route({
  id: 'downloadLetter',
  method: 'get',
  path: '/v1/letters/:id/download',
  summary: 'What a letter says, as it was signed: as PDF or as text',
  tag,
  caller: 'any',
  params: oneId(LetterId),
  query: z.strictObject({ format: z.enum(['pdf', 'text']).default('pdf') }),
  answer: fileOf('application/pdf', 'text/plain'),
  async handle({ house, caller, params: { id }, query: { format } }) {
    const letter = found(await house.db.tenant(caller.tenantId, (tx) => contentOf(tx, id)), 'letter')
    return format === 'pdf'
      ? { body: await renderLetterPdf(letter), mediaType: 'application/pdf', fileName: `letter-${id}.pdf` }
      : { body: letterText(letter), mediaType: 'text/plain', fileName: `letter-${id}.txt` }
  },
})

const preview = route({
  id: 'previewLetter',
  method: 'post',
  path: '/v1/leaks/:id/letters/preview',
  summary: 'A letter as it would be signed now, with the works that an audit found; nothing is kept',
  tag,
  caller: 'any',
  params: oneId(LeakId),
  body: json(
    request(
      'NewLetter',
      NewLetter.meta({
        examples: [
          {
            kind: 'rights-reservation',
            language: 'en',
            recipient: { name: 'Sample AI', email: 'legal@ai.example' },
          },
        ],
      }),
    ),
  ),
  answer: view(
    'LetterPreview',
    z.object({
      draft: LetterDraft,
      text: z.string().describe('The same as plain text'),
      open: z
        .array(z.object({ pointer: z.string(), detail: z.string() }))
        .describe('What keeps it from being signed'),
      unreleased: z
        .int()
        .describe('Works that are not named because they are unreleased, or no longer claimed'),
    }),
  ),
  async handle({ house, caller, params, body }) {
    const { draft, open, unreleased } = await previewLetter(house, caller, params.id, body)
    return { draft, text: letterText(draft), open: [...open], unreleased }
  },
})

export const letterRoutes = [listAll, getOne, download, preview]
