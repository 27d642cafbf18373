import { createHash } from 'node:crypto'

import { type Dossier, dossierOf } from './case-dossier.ts'
import { barOf } from './case-standing.ts'
import type { Blobs } from './core/blobs.ts'
import type { Tx } from './core/db.ts'
import type { NoticeId, TenantId } from './core/ids.ts'
import { serviceVersion } from './core/version.ts'
import { decisionsOf, isQuarantined } from './matches/case-store.ts'
import type { CaseState } from './matches/case.ts'
import { latestReview, reviewsOf } from './matches/exceptions-store.ts'
import { exceptionsInWords } from './matches/exceptions.ts'
import { rechecksOf } from './matches/recheck-store.ts'
import { type Verdict, isThere } from './matches/recheck.ts'
import { type NoticedCase, composeNotice } from './notices/compose.ts'
import { replyAddressOf } from './notices/delivery.ts'
import { heldFilesOf, isCountered } from './notices/facts-store.ts'
import { demandedIn, locationsOf } from './notices/locations-store.ts'
import type { Notice, NoticeLocationRow } from './notices/notice-row.ts'
import type { NoticeDocument } from './notices/notice.ts'
import type { PlaceFacts, ReadinessSubject, WorkFacts } from './notices/readiness/subject.ts'
import { holdersInWords } from './notices/statements/holders.ts'
import { statementTexts } from './notices/statements/statements.ts'
import { findNotice } from './notices/store.ts'
import { findRecipient } from './recipients/store.ts'
import { noticeSettingsOf } from './tenants/signing-store.ts'
import { findTenant } from './tenants/store.ts'

/** Cases in these states wait for a notice. */
export const demandableStates: ReadonlySet<CaseState> = new Set(['confirmed', 'restored', 'escalated'])

/** What a notice is looked at with. */
export interface LookedAt {
  readonly now: Date
  /** Domain of the addresses that answers go to, where the account has none of its own. */
  readonly replyDomain: string
  /** Held files whose bytes are no longer what was recorded (`damagedFiles`). */
  readonly damaged: ReadonlySet<string>
}

/** A case of a notice with all that its facts are told by. */
interface Gathered {
  readonly row: NoticeLocationRow
  readonly dossier: Dossier
  readonly noticed: NoticedCase
  readonly facts: PlaceFacts
}

/** Decisions by which a person shows that they looked at a case. */
const lookedKinds: ReadonlySet<string> = new Set(['confirmed', 'dismissed', 'reopened', 'commented'])

/** Whether two people looked at a case, each for themselves. */
async function hadSecondLook(tx: Tx, { caseId }: NoticeLocationRow): Promise<boolean> {
  const decided = (await decisionsOf(tx, caseId)).filter(({ kind }) => lookedKinds.has(kind))
  const reviewed = (await reviewsOf(tx, caseId)).map(({ reviewerId }) => `member:${reviewerId}`)
  const people = [...decided.map(({ actor }) => actor), ...reviewed].filter((who) =>
    who.startsWith('member:'),
  )
  return new Set(people).size > 1
}

/** Why nothing may be demanded about a case, in words for its holder. */
async function whyBarred(tx: Tx, tenantId: TenantId, dossier: Dossier): Promise<string | undefined> {
  const bar = await barOf(tx, tenantId, dossier)
  if (bar) return bar.words
  if (await isQuarantined(tx, dossier.recording.id))
    return `“${dossier.recording.title}” was suddenly found everywhere: release its cases from quarantine first`
  if (await isCountered(tx, dossier.opened.id))
    return `There is a counter-notice about case ${dossier.opened.number}: no new notice is sent for it`
  return undefined
}

/** What was seen when somebody last looked again and got an answer. */
interface Look {
  readonly verdict: Exclude<Verdict, 'blocked' | 'unreachable'>
  readonly at: Date
}

