import type { TrackCodec, TrackStatus } from './manifest-row.ts'

/** How a leak has a recording, for people. */
export const statusWords: Readonly<Record<TrackStatus, string>> = {
  audio: 'audio',
  sibling: 'another copy has audio',
  planned: 'planned',
  metadata: 'metadata only',
  failed: 'could not be taken',
  unknown: 'listed',
}

/** In which quality, for people; of what is not audio nothing is said. */
export const codecWords: Readonly<Record<TrackCodec, string>> = {
  unknown: '',
  'vorbis-160': 'Vorbis 160 kbit/s',
  'opus-75': 'Opus 75 kbit/s',
  other: 'another coding',
}
