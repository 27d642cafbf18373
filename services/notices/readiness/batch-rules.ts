import { type Finding, hostOfAddress, type Rule } from './rule.ts'
import type { ReadinessSubject } from './subject.ts'

/** Whether the notice as a whole is one that its recipient takes. */
export const batchRules: readonly Rule[] = [
  { rule: 'R15', check: tooLarge },
  { rule: 'R15', check: mixedHosts },
  { rule: 'R15', check: notAccepted },
]

function tooLarge({ document, recipient: { urlsMax } }: ReadinessSubject): Finding[] {
  const count = document.locations.length
  if (count <= urlsMax) return []
  const todo = `The recipient takes ${urlsMax} locations at once, and these are ${count}: make several notices of them.`
  return [{ code: 'batch_too_large', pointer: '/locations', todo }]
}

/** Addresses without a host, as magnet links, are at none. */
function mixedHosts({ document, recipient }: ReadinessSubject): Finding[] {
  if (!recipient.sameHost) return []
  const hosts = document.locations.map(({ url }) => hostOfAddress(url))
  const first = hosts.find((host) => host !== undefined)
  return hosts.flatMap((host, index): Finding[] => {
    if (host === undefined || host === first) return []
    const todo = `The recipient takes one host at a time, and this is not ${first}: put it into a notice of its own.`
    return [{ code: 'mixed_hosts', pointer: `/locations/${index}/url`, todo }]
  })
}

function notAccepted({ document, recipient, format }: ReadinessSubject): Finding[] {
  const found: Finding[] = []
  if (!recipient.languages.includes(document.language))
    found.push({
      code: 'language_not_accepted',
      pointer: '/language',
      todo: `The recipient does not read “${document.language}”: choose one of ${recipient.languages.join(', ')}.`,
    })
  if (!recipient.formats.includes(format))
    found.push({
      code: 'format_not_accepted',
      pointer: '/recipient',
      todo: `The recipient does not take “${format}”: choose one of ${recipient.formats.join(', ')}.`,
    })
  return found
}
