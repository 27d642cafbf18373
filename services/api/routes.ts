import type { Route } from './route.ts'
import { accountRoutes } from './routes/account.ts'
import { allowListRoutes } from './routes/allow-list.ts'
import { caseRoutes } from './routes/cases.ts'
import { excludedSegmentRoutes } from './routes/excluded-segments.ts'
import { importRoutes } from './routes/imports.ts'
import { keyRoutes } from './routes/keys.ts'
import { matchRoutes } from './routes/matches.ts'
import { memberRoutes } from './routes/members.ts'
import { recordingRoutes } from './routes/recordings.ts'
import { reportRoutes } from './routes/reports.ts'
import { rightsRoutes } from './routes/rights.ts'
import { sessionRoutes } from './routes/session.ts'
import { submissionRoutes } from './routes/submissions.ts'

/** Every route of the API, in the order of the documentation. */
export const routes: readonly Route[] = [
  ...recordingRoutes,
  ...rightsRoutes,
  ...importRoutes,
  ...excludedSegmentRoutes,
  ...submissionRoutes,
  ...matchRoutes,
  ...caseRoutes,
  ...reportRoutes,
  ...allowListRoutes,
  ...accountRoutes,
  ...memberRoutes,
  ...keyRoutes,
  ...sessionRoutes,
]
