import { z } from 'zod'

import { CaseId, ScreenshotId, Sha256 } from '../core/ids.ts'
import { canonicalUrlOf } from '../submissions/canonical-url.ts'

/** A page of a few screens, without loss. */
export const SCREENSHOT_BYTES_MAX = 10_000_000
/** A case is about one place: before and after, the page, the player, the download, and once more each. */
export const SCREENSHOTS_MAX = 20
export const SCREENSHOT_NOTE_CHARACTERS_MAX = 2_000
/** Nothing that is reviewed here is older; what claims to be comes from a clock that was never set. */
const TAKEN_FROM = new Date('2000-01-01T00:00:00Z')

/** Who made the picture: a person, who uploads it, or our own browser. */
export const ScreenshotSource = z.enum(['uploaded', 'browser'])
export type ScreenshotSource = z.infer<typeof ScreenshotSource>

/** The kinds of pictures that are kept, and the endings of their files. */
export const screenshotEndings = { 'image/png': 'png', 'image/jpeg': 'jpg' } as const

/** A picture of what was seen at an address of a case. It is never changed. */
export const Screenshot = z.object({
  id: ScreenshotId,
  caseId: CaseId,
  /** Counted from 1 within its case. */
  number: z.number(),
  source: ScreenshotSource,
  /** What it shows, as it was told: an address of the case in some spelling. */
  address: z.string(),
  takenAt: z.date(),
  /** Who uploaded it, or had the browser take it. */
  takenBy: z.string(),
  takenByName: z.string().nullable(),
  note: z.string().nullable(),
  sha256: Sha256,
  bytes: z.number(),
  mediaType: z.enum(Object.keys(screenshotEndings) as (keyof typeof screenshotEndings)[]),
  /** Pixels, as people see it. */
  width: z.number(),
  height: z.number(),
  addedAt: z.date(),
})
export type Screenshot = z.infer<typeof Screenshot>

/** What a person tells about a picture. */
export const ScreenshotFacts = z.strictObject({
  address: z
    .url({ protocol: /^https?$/, error: 'an http or https address' })
    .max(2048)
    .describe('That it shows: the location of the case, or an address at which it was found'),
  takenAt: z.iso
    .datetime('a moment in UTC, e.g. 2031-03-06T23:00:00Z')
    .pipe(z.coerce.date())
    .refine((at) => at <= new Date(), 'is in the future')
    .refine((at) => at >= TAKEN_FROM, `is before ${TAKEN_FROM.getUTCFullYear()}`)
    .describe('When it was taken, in UTC'),
  note: z.string().trim().max(SCREENSHOT_NOTE_CHARACTERS_MAX).optional().describe('What is to be seen in it'),
})
export type ScreenshotFacts = z.infer<typeof ScreenshotFacts>

/** Whether an address is one of these in some spelling. */
export function isAmong(address: string, known: readonly string[]): boolean {
  const canonical = canonicalUrlOf(address)
  return known.some((each) => canonicalUrlOf(each) === canonical)
}
