import { totpCode } from '../../services/tenants/totp.ts'
import type { Call, Scene } from './api-scene.ts'
import { toneWav } from './api.ts'
import { capsuleCalls } from './capsule-calls.ts'
import { confirming, noException } from './confirming.ts'
import { intakeCalls } from './intake-calls.ts'
import { leakCalls } from './leak-calls.ts'
import { noticeCalls, signingCalls } from './notice-calls.ts'
import { recipientCalls } from './recipient-calls.ts'
import { removalCalls } from './removal-calls.ts'
import { screenshotCalls } from './screenshot-calls.ts'
import { sendingCalls } from './sending-calls.ts'

/** Of the member who makes the calls, before and after one of them sets it anew. */
export const PASSWORD = 'a long enough password'

/** The code that the member's app shows, or showed or will show some seconds from now. */
const codeOf = ({ totp }: Scene, seconds: number): string =>
  totp.secret === '' ? '000000' : totpCode(totp.secret, new Date(Date.now() + seconds * 1000))

/** One good call of every route, in an order in which none spoils the next. */
export const calls: Record<string, Call> = {
  registerRecording: {
    path: () => '/v1/recordings',
    body: () => ({ title: 'New', artists: ['A'] }),
    status: 201,
  },
  registerRecordings: {
    path: () => '/v1/recordings/batch',
    body: () => ({ rows: [{ title: 'Newer', artists: ['A'] }] }),
    status: 200,
  },
  listRecordings: { path: () => '/v1/recordings?q=monsoon&stage=done', status: 200 },
  getRecording: { path: (s) => `/v1/recordings/${s.recordingId}`, status: 200 },
  uploadRecordingAudio: {
    path: (s) => `/v1/recordings/${s.unusedRecordingId}/audio`,
    body: () => toneWav(2),
    status: 202,
  },
  editRecording: {
    path: (s) => `/v1/recordings/${s.recordingId}`,
    body: () => ({ policy: 'monitor' }),
    status: 200,
  },
  removeRecording: { path: (s) => `/v1/recordings/${s.unusedRecordingId}`, status: 204 },
  replaceRights: {
    path: (s) => `/v1/recordings/${s.recordingId}/rights`,
    body: () => [{ territories: ['DE'], document: { name: 'Licence', expires: '2099-12-31' } }],
    status: 200,
  },
  setEmbargo: {
    path: (s) => `/v1/recordings/${s.recordingId}/embargo`,
    body: () => ({ until: null }),
    status: 200,
  },
  listConflicts: { path: () => '/v1/conflicts?state=open', status: 200 },
  countCatalogue: { path: () => '/v1/catalogue/counts', status: 200 },
  startImport: { path: () => '/v1/imports?fileName=a.csv', body: () => toneWav(1), status: 202 },
  listImports: { path: () => '/v1/imports?stage=import', status: 200 },
  importTemplate: { path: () => '/v1/imports/template', status: 200, type: 'text/csv' },
  getImport: { path: (s) => `/v1/imports/${s.importId}`, status: 200 },
  listImportErrors: { path: (s) => `/v1/imports/${s.importId}/errors`, status: 200 },
  downloadImportErrors: {
    path: (s) => `/v1/imports/${s.importId}/errors.csv`,
    status: 200,
    type: 'text/csv',
  },
  listImportChanges: { path: (s) => `/v1/imports/${s.importId}/changes?after=3`, status: 200 },
  stopImport: { path: (s) => `/v1/imports/${s.importId}/cancel`, status: 200 },
  fixImport: {
    path: (s) => `/v1/imports/${s.importId}/fixes`,
    body: () => ({ fixes: [{ row: 2, column: 'Title', value: 'Song' }] }),
    status: 200,
  },
  listImportFixes: { path: (s) => `/v1/imports/${s.importId}/fixes`, status: 200 },
  applyImport: {
    path: (s) => `/v1/imports/${s.importId}/apply`,
    body: () => ({ dryRun: true }),
    status: 202,
  },
  listExcludedSegments: { path: (s) => `/v1/recordings/${s.recordingId}/excluded-segments`, status: 200 },
  replaceExcludedSegments: {
    path: (s) => `/v1/recordings/${s.recordingId}/excluded-segments`,
    body: () => ({ items: [{ fromMs: 1000, toMs: 2000, reason: 'A sample' }] }),
    status: 200,
  },
  submitUrl: {
    path: () => '/v1/submissions',
    body: () => ({ url: 'https://host.example/a.mp3' }),
    status: 202,
  },
  submitFile: { path: () => '/v1/submissions/file?fileName=a.mp3', body: () => toneWav(2), status: 202 },
  listSubmissions: { path: () => '/v1/submissions?stage=done', status: 200 },
  listItems: { path: (s) => `/v1/submissions/${s.submissionId}/items`, status: 200 },
  getSubmission: { path: (s) => `/v1/submissions/${s.submissionId}`, status: 200 },
  retrySubmission: { path: (s) => `/v1/submissions/${s.failedSubmissionId}/retry`, status: 202 },
  getMatch: { path: (s) => `/v1/matches/${s.matchId}`, status: 200 },
  hearPassage: {
    path: (s) => `/v1/matches/${s.matchId}/audio?side=suspect`,
    status: 200,
    type: 'audio/mpeg',
  },
  drawMatch: { path: (s) => `/v1/matches/${s.matchId}/picture.svg`, status: 200, type: 'image/svg+xml' },
  listCases: { path: () => '/v1/cases?state=needs_review', status: 200 },
  getCase: { path: (s) => `/v1/cases/${s.caseId}`, status: 200 },
  decideCase: { path: (s) => `/v1/cases/${s.caseId}/decisions`, body: () => confirming, status: 201 },
  reviewExceptions: { path: (s) => `/v1/cases/${s.caseId}/exceptions`, body: () => noException, status: 201 },
  holdCase: { path: (s) => `/v1/cases/${s.caseId}/assignment`, status: 200 },
  releaseCase: { path: (s) => `/v1/cases/${s.caseId}/assignment`, status: 200 },
  decideCases: {
    path: () => '/v1/cases/decisions',
    body: (s) => ({ caseIds: [s.floodedCaseId], kind: 'dismissed', reason: 'false_positive', preview: true }),
    status: 200,
  },
  undoDecisions: { path: (s) => `/v1/cases/decisions/${s.batchId}/undo`, status: 200 },
  endQuarantine: {
    path: (s) => `/v1/recordings/${s.recordingId}/unquarantine`,
    body: () => ({ comment: 'They are ours' }),
    status: 200,
  },
  issueReport: { path: (s) => `/v1/cases/${s.caseId}/reports`, body: () => ({}), status: 201 },
  listReports: { path: () => '/v1/reports', status: 200 },
  getReport: { path: (s) => `/v1/reports/${s.reportId}`, status: 200 },
  downloadReport: { path: (s) => `/v1/reports/${s.reportId}/download?format=json`, status: 200 },
  allowPlace: {
    path: () => '/v1/allow-list',
    body: () => ({ kind: 'domain', value: 'ours.example', reason: 'Our own shop' }),
    status: 201,
  },
  listAllowList: { path: () => '/v1/allow-list?state=in-force', status: 200 },
  testAllowList: { path: () => '/v1/allow-list/test?url=https://ours.example/a', status: 200 },
  ...recipientCalls,
  ...noticeCalls,
  ...capsuleCalls,
  ...screenshotCalls,
  ...intakeCalls,
  ...sendingCalls,
  ...removalCalls,
  ...leakCalls,
  endAllowEntry: { path: (s) => `/v1/allow-list/${s.entryId}/end`, status: 200 },
  getAccount: { path: () => '/v1/account', status: 200 },
  changeAccount: { path: () => '/v1/account', body: () => ({ contactName: 'A. Sample' }), status: 200 },
  listMembers: { path: () => '/v1/members', status: 200 },
  inviteMember: {
    path: () => '/v1/members',
    body: (s) => ({ email: `new@${s.account.tenant.id}.example`, name: 'New', roles: ['reviewer'] }),
    status: 201,
  },
  changeMember: { path: (s) => `/v1/members/${s.memberId}`, body: () => ({ title: 'Clerk' }), status: 200 },
  createSignInLink: { path: (s) => `/v1/members/${s.memberId}/sign-in-link`, status: 201 },
  listKeys: { path: () => '/v1/keys', status: 200 },
  createKey: { path: () => '/v1/keys', body: () => ({ name: 'import' }), status: 201 },
  revokeKey: { path: (s) => `/v1/keys/${s.keyId}`, status: 204 },
  pauseNotices: {
    path: () => '/v1/account/notices/pause',
    body: () => ({ why: 'A wrong reference' }),
    status: 200,
  },
  resumeNotices: { path: () => '/v1/account/notices/resume', status: 200 },
  getMailSettings: { path: () => '/v1/account/mail', status: 200 },
  changeMailSettings: {
    path: () => '/v1/account/mail',
    body: () => ({ mailFrom: 'notices@records.example' }),
    status: 200,
  },
  setDkim: {
    path: () => '/v1/account/mail/dkim',
    body: () => ({ domain: 'records.example', selector: 'ew1' }),
    status: 200,
  },
  sendTestMail: { path: () => '/v1/account/mail/test', status: 200 },
  removeDkim: { path: () => '/v1/account/mail/dkim', status: 200 },
  getSecondFactor: { path: () => '/v1/me/second-factor', status: 200 },
  beginTotp: {
    path: () => '/v1/me/second-factor/totp',
    body: () => ({ password: PASSWORD }),
    status: 201,
    keep: (s, { secret }) => (s.totp.secret = secret),
  },
  enrolTotp: {
    path: () => '/v1/me/second-factor/totp/confirm',
    body: (s) => ({ code: codeOf(s, -30) }),
    status: 200,
  },
  verifyTotp: {
    path: () => '/v1/me/second-factor/verify',
    body: (s) => ({ code: codeOf(s, 0) }),
    status: 200,
  },
  ...signingCalls,
  offerPasskey: {
    path: () => '/v1/me/second-factor/passkeys/options',
    body: () => ({}),
    status: 200,
    keep: (s, { challenge }) => (s.device.challenge = challenge),
  },
  addPasskey: {
    path: () => '/v1/me/second-factor/passkeys',
    body: (s) => ({ name: 'My key', credential: s.device.create() }),
    status: 201,
  },
  askPasskey: {
    path: () => '/v1/me/second-factor/verify/passkey/options',
    status: 200,
    keep: (s, { challenge }) => (s.device.challenge = challenge),
  },
  verifyPasskey: {
    path: () => '/v1/me/second-factor/verify/passkey',
    body: (s) => ({ credential: s.device.get() }),
    status: 200,
  },
  resetSecondFactor: { path: (s) => `/v1/members/${s.memberId}/reset-second-factor`, status: 204 },
  removeTotp: { path: () => '/v1/me/second-factor/totp', status: 204 },
  removePasskey: { path: (s) => `/v1/me/second-factor/passkeys/${s.device.id}`, status: 204 },
  listCheckableLeaks: { path: () => '/v1/private-check/leaks', status: 200 },
  getLeakBucket: {
    path: (s) => `/v1/private-check/manifests/${s.checkableManifestId}/buckets/00ff`,
    status: 200,
    type: 'application/octet-stream',
    cache: 'private, max-age=86400',
  },
  getLeakBuckets: {
    path: (s) => `/v1/private-check/manifests/${s.checkableManifestId}/buckets`,
    body: () => ({ prefixes: ['00ff'] }),
    status: 200,
    type: 'application/octet-stream',
  },
  spendSignInLink: { path: (s) => `/v1/sign-in-links/${s.linkToken}`, status: 201 },
  signIn: {
    path: () => '/v1/session',
    body: (s) => ({ email: s.account.member.email, password: PASSWORD }),
    status: 201,
  },
  setPassword: {
    path: () => '/v1/session/password',
    body: () => ({ password: PASSWORD, present: PASSWORD }),
    status: 200,
  },
  signOut: { path: () => '/v1/session', status: 204 },
}
