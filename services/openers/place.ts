import { sanitiseFileName } from '../core/file-name.ts'

/** Folders deeper than this are somebody's trap; the innermost names are kept. */
const FOLDERS_MAX = 8
/** As the database allows. */
const NAME_CHARACTERS_MAX = 500

/** Between what lies inside each other, as people read it. */
export const PLACE_SEPARATOR = ' › '

/** A path inside an archive as a name to show: no way out of it, no control characters, of bounded length. */
export function placeName(path: string): string {
  const parts = path
    .split(/[/\\]+/)
    .filter((part) => part !== '' && part !== '.' && part !== '..')
    .map((part) => sanitiseFileName(part) ?? '')
    .filter(Boolean)
  return parts.slice(-FOLDERS_MAX).join('/').slice(-NAME_CHARACTERS_MAX) || 'unnamed'
}
