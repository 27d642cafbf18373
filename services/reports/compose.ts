import type { Conflict } from '../catalog/conflicts.ts'
import type { Recording } from '../catalog/recording.ts'
import { present } from '../core/present.ts'
import type { Case } from '../matches/case.ts'
import type { Member, Tenant } from '../tenants/tenant.ts'
import type { ReportDocument } from './report.ts'
import { type FoundOf, type ReportedFind, evidenceOf, matchOf, uniqueLocations } from './reported-find.ts'
import { standingPoints } from './standing-points.ts'
import { type Barred, barPoints, openPoints, statementTexts } from './statements.ts'

/** What a signer declares; all three or none. */
export interface MadeStatements {
  readonly signer: Member
  readonly signatureText: string
  readonly signedAt: Date
}

/** All that a report is made of. */
export interface ReportParts extends FoundOf {
  readonly opened: Case
  readonly finds: readonly ReportedFind[]
  /** Other accounts' claims to the recording that have not ended. */
  readonly conflicts: readonly Conflict[]
  readonly tenant: Tenant
  readonly version: number
  readonly issuedAt: Date
  readonly serviceVersion: string
  readonly made: MadeStatements | undefined
  /** Set when nothing may be demanded at present: the copy is allowed, or the recording no longer claimed. */
  readonly bar?: Barred | undefined
}

function statementsOf(made: MadeStatements | undefined, holder: string): ReportDocument['statements'] {
  const texts = statementTexts(holder)
  if (!made) return { status: 'open', texts }
  const { signer, signatureText, signedAt } = made
  return {
    status: 'made',
    goodFaith: true,
    accuracy: true,
    authorityUnderPenaltyOfPerjury: true,
    signatory: {
      name: signer.name,
      title: signer.title || 'Authorised signatory',
      memberId: signer.id,
      signatureText,
      signedAt: signedAt.toISOString(),
    },
    texts,
  }
}

function workOf(recording: Recording): ReportDocument['works'][number] {
  return {
    workId: recording.id,
    title: recording.version ? `${recording.title} (${recording.version})` : recording.title,
    kind: 'sound_recording',
    artists: recording.artists,
    durationMs: recording.durationMs ?? 0,
    territories: recording.territories,
    ...present({
      isrc: recording.isrc,
      upc: recording.upc,
      releaseTitle: recording.releaseTitle,
      label: recording.label,
      pLine: recording.pLine,
    }),
  }
}

/** Composes a case's report. Pure: the same parts give the same document. */
export function composeReport(parts: ReportParts): ReportDocument {
  const { opened, recording, finds, tenant, version } = parts
  const unchecked: Omit<ReportDocument, 'openPoints'> = {
    schema: 'earwitness/takedown-report/1',
    number: opened.number,
    version,
    ...(version > 1 && { supersedes: { version: version - 1 } }),
    issuedAt: parts.issuedAt.toISOString(),
    caseId: opened.id,
    language: 'en',
    issuer: {
      service: 'Earwitness',
      version: parts.serviceVersion,
      engineVersion: String(finds[0]?.match.engineVersion ?? 0),
    },
    complainant: {
      name: tenant.contactName ?? tenant.name,
      ...present({
        address: tenant.contactAddress,
        country: tenant.contactCountry,
        phone: tenant.contactPhone,
        email: tenant.contactEmail,
      }),
    },
    rightsHolder: { name: recording.rightsHolder },
    works: [workOf(recording)],
    locations: uniqueLocations(finds),
    matches: finds.map((find) => matchOf(find, parts)),
    statements: statementsOf(parts.made, recording.rightsHolder),
    evidence: finds.flatMap(evidenceOf),
  }
  const { conflicts, issuedAt, made } = parts
  const standing = standingPoints({ recording, conflicts, issuedAt, signed: made !== undefined })
  return { ...unchecked, openPoints: [...barPoints(parts.bar), ...standing, ...openPoints(unchecked)] }
}
