import { z } from 'zod'

import { editRecording } from '../../actions/catalogue.ts'
import { setEmbargo } from '../../actions/embargo.ts'
import { listConflicts } from '../../catalog/conflict-store.ts'
import { Conflict } from '../../catalog/conflicts.ts'
import { NewRight, RIGHTS_MAX } from '../../catalog/rights.ts'
import { RecordingId } from '../../core/ids.ts'
import { oneId } from '../found.ts'
import { listOf, pageOf, pageQuery } from '../page.ts'
import { RecordingView } from '../recording-views.ts'
import { json, route } from '../route.ts'
import { request, view } from '../schema.ts'

const tag = 'Catalogue'

/** A right with its document as one thing; rows have it in columns. */
const GivenRight = z
  .strictObject({
    role: NewRight.shape.role,
    sharePercent: NewRight.shape.sharePercent,
    territories: NewRight.shape.territories,
    excludedTerritories: NewRight.shape.excludedTerritories,
    validFrom: NewRight.shape.validFrom.describe('First day, ISO 8601'),
    validTo: NewRight.shape.validTo.describe('Last day, ISO 8601'),
    document: z
      .strictObject({
        name: z.string().trim().min(1).max(300),
        sha256: NewRight.shape.documentSha256.describe('Of the document, which itself is not kept here'),
        expires: NewRight.shape.documentExpires.describe('The last day on which it proves anything'),
      })
      .nullable()
      .default(null),
  })
  .transform(({ document, ...right }): z.input<typeof NewRight> => ({
    ...right,
    documentName: document?.name ?? null,
    documentSha256: document?.sha256 ?? null,
    documentExpires: document?.expires ?? null,
  }))
  .pipe(NewRight)

const putRights = route({
  id: 'replaceRights',
  method: 'put',
  path: '/v1/recordings/:id/rights',
  summary: 'Say which rights in a recording you hold, where and when; an empty list: the whole, worldwide',
  tag,
  caller: 'any',
  params: oneId(RecordingId),
  body: json(
    request(
      'Rights',
      z
        .array(GivenRight)
        .max(RIGHTS_MAX)
        .meta({
          examples: [
            [
              {
                role: 'exclusive-licensee',
                sharePercent: 100,
                territories: ['Worldwide'],
                excludedTerritories: ['US', 'CA'],
                validFrom: '2026-01-01',
                validTo: '2028-12-31',
                document: { name: 'Licence 2026-014', expires: '2028-12-31' },
              },
            ],
          ],
        }),
    ),
  ),
  answer: RecordingView,
  handle: ({ house, caller, params, body }) => editRecording(house, caller, params.id, { rights: body }),
})

const putEmbargo = route({
  id: 'setEmbargo',
  method: 'put',
  path: '/v1/recordings/:id/embargo',
  summary:
    'Say until when a recording is unreleased: its finds are told at once, in mails that name it to few; null ends it',
  tag,
  caller: 'any',
  params: oneId(RecordingId),
  body: json(
    request(
      'Embargo',
      z
        .strictObject({
          until: z.iso
            .datetime({ offset: true })
            .transform((text) => new Date(text))
            .nullable()
            .describe('A moment in the future, or null'),
        })
        .meta({ examples: [{ until: '2031-03-06T23:00:00Z' }] }),
    ),
  ),
  answer: RecordingView,
  problems: ['auth/forbidden'],
  handle: ({ house, caller, params, body }) => setEmbargo(house, caller, params.id, body.until),
})

const ConflictView = view(
  'Conflict',
  z.object({
    ...Conflict.shape,
    sameIsrc: Conflict.shape.sameIsrc.describe('The other account registered the same ISRC'),
    sameAudio: Conflict.shape.sameAudio.describe('The other account registered byte-equal fingerprints'),
    territories: Conflict.shape.territories.describe('Where both claim: as `territories` of a recording'),
    since: Conflict.shape.since.describe('Since when both claim it'),
    endedAt: Conflict.shape.endedAt.describe('null while both claim it'),
  }),
)

const listAll = route({
  id: 'listConflicts',
  method: 'get',
  path: '/v1/conflicts',
  summary: 'Recordings that another account claims as well, newest first; of the other nothing more is told',
  tag,
  caller: 'any',
  query: z.strictObject({
    ...pageQuery,
    state: z.enum(['open', 'ended']).optional().describe('Left out: both'),
  }),
  answer: listOf('ConflictList', ConflictView),
  async handle({ house, caller, query: { state, cursor: after, limit } }) {
    const asked = { ...(state && { open: state === 'open' }), after, limit: limit + 1 }
    const rows = await house.db.tenant(caller.tenantId, (tx) => listConflicts(tx, asked))
    return pageOf(rows, limit, ({ since }) => since)
  },
})

export const rightsRoutes = [putRights, putEmbargo, listAll]
