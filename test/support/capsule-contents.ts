import { requestCapsule } from '../../services/actions/evidence.ts'
import { readRecord, writtenFiles } from '../../services/capsule-contents.ts'
import { mediaFiles } from '../../services/capsule-media.ts'
import type { CaseId } from '../../services/core/ids.ts'
import { type Content, sealCapsule } from '../../services/evidence/capsule.ts'
import type { ManifestItem } from '../../services/evidence/manifest.ts'
import type { World } from './world.ts'

/** What a capsule of a case of the owner would hold, by the paths of its files; nothing that ffmpeg has to cut. */
export async function contentsOf(
  world: World,
  caseId: CaseId,
): Promise<{ items: ReadonlyMap<string, ManifestItem>; contents: ReadonlyMap<string, Content> }> {
  const { house, owner, folder } = world
  const capsule = await requestCapsule(house, owner, { caseId })
  const record = await house.db.system((tx) => readRecord(tx, capsule, new Date()))
  const { signal } = new AbortController()
  const tools = { blobs: house.blobs, ffmpegPath: '', folder, signal, onProgress: () => undefined }
  const media = await mediaFiles(record, tools)
  const files = [...(await writtenFiles(record)), ...media.files]
  const { manifest } = await sealCapsule({ ...record.head, timeStamped: false }, files, media.absent)
  return {
    items: new Map(manifest.items.map((item) => [item.path, item])),
    contents: new Map(files.map(({ path, content }) => [path, content])),
  }
}
