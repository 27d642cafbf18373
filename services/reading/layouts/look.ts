import { lookAtFlac } from './flac.ts'
import type { LookAt } from './layout.ts'
import { lookAtMp4 } from './mp4.ts'
import { lookAtAdts, lookAtMp3 } from './mpeg-frames.ts'
import { lookAtOgg } from './ogg.ts'
import { lookAtWav } from './wav.ts'

/** Formats that parts can be taken of, by their short names (services/submissions/file-kind.ts). Others are read whole. */
const looks: Readonly<Record<string, LookAt>> = {
  mp3: lookAtMp3,
  'aac-adts': lookAtAdts,
  'ogg-vorbis': lookAtOgg,
  'ogg-opus': lookAtOgg,
  flac: lookAtFlac,
  wav: lookAtWav,
  m4a: lookAtMp4,
  mp4: lookAtMp4,
}

/** How to find the audio in a file of a format; undefined when nothing is known of it. */
export const lookFor = (format: string): LookAt | undefined =>
  Object.hasOwn(looks, format) ? looks[format] : undefined
