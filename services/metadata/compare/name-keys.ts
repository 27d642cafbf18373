import { gtin14 } from '../identifiers/identifiers.ts'
import { latinKey, nativeKey } from '../normalise.ts'
import { readCredits } from '../titles/credits.ts'
import { type Versions, readTitle } from '../titles/version-words.ts'

/** What a recording, or something that claims to be one, is called. All of it may be missing or wrong. */
export interface Names {
  readonly title?: string | undefined
  /** The version field of a catalogue: `Live`, `2011 Remaster`. */
  readonly version?: string | undefined
  readonly artists?: readonly string[] | undefined
  /** As `parseIsrc` returns it. */
  readonly isrc?: string | undefined
  /** As `parseUpc` returns it. */
  readonly upc?: string | undefined
  readonly releaseTitle?: string | undefined
  /** Of release. */
  readonly year?: number | undefined
  readonly durationMs?: number | undefined
  /** How much faster than ours the audio was found to run; 1 for unchanged. Of claims only. */
  readonly speed?: number | undefined
}

/** Artists as keys. Sets are sorted. */
export interface ArtistKeys {
  /** The main artists in one line, as a Latin key. */
  readonly whole: string
  /** The same in its own script; '' where that is Latin. */
  readonly native: string
  readonly main: readonly string[]
  /** Those in `main` and the featured ones. */
  readonly all: readonly string[]
}

/** Names made ready for comparing: what does not depend on the other side. Missing texts are '', numbers 0. */
export interface NameKeys {
  /** The bare title as a Latin key. */
  readonly title: string
  /** The same in its own script; '' where that is Latin. */
  readonly nativeTitle: string
  readonly artists: ArtistKeys
  readonly versions: Versions
  readonly isrc: string
  readonly gtin: string
  readonly release: string
  readonly year: number
  readonly durationMs: number
  readonly speed: number
}

/** A key of a text that may have neither letters nor digits: such names are compared as they are written. */
const nativeOrSigns = (text: string, latin: string): string =>
  nativeKey(text) || (latin === '' ? text.normalize('NFKC').trim() : '')

const sortedKeys = (names: readonly string[]): string[] =>
  [...new Set(names.map(latinKey))].filter(Boolean).sort()

function artistKeys(artists: readonly string[], featuredInTitle: readonly string[]): ArtistKeys {
  const { whole, main, featured } = readCredits(artists)
  const latin = latinKey(whole)
  const mainKeys = main.length === 1 && main[0] === whole ? [latin].filter(Boolean) : sortedKeys(main)
  const others = [...featured, ...featuredInTitle]
  const all = others.length === 0 ? mainKeys : [...new Set([...mainKeys, ...sortedKeys(others)])].sort()
  return { whole: latin, native: nativeOrSigns(whole, latin), main: mainKeys, all }
}

/** Makes names ready for `scoreNames` and the index. */
export function keysOfNames(names: Names): NameKeys {
  const { bare, versions, featured } = readTitle(names.title ?? '', names.version)
  const title = latinKey(bare)
  return {
    title,
    nativeTitle: nativeOrSigns(bare, title),
    artists: artistKeys(names.artists ?? [], featured),
    versions,
    isrc: names.isrc ?? '',
    gtin: names.upc === undefined ? '' : gtin14(names.upc),
    release: names.releaseTitle === undefined ? '' : latinKey(readTitle(names.releaseTitle).bare),
    year: names.year ?? 0,
    durationMs: names.durationMs ?? 0,
    speed: names.speed ?? 0,
  }
}
