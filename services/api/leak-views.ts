import { z } from 'zod'

import { ExposureAuditId, LeakId } from '../core/ids.ts'
import { StoredProblem } from '../core/stages.ts'
import { ListedAudit, ShownAudit } from '../leaks/audit-list-store.ts'
import { ListedExposure } from '../leaks/exposure-list-store.ts'
import { AuditLine } from '../leaks/exposure.ts'
import { Leak, LeakManifest, type LeakManifest as Manifest, ManifestFile } from '../leaks/leak.ts'
import { Letter } from '../letters/letter.ts'
import type { Caller } from '../tenants/tenant.ts'
import { view } from './schema.ts'

const own = z.boolean().describe('Of this account; else of the operator, for every account to ask about')

/** How a leak leaves the house. */
export const LeakView = view(
  'Leak',
  Leak.omit({ tenantId: true }).extend({
    own,
    manifests: Leak.shape.manifests.describe('Manifests that can be asked'),
    rows: Leak.shape.rows.describe('Rows in them'),
    lawfulBasis: Leak.shape.lawfulBasis.describe(
      'Why its manifests may be held, in the words of who added it',
    ),
  }),
)

export const shownLeak = (caller: Caller, { tenantId, ...leak }: Leak): z.input<typeof LeakView> => ({
  ...leak,
  own: tenantId === caller.tenantId,
})

/** How a manifest leaves the house: where its files lie on the machine of the service stays inside. */
export const ManifestView = view(
  'LeakManifest',
  LeakManifest.omit({ tenantId: true, files: true }).extend({
    own,
    files: z.array(ManifestFile.omit({ path: true })),
    stage: LeakManifest.shape.stage.describe('`manifest`: it is being read. `done`: it can be asked'),
    progress: z.number().min(0).max(1).describe('Share of its bytes that was read'),
    faults: LeakManifest.shape.faults.describe('Rows that could not be read; all others were'),
    faultSample: LeakManifest.shape.faultSample.describe('The first of them: row from 1, file from 0'),
    rate: LeakManifest.shape.rate.describe('Rows a second'),
    secondsLeft: LeakManifest.shape.secondsLeft.describe('Until it is read, at this rate'),
    problem: StoredProblem.nullable(),
    remark: StoredProblem.nullable().describe('What ended the reading early; all rows before it were kept'),
    counts: LeakManifest.shape.counts.describe(
      'Different identifiers of each kind; rows without a usable ISRC',
    ),
  }),
)

export const shownManifest = (
  caller: Caller,
  { tenantId, ...manifest }: Manifest,
): z.input<typeof ManifestView> => ({ ...manifest, own: tenantId === caller.tenantId })

/** How an audit stands in a list. */
export const AuditRowView = view(
  'ExposureAuditRow',
  ListedAudit.omit({ tenantId: true }).extend({
    stage: ListedAudit.shape.stage.describe('`audit`: it is being made. `done`: its result never changes'),
    cause: ListedAudit.shape.cause.describe(
      '`registered`, `manifest`, `batch`: made by itself, because the catalogue or what is known of a leak changed',
    ),
    counts: ListedAudit.shape.counts.describe(
      'Recordings, or codes, that were asked for, and what was found',
    ),
    resultSha256: ListedAudit.shape.resultSha256.describe('SHA-256 of all its lines as they were kept'),
  }),
)

/** How an audit leaves the house. */
export const AuditView = view(
  'ExposureAudit',
  AuditRowView.extend({
    summary: ShownAudit.shape.summary.describe(
      'By leak and by release, what is likely to come next, and how many rows were not counted because their ISRC is on another song',
    ),
  }),
)

export const LinesView = view(
  'ExposureAuditLines',
  z.object({
    items: z.array(
      view(
        'ExposureAuditLine',
        AuditLine.extend({ number: z.int().describe('Its rank, from 1: most exposed first') }),
      ),
    ),
    next: z.int().optional().describe('Give it as `after` for the next page; absent on the last'),
  }),
)

/** How what is exposed now leaves the house. */
const ExposureView = view(
  'Exposure',
  ListedExposure.omit({ embargoUntil: true }).extend({
    auditId: ExposureAuditId.describe('The audit that found it last'),
    leakId: LeakId,
    status: ListedExposure.shape.status.describe(
      '`audio`: its file was taken. `sibling`: that of another copy of it. `planned`: listed and not taken yet. `metadata`: only told of. `failed`: could not be taken',
    ),
    probability: ListedExposure.shape.probability.describe('That the rows are of this recording'),
    publishedOn: ListedExposure.shape.publishedOn.describe(
      'Null: in no batch, or in one that is not published yet',
    ),
  }),
)

export const ExposuresView = view(
  'Exposures',
  z.object({
    items: z.array(ExposureView),
    next: z.int().optional().describe('Give it as `after` for the next page; absent on the last'),
  }),
)

/** How a letter leaves the house. */
export const LetterView = view('Letter', Letter.omit({ tenantId: true }))
