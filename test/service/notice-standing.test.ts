import { checkNotice, draftNotices } from '../../services/actions/notices.ts'
import { findCase } from '../../services/matches/case-store.ts'
import { keepReview } from '../../services/matches/exceptions-store.ts'
import { noException } from '../support/confirming.ts'
import { findAt } from '../support/found-case.ts'
import { completeContact, confirmedAt, planOf, recipientFor } from '../support/noticing.ts'
import { describe, expect, test } from '../support/world.ts'

describe('of several works at one address', () => {
  test('one whose use is excepted keeps the address out, whatever else is open', async ({ world }) => {
    const { house, owner } = world
    if (owner.kind !== 'member') throw new Error('the owner is a person')
    await completeContact(world)
    const url = 'https://files.hoster.example/d/mix'
    await recipientFor(world, 'files.hoster.example')
    const [one, two] = [await confirmedAt(world, url, 'One'), await confirmedAt(world, url, 'Two')]
    const answers = {
      ...noException,
      answers: { ...noException.answers, quotation: { applies: 'yes' as const } },
    }
    // The first is found again after it was reviewed; in the second somebody finds a quotation.
    const recordingId = await house.db.system(async (tx) => (await findCase(tx, one))?.recordingId)
    if (!recordingId) throw new Error('no case')
    await findAt(world, recordingId, { url })
    await house.db.tenant(owner.tenantId, async (tx) => {
      const about = { id: two, tenantId: owner.tenantId }
      await keepReview(tx, about, { answers, reviewerId: owner.member.id })
    })
    const [draft] = await draftNotices(house, owner, planOf([one, two]))
    if (!draft) throw new Error('no draft')
    const { openPoints } = await checkNotice(house, owner, draft.id)
    expect(openPoints.filter(({ rule }) => rule === 'R10').map(({ todo }) => todo)).toEqual([
      'An exception of the law was found to cover this use: take the location out.',
    ])
  })

  test('the statements name their holders in the language of the notice', async ({ world }) => {
    const { house, owner } = world
    await recipientFor(world, 'files.hoster.example')
    const ids = [
      await confirmedAt(world, 'https://files.hoster.example/d/1', 'One'),
      await confirmedAt(world, 'https://files.hoster.example/d/2', 'Two'),
    ]
    await house.db.system((tx) => tx.run`update recording set rights_holder = 'Sample Holder ' || title`)
    const [draft] = await draftNotices(house, owner, { ...planOf(ids), language: 'de' })
    if (!draft) throw new Error('no draft')
    const { subject } = await checkNotice(house, owner, draft.id)
    expect(subject.document.statements.texts.map(({ text }) => text).join(' ')).toContain(
      'Sample Holder One und Sample Holder Two',
    )
  })
})
