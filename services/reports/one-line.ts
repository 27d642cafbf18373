/**
 * Foreign text (tags of a suspect file, names in a certificate, headers) as one line that a report may hold:
 * control characters and broken surrogates become spaces, white space is made single, the end is cut off.
 *
 * @param charactersMax in UTF-16 units, as the report's schema counts; no character is cut in half.
 * @returns undefined when nothing is left.
 */
export function oneLine(text: string, charactersMax = 500): string | undefined {
  const clean = text
    .replaceAll(/[\p{Cc}\p{Cs}\s]+/gu, ' ')
    .trim()
    .slice(0, charactersMax)
    .replace(/[\uD800-\uDBFF]$/, '')
    .trimEnd()
  return clean === '' ? undefined : clean
}