async function lastLook(tx: Tx, { caseId }: NoticeLocationRow): Promise<Look | undefined> {
  for (const { verdict, checkedAt } of await rechecksOf(tx, caseId))
    if (verdict && verdict !== 'blocked' && verdict !== 'unreachable' && checkedAt)
      return { verdict, at: checkedAt }
  return undefined
}

/** When a copy was last seen live; undefined when it was gone at the last look. */
function liveAt(dossier: Dossier, look: Look | undefined): Date | undefined {
  const fetched = dossier.matches.flatMap(({ capture }) => (capture ? [capture.startedAt.getTime()] : []))
  const fetchedAt = fetched.length > 0 ? new Date(Math.max(...fetched)) : undefined
  if (!look || (fetchedAt && fetchedAt > look.at)) return fetchedAt
  return isThere(look.verdict) ? look.at : undefined
}

async function gather(
  tx: Tx,
  notice: Notice,
  row: NoticeLocationRow,
  given: LookedAt & { readonly demanded: ReadonlyMap<string, string> },
): Promise<Gathered> {
  const dossier = await dossierOf(tx, row.caseId)
  const { opened, recording, matches } = dossier
  const look = await lastLook(tx, row)
  const review = await latestReview(tx, row.caseId)
  const noticed: NoticedCase = {
    opened,
    recording,
    finds: matches,
    url: row.url,
    canonicalUrl: row.canonicalUrl,
    seenAgainAt: look && isThere(look.verdict) ? look.at : undefined,
    review:
      review?.outcome === 'not_excepted'
        ? { reviewerName: review.reviewerName, at: review.at, reasons: exceptionsInWords(review.answers) }
        : undefined,
  }
  // What the version before this one demands is demanded by this one: it was confirmed, and is no duplicate.
  const isCarriedOver = notice.supersedes !== null && opened.state === 'in_notice'
  return {
    row,
    dossier,
    noticed,
    facts: {
      locationId: row.caseId,
      caseState: isCarriedOver ? 'confirmed' : opened.state,
      liveAt: liveAt(dossier, look),
      matchedAt: new Date(Math.max(...matches.map(({ match }) => match.createdAt.getTime()))),
      review: review && { at: review.at, outcome: review.outcome },
      bar: await whyBarred(tx, notice.tenantId, dossier),
      demandedIn: given.demanded.get(row.canonicalUrl),
      tampered: matches.some(({ item }) => item.mediaHeld && given.damaged.has(item.sha256))
        ? ['suspect_file']
        : [],
      secondLook: await hadSecondLook(tx, row),
    },
  }
}

/** Whether what a person answered about the exceptions lets a case be demanded. */
const isReviewed = ({ review, matchedAt }: PlaceFacts): boolean =>
  review?.outcome === 'not_excepted' && review.at >= matchedAt

/** Of several works at one address the location is as good as the worst of them. */
function worstOf(all: readonly PlaceFacts[], locationId: string): PlaceFacts {
  const [first] = all
  if (!first) throw new Error('a location without a case')
  const live = all.flatMap((each) => (each.liveAt ? [each.liveAt.getTime()] : []))
  // A review is told by the match of its own case. Where an exception was found nothing may be demanded at all.
  const excepted = all.find((each) => each.review?.outcome === 'excepted')
  const { review, matchedAt } = excepted ?? all.find((each) => !isReviewed(each)) ?? first
  return {
    locationId,
    caseState: (all.find(({ caseState }) => !demandableStates.has(caseState)) ?? first).caseState,
    liveAt: live.length === all.length ? new Date(Math.max(...live)) : undefined,
    matchedAt,
    review,
    bar: all.find(({ bar }) => bar !== undefined)?.bar,
    demandedIn: first.demandedIn,
    tampered: [...new Set(all.flatMap(({ tampered }) => tampered))],
    secondLook: all.every(({ secondLook }) => secondLook),
  }
}

function placesOf(gathered: readonly Gathered[], document: NoticeDocument): Map<string, PlaceFacts> {
  return new Map(
    document.locations.map(({ locationId, canonicalUrl }) => {
      const there = gathered.filter(({ row }) => row.canonicalUrl === canonicalUrl)
      return [
        locationId,
        worstOf(
          there.map(({ facts }) => facts),
          locationId,
        ),
      ]
    }),
  )
}

