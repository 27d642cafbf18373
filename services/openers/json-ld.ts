/** Pages nest their data some five deep. */
const DEPTH_MAX = 16
/** Values of one script that are looked at. */
const VALUES_MAX = 50_000

/** Who put something there, as it is written. */
export interface WrittenUploader {
  readonly name: string | undefined
  readonly url: string | undefined
}

/** An address that structured data names. */
export interface Described {
  readonly text: string
  readonly name: string | undefined
  readonly role: 'media' | 'cover' | 'page'
  /** Who put it there: named beside it, or where that lies. */
  readonly by?: WrittenUploader | undefined
}

/** What structured data says. */
export interface StructuredData {
  readonly found: readonly Described[]
  /** Everybody who is named as having put something there; those who only comment are not. */
  readonly uploaders: readonly WrittenUploader[]
}

const SOUND_TYPE = /(?:^|[/:#])(?:Audio|Video|Music|Podcast|Radio|Media|Episode|Clip)\w*$/
const PICTURE_TYPE = /(?:^|[/:#])(?:ImageObject|Photograph)$/
const MEDIA_KEYS: ReadonlySet<string> = new Set(['contentUrl', 'embedUrl', 'embedURL', 'contentURL'])
/** Their values are addresses, or objects that have them. */
const OBJECT_KEYS: ReadonlySet<string> = new Set(['audio', 'video', 'associatedMedia', 'encoding'])
const COVER_KEYS: ReadonlySet<string> = new Set(['image', 'thumbnailUrl', 'thumbnail'])

/** Who wrote these did not put there what they are about. */
const REMARK_TYPE = /(?:^|[/:#])(?:\w*Review|\w*Rating|Comment|Answer|Question)$/
/** Where it says who put something there; the first that does is taken. */
const UPLOADER_KEYS = ['uploader', 'author', 'creator']
/** Of a track the artist, whoever put it there; with an address it is an account of theirs. */
const ARTIST_KEY = 'byArtist'

const typesOf = (node: object): readonly string[] => {
  const type = '@type' in node ? node['@type'] : undefined
  return (Array.isArray(type) ? type : [type]).filter((one) => typeof one === 'string')
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

const memberOf = (node: object, key: string): unknown =>
  Object.entries(node).find(([name]) => name === key)?.[1]

/** A person or an organisation, as its name or as an object; of several together nobody. */
function agentOf(value: unknown): WrittenUploader | undefined {
  if (Array.isArray(value)) return value.length === 1 ? agentOf(value[0]) : undefined
  if (typeof value === 'string') return { name: value, url: undefined }
  if (typeof value !== 'object' || value === null) return undefined
  const [name, url] = [textOf(memberOf(value, 'name')), textOf(memberOf(value, 'url'))]
  return name === undefined && url === undefined ? undefined : { name, url }
}

/** Who put something there, as far as its own object says it. */
function uploaderOf(node: object, types: readonly string[]): WrittenUploader | undefined {
  if (types.some((type) => REMARK_TYPE.test(type))) return undefined
  for (const key of UPLOADER_KEYS) {
    const agent = agentOf(memberOf(node, key))
    if (agent) return agent
  }
  const artist = agentOf(memberOf(node, ARTIST_KEY))
  return artist?.url === undefined ? undefined : artist
}

/** What is said of all that lies in an object. */
interface Outer {
  readonly name: string | undefined
  readonly by: WrittenUploader | undefined
}

/** Parsed JSON; nothing where a page's data is broken: the rest of the page is read all the same. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/**
 * What structured data in JSON-LD says of audio, video and covers (schema.org): `contentUrl`, `embedUrl` and the objects
 * that have them, however they are nested, and who put them there. Deeper than 16 and behind 50,000 values nothing is
 * looked at.
 */
export function describedIn(json: string): StructuredData {
  const found: Described[] = []
  const uploaders: WrittenUploader[] = []
  let values = 0

  /** @param key under which a value lies, that of a list for its members. @param outer what it lies in is called so. */
  function look(value: unknown, key: string, outer: Outer, depth: number): void {
    values += 1
    if (depth > DEPTH_MAX || values > VALUES_MAX) return
    if (typeof value === 'string') lookAtText(value, key, outer)
    else if (Array.isArray(value)) for (const one of value) look(one, key, outer, depth + 1)
    else if (typeof value === 'object' && value !== null) lookAtNode(value, key, outer, depth)
  }

  function lookAtText(text: string, key: string, outer: Outer): void {
    if (MEDIA_KEYS.has(key) || OBJECT_KEYS.has(key)) found.push({ text, ...outer, role: 'media' })
    else if (COVER_KEYS.has(key)) found.push({ text, ...outer, role: 'cover' })
  }

  function lookAtNode(node: object, key: string, outer: Outer, depth: number): void {
    const types = typesOf(node)
    const own = uploaderOf(node, types)
    if (own) uploaders.push(own)
    const within = {
      name: ('name' in node ? textOf(node.name) : undefined) ?? outer.name,
      by: own ?? outer.by,
    }
    if (COVER_KEYS.has(key) || types.some((type) => PICTURE_TYPE.test(type))) {
      const { url, contentUrl } = node as { url?: unknown; contentUrl?: unknown }
      const text = textOf(contentUrl) ?? textOf(url)
      if (text !== undefined) found.push({ text, ...within, role: 'cover' })
      return
    }
    const url = 'url' in node ? textOf(node.url) : undefined
    if (url !== undefined && types.some((type) => SOUND_TYPE.test(type)))
      found.push({ text: url, ...within, role: 'page' })
    for (const [name, value] of Object.entries(node)) look(value, name, within, depth + 1)
  }

  look(parsed(json), '', { name: undefined, by: undefined }, 0)
  return { found, uploaders }
}
