/** Endings of one part that only governments, armed forces, schools or treaty organisations get. */
const ENDINGS = 'gov mil edu int'
/** Second levels of countries that mean the same below any two-letter ending: `gov.in`, `gob.mx`, `ac.uk`. */
const SECOND_LEVELS = 'gov gob gouv gub govt mil edu ac'
/** What else countries keep for them, and hosts of governments that have no such ending. */
const HOSTS =
  'admin.ch bund.de bundesregierung.de bundestag.de canada.ca europa.eu fed.us gc.ca go.cr go.id go.jp go.ke go.kr ' +
  'go.th go.tz go.ug gv.at k12.il k12.tr leg.br jus.br mod.uk nhs.uk nic.in parliament.uk police.uk regeringen.se ' +
  'res.in rijksoverheid.nl sch.id sch.uk school.nz ed.jp'
/** Schools, libraries and offices of the States: `lincoln.k12.ca.us`, `state.ny.us`. */
const US_LOCAL = /(?:^|\.)(?:k12|cc|tec|lib|state)\.[a-z]{2}\.us$/

const setOf = (words: string): ReadonlySet<string> => new Set(words.split(' '))
const endings = setOf(ENDINGS)
const secondLevels = setOf(SECOND_LEVELS)
const hosts = setOf(HOSTS)

/**
 * Whether a host is of a government or of education, as far as its name tells: a wrong notice does most harm there, and
 * a find is more often a lesson or an archive than a leak. A table in our own words; a host that is not in it is not known
 * to be one.
 *
 * @param host lower-case, international names in punycode.
 */
export function isPublicInstitution(host: string): boolean {
  const labels = host.split('.')
  const [last = ''] = labels.slice(-1)
  const [second = ''] = labels.slice(-2, -1)
  if (endings.has(last)) return true
  if (last.length === 2 && secondLevels.has(second)) return true
  return US_LOCAL.test(host) || labels.some((_, index) => hosts.has(labels.slice(index).join('.')))
}
