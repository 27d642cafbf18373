/** Pages nest their data some five deep. */
const DEPTH_MAX = 16
/** Values of one script that are looked at. */
const VALUES_MAX = 50_000

/** An address that structured data names. */
export interface Described {
  readonly text: string
  readonly name: string | undefined
  readonly role: 'media' | 'cover' | 'page'
}

const SOUND_TYPE = /(?:^|[/:#])(?:Audio|Video|Music|Podcast|Radio|Media|Episode|Clip)\w*$/
const PICTURE_TYPE = /(?:^|[/:#])(?:ImageObject|Photograph)$/
const MEDIA_KEYS: ReadonlySet<string> = new Set(['contentUrl', 'embedUrl', 'embedURL', 'contentURL'])
/** Their values are addresses, or objects that have them. */
const OBJECT_KEYS: ReadonlySet<string> = new Set(['audio', 'video', 'associatedMedia', 'encoding'])
const COVER_KEYS: ReadonlySet<string> = new Set(['image', 'thumbnailUrl', 'thumbnail'])

const typesOf = (node: object): readonly string[] => {
  const type = '@type' in node ? node['@type'] : undefined
  return (Array.isArray(type) ? type : [type]).filter((one) => typeof one === 'string')
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

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
 * that have them, however they are nested. Deeper than 16 and behind 50,000 values nothing is looked at.
 */
export function describedIn(json: string): readonly Described[] {
  const found: Described[] = []
  let values = 0

  /** @param key under which a value lies, that of a list for its members. */
  function look(value: unknown, key: string, name: string | undefined, depth: number): void {
    values += 1
    if (depth > DEPTH_MAX || values > VALUES_MAX) return
    if (typeof value === 'string') lookAtText(value, key, name)
    else if (Array.isArray(value)) for (const one of value) look(one, key, name, depth + 1)
    else if (typeof value === 'object' && value !== null) lookAtNode(value, key, name, depth)
  }

  function lookAtText(text: string, key: string, name: string | undefined): void {
    if (MEDIA_KEYS.has(key) || OBJECT_KEYS.has(key)) found.push({ text, name, role: 'media' })
    else if (COVER_KEYS.has(key)) found.push({ text, name, role: 'cover' })
  }

  function lookAtNode(node: object, key: string, outerName: string | undefined, depth: number): void {
    const types = typesOf(node)
    const name = ('name' in node ? textOf(node.name) : undefined) ?? outerName
    if (COVER_KEYS.has(key) || types.some((type) => PICTURE_TYPE.test(type))) {
      const { url, contentUrl } = node as { url?: unknown; contentUrl?: unknown }
      const text = textOf(contentUrl) ?? textOf(url)
      if (text !== undefined) found.push({ text, name, role: 'cover' })
      return
    }
    const url = 'url' in node ? textOf(node.url) : undefined
    if (url !== undefined && types.some((type) => SOUND_TYPE.test(type)))
      found.push({ text: url, name, role: 'page' })
    for (const [within, value] of Object.entries(node)) look(value, within, name, depth + 1)
  }

  look(parsed(json), '', undefined, 0)
  return found
}
