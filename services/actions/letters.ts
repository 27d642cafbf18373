import { audit } from '../core/audit.ts'
import { type LeakId, LetterId, newId } from '../core/ids.ts'
import { type Fault, Problem } from '../core/problem.ts'
import { allLines, readAudit } from '../exposure-reading.ts'
import { tellableAmong } from '../leaks/audit-list-store.ts'
import type { Leak } from '../leaks/leak.ts'
import type { NumberedLine } from '../leaks/report/lines.ts'
import { locatorWords } from '../leaks/report/words.ts'
import { composeLetter, openPoints } from '../letters/compose.ts'
import {
  type Letter,
  type LetterDraft,
  type LetterWork,
  type NewLetter,
  WORKS_MAX,
  WORK_PROBABILITY_MIN,
  shownDigest,
} from '../letters/letter.ts'
import { findLetter, keepLetter } from '../letters/store.ts'
import { requireSecondFactor } from '../tenants/second-factor.ts'
import { findTenant } from '../tenants/store.ts'
import { type Caller, actorOf } from '../tenants/tenant.ts'
import type { House } from './house.ts'
import { knownLeak } from './leaks.ts'
import { requireSigner, signatureOf } from './signature.ts'

/** A letter as it would be signed now, and what keeps it from that. */
export interface LetterPreview {
  readonly draft: LetterDraft
  /** Of what is shown; it comes back with the signature. */
  readonly shown: string
  readonly open: readonly Fault[]
  /** Works that are not named because they are unreleased, or no longer claimed. */
  readonly unreleased: number
}

/** Lines that are looked at together. */
const CHUNK_LINES = 1_000

/** What is named of the lines of an audit, and how many are not because nobody outside may know of them. */
interface Named {
  readonly works: LetterWork[]
  readonly seen: Set<string>
  worksTotal: number
  unreleased: number
}

/** Takes up what may be told: nobody outside learns of an unreleased recording from a letter, or of one that is no more ours. */
async function nameAll(
  house: House,
  { tenantId }: Caller,
  lines: readonly NumberedLine[],
  named: Named,
): Promise<void> {
  const ids = lines.flatMap(({ recordingId }) => recordingId ?? [])
  const tellable = await house.db.tenant(tenantId, (tx) => tellableAmong(tx, ids))
  for (const line of lines) {
    const key = line.recordingId ?? line.isrc ?? String(line.number)
    if (named.seen.has(key)) continue
    named.seen.add(key)
    if (line.isUnreleased || (line.recordingId !== null && !tellable.has(line.recordingId))) {
      named.unreleased += 1
      continue
    }
    named.worksTotal += 1
    const [row] = line.rows
    if (named.works.length < WORKS_MAX)
      named.works.push({
        isrc: line.isrc,
        title: line.title ?? row?.title ?? 'ISRC',
        artists: line.artists,
        place: row ? locatorWords(row) : null,
      })
  }
}

/** What an audit found in a leak, as far as a stranger may be told of it. */
async function worksIn(
  house: House,
  caller: Caller,
  leak: Leak,
  { auditId }: NewLetter,
): Promise<{ audit: LetterDraft['audit']; works: LetterWork[]; worksTotal: number; unreleased: number }> {
  const named: Named = { works: [], seen: new Set(), worksTotal: 0, unreleased: 0 }
  const { works } = named
  if (auditId === null) return { audit: null, works, worksTotal: 0, unreleased: 0 }
  const about = await house.db.tenant(caller.tenantId, (tx) => readAudit(tx, caller, auditId))
  if (!about?.resultSha256)
    throw new Problem('request/invalid', 'Choose an audit that has ended', {
      faults: [{ pointer: '/auditId', detail: 'there is no such audit, or it has no result' }],
    })
  let chunk: NumberedLine[] = []
  for await (const line of await allLines(house.blobs, caller, about)) {
    if (line.leakId !== leak.id || line.probability < WORK_PROBABILITY_MIN) continue
    chunk.push(line)
    if (chunk.length < CHUNK_LINES) continue
    await nameAll(house, caller, chunk, named)
    chunk = []
  }
  await nameAll(house, caller, chunk, named)
  const { worksTotal, unreleased } = named
  return { audit: { id: about.id, sha256: about.resultSha256 }, works, worksTotal, unreleased }
}

/**
 * Composes a letter about a leak as it would be signed now; nothing is kept.
 *
 * @throws {Problem} row/unknown, request/invalid.
 */
export async function previewLetter(
  house: House,
  caller: Caller,
  leakId: LeakId,
  given: NewLetter,
): Promise<LetterPreview> {
  const { leak, tenant } = await house.db.tenant(caller.tenantId, async (tx) => ({
    leak: await knownLeak(tx, leakId),
    tenant: await findTenant(tx, caller.tenantId),
  }))
  if (!tenant) throw new Error('a caller without an account')
  const { unreleased, ...found } = await worksIn(house, caller, leak, given)
  const draft = composeLetter({ given, tenant, leak: { id: leak.id, name: leak.name }, ...found })
  return { draft, shown: shownDigest(draft), open: openPoints(draft), unreleased }
}

/**
 * Signs a letter as it was shown: a person with the signer's role, who has just shown a second factor. It is kept and
 * never changes; nothing is sent.
 *
 * @param signed `shown`: the digest of what the signer read; `signatureText`: `/s/` and their name, as typed.
 * @throws {Problem} auth/forbidden, auth/second-factor, row/unknown, request/invalid, request/conflict when it is not
 *   what was shown any more.
 */
export async function signLetter(
  house: House,
  caller: Caller,
  leakId: LeakId,
  given: NewLetter,
  signed: { readonly signatureText: string; readonly shown: string },
): Promise<Letter> {
  requireSigner(caller)
  const text = signatureOf(caller, signed.signatureText, '/signatureText')
  const { draft, shown, open } = await previewLetter(house, caller, leakId, given)
  if (open.length > 0) throw new Problem('request/invalid', 'The letter is not ready', { faults: open })
  if (shown !== signed.shown)
    throw new Problem(
      'request/conflict',
      'This is not what was shown, something changed meanwhile; read it again',
    )
  return house.db.tenant(caller.tenantId, async (tx) => {
    const secondFactor = await requireSecondFactor(tx, caller)
    const { id: memberId, name, title } = caller.member
    const signature = { text, name, title, signedAt: new Date().toISOString(), secondFactor }
    const id = newId(LetterId)
    const sha256 = await keepLetter(tx, { ...draft, id, signature }, { tenantId: caller.tenantId, memberId })
    const { kind, language, recipient, worksTotal } = draft
    await audit(tx, caller.tenantId, {
      actor: actorOf(caller),
      action: 'letter.signed',
      subject: `letter:${id}`,
      details: {
        kind,
        language,
        leak: leakId,
        recipient: recipient.name,
        works: worksTotal,
        sha256,
        secondFactor,
      },
    })
    const letter = await findLetter(tx, id)
    if (!letter) throw new Error('a letter just signed is not there')
    return letter
  })
}
