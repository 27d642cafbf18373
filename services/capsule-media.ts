import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { cutExcerpt } from './audio/decode/decode.ts'
import { type CapsuleFiles, type CapsuleRecord, screenshotPath } from './capsule-contents.ts'
import type { DossierMatch } from './case-dossier.ts'
import type { Recording } from './catalog/recording.ts'
import type { Blobs } from './core/blobs.ts'
import { Sha256 } from './core/ids.ts'
import { Problem } from './core/problem.ts'
import type { CapsuleFile } from './evidence/capsule.ts'
import { sha256Of } from './evidence/verify-file.ts'
import { type SeenCapture, WARC_BODIES_BYTES_MAX, WARC_BODY_BYTES_MAX, warcOf } from './evidence/warc.ts'
import type { Passage, PicturedPassage } from './matches/match.ts'
import { alignmentSvg } from './matches/picture.ts'
import type { Capture } from './submissions/captures.ts'

/** To hear that two passages are one this is enough. */
const EXCERPT_MS = 10_000
/** Finds with excerpts and pictures; of a notice with hundreds of locations the first ones show how it is. */
const SHOWN_MAX = 50
/** Above this a suspect stays outside, so that the archive stays below what a zip takes: its hash is listed. */
const SUSPECT_BYTES_MAX = 1 << 30
/** All suspects together. */
const SUSPECTS_BYTES_MAX = 3 * 2 ** 30
/** Of a notice with a thousand locations each has some finds; the match report has the hashes of all. */
const SUSPECTS_MAX = 4_000
/** Pictures that lie in a capsule, and their bytes; of a notice with hundreds of locations the others are only named. */
const SCREENSHOTS_HELD_MAX = 400
const SCREENSHOTS_BYTES_MAX = 512 << 20
/** Cutting takes a tenth of a second, more where ffmpeg has to read up to the place. */
const CUT_TIMEOUT_MS = 60_000

/** What is needed to read and cut what is held. */
export interface MediaTools {
  readonly blobs: Blobs
  readonly ffmpegPath: string
  /** For files on their way into the capsule; the caller removes it. */
  readonly folder: string
  readonly signal: AbortSignal
  readonly onProgress: (share: number) => void
}

/** A find with the recording and the case that it is of. */
interface Found extends DossierMatch {
  readonly recording: Recording
  /** What its files are named after: `EW-2026-000001-2`. */
  readonly name: string
}

const findsOf = ({ cases }: CapsuleRecord): Found[] =>
  cases.flatMap(({ dossier: { opened, recording, matches } }) =>
    matches.map((find, index) => ({ ...find, recording, name: `${opened.number}-${index + 1}` })),
  )

/** The ending of a file's name, as far as it is one; only letters and digits of strangers get into paths. */
const endingOf = (name: string): string => /\.[A-Za-z0-9]{1,8}$/.exec(name)?.[0].toLowerCase() ?? ''

const pathWhileHeld = async (blobs: Blobs, { item }: Found): Promise<string | undefined> =>
  item.mediaHeld ? blobs.path(item.sha256) : undefined

/** Suspects, each once, however many finds it has: with its bytes while they are held. */
async function suspectFiles(finds: readonly Found[], { blobs }: MediaTools): Promise<CapsuleFiles> {
  const files: CapsuleFile[] = []
  const absent: CapsuleFiles['absent'][number][] = []
  const seen = new Set<string>()
  let bytes = 0
  for (const find of finds) {
    const { item, capture, submission } = find
    if (seen.has(item.sha256) || seen.size >= SUSPECTS_MAX) continue
    seen.add(item.sha256)
    const about = {
      path: `suspect/${item.sha256}${endingOf(item.name)}`,
      kind: 'suspect' as const,
      mediaType: item.mediaType,
      capturedAt: capture?.startedAt ?? submission.createdAt,
    }
    const file = await pathWhileHeld(blobs, find)
    const fits = item.bytes <= SUSPECT_BYTES_MAX && bytes + item.bytes <= SUSPECTS_BYTES_MAX
    if (file === undefined || !fits) absent.push({ ...about, sha256: item.sha256, bytes: item.bytes })
    else {
      bytes += item.bytes
      files.push({ ...about, content: { file }, recordedSha256: item.sha256 })
    }
  }
  return { files, absent }
}

