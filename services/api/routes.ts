import type { Route } from './route.ts'
import { accountRoutes } from './routes/account.ts'
import { allowListRoutes } from './routes/allow-list.ts'
import { batchRoutes } from './routes/batches.ts'
import { caseDecisionRoutes } from './routes/case-decisions.ts'
import { caseRoutes } from './routes/cases.ts'
import { counterNoticeRoutes } from './routes/counter-notices.ts'
import { deliveryRoutes } from './routes/deliveries.ts'
import { evidenceRoutes } from './routes/evidence.ts'
import { excludedSegmentRoutes } from './routes/excluded-segments.ts'
import { exposureRoutes } from './routes/exposure-audits.ts'
import { figureRoutes } from './routes/figures.ts'
import { importRoutes } from './routes/imports.ts'
import { intakeRoutes } from './routes/intake.ts'
import { keyRoutes } from './routes/keys.ts'
import { leakManifestRoutes } from './routes/leak-manifests.ts'
import { leakRoutes } from './routes/leaks.ts'
import { letterRoutes } from './routes/letters.ts'
import { mailRoutes } from './routes/mail.ts'
import { matchRoutes } from './routes/matches.ts'
import { memberRoutes } from './routes/members.ts'
import { noticeSigningRoutes } from './routes/notice-signing.ts'
import { noticeRoutes } from './routes/notices.ts'
import { privateCheckRoutes } from './routes/private-check.ts'
import { recheckRoutes } from './routes/rechecks.ts'
import { recipientRoutes } from './routes/recipients.ts'
import { recordingRoutes } from './routes/recordings.ts'
import { replyRoutes } from './routes/replies.ts'
import { reportRoutes } from './routes/reports.ts'
import { rightsRoutes } from './routes/rights.ts'
import { screenshotRoutes } from './routes/screenshots.ts'
import { secondFactorRoutes } from './routes/second-factor.ts'
import { sessionRoutes } from './routes/session.ts'
import { submissionRoutes } from './routes/submissions.ts'
import { watchRoutes } from './routes/watches.ts'

/** Every route of the API, in the order of the documentation. */
export const routes: readonly Route[] = [
  ...recordingRoutes,
  ...rightsRoutes,
  ...importRoutes,
  ...excludedSegmentRoutes,
  ...submissionRoutes,
  ...batchRoutes,
  ...watchRoutes,
  ...matchRoutes,
  ...caseRoutes,
  ...caseDecisionRoutes,
  ...recheckRoutes,
  ...reportRoutes,
  ...evidenceRoutes,
  ...screenshotRoutes,
  ...noticeRoutes,
  ...noticeSigningRoutes,
  ...deliveryRoutes,
  ...replyRoutes,
  ...counterNoticeRoutes,
  ...allowListRoutes,
  ...recipientRoutes,
  ...leakRoutes,
  ...leakManifestRoutes,
  ...exposureRoutes,
  ...letterRoutes,
  ...figureRoutes,
  ...privateCheckRoutes,
  ...accountRoutes,
  ...mailRoutes,
  ...intakeRoutes,
  ...memberRoutes,
  ...keyRoutes,
  ...sessionRoutes,
  ...secondFactorRoutes,
]
