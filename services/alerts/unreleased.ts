import type { Member } from '../tenants/tenant.ts'
import type { AlertCase } from './mail.ts'

/** What a recording under embargo is called to those who may not know its name. */
export const UNRELEASED = 'an unreleased recording'

/** Whoever manages the catalogue or decides about finds must know what is unreleased; others need not. */
export const mayKnowUnreleased = ({ roles }: Pick<Member, 'roles'>): boolean =>
  roles.includes('owner') || roles.includes('reviewer')

/** The site alone: the path of a leak and the name of a file tell what it is. */
export function siteOf(location: string): string {
  const address = URL.canParse(location) ? new URL(location) : undefined
  return address?.host ? `${address.protocol}//${address.host}/…` : 'a file that was handed in'
}

/**
 * The cases as a member may be told of them: title, artists, identifiers and whereabouts of unreleased recordings are
 * left out for those who may not know them. For mails, and for whatever else will tell of cases by itself.
 */
export const toldTo = (member: Pick<Member, 'roles'>, cases: readonly AlertCase[]): readonly AlertCase[] =>
  mayKnowUnreleased(member)
    ? cases
    : cases.map((each) =>
        each.unreleased
          ? {
              ...each,
              title: UNRELEASED,
              artists: [],
              isrc: null,
              location: siteOf(each.location),
              nameless: true,
            }
          : each,
      )
