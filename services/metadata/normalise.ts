import anyAscii from 'any-ascii'

/**
 * No writing has so many marks on one letter. Longer piles are cut, as the work of normalising one grows with the square
 * of its length.
 */
const MARK_PILES = /(\p{M}{16})\p{M}+/gu

/** Takes the letter along: a look back from each mark would go over all marks before it again. */
const LATIN_WITH_MARKS = /(\p{Script=Latin})\p{M}+/gu

/**
 * A name as a key: width and ligatures folded (NFKC), case folded, Latin diacritics taken off,
 * punctuation and runs of space made one space. Marks of other scripts stay, because there they
 * are letters: a Devanagari vowel sign or a Japanese voicing mark makes another word.
 *
 * @returns '' for text without a letter or a digit.
 */
export function nameKey(text: string): string {
  return text
    .replaceAll(MARK_PILES, '$1')
    .normalize('NFKD')
    .replaceAll(LATIN_WITH_MARKS, '$1')
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}]+/gu, ' ')
    .trim()
}

/** Artists as one key, whatever their order: `["B", "A"]` and `["A", "B"]` are the same people. */
export const artistsKey = (artists: readonly string[]): string => artists.map(nameKey).toSorted().join('; ')

/** Words that only join two names: written as `&`, as a word, or left out, the names are the same. */
const JOINING_WORDS = new Set('and und et y og och n и і та και と 和'.split(' '))

/** Articles that catalogues and file names leave out or put last. */
const LEADING_ARTICLES = new Set('the a an der die das le la les el los las il'.split(' '))

const APOSTROPHES = /['’‘`´ʼ]/g

/** Whether no UTF-16 unit is above 127: such text needs no folding. */
export function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 127) return false
  return true
}

/** Signs that stand for letters inside names: `Ke$ha`, `P!nk`. */
function lettersOfSigns(text: string): string {
  if (!text.includes('$') && !text.includes('!')) return text
  return text.replaceAll(/(?<=[a-z])\$|\$(?=[a-z])/g, 's').replaceAll(/(?<=[a-z])!(?=[a-z])/g, 'i')
}

/** Takes joining words and an article out, and writes `r e m` as `rem`; a name of nothing else stays whole. */
function withoutSmallWords(words: readonly string[]): string {
  const kept: string[] = []
  let letters = ''
  for (const [place, word] of words.entries()) {
    const isArticle = place === 0 && LEADING_ARTICLES.has(word)
    const isTrailing = place === words.length - 1 && word === 'the'
    const isLetter = word.length === 1
    const nextIsLetter = words[place + 1]?.length === 1
    // A letter among letters is a part of an abbreviation, whatever it means alone.
    const isAbbreviated = isLetter && (letters !== '' || nextIsLetter)
    if (isAbbreviated) letters += word
    if (letters !== '' && !nextIsLetter) {
      kept.push(letters)
      letters = ''
    }
    if (!isAbbreviated && !isArticle && !isTrailing && !JOINING_WORDS.has(word)) kept.push(word)
  }
  return kept.length > 0 ? kept.join(' ') : words.join(' ')
}

/**
 * A name as a key in Latin letters and digits (`[a-z0-9 ]`): what people type who do not write its script, or
 * write it carelessly. Transliterated by the tables of any-ascii, without apostrophes, joining words and articles.
 * It stands beside the native key, never in its place: Japanese names in Han characters come out in Chinese reading.
 *
 * @returns '' for text without a letter or a digit.
 */
export function latinKey(text: string): string {
  if (isAscii(text)) return latinWords(text.toLowerCase())
  const folded = nameKey(text.replaceAll(APOSTROPHES, ''))
  if (isAscii(folded)) return withoutSmallWords(folded.split(' '))
  // Joining words go before transliteration: afterwards a Russian 'and' is an English 'I'.
  return latinWords(anyAscii(withoutSmallWords(folded.split(' '))).toLowerCase())
}

function latinWords(lowered: string): string {
  const words = lettersOfSigns(lowered)
    .replaceAll(APOSTROPHES, '')
    .match(/[a-z0-9]+/g)
  return words ? withoutSmallWords(words) : ''
}

const OTHER_SCRIPT = /[^\p{Script=Latin}\P{L}]/u

/** The key of a name in its own script where that is not Latin; '' for all others. */
export const nativeKey = (text: string): string =>
  isAscii(text) || !OTHER_SCRIPT.test(text) ? '' : nameKey(text)

/** Consonants that transliterations and careless spellings exchange, by class. */
const CONSONANTS = { b: 'pbfv', t: 'dt', s: 'sz', k: 'ckgqx', l: 'lr', m: 'mn' }

/** The class of each ASCII character, '' for those that do not count; digits are their own class. */
const CLASSES = Array.from({ length: 128 }, (_, unit) => {
  const character = String.fromCharCode(unit)
  if (unit > 47 && unit < 58) return character
  return Object.entries(CONSONANTS).find(([, letters]) => letters.includes(character))?.[0] ?? ''
})

/**
 * How a Latin key sounds, roughly: classes of consonants without vowels, doubles and spaces; digits stay.
 * Other transliterations of one name, and most typing errors in vowels, have the same. Own classes, in the manner
 * of Soundex.
 */
export function soundKey(latin: string): string {
  let key = ''
  let last = ''
  for (let at = 0; at < latin.length; at++) {
    let code = CLASSES[latin.charCodeAt(at)] ?? ''
    if (code === '') continue
    if (code === 'k' || code === 't') {
      const [letter, next] = [latin[at], latin[at + 1]]
      // `kh` is written `h` as often; `ch`, `ts`, and `c` before light vowels are sibilants.
      if (letter === 'k' && next === 'h') continue
      if (letter === 'c' && (next === 'h' || next === 'e' || next === 'i')) code = 's'
      if (code === 't' && (next === 's' || next === 'z')) continue
    }
    if (code !== last) key += code
    last = code
  }
  return key
}
