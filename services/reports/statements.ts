import type { OpenPoint, ReportDocument } from './report.ts'

/**
 * Drafts of the three statements a recipient expects. They follow the elements that 17 U.S.C. 512(c)(3)(A)(v)-(vi)
 * and Article 16(2)(d) of Regulation (EU) 2022/2065 ask for, in our own words and without naming either law,
 * so that they also serve elsewhere.
 *
 * TO BE APPROVED: a lawyer of whoever uses this service has to approve the wording for each country it is used in.
 *
 * @param rightsHolder name as it shall stand in the sentence.
 */
export function statementTexts(rightsHolder: string): ReportDocument['statements']['texts'] {
  return {
    goodFaith:
      'Having considered whether an exception such as fair use, quotation or parody applies, I believe in good ' +
      `faith that the use described in this report is not authorised by ${rightsHolder}, by its agents or by the law.`,
    accuracy:
      'To the best of my knowledge the information in this report is accurate and complete; I have reviewed the ' +
      'match it describes and believe its allegations to be true.',
    authority:
      `Under penalty of perjury: I am authorised to act on behalf of ${rightsHolder}, the holder of an exclusive ` +
      'right that is being infringed.',
  }
}

/** Shown next to statements nobody has made yet. */
export const wordingNote =
  'The wording of the statements is a draft by Earwitness: have your lawyer approve it before you sign.'

/** Paths that list other things: naming one does not tell a host which file is meant. */
const LISTING_PATH = /^\/(search|results|explore|browse|discover)\/?$/i

/**
 * What still keeps a report from being sent, by the readiness rules of the format's first version:
 * contact, identified work, specific location, a match for each location, statements, recipient.
 *
 * @returns an empty list when the report is ready. Order follows the document.
 */
export function openPoints(document: Omit<ReportDocument, 'openPoints'>): OpenPoint[] {
  return [
    ...contactPoints(document),
    ...recipientPoints(document),
    ...workPoints(document),
    ...locationPoints(document),
    ...statementPoints(document),
  ]
}

/** Which part of a report speaks of what may not be demanded. */
export interface Barred {
  readonly concerns: 'work' | 'location'
}

/** That nothing may be demanded at present. Why is for the holder to know, and not for whoever gets the report. */
export function barPoints(bar: Barred | undefined): OpenPoint[] {
  if (!bar) return []
  const todo =
    bar.concerns === 'location'
      ? 'The copy is allowed at this location at present: send nothing while it is.'
      : 'Copies of this work are not objected to at present: send nothing while that is so.'
  return [{ code: 'use_allowed', pointer: `/${bar.concerns}s/0`, todo }]
}

type Unchecked = Omit<ReportDocument, 'openPoints'>

function contactPoints({ complainant }: Unchecked): OpenPoint[] {
  const wanted = [
    ['address', 'a postal address'],
    ['country', 'a country'],
    ['phone', 'a telephone number with its country code'],
    ['email', 'an e-mail address'],
  ] as const
  return wanted
    .filter(([field]) => !complainant[field])
    .map(([field, name]) => ({
      code: 'contact_incomplete' as const,
      pointer: `/complainant/${field}`,
      todo: `Add ${name} of the sender: recipients may ignore a report without it.`,
    }))
}

function recipientPoints({ recipient }: Unchecked): OpenPoint[] {
  if (recipient?.email || recipient?.formUrl) return []
  const todo = recipient
    ? 'Add the e-mail address or the form at which the recipient takes notices.'
    : 'Choose who is to remove the copy: the host, the platform or their designated agent.'
  return [{ code: 'recipient_missing', pointer: '/recipient', todo }]
}

function workPoints({ works }: Unchecked): OpenPoint[] {
  return works.flatMap((work, index) => {
    if (work.isrc || (work.artists.length > 0 && work.pLine)) return []
    const todo = 'Add the ISRC of the recording, or both its artist and its ℗ line.'
    return [{ code: 'work_not_identified' as const, pointer: `/works/${index}`, todo }]
  })
}

function locationPoints({ locations, matches }: Unchecked): OpenPoint[] {
  const found = new Set(matches.map(({ locationId }) => locationId))
  return locations.flatMap((location, index): OpenPoint[] => {
    const points: OpenPoint[] = []
    const vague = vagueness(location)
    if (vague) points.push({ code: 'location_not_specific', pointer: `/locations/${index}`, todo: vague })
    if (!found.has(location.locationId)) {
      const todo = 'No match is shown for this location: add one or take the location out.'
      points.push({ code: 'match_missing', pointer: `/locations/${index}`, todo })
    }
    return points
  })
}

/** Why a recipient could not find the copy at this location, or undefined when it could. */
function vagueness(location: Unchecked['locations'][number]): string | undefined {
  if (location.kind === 'file' || !location.url)
    return 'The file was handed in without an address: add the address at which it is offered.'
  const { pathname, search, hash } = new URL(location.url)
  if (pathname === '/' && !search && !hash)
    return 'The address is the front page of a site: give the address of the copy itself.'
  if (LISTING_PATH.test(pathname)) return 'The address is a search page: give the address of the copy itself.'
  return undefined
}

function statementPoints({ statements }: Unchecked): OpenPoint[] {
  if (statements.status === 'made') return []
  const todo = "A person with the signer's role has to read the report and make the three statements."
  return [{ code: 'statement_missing', pointer: '/statements', todo }]
}
