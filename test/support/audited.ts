import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

import {
  type ExposureAuditId,
  LeakManifestId,
  Sha256,
  type TenantId,
  newId,
} from '../../services/core/ids.ts'
import { addAudit, findAudit } from '../../services/leaks/audit-store.ts'
import { AuditLine, type AuditScope, type ExposureAudit } from '../../services/leaks/exposure.ts'
import { manifestFolder } from '../../services/leaks/folders.ts'
import { gather } from '../../services/leaks/gather/gather.ts'
import { addLeak, findLeak } from '../../services/leaks/leak-store.ts'
import { type Leak, NewLeak } from '../../services/leaks/leak.ts'
import { addManifest, stages } from '../../services/leaks/manifest-store.ts'
import { OpenLeaks } from '../../services/leaks/open-leaks.ts'
import { audit } from '../../workers/audit.ts'
import type { Tools } from '../../workers/tools.ts'
import type { World } from './world.ts'

/** A track of an invented manifest, by the names of the published schema. */
export type LeakedTrack = Readonly<Record<string, unknown>>

/** A leak without manifests, of the operator where no account is given. */
export async function leakOf(
  { house }: World,
  given: Partial<NewLeak> = {},
  tenantId: TenantId | null = null,
): Promise<Leak> {
  const told = { name: 'Sample dump', kind: 'streaming-dump', lawfulBasis: 'invented for a test', ...given }
  return house.db.system(async (tx) => {
    const id = await addLeak(tx, tenantId, NewLeak.parse(told), { by: 'test' })
    const leak = await findLeak(tx, id)
    if (!leak) throw new Error('no leak')
    return leak
  })
}

/** A manifest of a leak, read as the service reads it. */
export async function manifestOf(
  { house, folder }: World,
  leak: Leak,
  tracks: readonly LeakedTrack[],
  batch = 0,
): Promise<LeakManifestId> {
  const id = newId(LeakManifestId)
  const path = join(folder, `${id}.jsonl`)
  const lines = tracks.map((track) => `${JSON.stringify(track)}\n`).join('')
  await writeFile(path, lines)
  const target = manifestFolder(house.config, id)
  await mkdir(join(target, '..'), { recursive: true })
  await gather(
    { files: [path], mapping: {}, batch, folder: target },
    { signal: new AbortController().signal, onProgress: () => undefined },
  )
  await house.db.system(async (tx) => {
    const files = [{ name: 'manifest.jsonl', bytes: lines.length, path }]
    await addManifest(tx, leak, { id, name: 'Sample manifest', files, mapping: {}, batch, by: 'test' })
    await stages.advance(tx, id, 'manifest', 'done')
  })
  return id
}

/** Does an audit as the worker does. @param leaks opened for it alone where none are given. */
export async function doAudit(
  { house }: World,
  id: ExposureAuditId,
  leaks?: OpenLeaks,
): Promise<ExposureAudit> {
  const open = leaks ?? new OpenLeaks(house.config)
  const run = { log: house.log, progress: async () => undefined, signal: new AbortController().signal }
  await audit({ ...house, leaks: open } satisfies Pick<Tools, 'db' | 'blobs' | 'leaks'>)({ id }, run)
  if (!leaks) await open.close()
  const found = await house.db.system((tx) => findAudit(tx, id))
  if (!found) throw new Error('no audit')
  return found
}

/** Asks for a part of the owner's catalogue. */
export async function auditOf(world: World, scope: AuditScope = { kind: 'all' }): Promise<ExposureAudit> {
  const { id } = await world.house.db.system((tx) =>
    addAudit(tx, world.owner.tenantId, { cause: 'asked', scope, by: 'test' }),
  )
  return doAudit(world, id)
}

/** The frozen result of an audit. */
export async function linesOf({ house }: World, { resultSha256 }: ExposureAudit): Promise<AuditLine[]> {
  const source = await house.blobs.read(Sha256.parse(resultSha256))
  if (!source) throw new Error('no result')
  const lines = (await text(source)).split('\n').filter((line) => line !== '')
  return lines.map((line) => AuditLine.parse(JSON.parse(line)))
}
