import express, { type Router } from 'express'
import { z } from 'zod'

import { registerRecording, uploadAudio, removeRecording } from '../../services/actions/catalogue.ts'
import { countOpenConflicts, openConflictsOf } from '../../services/catalog/conflict-store.ts'
import { excludedSegmentsOf } from '../../services/catalog/excluded-segments-store.ts'
import { NewRecording, RecordingStage } from '../../services/catalog/recording.ts'
import * as recordings from '../../services/catalog/store.ts'
import { RecordingId } from '../../services/core/ids.ts'
import { Problem } from '../../services/core/problem.ts'
import { listExposures } from '../../services/leaks/exposure-list-store.ts'
import { changesOf } from '../../services/leaks/exposure-store.ts'
import { listLeaks } from '../../services/leaks/leak-store.ts'
import { listCases } from '../../services/matches/case-store.ts'
import { toldCase, toldExposure, toldRecording } from '../../services/unreleased.ts'
import { withFlash } from '../flash.ts'
import { type Refusal, type Sent, attempt, listOf, momentOf, readForm } from '../forms.ts'
import { readMultipart } from '../multipart.ts'
import { type Filled, unfilled } from '../parts/fields.ts'
import { PAGE_ROWS, pageOf, readAfter } from '../parts/paging.ts'
import { uploadReply } from '../parts/upload.ts'
import {
  type Page,
  type Reply,
  type Visit,
  type Web,
  forMembers,
  found,
  idOf,
  needRole,
  wantsData,
} from '../visit.ts'
import { excludedSegmentRoutes } from './excluded-segments.ts'
import { noticeFactsRoutes } from './recording-notice-facts.ts'
import { recordingLive, recordingView } from './recording-view.ts'
import { recordingsView } from './recordings-view.ts'

const line = z.string().trim().optional()

/** The registration form, flat as its fields are; the catalogue's own schema judges what is in them. */
const Form = z
  .object({
    title: z.string().trim().default(''),
    version: line,
    artists: z.string().transform(listOf),
    isrc: line,
    release: line,
    label: line,
    upc: line,
    rightsHolder: line,
    pLine: line,
    embargoUntil: line.transform((text) => text && momentOf(text)),
    territories: z.string().default('Worldwide').transform(listOf),
  })
  .transform(({ release, label, upc, ...rest }) => ({
    ...rest,
    ...(release || label || upc ? { release: { title: release ?? '', label, upc } } : {}),
  }))

/**
 * A title from the name of a file: `03 - Monsoon_Letter.flac` → `Monsoon Letter`. A number is taken for that of
 * the track when a mark follows it or a zero leads it: `99 Luftballons` keeps its own.
 */
export const titleOfFile = (fileName: string): string =>
  fileName
    .replace(/\.[^.]{1,5}$/, '')
    .replaceAll('_', ' ')
    .replace(/^(\d{1,3}\s*[-.)]|0\d{1,2}\s)\s*(?=\S)/, '')
    .trim()

async function listPage(visit: Visit, filled: Filled = unfilled, status = 200): Promise<Page> {
  const stage = RecordingStage.safeParse(visit.query['stage']).data
  const query = visit.query['q']?.slice(0, 200)
  const after = readAfter(visit.query['after'])
  const read = await visit.tenant(async (tx) => ({
    page: pageOf(
      (await recordings.list(tx, { query, stage, after, limit: PAGE_ROWS + 1 })).map((row) =>
        toldRecording(visit.caller, row),
      ),
    ),
    counts: await recordings.counts(tx),
    disputed: await countOpenConflicts(tx),
  }))
  const given = {
    rows: read.page.shown,
    last: read.page.last,
    counts: read.counts,
    disputed: read.disputed,
    query: visit.query,
    stage,
    filled,
  }
  return { title: 'Recordings', section: 'recordings', body: recordingsView(given), status }
}

