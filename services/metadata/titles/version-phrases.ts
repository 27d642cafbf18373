import { latinKey } from '../normalise.ts'

/** What a title or a version field says of a recording beside its name. The place of a word is its bit in a mask. */
export const versionWords = [
  'remaster',
  'clean',
  'explicit',
  'mono',
  'stereo',
  'radio-edit',
  'extended',
  'live',
  'acoustic',
  'remix',
  'instrumental',
  'karaoke',
  'cover',
  'tribute',
  'demo',
  'a-cappella',
  're-recorded',
  'mashup',
  'alternate',
  'sped-up',
  'slowed',
  'reverb',
  'nightcore',
  '8d',
  'bass-boosted',
] as const
/** A word of `versionWords`. */
export type VersionWord = (typeof versionWords)[number]

/** A set of version words as bits. */
export const maskOf = (words: readonly VersionWord[]): number =>
  words.reduce((mask, word) => mask | (1 << versionWords.indexOf(word)), 0)

/**
 * The phrases by which people say it, in English, German, Spanish, French, Portuguese and some others;
 * commas between them.
 */
const phrases: Readonly<Record<VersionWord, string>> = {
  remaster: `
    remaster, remastered, remasters, remasterizado, remasterizada, remasterisé, remasterisée,
    remasterizada em, neu gemastert, ремастер, リマスター`,
  clean: `clean, censored, clean version, radio clean`,
  explicit: `explicit, uncensored, explicit version, dirty`,
  mono: `mono, mono version, mono mix, mono single version`,
  stereo: `stereo, stereo version, stereo mix`,
  'radio-edit': `
    radio edit, radio version, radio mix, single edit, short edit, short version, video edit,
    edited version, radio cut, versión radio, version radio, versão radio, radiofassung, kurzfassung,
    edição de rádio, edición de radio, snippet, preview, teaser, cut down`,
  extended: `
    extended, extended version, extended mix, extended edit, long version, full length version, 12 inch,
    12 version, 12 mix, maxi version, versión extendida, versão estendida, version longue, langfassung,
    lange version, 1 hour, 10 hours, loop, 1 hour loop`,
  live: `
    live, live version, live session, live sessions, live performance, live recording,
    in concert, en vivo, en directo, en direct, en concert, en public, ao vivo, dal vivo, livemitschnitt,
    konzertmitschnitt, live aufnahme, в живую, концертная версия, ライブ, ライヴ, 라이브, unplugged live`,
  acoustic: `
    acoustic, acoustic version, unplugged, stripped, stripped version, acústico, acústica,
    versión acústica, versão acústica, acoustique, version acoustique, akustik, akustisch, akustikversion,
    акустика`,
  remix: `
    remix, rmx, remixed, bootleg, rework, reworked, refix, flip, vip, vip mix, club mix, dub, dub mix,
    club version, remezcla, remixé, ремикс, リミックス, 리믹스`,
  instrumental: `
    instrumental, instrumental version, instrumental mix, instrumentals, version instrumentale,
    versión instrumental, versão instrumental, instrumentalversion, инструментал, インストゥルメンタル, no vocals,
    without vocals, beat only`,
  karaoke: `
    karaoke, karaoke version, versión karaoke, versão karaokê, karaokeversion, backing track, playback,
    sing along, караоке, カラオケ, off vocal`,
  cover: `
    cover, cover version, covered by, cover by, piano cover, guitar cover, drum cover, versión cover,
    coverversion, reprise de, кавер, originally performed by, originally by, made famous by,
    in the style of, as made famous by, カバー`,
  tribute: `
    tribute, tribute to, tribute version, a tribute to, tributo, tributo a, hommage à, homenaje a,
    homenagem a`,
  demo: `
    demo, demo version, demo recording, demos, demo tape, early demo, rough mix, maqueta, rehearsal,
    work in progress, демо`,
  'a-cappella': `
    a cappella, a capella, acappella, acapella, vocals only, vocal only, isolated vocals, solo voz`,
  're-recorded': `
    re recorded, rerecorded, re recording, rerecording, new recording, re recorded version, neuaufnahme,
    neu eingespielt, regrabado, regrabada, réenregistré, réenregistrée, regravação, regravada`,
  mashup: `mashup, mash up, medley, megamix`,
  alternate: `
    alternate, alternate version, alternative version, alternate take, alternate mix, outtake,
    orchestral version, orchestral, piano version, spanish version, english version, german version,
    french version, portuguese version, japanese version, versión en español, versión alternativa,
    version alternative, versão alternativa, alternativversion, deutsche version, version française,
    lullaby version, lofi version, lo fi version, lofi`,
  'sped-up': `
    sped up, spedup, speed up, speedup, sped up version, speed up version, fast version, acelerado,
    acelerada, accéléré, schneller, beschleunigt, tiktok speed`,
  slowed: `
    slowed, slowed down, slow version, slowed version, slow down, ultra slowed, super slowed, ralentizado,
    ralentizada, ralenti, desacelerado, desacelerada, lento version, verlangsamt, chopped screwed, screwed,
    daycore`,
  reverb: `reverb, reverbed, with reverb, reverb version, reverberação, mit hall`,
  nightcore: `nightcore, nightcore version, nightcore mix, night core`,
  '8d': `
    8d, 8d audio, 8d sound, 8d version, 16d audio, 9d audio, 360 audio, audio 8d, 8d tunes`,
  'bass-boosted': `
    bass boosted, bassboosted, bass boost, boosted bass, extreme bass, graves boosted, bass booster`,
}

