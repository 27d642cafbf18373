import { addScreenshot, mayAddScreenshots, shownScreenshots } from '../../services/actions/screenshots.ts'
import type { Tx } from '../../services/core/db.ts'
import type { Html } from '../../services/core/html.ts'
import type { CaseId } from '../../services/core/ids.ts'
import { Problem } from '../../services/core/problem.ts'
import { addressesOf } from '../../services/evidence/screenshot-store.ts'
import { ScreenshotFacts } from '../../services/evidence/screenshot.ts'
import type { Case } from '../../services/matches/case.ts'
import type { Caller } from '../../services/tenants/tenant.ts'
import { type Refusal, type Sent, attempt, momentOf, readForm, textOf } from '../forms.ts'
import { readMultipart } from '../multipart.ts'
import type { Filled } from '../parts/fields.ts'
import type { Visit } from '../visit.ts'
import { screenshotsCard } from './case-screenshots-view.ts'

/** What the page of a case shows of its screenshots: read and drawn in one call. @throws {Problem} row/unknown. */
export async function caseScreenshots(
  tx: Tx,
  opened: Case,
  caller: Caller,
  filled: Filled,
): Promise<Html | false> {
  const mayAdd = mayAddScreenshots(caller, opened)
  const screenshots = await shownScreenshots(tx, caller, opened.id)
  const addresses = mayAdd ? await addressesOf(tx, opened.id) : []
  return screenshotsCard({ caseId: opened.id, screenshots, addresses }, filled)
}

const factsOf = (fields: Sent): ScreenshotFacts =>
  readForm(ScreenshotFacts, {
    address: textOf(fields, 'address'),
    takenAt: momentOf(textOf(fields, 'takenAt').trim()),
    note: textOf(fields, 'note'),
  })

/** Keeps the picture of a form. @returns why not, as the form shows it; undefined when it is kept. */
export async function takeScreenshot(visit: Visit, id: CaseId): Promise<Refusal | undefined> {
  let sent: Sent = {}
  const { refusal } = await attempt(
    () => sent,
    async () => {
      const { fields, files } = await readMultipart(visit.request, async (file) => {
        sent = file.fields
        const facts = factsOf(file.fields)
        await addScreenshot(visit.house, visit.caller, id, { ...facts, content: file.source })
      })
      sent = fields
      if (files > 0) return
      const faults = [{ pointer: '/file', detail: 'Choose a picture first' }]
      throw new Problem('request/invalid', 'There is no picture', { faults })
    },
  )
  return refusal
}
