import { createSignInLink } from '../../services/tenants/sign-in.ts'
import { type Api, type Seeded, memberWith, seed } from './api.ts'
import { capsuleScene } from './capsule-calls.ts'
import { listedLeak } from './checkable-leak.ts'
import { furtherCases } from './further-cases.ts'
import { type IntakeScene, intakeScene } from './intake-calls.ts'
import { type LeakScene, leakScene } from './leak-calls.ts'
import { type NoticeScene, noticeScene } from './notice-calls.ts'
import { type SoftPasskey, softPasskey } from './passkey.ts'
import { type RemovalCallScene, removalCallScene } from './removal-calls.ts'
import { type ScreenshotScene, screenshotScene } from './screenshot-calls.ts'
import { type SendingCallScene, sendingCallScene } from './sending-calls.ts'
import type { Account, World } from './world.ts'

/** What a call is made of: everything that belongs to one account. */
export interface Scene extends Seeded {
  readonly account: Account
  readonly reportId: string
  readonly importId: string
  readonly memberId: string
  readonly keyId: string
  readonly entryId: string
  readonly recipientId: string
  readonly notices: NoticeScene
  readonly capsuleId: string
  readonly screenshot: ScreenshotScene
  readonly intake: IntakeScene
  readonly sending: SendingCallScene
  readonly removal: RemovalCallScene
  readonly leaks: LeakScene
  /** Of a leak of the account that the private check can ask. */
  readonly checkableManifestId: string
  readonly linkToken: string
  /** What the member confirms with, once the calls before have set it up. */
  readonly device: SoftPasskey
  readonly totp: { secret: string }
  /** A case that was dismissed in a batch, and one in quarantine. */
  readonly batchId: string
  readonly floodedCaseId: string
}

/** A call of a route, and what it is answered. */
export interface Call {
  readonly path: (scene: Scene) => string
  readonly body?: (scene: Scene) => unknown
  readonly status: number
  readonly type?: string
  /** For how long it may be kept; else not at all. */
  readonly cache?: string
  /** Keeps what a later call needs of the answer. */
  readonly keep?: (scene: Scene, answer: ReturnType<typeof JSON.parse>) => void
}

/** An account in which every call can be made. */
export async function sceneOf(world: World, api: Api, account: Account): Promise<Scene> {
  const seeded = await seed(world, account)
  const report = await api.withKey(account.key)('post', `/v1/cases/${seeded.caseId}/reports`, {})
  const started = await api.withKey(account.key)('post', '/v1/imports?dryRun=true', new Uint8Array([65]))
  const clerk = await memberWith(world, account, ['reviewer'])
  const browser = await api.signedIn(account.member)
  const key = await browser('post', '/v1/keys', { name: 'spare' })
  const entry = await browser('post', '/v1/allow-list', {
    kind: 'domain',
    value: 'spare.example',
    reason: 'To be ended',
  })
  const recipient = await browser('post', '/v1/recipients', {
    role: 'hosting',
    key: 'spare.example',
    name: 'Spare Hosting',
    email: 'abuse@spare.example',
  })
  const linkToken = await world.house.db.system((tx) => createSignInLink(tx, account.member))
  return {
    ...seeded,
    ...(await furtherCases(world, account, seeded)),
    account,
    reportId: report.json.id,
    importId: started.json.id,
    memberId: clerk.id,
    keyId: key.json.id,
    entryId: entry.json.id,
    recipientId: recipient.json.id,
    notices: await noticeScene(world, account),
    capsuleId: await capsuleScene(world, account, seeded.caseId),
    screenshot: await screenshotScene(world, account, seeded.recordingId),
    intake: await intakeScene(world, account),
    sending: await sendingCallScene(world, account),
    removal: await removalCallScene(world, account),
    leaks: await leakScene(world, account),
    checkableManifestId: (
      await listedLeak(world, { name: 'Sample list', tenantId: account.tenant.id, rows: [] })
    ).manifestId,
    linkToken,
    device: softPasskey(world.house.config.publicUrl),
    totp: { secret: '' },
  }
}
