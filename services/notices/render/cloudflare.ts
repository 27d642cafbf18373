import { z } from 'zod'

import { Problem } from '../../core/problem.ts'
import type { NoticeDocument, NoticeParty, StatementCode } from '../notice.ts'
import { cut, percent } from './numbers.ts'
import { hostOf } from './uri.ts'

/** Limits of Cloudflare's abuse report API, in characters and addresses. */
const limits = {
  urls: 250,
  name: 255,
  agentName: 60,
  address: 100,
  originalWork: 255,
  comments: 2000,
  company: 100,
  phone: 20,
}
/** What the form has the sender agree to. */
const ASKED: readonly StatementCode[] = ['good_faith', 'accuracy', 'authority']

/** The body of `POST /accounts/{account_id}/abuse-reports/abuse_dmca`. */
export const CloudflareReport = z
  .strictObject({
    act: z.literal('abuse_dmca'),
    name: z.string().min(1).max(limits.name),
    signature: z.string(),
    email: z.email(),
    email2: z.email(),
    title: z.string().max(255),
    company: z.string().max(limits.company).optional(),
    tele: z.string().max(limits.phone).optional(),
    address1: z.string().min(1).max(limits.address),
    city: z.string().min(1).max(255),
    state: z.string().min(1).max(255),
    country: z.string().length(2),
    agent_name: z
      .string()
      .min(1)
      .max(limits.agentName)
      .describe('The copyright holder, whatever it is called'),
    original_work: z.string().min(1).max(limits.originalWork),
    urls: z.string().describe('One a line, all of one host, each once'),
    comments: z.string().max(limits.comments),
    agree: z.literal(1),
    host_notification: z.literal('send'),
    owner_notification: z.literal('send'),
  })
  .refine(({ name, signature }) => name === signature, 'the signature has to be the name')
  .refine(({ email, email2 }) => email === email2, 'the e-mail address has to be given twice')
  .refine(
    ({ urls }) => fitsUrls(urls.split('\n')),
    'addresses have to be of one host, unique, and 250 at most',
  )
export type CloudflareReport = z.infer<typeof CloudflareReport>

const fitsUrls = (urls: readonly string[]): boolean =>
  urls.length <= limits.urls &&
  new Set(urls).size === urls.length &&
  new Set(urls.map(hostOf)).size === 1 &&
  urls.every((url) => /^https?:\/\//i.test(url))

/**
 * A signed notice as the body of Cloudflare's abuse report API.
 *
 * @throws {Problem} `request/not-acceptable` with every reason why this notice does not fit.
 */
export function renderCloudflare(document: NoticeDocument): CloudflareReport {
  const { number, complainant, works, statements } = document
  const urls = [...new Set(document.locations.map(({ url }) => url))]
  const holders = [...new Set(works.map(({ rightsHolder }) => rightsHolder))]
  const [holder = ''] = holders
  const address = addressOf(complainant)
  const email = document.replyTo ?? complainant.email
  const reasons = [
    ...urlReasons(urls),
    ...(statements.status === 'open' ? ['nobody has signed the notice yet'] : []),
    ...(ASKED.every((code) => statements.texts.some((statement) => statement.code === code))
      ? []
      : ['it lacks a statement that the form asks for: good faith, accuracy and authority']),
    ...(holders.length > 1 ? [`a report has one rights holder, and here are ${holders.length}`] : []),
    ...(holder.length > limits.agentName
      ? [`the name of the rights holder is over ${limits.agentName} characters`]
      : []),
    ...(email ? [] : ['an e-mail address of the sender is needed']),
    ...(complainant.country ? [] : ['the country of the sender is needed']),
    ...(address ? [] : ['the address of the sender has to have street and town, with a comma between them']),
  ]
  if (reasons.length > 0 || statements.status === 'open' || !address || !email || !complainant.country)
    throw new Problem(
      'request/not-acceptable',
      `Cloudflare's form cannot take ${number}: ${reasons.join('; ')}`,
    )
  const { name } = statements.signatory
  return {
    act: 'abuse_dmca',
    name,
    signature: name,
    email,
    email2: email,
    title: `Copyright notice ${number}`,
    ...(complainant.name.length <= limits.company ? { company: complainant.name } : {}),
    ...(complainant.phone ? { tele: complainant.phone } : {}),
    ...address,
    country: complainant.country,
    agent_name: holder,
    original_work: worksText(document),
    urls: urls.join('\n'),
    comments: commentsOf(document),
    agree: 1,
    host_notification: 'send',
    owner_notification: 'send',
  }
}

function urlReasons(urls: readonly string[]): string[] {
  const hosts = new Set(urls.map(hostOf))
  return [
    ...(urls.length > limits.urls ? [`it takes ${limits.urls} addresses, and here are ${urls.length}`] : []),
    ...(urls.every((url) => /^https?:\/\//i.test(url)) ? [] : ['it takes only http and https addresses']),
    ...(hosts.size > 1 ? [`all addresses have to be of one host, and here are ${hosts.size}`] : []),
  ]
}

/**
 * The form wants street, town and state apart; we have one line and never guess where it has no commas. Where there
 * are but two parts the town stands for the state as well: many countries have none.
 */
function addressOf({
  address = '',
}: NoticeParty): Pick<CloudflareReport, 'address1' | 'city' | 'state'> | undefined {
  const parts = address
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
  const last = parts.at(-1)
  const town = parts.length > 2 ? parts.at(-2) : last
  const street = parts.slice(0, parts.length > 2 ? -2 : -1).join(', ')
  if (!last || !town || !street || street.length > limits.address) return undefined
  return { address1: street, city: town, state: last }
}

/** The works as far as there is room; the law asks for a representative list where there are many. */
function worksText({ works }: NoticeDocument): string {
  const told = works.map(({ title, artists, isrc }) =>
    [title, ...(artists.length > 0 ? [artists.join(', ')] : []), ...(isrc ? [`ISRC ${isrc}`] : [])].join(
      ' – ',
    ),
  )
  return shortList(told, limits.originalWork)
}

function commentsOf({ number, matches }: NoticeDocument): string {
  const head = `Notice ${number}; exceptions were considered by a person. Audio fingerprint matches: `
  const told = matches.map(
    ({ confidence, shareOfRecording }) =>
      `${percent(confidence)}, ${percent(shareOfRecording)} of the recording`,
  )
  return head + shortList(told, limits.comments - head.length)
}

/** As many texts as have room, and how many are left out. */
function shortList(texts: readonly string[], unitsMax: number): string {
  const rest = (count: number): string => (count > 0 ? `; and ${count} more` : '')
  for (let count = texts.length; count > 0; count -= 1) {
    const text = texts.slice(0, count).join('; ') + rest(texts.length - count)
    if (text.length <= unitsMax) return text
  }
  return cut(texts[0] ?? '', unitsMax)
}