/** The bytes that a visit brought: a page is held by itself, a suspect file as its tenant wants. */
async function bodyWhileHeld(
  blobs: Blobs,
  find: Found,
  { sha256, bodyHeld }: Capture,
): Promise<string | undefined> {
  if (bodyHeld) return blobs.path(sha256)
  return find.item.sha256 === sha256 ? pathWhileHeld(blobs, find) : undefined
}

/** What was seen, each visit once, with the body where it is held and not too large for an archive of web pages. */
async function warcFile(
  finds: readonly Found[],
  { head }: CapsuleRecord,
  { blobs }: MediaTools,
): Promise<CapsuleFile[]> {
  const seen = new Map<string, SeenCapture>()
  let bytes = 0
  for (const find of finds)
    for (const capture of find.visits) {
      const visit = `${find.submission.id} ${capture.startedAt.toISOString()} ${capture.requestedUrl}`
      if (seen.has(visit)) continue
      const fits = capture.bytes <= WARC_BODY_BYTES_MAX && bytes + capture.bytes <= WARC_BODIES_BYTES_MAX
      const path = fits ? await bodyWhileHeld(blobs, find, capture) : undefined
      const body = path === undefined ? undefined : await readFile(path)
      if (body && (await sha256Of([body])) !== capture.sha256)
        throw new Problem('evidence/tampered', `The file of ${find.name} is not the one that was captured`)
      bytes += body?.length ?? 0
      seen.set(visit, { capture, body })
    }
  if (seen.size === 0) return []
  const captures = [...seen.values()]
  const content = await warcOf(captures, `earwitness ${head.tool.version}`, head.createdAt)
  const capturedAt = new Date(Math.max(...captures.map(({ capture }) => capture.startedAt.getTime())))
  return [{ path: 'capture.warc.gz', kind: 'warc', mediaType: 'application/warc', capturedAt, content }]
}

function pictureOf({ name, item, recording, passages }: Found, capturedAt: Date): CapsuleFile {
  const end = (side: 'suspectToMs' | 'referenceToMs') => Math.max(0, ...passages.map((each) => each[side]))
  const svg = alignmentSvg({
    suspectDurationMs: item.durationMs ?? end('suspectToMs'),
    referenceDurationMs: recording.durationMs ?? end('referenceToMs'),
    passages,
  })
  const content = new TextEncoder().encode(svg)
  return { path: `pictures/${name}.svg`, kind: 'picture', mediaType: 'image/svg+xml', capturedAt, content }
}

const longest = (passages: readonly PicturedPassage[]): Passage | undefined =>
  passages.toSorted((a, b) => b.suspectToMs - b.suspectFromMs - (a.suspectToMs - a.suspectFromMs))[0]

/** The same moments of both sides: of a copy that plays faster fewer seconds are as much of the recording. */
function stretches({ suspectFromMs, suspectToMs, referenceFromMs, referenceToMs, speed }: Passage) {
  const lengthMs = Math.min(EXCERPT_MS, suspectToMs - suspectFromMs)
  const endMs = Math.min(referenceToMs, referenceFromMs + lengthMs * speed)
  return {
    suspect: [suspectFromMs, suspectFromMs + lengthMs],
    reference: [referenceFromMs, Math.min(endMs, referenceFromMs + EXCERPT_MS)],
  } as const
}

/** The beginning of a find's longest passage, of each side that is held. */
async function excerptsOf(find: Found, tools: MediaTools, capturedAt: Date): Promise<CapsuleFile[]> {
  const passage = longest(find.passages)
  if (!passage) return []
  const { audioSha256, audioHeld } = find.recording
  const paths = {
    suspect: await pathWhileHeld(tools.blobs, find),
    reference: audioHeld && audioSha256 ? await tools.blobs.path(audioSha256) : undefined,
  }
  const { ffmpegPath, signal } = tools
  const files: CapsuleFile[] = []
  for (const [side, [fromMs, toMs]] of Object.entries(stretches(passage))) {
    const source = paths[side as keyof typeof paths]
    if (source === undefined || toMs <= fromMs) continue
    const name = `${find.name}-${side}.flac`
    const file = join(tools.folder, name)
    await cutExcerpt(source, fromMs, toMs, file, {
      ffmpegPath,
      timeoutMs: CUT_TIMEOUT_MS,
      signal,
      form: 'flac',
    })
    files.push({
      path: `excerpts/${name}`,
      kind: 'excerpt',
      mediaType: 'audio/flac',
      capturedAt,
      content: { file },
    })
  }
  return files
}

