import type { NoticeDocument } from '../notice.ts'
import { factsOf, type Block } from './block.ts'
import { numberRanges } from './numbers.ts'
import type { Words } from './words/words.ts'

/** Who sends the notice and for whom: each holder once for every right under which works are claimed. */
export function partyBlocks(
  document: NoticeDocument,
  words: Words,
): { readonly sender: readonly Block[]; readonly holders: readonly Block[] } {
  const { complainant, replyTo } = document
  const { labels } = words
  const facts = factsOf([
    [labels.name, complainant.name],
    [labels.contact, complainant.contact],
    [labels.address, [complainant.address, complainant.country].filter(Boolean).join(', ')],
    [labels.phone, complainant.phone],
    [labels.email, complainant.email],
    [labels.replyTo, replyTo],
  ])
  return { sender: [{ kind: 'facts', facts }], holders: holderBlocks(document, words) }
}

function holderBlocks({ works }: NoticeDocument, { labels, basis }: Words): Block[] {
  const rights = new Map<string, { work: NoticeDocument['works'][number]; numbers: number[] }>()
  for (const [index, work] of works.entries()) {
    const key = JSON.stringify([work.rightsHolder, work.authority])
    const known = rights.get(key)
    if (known) known.numbers.push(index + 1)
    else rights.set(key, { work, numbers: [index + 1] })
  }
  return [...rights.values()].map(({ work, numbers }) => {
    const { authority } = work
    const valid = [authority.validFrom, authority.validTo].map((day) => day ?? '').join(' – ')
    return {
      kind: 'facts',
      facts: factsOf([
        [labels.holder, `${work.rightsHolder} (${numberRanges('W', numbers)})`],
        [labels.actsAs, basis[authority.basis]],
        [labels.mandate, authority.documentSha256, 'hash'],
        [labels.territories, authority.territories.join(', ')],
        [labels.valid, authority.validFrom || authority.validTo ? valid : undefined],
      ]),
    }
  })
}
