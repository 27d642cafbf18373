import { z } from 'zod'

import { editRecording, registerRecording, removeRecording, uploadAudio } from '../../actions/catalogue.ts'
import type { House } from '../../actions/house.ts'
import { NewRecording, RecordingEdit, RecordingStage } from '../../catalog/recording.ts'
import { counts, find, list } from '../../catalog/store.ts'
import { RecordingId } from '../../core/ids.ts'
import { Problem } from '../../core/problem.ts'
import type { Caller } from '../../tenants/tenant.ts'
import { toldRecording } from '../../unreleased.ts'
import { found, oneId } from '../found.ts'
import { listOf, pageOf, pageQuery } from '../page.ts'
import { parse } from '../parse.ts'
import { RecordingView, RegisteredView } from '../recording-views.ts'
import { FINGERPRINT_JSON_BYTES_MAX, Reply, json, nothing, route, stream } from '../route.ts'
import { Base64, request, view } from '../schema.ts'

const tag = 'Catalogue'
/** A page of a spreadsheet: worth a round trip, and over before a client loses its patience. */
const BATCH_ROWS_MAX = 100
/** Words of a search; more than a title has. */
const SEARCH_LENGTH_MAX = 200

const Registration = request(
  'NewRecording',
  z
    .strictObject({
      ...NewRecording.shape,
      fingerprint: Base64.optional().describe(
        'Reference fingerprint, base64: made with `earwitness fingerprint`',
      ),
      sketch: Base64.optional().describe(
        'Coarse spectrogram of the same audio, base64: what is found is then shown with it',
      ),
      cover: Base64.optional().describe(
        'Hashes of the cover, base64: covers inside suspect files are compared with it. The picture itself is not sent',
      ),
    })
    .meta({
      examples: [
        {
          title: 'Monsoon Letters',
          artists: ['The Sample Band'],
          isrc: 'AA-6Q7-20-00047',
          rightsHolder: 'Sample Records',
          release: { title: 'Letters', upc: '036000291452', label: 'Sample Records' },
        },
      ],
    }),
)

/** Registers one row; both routes do it the same way. */
async function register(house: House, caller: Caller, given: z.output<typeof Registration>) {
  const { fingerprint, sketch, cover, ...names } = given
  const { recording, created } = await registerRecording(house, caller, names, fingerprint, sketch, cover)
  return { ...toldRecording(caller, recording), created }
}

const registerOne = route({
  id: 'registerRecording',
  method: 'post',
  path: '/v1/recordings',
  summary: 'Register a recording; one that is known is recognised and completed (200)',
  tag,
  caller: 'any',
  body: json(Registration, FINGERPRINT_JSON_BYTES_MAX),
  status: 201,
  otherStatus: 200,
  answer: RegisteredView,
  problems: [
    'fingerprint/malformed',
    'fingerprint/version',
    'sketch/malformed',
    'cover/malformed',
    'request/conflict',
  ],
  idempotent: true,
  async handle({ house, caller, body }) {
    const registered = await register(house, caller, body)
    const headers = { Location: `/v1/recordings/${registered.id}` }
    return new Reply(registered, { status: registered.created ? 201 : 200, headers })
  },
})

const BatchRow = view(
  'RegisteredRow',
  z.object({
    row: z.int().describe('Its place in `rows`, from 0'),
    status: z.int().describe('201 registered, 200 known already, else that of the problem'),
    recording: RecordingView.optional(),
    problem: z
      .object({
        type: z.string(),
        title: z.string(),
        status: z.number(),
        detail: z.string(),
        faults: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
      })
      .optional(),
  }),
)

/** A row that cannot be registered is told as its problem; the rows around it are not touched by it. */
async function registerRow(house: House, caller: Caller, given: unknown, row: number) {
  try {
    const registered = await register(house, caller, parse(Registration, given, ''))
    return { row, status: registered.created ? 201 : 200, recording: registered }
  } catch (error) {
    const problem = Problem.from(error)
    if (problem.type === 'internal') house.log.error({ err: error, row }, 'a row could not be registered')
    const { faults, ...told } = problem.toJSON()
    return { row, status: problem.status, problem: { ...told, ...(faults && { faults: [...faults] }) } }
  }
}