/** What people and browsers saw, as many as fit; the facts beside them name all. */
async function screenshotFiles({ cases }: CapsuleRecord, { blobs }: MediaTools): Promise<CapsuleFiles> {
  const files: CapsuleFile[] = []
  const absent: CapsuleFiles['absent'][number][] = []
  let bytes = 0
  const all = cases.flatMap(({ dossier, screenshots }) =>
    screenshots.map((screenshot) => ({ screenshot, caseNumber: dossier.opened.number })),
  )
  for (const { screenshot, caseNumber } of all.slice(0, SCREENSHOTS_HELD_MAX)) {
    const { sha256, mediaType, takenAt } = screenshot
    const about = {
      path: screenshotPath(caseNumber, screenshot),
      kind: 'screenshot' as const,
      mediaType,
      capturedAt: takenAt,
    }
    const file = await blobs.path(sha256)
    const fits = bytes + screenshot.bytes <= SCREENSHOTS_BYTES_MAX
    if (file === undefined || !fits) absent.push({ ...about, sha256, bytes: screenshot.bytes })
    else {
      bytes += screenshot.bytes
      files.push({ ...about, content: { file }, recordedSha256: sha256 })
    }
  }
  return { files, absent }
}

/** Messages as they were handed over, while they are kept. */
async function messageFiles({ notices }: CapsuleRecord, { blobs }: MediaTools): Promise<CapsuleFile[]> {
  const files: CapsuleFile[] = []
  for (const { notice, deliveries } of notices)
    for (const { kind, number, part, sha256, sentAt } of deliveries) {
      const file = sha256 === null || sentAt === null ? undefined : await blobs.path(Sha256.parse(sha256))
      if (file === undefined || sentAt === null || sha256 === null) continue
      files.push({
        path: `messages/${notice.number}-v${notice.version}-${kind}-${number}-${part}.eml`,
        kind: 'message',
        mediaType: 'message/rfc822',
        capturedAt: sentAt,
        content: { file },
        recordedSha256: sha256,
      })
    }
  return files
}

/** Answers to notices as they came in, while they are kept. */
async function replyFiles({ notices }: CapsuleRecord, { blobs }: MediaTools): Promise<CapsuleFile[]> {
  const files: CapsuleFile[] = []
  for (const { notice, replies } of notices)
    for (const [index, { rawSha256, receivedAt }] of replies.entries()) {
      const file = await blobs.path(rawSha256)
      if (file === undefined) continue
      files.push({
        path: `replies/${notice.number}-v${notice.version}-${index + 1}.eml`,
        kind: 'reply',
        mediaType: 'message/rfc822',
        capturedAt: receivedAt,
        content: { file },
        recordedSha256: rawSha256,
      })
    }
  return files
}

/**
 * The files of a capsule that are made from what is held in the blob store, and what is known of those that are not.
 *
 * @throws {Problem} evidence/tampered; as `cutExcerpt`.
 */
export async function mediaFiles(record: CapsuleRecord, tools: MediaTools): Promise<CapsuleFiles> {
  const finds = findsOf(record)
  const { createdAt } = record.head
  const suspects = await suspectFiles(finds, tools)
  const screenshots = await screenshotFiles(record, tools)
  const files: CapsuleFile[] = [
    ...suspects.files,
    ...(await warcFile(finds, record, tools)),
    ...screenshots.files,
    ...(await messageFiles(record, tools)),
    ...(await replyFiles(record, tools)),
  ]
  const shown = finds.slice(0, SHOWN_MAX)
  for (const [index, find] of shown.entries()) {
    tools.signal.throwIfAborted()
    if (find.passages.length > 0) files.push(pictureOf(find, createdAt))
    files.push(...(await excerptsOf(find, tools, createdAt)))
    tools.onProgress((index + 1) / shown.length)
  }
  return { files, absent: [...suspects.absent, ...screenshots.absent] }
}
