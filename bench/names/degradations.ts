import { type InventedRecording, inventName, pick } from './material.ts'
import {
  type Degradation,
  type Spoiler,
  artistOf,
  chance,
  length,
  mistyped,
  read,
  tagged,
  titleOf,
} from './spoiling.ts'

const typos: Degradation = (spoiler, recording) => {
  const { random } = spoiler
  const [title, artist] = [titleOf(recording), artistOf(spoiler, recording)]
  const both = chance(random, 0.4)
  const inTitle = both || chance(random, 0.6)
  return tagged(
    inTitle ? mistyped(random, title) : title,
    [both || !inTitle ? mistyped(random, artist) : artist],
    length(spoiler, recording),
  )
}

const scripts: Degradation = (spoiler, recording) => {
  const { latin } = recording
  if (!latin) return spelling(spoiler, recording)
  const title = recording.version ? `${latin.title} (${recording.version})` : latin.title
  const isFile = chance(spoiler.random, 0.5)
  const known = length(spoiler, recording, 0.9)
  // Some titles are translated: only code and length tell.
  if (chance(spoiler.random, 0.1)) {
    const translated = `${inventName(spoiler.random, spoiler.wording)} Song`
    return tagged(translated, latin.artists, {
      ...known,
      isrc: recording.isrc,
      durationMs: recording.durationMs,
    })
  }
  return isFile
    ? read({ kind: 'file-name', text: `${latin.artists.join(', ')} - ${title}.mp3` }, known)
    : tagged(title, latin.artists, known)
}

