import { submitList } from '../../services/actions/batches.ts'
import { startWatch } from '../../services/actions/watches.ts'
import { NewWatch } from '../../services/watches/watch.ts'
import type { Call } from './api-scene.ts'
import type { Account, World } from './world.ts'

/** A list that was handed in, and places that are watched: one for each thing that can be done with it once. */
export interface IntakeScene {
  readonly listId: string
  readonly watchId: string
  readonly endingWatchId: string
}

/** Calls of the routes of batches and watches. */
export const intakeCalls: Record<string, Call> = {
  submitBatch: { path: () => '/v1/batches?name=Finds', body: () => 'https://listed.example/1', status: 202 },
  listBatches: { path: () => '/v1/batches', status: 200 },
  getBatch: { path: (s) => `/v1/batches/${s.intake.listId}`, status: 200 },
  listBatchRows: { path: (s) => `/v1/batches/${s.intake.listId}/rows?result=waiting`, status: 200 },
  downloadBatchResults: {
    path: (s) => `/v1/batches/${s.intake.listId}/results.csv`,
    status: 200,
    type: 'text/csv',
  },
  startWatch: {
    path: () => '/v1/watches',
    body: () => ({ url: 'https://forum.example/feed', everyH: 6 }),
    status: 201,
  },
  listWatches: { path: () => '/v1/watches?state=watching', status: 200 },
  getWatch: { path: (s) => `/v1/watches/${s.intake.watchId}`, status: 200 },
  changeWatch: { path: (s) => `/v1/watches/${s.intake.watchId}`, body: () => ({ everyH: 12 }), status: 200 },
  readWatch: { path: (s) => `/v1/watches/${s.intake.watchId}/reads`, status: 202 },
  listWatchReads: { path: (s) => `/v1/watches/${s.intake.watchId}/reads`, status: 200 },
  listWatchRows: { path: (s) => `/v1/watches/${s.intake.watchId}/rows`, status: 200 },
  pauseWatch: { path: (s) => `/v1/watches/${s.intake.watchId}/pause`, status: 200 },
  resumeWatch: { path: (s) => `/v1/watches/${s.intake.watchId}/resume`, status: 200 },
  getMailIntake: { path: () => '/v1/account/intake', status: 200 },
  renewMailIntake: { path: () => '/v1/account/intake/address', status: 200 },
  switchMailIntakeOff: { path: () => '/v1/account/intake/address', status: 200 },
  allowMailSender: {
    path: () => '/v1/account/intake/senders',
    body: () => ({ pattern: '@records.example' }),
    status: 201,
  },
  removeMailSender: { path: () => '/v1/account/intake/senders/@records.example', status: 200 },
  listIntakeMails: { path: () => '/v1/account/intake/mails', status: 200 },
  listRelatedCases: { path: (s) => `/v1/cases/${s.caseId}/related?limit=5`, status: 200 },
  endWatch: { path: (s) => `/v1/watches/${s.intake.endingWatchId}/end`, status: 200 },
}

async function* lines(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('https://scene.example/1\nhttps://scene.example/2')
}

/** Makes a list and two watches of an account. */
export async function intakeScene({ house }: World, { caller }: Account): Promise<IntakeScene> {
  const watched = (url: string) => startWatch(house, caller, NewWatch.parse({ url }))
  return {
    listId: (await submitList(house, caller, { source: lines() })).id,
    watchId: (await watched('https://scene.example/feed')).id,
    endingWatchId: (await watched('https://scene.example/search')).id,
  }
}
