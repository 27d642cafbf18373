import { inputArguments, startFfmpeg, words } from '../audio/decode/ffmpeg-child.ts'
import { Problem } from '../core/problem.ts'
import type { OpeningBudget } from './budget.ts'
import type { Found, Opener, OpeningSource } from './opener.ts'

/** Reading headers takes milliseconds; a file that takes longer is heard as it is. */
const PROBE_TIMEOUT_MS = 30_000

/** What is handed on is copied, not decoded; nothing of our own version or of chance is written into it. */
const COPIED = words('-c copy -map_metadata -1 -map_chapters -1 -fflags +bitexact')
/** Of all containers that can be written to a pipe the one that takes any codec. */
const AS_MATROSKA = words('-f matroska pipe:1')
const AS_PICTURE = words('-frames:v 1 -f image2pipe pipe:1')

/** What a container holds that is of interest here. */
export interface ContainerStreams {
  /** Language of each audio track as the container says it, such as `deu`. */
  readonly audioTracks: readonly { readonly language: string | undefined }[]
  /** The number, among all streams, of the picture that is attached. */
  readonly coverStream: number | undefined
}

/** Reads what `ffmpeg -i` tells of the streams on standard error, in the words of versions 4 to 8. */
export function readContainerStreams(report: string): ContainerStreams {
  const streams = [
    ...report.matchAll(/^ {2,4}Stream #0:(\d+)(?:\[0x[\da-f]+\])?(?:\((\w{2,8})\))?: (\w+): (.*)$/gm),
  ]
  const cover = streams.find(([, , , kind, what]) => kind === 'Video' && what?.includes('(attached pic)'))
  return {
    audioTracks: streams
      .filter(([, , , kind]) => kind === 'Audio')
      .map(([, , language]) => ({ language: language === 'und' ? undefined : language })),
    coverStream: cover && Number(cover[1]),
  }
}

/**
 * Makes an opener of media with more than one audio track: each track as a file of its own (Matroska, its packets as they
 * were), then the cover. A file with one track or none is heard as it is: nothing is found in it then.
 *
 * @param ffmpegPath as `findFfmpeg` found it.
 */
export const tracksOpener = (ffmpegPath: string): Opener =>
  async function* openTracks(source, budget, signal) {
    const container: Container = { ffmpegPath, source, budget, signal }
    const { audioTracks, coverStream } = readContainerStreams(await probe(container))
    if (audioTracks.length < 2) return
    for (const [index, { language }] of audioTracks.entries()) {
      budget.countItem()
      const name = `audio track ${index + 1}${language === undefined ? '' : ` (${language})`}`
      yield found(container, name, ['-map', `0:a:${index}`, ...COPIED, ...AS_MATROSKA])
    }
    if (coverStream === undefined) return
    budget.countItem()
    yield found(container, 'cover', ['-map', `0:${coverStream}`, ...COPIED, ...AS_PICTURE])
  }

interface Container {
  readonly ffmpegPath: string
  readonly source: OpeningSource
  readonly budget: OpeningBudget
  readonly signal: AbortSignal
}

async function probe({ ffmpegPath, source, budget, signal }: Container): Promise<string> {
  const timeoutMs = Math.min(PROBE_TIMEOUT_MS, budget.leftMs)
  const child = startFfmpeg(inputArguments(source.path), { ffmpegPath, timeoutMs, signal })
  child.process.stdout.resume()
  return (await child.ended).report
}

const found = (container: Container, name: string, output: readonly string[]): Found => ({
  kind: 'file',
  name,
  read: () => container.budget.counted(copied(container, output), container.source.bytes),
})

async function* copied(
  { ffmpegPath, source, budget, signal }: Container,
  output: readonly string[],
): AsyncGenerator<Uint8Array> {
  const child = startFfmpeg([...words('-v error'), ...inputArguments(source.path), ...output], {
    ffmpegPath,
    timeoutMs: budget.leftMs,
    signal,
  })
  try {
    yield* child.process.stdout as AsyncIterable<Buffer>
    const { code } = await child.ended
    if (code !== 0) throw new Problem('open/damaged', 'The track cannot be taken out of its container')
  } finally {
    child.process.kill('SIGKILL')
    await child.ended.catch(() => undefined) // It was ended here, or has said why it did.
  }
}
