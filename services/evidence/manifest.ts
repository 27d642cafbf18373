import canonicalize from 'canonicalize'
import { z } from 'zod'

import { line, sha256, utc } from '../core/document-fields.ts'

/** The files that a capsule has besides those that its manifest lists. */
export const MANIFEST_PATH = 'manifest.json'
export const TIME_STAMP_PATH = 'manifest.tsr'

/** Paths come out short; no system has trouble with this many. */
const PATH_CHARACTERS_MAX = 150
/** Of a notice with a thousand locations there are some thousand files. */
export const ITEMS_MAX = 9_000
/** So many items with the longest paths and types. */
export const MANIFEST_BYTES_MAX = 6 << 20

/**
 * A path inside a capsule: ASCII, relative, of names that begin with a letter or a digit, so that none leads out of the
 * folder into which it is unpacked and none is hidden there.
 */
export const CapsulePath = z
  .string()
  .max(PATH_CHARACTERS_MAX)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*(?:\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/)
  .refine((path) => path !== MANIFEST_PATH && path !== TIME_STAMP_PATH, 'is not for the manifest to list')

/** What a file of a capsule is. */
export const ItemKind = z.enum([
  'match_report',
  'warc',
  'suspect',
  'excerpt',
  'picture',
  'screenshot',
  'screenshot_facts',
  'log',
  'decisions',
  'notice',
  'notice_history',
  'message',
  'report',
  'reply',
  'verifier',
  'readme',
])
export type ItemKind = z.infer<typeof ItemKind>

/** One file that the evidence rests on. */
export const ManifestItem = z.strictObject({
  path: CapsulePath,
  kind: ItemKind,
  sha256: sha256(),
  bytes: z.int().min(0),
  mediaType: line(127),
  /** When it was seen, of what was; when it was written, of what we wrote. */
  capturedAt: utc(),
  /** Whether it lies in the capsule. What was seen and is not kept is listed with the hash that it had. */
  held: z.boolean(),
})
export type ManifestItem = z.infer<typeof ManifestItem>

const Subject = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('case'), id: z.uuid(), number: line(60) }),
  z.strictObject({
    kind: z.literal('notice'),
    id: z.uuid(),
    number: line(60),
    version: z.int().min(1),
    documentSha256: sha256(),
  }),
])

/** What a capsule contains, about what, and by which program it was made. */
export const Manifest = z
  .strictObject({
    format: z.literal('earwitness/capsule/1'),
    capsuleId: z.uuid(),
    subject: Subject,
    tenantName: line(200),
    tool: z.strictObject({
      name: z.literal('earwitness'),
      version: line(60),
      engineVersion: z.int().min(0),
      thresholds: z.strictObject({ falseClaimsPerMillion: z.number().min(0) }),
    }),
    createdAt: utc(),
    /** Whether there is a time stamp over these bytes: who takes it out of the capsule is found out. */
    timeStamped: z.boolean(),
    /** Where the account's audit chain stood; `log.json` leads there. */
    auditHead: z.strictObject({ number: z.int().min(1), entryHash: sha256() }),
    /** In the order of their paths. */
    items: z.array(z.unknown()).min(1).max(ITEMS_MAX).pipe(z.array(ManifestItem)),
  })
  .refine(({ items }) => {
    const paths = items.map(({ path }) => path)
    return paths.every((path, index) => index === 0 || paths[index - 1]! < path)
  }, 'the items are in the order of their paths')
  .refine(
    ({ items }) => new Set(items.map(({ path }) => path.toLowerCase())).size === items.length,
    'no two paths are the same to a system that does not tell upper from lower case',
  )
export type Manifest = z.infer<typeof Manifest>

/** Canonical JSON (RFC 8785): the one way to write a value. @throws {Error} of what JSON cannot say. */
export function canonicalText(value: unknown): string {
  const text = canonicalize(value)
  if (text === undefined) throw new Error('there is nothing to write')
  return text
}

/** The bytes of a manifest, which are hashed and time-stamped. @throws {z.ZodError} when it does not fit. */
export const manifestBytes = (manifest: Manifest): Uint8Array =>
  new TextEncoder().encode(canonicalText(Manifest.parse(manifest)))

/** The text of bytes that are canonical JSON; undefined when they are not, down to the last one. */
export function canonicalValue(bytes: Uint8Array): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    // A number that is too large to be one becomes Infinity, which canonical JSON cannot say.
    const value: unknown = JSON.parse(text, (_, each: unknown) =>
      typeof each === 'number' && !Number.isFinite(each) ? undefined : each,
    )
    return canonicalize(value) === text ? value : undefined
  } catch (error) {
    if ([SyntaxError, TypeError, RangeError].some((kind) => error instanceof kind)) return undefined
    throw error
  }
}
