/**
 * A name as a key: width and ligatures folded (NFKC), case folded, Latin diacritics taken off,
 * punctuation and runs of space made one space. Marks of other scripts stay, because there they
 * are letters: a Devanagari vowel sign or a Japanese voicing mark makes another word.
 *
 * @returns '' for text without a letter or a digit.
 */
export function nameKey(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/(?<=\p{Script=Latin}\p{M}*)\p{M}/gu, '')
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}]+/gu, ' ')
    .trim()
}

/** Artists as one key, whatever their order: `["B", "A"]` and `["A", "B"]` are the same people. */
export const artistsKey = (artists: readonly string[]): string => artists.map(nameKey).toSorted().join('; ')
