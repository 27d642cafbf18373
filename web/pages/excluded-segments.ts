import express, { type Router } from 'express'

import { excludeSegments } from '../../services/actions/allow-list.ts'
import {
  type ExcludedSegment,
  ExcludedSegments,
  SEGMENTS_MAX,
} from '../../services/catalog/excluded-segments.ts'
import { clockTime } from '../../services/core/clock-time.ts'
import { type Html, html } from '../../services/core/html.ts'
import { RecordingId } from '../../services/core/ids.ts'
import { type Fault, Problem } from '../../services/core/problem.ts'
import { parseDuration } from '../../services/metadata/values/durations.ts'
import { withFlash } from '../flash.ts'
import { type Sent, type Refusal, attempt, textOf } from '../forms.ts'
import { type Filled, formFault, textField } from '../parts/fields.ts'
import { type Reply, type Visit, type Web, forMembers, idOf } from '../visit.ts'

/** Empty rows below those that are there: saving gives as many again. */
const SPARE_ROWS = 2

/** `0`, `0:00`, `0:00.0`: a time of nothing, which no duration is. */
const ZERO = /^0+(:0+)*([.,]0+)?$/

/** `1:02` or `1:02.345`: exact, so that a list that is saved unchanged stays as it was. */
const exactClock = (ms: number): string =>
  clockTime(ms) +
  (ms % 1000 === 0
    ? ''
    : `.${String(ms % 1000)
        .padStart(3, '0')
        .replace(/0+$/, '')}`)

const timeOf = (text: string): number | undefined => (ZERO.test(text) ? 0 : parseDuration(text))

const rowOf = (number: number, filled: Filled): Html =>
  html` <fieldset>
    <legend class="unseen">Part ${number}</legend>
    <div class="field-grid">
      ${(
        [
          ['from', 'From', '1:01', 20],
          ['to', 'To', '1:15.5', 20],
          ['reason', 'What it is', '', 500],
        ] as const
      ).map(([name, label, placeholder, charactersMax]) =>
        textField(
          {
            name: `${name}-${number}`,
            label: `${label} (part ${number})`,
            autocomplete: 'off',
            charactersMax,
            placeholder,
          },
          filled,
        ),
      )}
    </div>
  </fieldset>`

/** Whether what was sent and refused is this form. */
export const isSegmentsForm = (filled: Filled): boolean => filled.values['segments'] !== undefined

/** The excluded parts of a recording as a form: a row for each and some to add; an emptied row is taken away. */
export function segmentsForm(
  recordingId: RecordingId,
  segments: readonly ExcludedSegment[],
  filled: Filled,
): Html {
  const stored = Object.fromEntries(
    segments.flatMap(({ fromMs, toMs, reason }, index) => [
      [`from-${index + 1}`, exactClock(fromMs)],
      [`to-${index + 1}`, exactClock(toMs)],
      [`reason-${index + 1}`, reason],
    ]),
  )
  const wasSent = isSegmentsForm(filled)
  const shown = wasSent ? filled : { values: stored, faults: {} }
  const rows = Math.min(
    SEGMENTS_MAX,
    Math.max(segments.length + SPARE_ROWS, Number(filled.values['segments'] ?? 0) || 0),
  )
  return html` <p>
      Parts that are not yours, such as a sample. What is found of them alone opens no case; it is kept and
      marked. This holds for what is compared from then on.
    </p>
    <details class="more" ${(wasSent || segments.length > 0) && html`open`}>
      <summary>${segments.length > 0 ? `Excluded parts (${segments.length})` : 'Exclude a part'}</summary>
      <form method="post" action="/recordings/${recordingId}/excluded-segments" class="stack">
        <input type="hidden" name="segments" value="${rows}" />
        ${formFault(shown)} ${Array.from({ length: rows }, (_, index) => rowOf(index + 1, shown))}
        <p class="hint">Empty all fields of a part to take it away.</p>
        <p><button class="button">Save excluded parts</button></p>
      </form>
    </details>`
}

/** What a form lists, and in which of its rows each part stands. */
interface Listed {
  readonly segments: readonly ExcludedSegment[]
  readonly rows: readonly number[]
}

/** @throws {Problem} request/invalid with a fault for each wrong field. */
function readSegments(sent: Sent): Listed {
  const faults: Fault[] = []
  const rows: number[] = []
  const given = Array.from({ length: SEGMENTS_MAX }, (_, index) => index + 1).flatMap((number) => {
    const textIn = (name: string): string => textOf(sent, `${name}-${number}`).trim()
    const [from, to, reason] = [textIn('from'), textIn('to'), textIn('reason')]
    if (!from && !to && !reason) return []
    rows.push(number)
    return [{ fromMs: timeOf(from), toMs: timeOf(to), reason }]
  })
  const read = ExcludedSegments.safeParse(given)
  if (read.success) return { segments: read.data, rows }
  for (const { path, message } of read.error.issues) {
    const [index, field] = path
    const detail = field === 'reason' ? 'say what it is' : 'a time, as in 1:02.5'
    const isGiven = given[Number(index)]?.[field as 'fromMs'] !== undefined && field !== 'reason'
    faults.push({
      pointer: pointerIn(rows, Number(index), String(field)),
      detail: isGiven ? message : detail,
    })
  }
  throw new Problem('request/invalid', 'Some parts need another look', { faults })
}

const fieldNames: Readonly<Record<string, string>> = { fromMs: 'from', toMs: 'to', reason: 'reason' }

const pointerIn = (rows: readonly number[], index: number, field: string): string =>
  `/${fieldNames[field] ?? ''}-${rows[index] ?? ''}`

/** A refusal of the list as one of the form: its faults stand at the rows. */
function atRows(error: unknown, rows: readonly number[]): unknown {
  if (!(error instanceof Problem)) return error
  const faults = error.faults.map(({ pointer, detail }) => {
    const [, index, field = ''] = /^\/items\/(\d+)\/(\w+)$/.exec(pointer) ?? []
    return { pointer: index === undefined ? pointer : pointerIn(rows, Number(index), field), detail }
  })
  return new Problem(error.type, error.message, { faults, cause: error })
}

/** Saves the excluded parts of a recording; `refusedPage` shows its page again with what is wrong. */
export function excludedSegmentRoutes(
  web: Web,
  refusedPage: (visit: Visit, refusal: Refusal) => Promise<Reply>,
): Router {
  const router = express.Router()
  router.post(
    '/recordings/:id/excluded-segments',
    forMembers(web, async (visit) => {
      const id = idOf(RecordingId, visit.params['id'], 'recording')
      const { refusal } = await attempt(
        () => visit.form,
        async () => {
          const { segments, rows } = readSegments(visit.form)
          try {
            await excludeSegments(visit.house, visit.caller, id, segments)
          } catch (error) {
            throw atRows(error, rows)
          }
        },
      )
      return refusal
        ? refusedPage(visit, refusal)
        : { redirect: `${withFlash(`/recordings/${id}`, 'saved')}#excluded` }
    }),
  )
  return router
}
