import type { Account, SaidAccount, ToldNetwork, Whereabouts } from '../../services/case-whereabouts.ts'
import { type Html, html } from '../../services/core/html.ts'
import { type RelatedCase, relatedReasonNames } from '../../services/matches/related.ts'
import { defang } from '../../services/submissions/submission.ts'
import { card, empty, facts } from '../parts/pieces.ts'
import { casePill } from '../parts/pills.ts'
import { mainCell, table } from '../parts/table.ts'
import { timeAgo, timeExact } from '../parts/words.ts'
import { locationText } from './cases-view.ts'

const countries = new Intl.DisplayNames('en', { type: 'region', fallback: 'code' })

const countryWords = (code: string): string => {
  const name = countries.of(code)
  return name === undefined || name === code ? code : `${name} (${code})`
}

const sourceWords = ({ source, asOf }: ToldNetwork): Html | string =>
  source === 'table'
    ? 'by this installation’s table of networks'
    : html`by the registry of addresses${asOf && html`, ${timeExact(asOf)}`}`

const networkWords = (network: ToldNetwork): Html | false =>
  (network.asn !== undefined || network.name !== undefined) &&
  html`${network.name} ${network.asn !== undefined && html`<span class="code">AS${network.asn}</span>`}
    <span class="row-detail">${sourceWords(network)}</span>`

const accountWords = ({ platform, name }: Account): Html =>
  html`<span class="breakable">${name}</span> <span class="row-detail">on ${platform}</span>`

/** What a page says of an uploader is a hint, and is shown as one. */
const saidWords = ({ name, url, account }: SaidAccount): Html =>
  html`${name !== null && html`<span class="breakable">“${name}”</span>`}
    ${account ? accountWords(account) : url !== null && html`<span class="code breakable">${defang(url)}</span>`}
    <span class="row-detail">in the words of the page; nobody has checked them</span>`

/** Where a copy is, as rows of the case's facts: host, account, network and country. */
export function placeFacts({ host, account, saidBy, address, seenAt, network }: Whereabouts) {
  return [
    { label: 'Host', value: host !== null && html`<span class="code breakable">${host}</span>` },
    { label: 'Account', value: account !== null && accountWords(account) },
    { label: 'Uploader, as said', value: saidBy !== null && saidWords(saidBy) },
    {
      label: 'Address',
      value:
        address !== null &&
        html`<span class="code">${address}</span>
          ${seenAt && html`<span class="row-detail">answered ${timeAgo(seenAt)}</span>`}`,
    },
    { label: 'Network', value: network !== null && networkWords(network) },
    {
      label: 'Country',
      value:
        network?.country !== undefined &&
        html`${countryWords(network.country)}
          <span class="row-detail">of the network, ${sourceWords(network)}</span>`,
    },
  ]
}

/** Where the copy of a case is. */
export const placeCard = (place: Whereabouts): Html | false =>
  place.host !== null && card({ id: 'place', title: 'Where it is', body: facts(placeFacts(place)) })

/** Cases that belong together with one, and why. @param more there are others still. */
export const relatedCard = (related: readonly RelatedCase[], more: boolean): Html =>
  card({
    id: 'related',
    title: 'Related cases',
    flush: related.length > 0,
    body:
      related.length === 0
        ? empty({
            name: 'case',
            title: 'None',
            text: 'No other case has this file, its audio, this recording at the same host, or the same account.',
          })
        : html`${table(
            'Related cases, the strongest reason first',
            [
              {
                name: 'Recording and location',
                kind: 'main',
                cell: ({ id, number, recordingTitle, location }: RelatedCase) =>
                  mainCell(
                    `/cases/${id}`,
                    recordingTitle,
                    html`<span class="code">${number}</span> · ${locationText(location)}`,
                  ),
              },
              {
                name: 'Has in common',
                cell: ({ reasons }) => reasons.map((reason) => relatedReasonNames[reason]).join('; '),
              },
              { name: 'State', kind: 'state', cell: ({ state }) => casePill(state) },
            ],
            related,
          )}${more && html`<p class="hint">There are more. The API lists up to 50 of them.</p>`}`,
  })