function worksOf(gathered: readonly Gathered[]): Map<string, WorkFacts> {
  const works = new Map<string, WorkFacts>()
  for (const { dossier } of gathered) {
    const { opened, recording, conflicts } = dossier
    const isPlain = opened.shared || recording.problem?.type === '/problems/audio/indistinct'
    works.set(recording.id, {
      workId: recording.id,
      publicDomain: recording.publicDomain,
      indistinct: isPlain || works.get(recording.id)?.indistinct === true,
      disputed: conflicts.length > 0,
    })
  }
  return works
}

async function supersededBy(tx: Tx, { supersedes }: Notice): Promise<NoticeDocument['supersedes']> {
  const before = supersedes && (await findNotice(tx, supersedes))
  return before?.documentSha256
    ? { version: before.version, documentSha256: before.documentSha256 }
    : undefined
}

/**
 * A notice as it would be signed now, composed anew from what is known of its cases, with all that readiness and the
 * good-faith gate are told by.
 */
export async function subjectOf(tx: Tx, notice: Notice, given: LookedAt): Promise<ReadinessSubject> {
  const rows = await locationsOf(tx, notice.id)
  const tenant = await findTenant(tx, notice.tenantId)
  const recipient = await findRecipient(tx, notice.recipientId)
  if (!tenant || !recipient) throw new Error('a notice without its account or its recipient')
  const { ownDomains, replyDomain } = await noticeSettingsOf(tx, notice.tenantId)
  const demanded = await demandedIn(tx, {
    recipientId: notice.recipientId,
    urls: rows.map(({ canonicalUrl }) => canonicalUrl),
    except: [notice.id, ...(notice.supersedes ? [notice.supersedes] : [])],
  })
  const gathered: Gathered[] = []
  for (const row of rows) gathered.push(await gather(tx, notice, row, { ...given, demanded }))
  const { regimes, language, host } = notice
  const holders = gathered.map(({ dossier }) => dossier.recording.rightsHolder)
  const rightsHolder = holdersInWords(holders, language)
  const document = composeNotice({
    number: notice.number,
    version: notice.version,
    supersedes: await supersededBy(tx, notice),
    issuedAt: given.now,
    serviceVersion,
    language,
    regimes,
    details: notice.details,
    tenant,
    recipient,
    host,
    replyTo: replyAddressOf(notice.replyToken, replyDomain ?? given.replyDomain),
    cases: gathered.map(({ noticed }) => noticed),
    statements: statementTexts({ regimes, language, rightsHolder, host }),
  })
  return {
    document,
    recipient,
    format: notice.format,
    places: placesOf(gathered, document),
    works: worksOf(gathered),
    ownDomains,
    now: given.now,
  }
}

/** The SHA-256 of a blob's bytes as they are now; undefined when it is gone. */
async function rehash(blobs: Blobs, sha256: Parameters<Blobs['read']>[0]): Promise<string | undefined> {
  const source = await blobs.read(sha256)
  if (!source) return undefined
  const hash = createHash('sha256')
  for await (const bytes of source) hash.update(bytes as Uint8Array)
  return hash.digest('hex')
}

/**
 * The held files of notices that are gone, or are no longer what was recorded. Reads them all, so it runs outside of the
 * transaction that rests on it.
 */
export async function damagedFiles(
  { db, blobs }: { db: { tenant<T>(id: TenantId, work: (tx: Tx) => Promise<T>): Promise<T> }; blobs: Blobs },
  tenantId: TenantId,
  ids: readonly NoticeId[],
): Promise<ReadonlySet<string>> {
  const damaged = new Set<string>()
  for (const sha256 of await db.tenant(tenantId, (tx) => heldFilesOf(tx, ids)))
    if ((await rehash(blobs, sha256)) !== sha256) damaged.add(sha256)
  return damaged
}
