/** What a file is, as far as its headers tell. */
export interface AudioFacts {
  /** ffmpeg's short name(s) of the container, such as `mp3` or `mov,mp4,m4a,3gp,3g2,mj2`. */
  readonly format: string
  readonly durationMs?: number
  /** Of the whole file, in bits per second. */
  readonly bitRate?: number
  readonly hasAudio: boolean
  /** Moving pictures; a cover picture does not count. */
  readonly hasVideo: boolean
  /** Of the first audio stream. */
  readonly codec?: string
  readonly sampleRate?: number
  readonly channels?: number
}

const layouts: Record<string, number> = {
  mono: 1,
  stereo: 2,
  downmix: 2,
  '2.1': 3,
  '3.0': 3,
  '4.0': 4,
  quad: 4,
  '4.1': 5,
  '5.0': 5,
  '5.1': 6,
  '6.0': 6,
  hexagonal: 6,
  '6.1': 7,
  '7.0': 7,
  '7.1': 8,
  octagonal: 8,
}

/**
 * Reads what `ffmpeg -i` tells about its first input on stderr. Lines that are not known are passed over, as
 * every version words them a little differently.
 *
 * @returns undefined when ffmpeg did not recognise the file.
 */
export function readFfmpegReport(report: string): AudioFacts | undefined {
  const format = /^Input #0, (.+), from '/m.exec(report)?.[1]
  if (!format) return undefined
  const [, hours, minutes, seconds] = /^ {2}Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)/m.exec(report) ?? []
  const kilobits = /^ {2}Duration:.*bitrate: (\d+) kb\/s/m.exec(report)?.[1]
  const streams = [...report.matchAll(/^ {2,4}Stream #0:\d+\S*: (Audio|Video): (.*)$/gm)]
  const audio = streams.find(([, kind]) => kind === 'Audio')?.[2]
  return {
    format,
    ...(hours !== undefined && {
      durationMs: Math.round((Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000),
    }),
    ...(kilobits !== undefined && { bitRate: Number(kilobits) * 1000 }),
    hasAudio: audio !== undefined,
    hasVideo: streams.some(([, kind, what]) => kind === 'Video' && !what?.includes('(attached pic)')),
    ...(audio !== undefined && audioStream(audio)),
  }
}

/** Such as `mp3 (mp3float), 44100 Hz, stereo, fltp, 128 kb/s`. */
function audioStream(line: string): Pick<AudioFacts, 'codec' | 'sampleRate' | 'channels'> {
  const [codec, rate, layout] = line.split(', ')
  const name = /^[\w.-]+/.exec(codec ?? '')?.[0]
  const sampleRate = /^(\d+) Hz$/.exec(rate ?? '')?.[1]
  const counted = /^(\d+) channels/.exec(layout ?? '')?.[1]
  const channels = counted === undefined ? layouts[(layout ?? '').replace(/\(.*/, '')] : Number(counted)
  return {
    ...(name !== undefined && { codec: name }),
    ...(sampleRate !== undefined && { sampleRate: Number(sampleRate) }),
    ...(channels !== undefined && { channels }),
  }
}
