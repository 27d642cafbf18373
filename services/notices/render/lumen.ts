import { z } from 'zod'

import type { NoticeDocument, NoticeWork, Regime } from '../notice.ts'
import { cut } from './numbers.ts'

const Url = z.strictObject({ url: z.string().min(1).max(2048) })
const Entity = z.strictObject({
  name: z.enum(['principal', 'sender', 'recipient']),
  entity_attributes: z.strictObject({
    name: z.string().min(1),
    kind: z.literal('organization'),
    country_code: z.string().length(2).optional(),
  }),
})

/** What the Lumen database takes in `POST /notices`, without the token, which is added by whoever sends it. */
export const LumenNotice = z.strictObject({
  notice: z.strictObject({
    type: z.enum(['DMCA', 'Other']),
    title: z.string().max(255),
    subject: z.string().max(255),
    source: z.literal('Earwitness'),
    language: z.enum(['en', 'de', 'fr', 'es', 'hi', 'ja']),
    date_sent: z.iso.date().optional(),
    case_id_number: z.string(),
    action_taken: z.literal('Unspecified'),
    regulation_list: z.string().optional(),
    jurisdiction_list: z.string().optional(),
    tag_list: z.literal('copyright, music'),
    works_attributes: z
      .array(
        z.strictObject({
          description: z.string().min(1),
          kind: z.literal('music'),
          copyrighted_urls_attributes: z.array(Url),
          infringing_urls_attributes: z.array(Url).min(1),
        }),
      )
      .min(1),
    entity_notice_roles_attributes: z.array(Entity).min(1),
  }),
})
export type LumenNotice = z.infer<typeof LumenNotice>

const regulations: Readonly<Partial<Record<Regime, readonly [regulation: string, jurisdiction: string]>>> = {
  US_512C: ['17 U.S.C. 512(c)', 'US'],
  US_512D: ['17 U.S.C. 512(d)', 'US'],
  EU_DSA_16: ['Regulation (EU) 2022/2065', 'EU'],
  UK_ECR_22: ['SI 2002/2013', 'GB'],
  IN_RULE_75: ['Copyright Rules 2013, rule 75', 'IN'],
}

/**
 * A copy of the notice for the Lumen database. It is public there, so it names companies and no persons, and has no
 * addresses, telephone numbers, statements or signatures.
 *
 * @param sentAt when the notice was sent, if it was.
 */
export function renderLumen(document: NoticeDocument, sentAt?: Date): LumenNotice {
  const { number, recipient, complainant, regimes, language, works, locations } = document
  const laws = regimes.map((regime) => regulations[regime]).filter((law) => law !== undefined)
  const list = (part: 0 | 1): string => [...new Set(laws.map((law) => law[part]))].join(', ')
  const isUnitedStates = regimes.some((regime) => regime.startsWith('US_'))
  const holders = [...new Set(works.map(({ rightsHolder }) => rightsHolder))]
  return {
    notice: {
      type: isUnitedStates ? 'DMCA' : 'Other',
      title: cut(`Copyright notice to ${recipient.name}`, 255),
      subject: `Copyright notice ${number}`,
      source: 'Earwitness',
      language,
      ...(sentAt ? { date_sent: sentAt.toISOString().slice(0, 10) } : {}),
      case_id_number: number,
      action_taken: 'Unspecified',
      ...(laws.length > 0 ? { regulation_list: list(0), jurisdiction_list: list(1) } : {}),
      tag_list: 'copyright, music',
      works_attributes: works.flatMap((work) => {
        const urls = locations
          .filter(({ workIds }) => workIds.includes(work.workId))
          .map(({ url }) => ({ url }))
        if (urls.length === 0) return []
        return {
          description: descriptionOf(work),
          kind: 'music',
          copyrighted_urls_attributes: work.officialUrl ? [{ url: work.officialUrl }] : [],
          infringing_urls_attributes: urls,
        }
      }),
      entity_notice_roles_attributes: [
        ...holders.map((name) => entity('principal', name)),
        entity('sender', complainant.name, complainant.country),
        entity('recipient', recipient.name, recipient.country),
      ],
    },
  }
}

const entity = (
  name: 'principal' | 'sender' | 'recipient',
  organization: string,
  country?: string,
): LumenNotice['notice']['entity_notice_roles_attributes'][number] => ({
  name,
  entity_attributes: {
    name: organization,
    kind: 'organization',
    ...(country ? { country_code: country } : {}),
  },
})

function descriptionOf({ title, artists, isrc }: NoticeWork): string {
  const by = artists.length > 0 ? ` by ${artists.join(', ')}` : ''
  return `Sound recording “${title}”${by}${isrc ? ` (ISRC ${isrc})` : ''}`
}
