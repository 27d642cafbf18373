import { rm } from 'node:fs/promises'
import { join } from 'node:path'

import { compose, stranger } from '../../bin/demo/compose.ts'
import { fileInput, runFfmpeg } from '../../bin/demo/ffmpeg.ts'
import { writeWav } from '../../bin/demo/wav.ts'

const TRACK_SECONDS = 240
const STEREO = ['-ar', '44100', '-ac', '2']

/** How whole tracks are shared. */
const encodings: Readonly<Record<string, readonly string[]>> = {
  'mp3 128': ['-b:a', '128k', ...STEREO, '-f', 'mp3'],
  'mp3 320': ['-b:a', '320k', ...STEREO, '-f', 'mp3'],
  'mp3 V2': ['-q:a', '2', ...STEREO, '-f', 'mp3'],
  'ogg 160': ['-c:a', 'libvorbis', '-b:a', '160k', ...STEREO, '-f', 'ogg'],
  'opus 75': ['-c:a', 'libopus', '-b:a', '75k', '-ac', '2', '-f', 'ogg'],
  'm4a 128': ['-c:a', 'aac', '-b:a', '128k', ...STEREO, '-f', 'ipod'],
  'm4a 128, contents first': [
    '-c:a',
    'aac',
    '-b:a',
    '128k',
    ...STEREO,
    '-movflags',
    '+faststart',
    '-f',
    'ipod',
  ],
  flac: ['-c:a', 'flac', ...STEREO, '-f', 'flac'],
  wav: ['-c:a', 'pcm_s16le', ...STEREO, '-f', 'wav'],
}

/** A file that is offered, and how it may be read. */
export interface Copy {
  readonly name: string
  readonly path: string
  /** A whole copy of one recording: parts have to be enough. Of the others, all has to be read. */
  readonly isWholeCopy: boolean
}

export interface Copies {
  /** WAV files of the recordings that are registered. */
  readonly originals: readonly string[]
  readonly copies: readonly Copy[]
}

/** What plays when, for ffmpeg: of each input a stretch in seconds, one after the other. */
const sequence = (stretches: readonly (readonly [input: number, from: number, to: number])[]): string =>
  [
    ...stretches.map(
      ([input, from, to], index) => `[${input}]atrim=${from}:${to},asetpts=N/SR/TB[s${index}]`,
    ),
    `${stretches.map((_, index) => `[s${index}]`).join('')}concat=n=${stretches.length}:v=0:a=1`,
  ].join(';')

/** Composes three recordings and a stranger, and makes what is handed in of them. */
export async function makeCopies(
  ffmpegPath: string,
  folder: string,
  onProgress: (done: number, total: number) => void,
): Promise<Copies> {
  const wavs: string[] = []
  const pieces = [1, 2, 3].map((number) => () => compose(number, { seconds: TRACK_SECONDS }))
  for (const make of [...pieces, () => stranger(1, { seconds: TRACK_SECONDS })]) {
    const path = join(folder, `piece-${wavs.length}.wav`)
    await writeWav(path, make())
    wavs.push(path)
  }
  const inputs = wavs.flatMap((path) => fileInput(path))
  const mp3 = encodings['mp3 128']!
  const mixed = (filter: string): string[] => [...inputs, '-filter_complex', filter, ...mp3]
  const plans: readonly (readonly [name: string, isWholeCopy: boolean, args: readonly string[]])[] = [
    ...Object.entries(encodings).map(
      ([name, codec], index) => [name, true, [...fileInput(wavs[index % 3]!), ...codec]] as const,
    ),
    [
      'first half another recording',
      false,
      mixed(
        sequence([
          [0, 0, 120],
          [1, 120, 240],
        ]),
      ),
    ],
    [
      'first half a stranger',
      false,
      mixed(
        sequence([
          [3, 0, 120],
          [1, 120, 240],
        ]),
      ),
    ],
    [
      'second half a stranger',
      false,
      mixed(
        sequence([
          [1, 0, 120],
          [3, 120, 240],
        ]),
      ),
    ],
    [
      'mix of three',
      false,
      mixed(
        sequence([
          [0, 20, 80],
          [1, 30, 90],
          [2, 10, 70],
          [0, 150, 210],
        ]),
      ),
    ],
    ['two at once', false, mixed('[0][1]amix=inputs=2')],
    [
      'the same half twice',
      false,
      mixed(
        sequence([
          [2, 0, 120],
          [2, 0, 120],
        ]),
      ),
    ],
    ['stranger', false, [...fileInput(wavs[3]!), ...mp3]],
    ['clip of 30 s', false, [...fileInput(wavs[0]!), '-ss', '60', '-t', '30', ...encodings['wav']!]],
  ]
  const copies: Copy[] = []
  for (const [name, isWholeCopy, args] of plans) {
    onProgress(copies.length, plans.length)
    const path = join(folder, `copy-${copies.length}`)
    await runFfmpeg({ ffmpegPath, what: name, args: [...args, path] })
    copies.push({ name, path, isWholeCopy })
  }
  onProgress(plans.length, plans.length)
  await rm(wavs[3]!)
  return { originals: wavs.slice(0, 3), copies }
}