/** Registers what a form says, once for each file in it, or by name alone when there is none. */
async function registered(visit: Visit): Promise<Reply> {
  const { house, caller } = visit
  const made: { id: RecordingId; created: boolean }[] = []
  let sent: Sent = {}
  const register = async (fields: Sent): Promise<RecordingId> => {
    sent = fields
    const { recording, created } = await registerRecording(
      house,
      caller,
      readForm(NewRecording, readForm(Form, fields)),
    )
    made.push({ id: recording.id, created })
    return recording.id
  }
  const { refusal } = await attempt(
    () => sent,
    async () => {
      const { fields, files } = await readMultipart(visit.request, async ({ fileName, fields, source }) => {
        const id = await register({ ...fields, title: fields['title'] || titleOfFile(fileName) })
        await uploadAudio(house, caller, id, source)
      })
      if (files === 0) await register(fields)
    },
  )
  const [first] = made
  const flash = first?.created === false ? 'recognised' : 'registered'
  const one = withFlash(`/recordings/${first?.id}`, flash)
  const all = withFlash('/recordings', 'registered-several')
  if (wantsData(visit.request)) return uploadReply(refusal, { one, all })
  if (refusal) return listPage(visit, refusal.filled, refusal.status)
  return { redirect: made.length === 1 ? one : all }
}

const recordingId = (visit: Visit): RecordingId => idOf(RecordingId, visit.params['id'], 'recording')

/** Cases that are shown with a recording; the list of cases has the rest. */
const CASES_MAX = 50
/** Leaks that are shown with a recording; the exposure page has the rest. */
const LEAKS_SHOWN = 50
/** Changes of what is known of it in leaks; older ones are kept and not shown. */
const CHANGES_SHOWN = 20

async function onePage(visit: Visit, filled: Filled = unfilled, status = 200): Promise<Page> {
  const id = recordingId(visit)
  const { recording, cases, conflicts, segments, exposures, changes, leaks } = await visit.tenant(
    async (tx) => ({
      recording: found(await recordings.find(tx, id), 'recording'),
      cases: await listCases(tx, { recordingId: id, limit: CASES_MAX }),
      conflicts: await openConflictsOf(tx, id),
      segments: (await excludedSegmentsOf(tx, [id])).get(id) ?? [],
      exposures: await listExposures(tx, { recordingId: id, offset: 0, limit: LEAKS_SHOWN }),
      changes: await changesOf(tx, id, CHANGES_SHOWN),
      leaks: await listLeaks(tx),
    }),
  )
  const told = toldRecording(visit.caller, recording)
  const body = recordingView({
    recording: told,
    isWhole: told === recording,
    cases: cases.map((row) => toldCase(visit.caller, row)),
    conflicts,
    segments,
    exposures: exposures.map((row) => toldExposure(visit.caller, row)),
    changes,
    hasLeaks: leaks.some(({ manifests }) => manifests > 0),
    filled,
    caller: visit.caller,
  })
  return { title: told.title, section: 'recordings', body, status }
}

/** Audio for a recording that has none yet, or better audio for one that has. */
async function audioAdded(visit: Visit): Promise<Reply> {
  const id = recordingId(visit)
  const { refusal } = await attempt(
    () => ({}),
    async () => {
      const { files } = await readMultipart(visit.request, async ({ source }) => {
        await uploadAudio(visit.house, visit.caller, id, source)
      })
      if (files === 0) throw new Problem('request/invalid', 'Choose a file first')
    },
  )
  const href = withFlash(`/recordings/${id}`, 'uploaded')
  if (wantsData(visit.request)) return uploadReply(refusal, { one: href, all: href })
  return refusal ? onePage(visit, refusal.filled, refusal.status) : { redirect: href }
}

async function removed(visit: Visit): Promise<Reply> {
  needRole(visit.caller, 'owner')
  const id = recordingId(visit)
  const { refusal } = await attempt(
    () => ({}),
    () => removeRecording(visit.house, visit.caller, id),
  )
  return refusal
    ? onePage(visit, refusal.filled, refusal.status)
    : { redirect: withFlash('/recordings', 'removed') }
}

/** The catalogue: what is protected, how it is registered, and where it was found. */
export function recordingRoutes(web: Web): Router {
  const router = express.Router()
  router.get(
    '/recordings',
    forMembers(web, (visit) => listPage(visit)),
  )
  router.post('/recordings', forMembers(web, registered))
  router.get(
    '/recordings/:id',
    forMembers(web, (visit) => onePage(visit)),
  )
  router.get(
    '/recordings/:id/progress',
    forMembers(web, async (visit) => {
      const id = recordingId(visit)
      return recordingLive(found(await visit.tenant((tx) => recordings.find(tx, id)), 'recording'))
    }),
  )
  router.post('/recordings/:id/audio', forMembers(web, audioAdded))
  router.post('/recordings/:id/remove', forMembers(web, removed))
  const again = (visit: Visit, { filled, status }: Refusal) => onePage(visit, filled, status)
  router.use(excludedSegmentRoutes(web, again))
  router.use(noticeFactsRoutes(web, again))
  return router
}
