import type { Route } from './route.ts'
import { accountRoutes } from './routes/account.ts'
import { caseRoutes } from './routes/cases.ts'
import { keyRoutes } from './routes/keys.ts'
import { matchRoutes } from './routes/matches.ts'
import { memberRoutes } from './routes/members.ts'
import { recordingRoutes } from './routes/recordings.ts'
import { reportRoutes } from './routes/reports.ts'
import { sessionRoutes } from './routes/session.ts'
import { submissionRoutes } from './routes/submissions.ts'

/** Every route of the API, in the order of the documentation. */
export const routes: readonly Route[] = [
  ...recordingRoutes,
  ...submissionRoutes,
  ...matchRoutes,
  ...caseRoutes,
  ...reportRoutes,
  ...accountRoutes,
  ...memberRoutes,
  ...keyRoutes,
  ...sessionRoutes,
]
