import { previewLetter, signLetter } from '../../services/actions/letters.ts'
import { NewLetter } from '../../services/letters/letter.ts'
import { changeTenant } from '../../services/tenants/store.ts'
import type { Call } from './api-scene.ts'
import { type ExposedCatalogue, exposedCatalogue } from './exposed-catalogue.ts'
import { signerSession } from './signing.ts'
import type { Account, World } from './world.ts'

/** A catalogue that is exposed, a leak to be removed, and a letter that was signed. */
export interface LeakScene extends ExposedCatalogue {
  readonly letterId: string
}

const contact = {
  contactName: 'A. Sample',
  contactAddress: '1 Sample Street',
  contactEmail: 'rights@sample-records.example',
}

export const sampleLetter = {
  kind: 'data-set-removal',
  language: 'en',
  recipient: { name: 'Sample AI', email: 'legal@ai.example' },
} as const

/** Signs a letter as a member of an account who has shown a second factor. @returns its id. */
export async function signedLetter(
  world: World,
  account: Account,
  { leakId, auditId }: ExposedCatalogue,
): Promise<string> {
  const { house } = world
  const tenantId = account.tenant.id
  await house.db.system((tx) => changeTenant(tx, tenantId, contact))
  const { caller } = await signerSession(world, 'A Signer', { tenantId })
  const given = NewLetter.parse({ ...sampleLetter, auditId })
  const { shown } = await previewLetter(house, caller, leakId, given)
  const letter = await signLetter(house, caller, leakId, given, { signatureText: '/s/ A Signer', shown })
  return letter.id
}

/** What the calls of leaks need. */
export async function leakScene(world: World, account: Account): Promise<LeakScene> {
  const exposed = await exposedCatalogue(world, account)
  return { ...exposed, letterId: await signedLetter(world, account, exposed) }
}

const line = JSON.stringify({ isrc: 'AA6Q70000001', name: 'Song', popularity: 50 })

/** Calls of the routes of leaks, audits and letters. */
export const leakCalls: Record<string, Call> = {
  listLeaks: { path: () => '/v1/leaks', status: 200 },
  addLeak: {
    path: () => '/v1/leaks',
    body: () => ({ name: 'Another dump', kind: 'data-set', lawfulBasis: 'Given to us for a check' }),
    status: 201,
  },
  getLeak: { path: (s) => `/v1/leaks/${s.leaks.leakId}`, status: 200 },
  changeLeak: { path: (s) => `/v1/leaks/${s.leaks.leakId}`, body: () => ({ note: 'Seen' }), status: 200 },
  listLeakManifests: { path: (s) => `/v1/leaks/${s.leaks.leakId}/manifests`, status: 200 },
  addLeakManifest: {
    path: (s) => `/v1/leaks/${s.leaks.leakId}/manifests?fileName=list.jsonl`,
    body: () => new TextEncoder().encode(`${line}\n`),
    status: 202,
  },
  getLeakManifest: { path: (s) => `/v1/manifests/${s.leaks.manifestId}`, status: 200 },
  startExposureAudit: { path: () => '/v1/exposure-audits', body: () => ({ kind: 'all' }), status: 202 },
  listExposureAudits: { path: () => '/v1/exposure-audits?stage=done', status: 200 },
  getExposureAudit: { path: (s) => `/v1/exposure-audits/${s.leaks.auditId}`, status: 200 },
  listExposureAuditLines: {
    path: (s) => `/v1/exposure-audits/${s.leaks.auditId}/lines?limit=1`,
    status: 200,
  },
  downloadExposureReport: {
    path: (s) => `/v1/exposure-audits/${s.leaks.auditId}/report.pdf`,
    status: 200,
    type: 'application/pdf',
  },
  downloadExposureLines: {
    path: (s) => `/v1/exposure-audits/${s.leaks.auditId}/lines.csv`,
    status: 200,
    type: 'text/csv',
  },
  listExposures: { path: () => '/v1/exposures?status=audio', status: 200 },
  listRecordingExposures: { path: (s) => `/v1/recordings/${s.leaks.recordingId}/exposures`, status: 200 },
  listLetters: { path: () => '/v1/letters', status: 200 },
  getLetter: { path: (s) => `/v1/letters/${s.leaks.letterId}`, status: 200 },
  downloadLetter: {
    path: (s) => `/v1/letters/${s.leaks.letterId}/download?format=text`,
    status: 200,
    type: 'text/plain',
  },
  previewLetter: {
    path: (s) => `/v1/leaks/${s.leaks.leakId}/letters/preview`,
    body: () => sampleLetter,
    status: 200,
  },
  removeLeak: { path: (s) => `/v1/leaks/${s.leaks.leakId}`, status: 204 },
}