/** Case, accents, punctuation, articles and joining words written otherwise. */
const spelling: Degradation = (spoiler, recording) => {
  const { random } = spoiler
  const plain = (text: string): string => {
    const folded = chance(random, 0.5)
      ? text.normalize('NFD').replaceAll(/\p{M}/gu, '').normalize('NFC')
      : text
    const joined = folded.replaceAll('&', 'and').replaceAll(/[,']/g, '')
    return chance(random, 0.5) ? joined.toUpperCase() : joined.toLowerCase()
  }
  const artist = plain(artistOf(spoiler, recording))
  const moved = artist.toLowerCase().startsWith('the ') ? `${artist.slice(4)}, The` : artist
  return tagged(plain(titleOf(recording)), [moved], length(spoiler, recording))
}

const sameVersion: Degradation = (spoiler, recording) => {
  const { random, wording } = spoiler
  const words = pick(random, wording.sameVersions)
  const shape = pick(random, [` (${words})`, ` - ${words}`, ` [${words}]`])
  return tagged(`${titleOf(recording)}${shape}`, recording.artists, length(spoiler, recording, 0.7))
}

const wrongIsrc: Degradation = (spoiler, recording) => {
  const { random, catalogue } = spoiler
  const { isrc } = wrongOwner(spoiler, recording, catalogue)
  const file = `${artistOf(spoiler, recording)} - ${titleOf(recording)}.flac`
  const known = { ...length(spoiler, recording, 0.9), isrc }
  return chance(random, 0.3)
    ? read({ kind: 'file-name', text: file }, known)
    : tagged(titleOf(recording), recording.artists, known)
}

/** The recording that a wrong ISRC belongs to: the next one of the catalogue, as in sheets that slipped, or any. */
function wrongOwner(
  { random }: Spoiler,
  recording: InventedRecording,
  catalogue: readonly InventedRecording[],
): InventedRecording {
  const next = catalogue[catalogue.indexOf(recording) + 1]
  const any = pick(random, catalogue)
  const owner = next && chance(random, 0.5) && next.title !== recording.title ? next : any
  return owner === recording || owner.title === recording.title ? catalogue[0]! : owner
}

const swapped: Degradation = (spoiler, recording) => {
  const [title, artist] = [titleOf(recording), artistOf(spoiler, recording)]
  const known = length(spoiler, recording, 0.9)
  return chance(spoiler.random, 0.5)
    ? tagged(artist, [title], known)
    : read({ kind: 'file-name', text: `${title} - ${artist}.mp3` }, known)
}

const featuring: Degradation = (spoiler, recording) => {
  const { random, wording } = spoiler
  const guest = inventName(random, wording)
  const word = pick(random, wording.featuring)
  const title = titleOf(recording)
  const artist = artistOf(spoiler, recording)
  const known = length(spoiler, recording)
  return pick(random, [
    () => tagged(`${title} (${word}${guest})`, [artist], known),
    () => tagged(title, [`${artist} ${word}${guest}`], known),
    () => tagged(title, [artist, guest], known),
    () => read({ kind: 'file-name', text: `${artist} - ${title} ${word}${guest}.mp3` }, known),
    () => tagged(title, recording.artists.toReversed(), known),
  ])()
}

/** ID3v1 fields have 30 characters; small screens and old file systems less. */
const truncated: Degradation = (spoiler, recording) => {
  const { random } = spoiler
  const most = pick(random, [30, 30, 24, 20])
  const cut = (text: string): string => text.slice(0, most).trim()
  const [title, artist] = [titleOf(recording), artistOf(spoiler, recording)]
  const half = title.slice(0, Math.max(5, Math.ceil(title.length * (0.5 + random() * 0.4))))
  return chance(random, 0.5)
    ? tagged(cut(title), [cut(artist)], length(spoiler, recording, 0.9))
    : read({ kind: 'file-name', text: `${artist} - ${half}…` }, length(spoiler, recording, 0.9))
}

const changedSpeed: Degradation = (spoiler, recording) => {
  const { random, wording } = spoiler
  const [words, speedMin, speedMax] = pick(random, wording.derivatives)
  const speed = speedMin + random() * (speedMax - speedMin)
  const durationMs = Math.round(recording.durationMs / speed) + Math.round(random() * 3_000)
  const [title, artist] = [titleOf(recording), artistOf(spoiler, recording)]
  return pick(random, [
    () => tagged(`${title} (${words})`, recording.artists, { durationMs }),
    () => read({ kind: 'page-title', text: `${artist} - ${title} (${words}) - YouTube` }, { durationMs }),
    () => read({ kind: 'file-name', text: `${artist} - ${title} ${words}.mp3` }, { durationMs }),
    () => tagged(title, recording.artists, { durationMs: Math.round(recording.durationMs / speed), speed }),
  ])()
}

/** Only some of the fields. */
const missing: Degradation = (spoiler, recording) => {
  const title = titleOf(recording)
  const { isrc, upc, releaseTitle, year, artists } = recording
  const known = length(spoiler, recording, 1)
  return pick(spoiler.random, [
    () => tagged(title, artists),
    () => tagged(title, [], { ...known, releaseTitle, year }),
    () => tagged(title, [], { isrc }),
    () => tagged(title, [], { ...known, upc }),
    () => read({ kind: 'file-name', text: `${isrc}.wav` }, known),
    () => tagged(title, artists, { year }),
  ])()
}

const fileName: Degradation = (spoiler, recording) => {
  const { random, wording } = spoiler
  const [title, artist] = [titleOf(recording), artistOf(spoiler, recording)]
  const { releaseTitle, year } = recording
  const number = String(1 + Math.floor(random() * 14)).padStart(2, '0')
  const text = pick(random, [
    `${number}. ${artist} - ${title}.mp3`,
    `${artist} (${year}) - ${releaseTitle}/${number} - ${title}.flac`,
    `${number} ${title} - ${artist}.m4a`,
    `${artist}_-_${title}_${pick(random, wording.sites)}.mp3`.replaceAll(' ', '_'),
    `${encodeURIComponent(`${artist} - ${title}`)}.mp3`,
    `${artist} - ${title} (${1 + Math.floor(random() * 3)}).mp3`,
    `${artist} - ${title}_320kbps.mp3`,
    `${artist} - ${releaseTitle} - ${number} - ${title}.mp3`,
    `${pick(random, wording.sites)} ${artist} – ${title}.ogg`,
  ])
  return read({ kind: 'file-name', text }, length(spoiler, recording))
}

const scene: Degradation = (spoiler, recording) => {
  const { random, wording } = spoiler
  const names = recording.latin ?? recording
  const safe = (text: string): string =>
    text
      .normalize('NFD')
      .replaceAll(/\p{M}/gu, '')
      .replaceAll(/[^A-Za-z0-9()&]+/g, '_')
      .replaceAll(/^_|_$/g, '')
  const artist = safe(names.artists.join(' and '))
  const title = safe(recording.version ? `${names.title} (${recording.version})` : names.title)
  const number = String(1 + Math.floor(random() * 14)).padStart(2, '0')
  const group = pick(random, wording.groups)
  const text = pick(random, [
    `${number}-${artist}-${title}-${group}.mp3`.toLowerCase(),
    `${artist}-${title}-${pick(random, ['WEB', 'CDS', 'VINYL'])}-${recording.year}-${group}`,
    `${number}-${artist}-${title}.mp3`.toLowerCase(),
  ])
  return read({ kind: 'file-name', text }, length(spoiler, recording, 0.9))
}

const platform: Degradation = (spoiler, recording) => {
  const { random, wording } = spoiler
  const [title, artist] = [titleOf(recording), artistOf(spoiler, recording)]
  const remark = pick(random, wording.remarks)
  const id = Array.from({ length: 11 }, () =>
    pick(random, Array.from('abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ0123456789_-')),
  ).join('')
  const known = length(spoiler, recording)
  return pick(random, [
    () => read({ kind: 'page-title', text: `${artist} - ${title} ${remark} - YouTube` }, known),
    () => read({ kind: 'file-name', text: `${artist} - ${title} ${remark} [${id}].webm` }, known),
    () => read({ kind: 'page-title', text: `${title} - song and lyrics by ${artist} | Spotify` }, known),
    () =>
      read(
        { kind: 'page-title', text: `Stream ${title} by ${artist} | Listen online for free on SoundCloud` },
        known,
      ),
    () => tagged(`${artist} - ${title} ${remark}`, [`${inventName(random, wording)} Music`], known),
    () => read({ kind: 'page-title', text: `${artist} "${title}" ${remark}` }, known),
  ])()
}

/** Nothing spoiled: what a distributor's sheet says. */
const intact: Degradation = (spoiler, recording) => {
  const { isrc, upc, releaseTitle, year } = recording
  return tagged(titleOf(recording), recording.artists, {
    ...length(spoiler, recording),
    isrc,
    upc,
    releaseTitle,
    year,
  })
}

/** On another release: a compilation, a reissue, with its own codes. */
const reissue: Degradation = (spoiler, recording) => {
  const { random, wording, catalogue } = spoiler
  const { releaseTitle, upc, year } = pick(random, catalogue)
  const isrc = chance(random, 0.2) ? pick(random, catalogue).isrc.replace(/^Q/, 'T') : recording.isrc
  const known = length(spoiler, recording, 0.8)
  return pick(random, [
    () => tagged(titleOf(recording), recording.artists, { ...known, releaseTitle, upc, year, isrc }),
    () =>
      tagged(titleOf(recording), recording.artists, {
        ...known,
        releaseTitle: `Best of ${pick(random, wording.words)}`,
        year,
      }),
    () =>
      tagged(titleOf(recording), recording.artists, {
        ...known,
        releaseTitle: `${recording.releaseTitle} (Deluxe)`,
        year: recording.year + 1,
      }),
  ])()
}

/** Shortened for the radio, or lengthened. */
const edit: Degradation = (spoiler, recording) => {
  const { random } = spoiler
  const [words, share] = pick(random, [
    ['Radio Edit', 0.75],
    ['Single Edit', 0.85],
    ['Extended Mix', 1.4],
    ['Short Version', 0.7],
  ] as const)
  const durationMs = Math.round(recording.durationMs * (share + 0.1 * random()))
  return tagged(`${titleOf(recording)} (${words})`, recording.artists, { durationMs })
}

/** Degradations after which a claim still means the recording. */
export const degradations: Readonly<Record<string, Degradation>> = {
  intact,
  typos,
  scripts,
  spelling,
  'same version': sameVersion,
  'wrong ISRC': wrongIsrc,
  'swapped names': swapped,
  featuring,
  truncated,
  reissue,
  edit,
  'changed speed': changedSpeed,
  'missing fields': missing,
  'file name': fileName,
  'scene name': scene,
  'platform title': platform,
}
