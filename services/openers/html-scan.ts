/** No page has more strings that look like files; a list that long is data of another kind. */
const STRINGS_MAX = 20_000

/** A string in quotes as scripts and JSON have it: no white space, nothing that is filled in later. */
const QUOTED = /["'`]([^"'`\s<>\\{}]{4,2000})["'`]/g
/** A file's name before its ending: players also look for `.mp3` alone. */
const MEDIA_NAME = /[\w)\]%~-]\.(?:mp3|m4a|m4b|aac|flac|wav|ogg|oga|opus|mp4|m4v|webm|m3u8|mpd)(?:[?#]|$)/i

/**
 * Strings in a script, or in JSON in an attribute, that name files of audio or video: what players are set up with. Each
 * character is looked at a bounded number of times.
 */
export function mediaStrings(script: string): readonly string[] {
  const plain = script.replaceAll(/\\u002f|\\\//gi, '/').replaceAll(/\\u0026/gi, '&')
  const found = new Set<string>()
  let strings = 0
  for (const [, text = ''] of plain.matchAll(QUOTED)) {
    strings += 1
    if (strings > STRINGS_MAX) break
    if (MEDIA_NAME.test(text)) found.add(text)
  }
  return [...found]
}

/** Names that pages keep nothing in but where a player begins. */
const START_NAMES = ['data-start', 'data-start-time', 'data-time', 'data-begin'] as const

/** What an attribute says of where a player begins. */
export const startAttribute = (attributes: Readonly<Record<string, string>>): string | undefined =>
  START_NAMES.map((name) => attributes[name]).find((value) => value !== undefined)

/** Settings of a player are some kilobytes. */
const SETTINGS_LENGTH_MAX = 200_000

/** Whether a text is the address of audio or video, by its ending. */
export const isMediaString = (text: string): boolean =>
  text.length <= 2_048 && MEDIA_NAME.test(text) && !/[\s{}<>]/.test(text)

/** Addresses of media in the `data-…` attributes of an element, written there directly or in JSON. */
export const mediaInData = (attributes: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(attributes).flatMap(([name, value]) => {
    if (!name.startsWith('data-') || value.length > SETTINGS_LENGTH_MAX) return []
    const text = value.trim()
    if (/^[[{]/.test(text)) return mediaStrings(text)
    return isMediaString(text) ? [text] : []
  })