/** What stands in titles and says nothing of the recording. */
const noisePhrases = `
  official, official video, official audio, official music video, official lyric video,
  official visualizer, official hd video, official 4k video, official clip, music video, lyric video,
  lyrics video, lyrics, lyric, with lyrics, letra, com letra, con letra, legendado, tradução, paroles,
  avec paroles, songtext, mit text, visualizer, visualiser, audio, audio only, audio oficial,
  video oficial, vídeo oficial, videoclip, videoclip oficial, videoclipe oficial, clip officiel,
  clip oficial, audio officiel, video, videoclipe, offizielles video, offizielles musikvideo, musikvideo,
  hd, hq, uhd, 4k, 8k, 1080p, 720p, 2160p, 60fps, full song, full audio, full version, full track,
  original, original mix, original version, album version, single version, album mix, single mix,
  main version, lp version, albumversion, version originale, versión original, versión álbum, bonus track,
  bonus, free download, free dl, download, out now, premiere, new, new song, leak, leaked, unreleased,
  exclusive, hidden track, deluxe, deluxe edition, m v, mv, pv, full, high quality, best quality,
  official mv, color coded lyrics, color coded, eng sub, sub español, subtitulado, topic, vevo,
  no copyright, flac, mp3, wav, 320kbps, 320 kbps, 256kbps, 128kbps, 320, 24bit, 16bit, lossless, digital,
  itunes, cdq, dolby atmos, soundtrack version`

const keysOf = (list: string): string[] => list.split(',').map(latinKey)

/** No phrase above has more words. */
export const PHRASE_WORDS_MAX = 4

/**
 * What a phrase means: a mask of one version word, or 0 for noise. Keys are Latin keys, so that a phrase is found
 * however it is accented and whether or not its small words are there.
 */
export const phraseMasks: ReadonlyMap<string, number> = new Map([
  ...keysOf(noisePhrases).map((key) => [key, 0] as const),
  ...versionWords.flatMap((word) => keysOf(phrases[word]).map((key) => [key, maskOf([word])] as const)),
])

/** Words that may stand with a phrase without saying more. */
export const fillerWords: ReadonlySet<string> = new Set(
  'version versione versao fassung mix edit recording session sessions track cut take digital the original single album audio video new full super ultra pitched official'.split(
    ' ',
  ),
)

/** Words after which a phrase at the beginning goes on with a place, a date or a name: `Live at …`, `Remixed by …`. */
export const leadingWords: ReadonlySet<string> = new Set(
  'at in from on by de du des del da do dos en em au aux bei aus im auf von par por na no with for of sur desde to'.split(
    ' ',
  ),
)

/** Phrases that people also put at the end of an unbracketed title, and that no title ends in otherwise. */
export const trailingPhrases: ReadonlySet<string> = new Set(
  keysOf(`
    sped up, spedup, speed up, slowed, slowed down, slowed reverb, nightcore, 8d, 8d audio, bass boosted,
    sped up version, slowed version, nightcore version, radio edit, extended mix, karaoke version, mv, karaoke,
    instrumental version, acoustic version, live version, demo version, remastered, official video,
    official audio, official music video, lyric video, lyrics video, original mix, piano cover,
    guitar cover, video oficial, clip officiel, en vivo, ao vivo, dal vivo, official lyric video,
    with lyrics, sped up reverb, free download, hq, 320kbps, 320`),
)
