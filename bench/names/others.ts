import { inventName, pick, versionName } from './material.ts'
import { type Degradation, artistOf, chance, read, releaseOf, tagged } from './spoiling.ts'

/** A claim of another version than the recording, as uploaders write it. */
export const otherVersion: Degradation = (spoiler, recording) => {
  const { random, wording } = spoiler
  const words = versionName(random, wording)
  const [title, artist] = [recording.title, artistOf(spoiler, recording)]
  const known = {
    ...(chance(random, 0.6) && { durationMs: recording.durationMs + Math.round((random() - 0.4) * 90_000) }),
    ...releaseOf(spoiler, recording),
  }
  return pick(random, [
    () => tagged(`${title} (${words})`, recording.artists, known),
    () => tagged(`${title} - ${words}`, recording.artists, known),
    () => read({ kind: 'file-name', text: `${artist} - ${title} (${words}).mp3` }, known),
    () => read({ kind: 'page-title', text: `${artist} - ${title} [${words}] - YouTube` }, known),
  ])()
}

/** Somebody else singing the song, who may say so. */
export const cover: Degradation = (spoiler, recording) => {
  const { random, wording } = spoiler
  const singer = inventName(random, wording)
  const artist = artistOf(spoiler, recording)
  const known = {
    durationMs: recording.durationMs + Math.round((random() - 0.5) * 60_000),
    ...releaseOf(spoiler, recording),
  }
  return pick(random, [
    () => tagged(`${recording.title} (${artist} Cover)`, [singer], known),
    () => tagged(recording.title, [singer], known),
    () => tagged(`${recording.title} (Originally Performed by ${artist}) [Karaoke]`, [singer], known),
    () => read({ kind: 'page-title', text: `${singer} - ${recording.title} (Cover)` }, known),
  ])()
}