const registerBatch = route({
  id: 'registerRecordings',
  method: 'post',
  path: '/v1/recordings/batch',
  summary: 'Register up to 100 recordings; each row has its own answer, and a bad one spoils no other',
  tag,
  caller: 'any',
  body: json(
    request(
      'NewRecordings',
      z.strictObject({
        rows: z
          // Not looked into here, so that what is wrong in a row is told in the answer to that row.
          .array(
            z
              .unknown()
              .meta({ $ref: '#/components/schemas/NewRecording' })
              .transform((row) => () => row),
          )
          .min(1)
          .max(BATCH_ROWS_MAX),
      }),
    ),
    FINGERPRINT_JSON_BYTES_MAX,
  ),
  answer: view('RegisteredRows', z.object({ results: z.array(BatchRow) })),
  idempotent: true,
  async handle({ house, caller, body }) {
    const results = []
    for (const [row, given] of body.rows.entries())
      results.push(await registerRow(house, caller, given(), row))
    return { results }
  },
})

const listAll = route({
  id: 'listRecordings',
  method: 'get',
  path: '/v1/recordings',
  summary: 'Recordings, newest first',
  tag,
  caller: 'any',
  query: z.strictObject({
    ...pageQuery,
    q: z
      .string()
      .max(SEARCH_LENGTH_MAX)
      .optional()
      .describe('Words that all occur in title, artists or ISRC'),
    stage: RecordingStage.optional().describe('Without those that were withdrawn'),
  }),
  answer: listOf('RecordingList', RecordingView),
  async handle({ house, caller, query: { q: words, stage, cursor: after, limit } }) {
    const asked = { query: words, stage, after, limit: limit + 1 }
    const listed = await house.db.tenant(caller.tenantId, (tx) => list(tx, asked))
    const rows = listed.map((row) => toldRecording(caller, row))
    return pageOf(rows, limit, ({ createdAt }) => createdAt)
  },
})

const getOne = route({
  id: 'getRecording',
  method: 'get',
  path: '/v1/recordings/:id',
  summary: 'One recording',
  tag,
  caller: 'any',
  params: oneId(RecordingId),
  answer: RecordingView,
  async handle({ house, caller, params }) {
    const recording = found(await house.db.tenant(caller.tenantId, (tx) => find(tx, params.id)), 'recording')
    return toldRecording(caller, recording)
  },
})

const editOne = route({
  id: 'editRecording',
  method: 'patch',
  path: '/v1/recordings/:id',
  summary: 'Correct what is told of a recording; null takes a value away',
  tag,
  caller: 'any',
  params: oneId(RecordingId),
  body: json(
    request(
      'RecordingEdit',
      RecordingEdit.meta({ examples: [{ version: 'Live in Delhi', policy: 'monitor' }] }),
    ),
  ),
  answer: RecordingView,
  problems: ['request/conflict'],
  handle: async ({ house, caller, params, body }) =>
    toldRecording(caller, await editRecording(house, caller, params.id, body)),
})

const removeOne = route({
  id: 'removeRecording',
  method: 'delete',
  path: '/v1/recordings/:id',
  summary: 'Stop protecting a recording; refused while a case speaks of it',
  tag,
  caller: 'any',
  params: oneId(RecordingId),
  answer: nothing,
  problems: ['request/conflict'],
  handle: ({ house, caller, params: { id } }) => removeRecording(house, caller, id),
})

const putAudio = route({
  id: 'uploadRecordingAudio',
  method: 'put',
  path: '/v1/recordings/:id/audio',
  summary: 'Send the audio to be fingerprinted; it is deleted afterwards unless the account keeps it',
  tag,
  caller: 'any',
  params: oneId(RecordingId),
  body: stream,
  status: 202,
  answer: RecordingView,
  problems: ['file/empty', 'row/stage'],
  handle: async ({ house, caller, params, body }) =>
    toldRecording(caller, await uploadAudio(house, caller, params.id, body)),
})

const catalogue = route({
  id: 'countCatalogue',
  method: 'get',
  path: '/v1/catalogue/counts',
  summary: 'How many recordings are registered, recognisable, in work, failed and withdrawn',
  tag,
  caller: 'any',
  answer: view(
    'CatalogueCounts',
    z.object({
      recordings: z.int(),
      recognisable: z.int(),
      inWork: z.int(),
      failed: z.int(),
      withdrawn: z.int().describe('No longer claimed, and so in none of the states before'),
    }),
  ),
  handle: ({ house, caller }) => house.db.tenant(caller.tenantId, counts),
})

export const recordingRoutes = [
  registerOne,
  registerBatch,
  listAll,
  getOne,
  editOne,
  removeOne,
  putAudio,
  catalogue,
]
