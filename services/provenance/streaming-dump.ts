import type { Clue, FileFacts } from './clue.ts'

/** The name by which clues tell this kind of leak. */
export const STREAMING_DUMP = 'dump of a streaming service'

/*
 * The likelihood ratios are judged, not counted: how often a sign was described for the dump of December 2025 by those
 * who made it, against how often it is seen in music files from elsewhere. They are round, and low where in doubt.
 */

/** The larger tier was taken in its original Vorbis at a nominal 160 kbit/s; by quality it varies around that. */
const VORBIS_BITS = { from: 130_000, to: 185_000 } as const
/** The lesser tier was encoded again to Opus at 75 kbit/s with a variable rate. */
const OPUS_BITS = { from: 60_000, to: 90_000 } as const

const within = (bits: number | undefined, { from, to }: typeof VORBIS_BITS | typeof OPUS_BITS): boolean =>
  bits !== undefined && bits >= from && bits <= to

function codecClue({ format, bitRate }: FileFacts): Omit<Clue, 'leak'> {
  if (format === 'ogg-vorbis' && within(bitRate, VORBIS_BITS))
    return {
      kind: 'codec',
      text: 'Ogg Vorbis around 160 kbit/s, as the popular tier was taken',
      likelihoodRatio: 20,
    }
  if (format === 'ogg-opus' && within(bitRate, OPUS_BITS))
    return {
      kind: 'codec',
      text: 'Ogg Opus around 75 kbit/s, as the rest was encoded',
      likelihoodRatio: 20,
    }
  return {
    kind: 'codec',
    text: 'Another coding than the dump has: if it comes from there, it was encoded again',
    likelihoodRatio: 0.2,
  }
}

const first = ({ tags }: FileFacts, name: string): string | undefined => tags.get(name)?.[0]?.trim()

/** A fault of the program that tagged the files: the album's peak is a copy of its gain. */
function gainClue(facts: FileFacts): Omit<Clue, 'leak'> | undefined {
  const peak = first(facts, 'REPLAYGAIN_ALBUM_PEAK')
  const gain = first(facts, 'REPLAYGAIN_ALBUM_GAIN')
  if (!peak || !gain || Number.parseFloat(peak) !== Number.parseFloat(gain)) return undefined
  return {
    kind: 'tags',
    text: `Album peak and album gain are the same (${peak}): a known fault of the dump’s tagging`,
    likelihoodRatio: 500,
  }
}

function identifierClue(facts: FileFacts): Omit<Clue, 'leak'> | undefined {
  const isrc = first(facts, 'ISRC')
  const upc = first(facts, 'UPC') ?? first(facts, 'BARCODE')
  if (!isrc || !upc) return undefined
  return { kind: 'identifiers', text: 'Both ISRC and UPC are in its tags', likelihoodRatio: 4 }
}

const TRACK_ADDRESS = /^https?:\/\/open\.spotify\.com\/(?:intl-[a-z]+\/)?track\/[0-9A-Za-z]{22}\b/

function addressClue(facts: FileFacts): Omit<Clue, 'leak'> | undefined {
  const addresses = ['URL', 'WEBSITE', 'CONTACT', 'COMMENT'].flatMap((name) => facts.tags.get(name) ?? [])
  if (!addresses.some((each) => TRACK_ADDRESS.test(each.trim()))) return undefined
  return {
    kind: 'tags',
    text: 'Its tags have the address of a track at the streaming service',
    likelihoodRatio: 50,
  }
}

const TIER_FOLDER = /(?:^|[/\\])track-popularity-\d{1,3}(?:[/\\]|$)/
const CONTAINER_NAME = /annas_archive_data__aacid__\w*spotify|\baacid__spotify/i
const TRACK_ID_NAME = /(?:^|[/\\])[0-9A-Za-z]{22}\.(?:ogg|opus)$/

function nameClue({ names }: FileFacts): Omit<Clue, 'leak'> | undefined {
  const some = (pattern: RegExp): boolean => names.some((name) => pattern.test(name))
  if (some(CONTAINER_NAME))
    return { kind: 'name', text: 'It lies in a folder named like the dump’s own', likelihoodRatio: 1_000 }
  if (some(TIER_FOLDER))
    return {
      kind: 'name',
      text: 'It lies in a folder of the dump’s popularity tiers',
      likelihoodRatio: 1_000,
    }
  if (some(TRACK_ID_NAME))
    return {
      kind: 'name',
      text: 'It is named by a track id of 22 characters, as released files are',
      likelihoodRatio: 30,
    }
  return undefined
}

/**
 * The clues that a file descends from the dump of a streaming service of December 2025, as its makers described it.
 * Empty when nothing but its coding says anything: most files are coded otherwise, and that alone is no clue.
 */
export function streamingDumpClues(facts: FileFacts): Clue[] {
  const found = [gainClue, addressClue, identifierClue, nameClue].flatMap((clueOf) => clueOf(facts) ?? [])
  const coding = codecClue(facts)
  const all = found.length > 0 || coding.likelihoodRatio > 1 ? [coding, ...found] : []
  return all.map((clue) => ({ leak: STREAMING_DUMP, ...clue }))
}
