import { SAMPLE_RATE } from '../../services/audio/constants.ts'

/** Bytes of a file that is decoded here; a browser decodes in one piece and holds all of it in memory. */
const FILE_BYTES_MAX = 600_000_000
/**
 * Steps of a sample of 16 bits, below and above zero. The service's decoder gives samples in these, so they are rounded to
 * them here; Chromium makes the highest sample 1 and the lowest −1, with one step fewer above than below.
 */
const STEPS_BELOW = 32_768
const STEPS_ABOVE = 32_767

/** How loud each speaker of 5.1 is in one channel, in the order L, R, C, LFE, SL, SR: as the service mixes them (ITU-R BS.775). */
const SURROUND_WEIGHTS = [0.7071, 0.7071, 1, 0, 0.5, 0.5] as const
const SURROUND_SUM = 3.4142

/** What a file cannot be decoded for, in words for its owner. */
export class UndecodableFile extends Error {}

/**
 * Decodes a file with the browser's own decoder, mixed to one channel, at the rate of the engine.
 *
 * @returns samples at `SAMPLE_RATE`, −1 … 1.
 * @throws {UndecodableFile} when it is too large or no format of this browser.
 */
export async function decodeFile(file: Blob): Promise<Float32Array<ArrayBuffer>> {
  if (file.size > FILE_BYTES_MAX)
    throw new UndecodableFile(`larger than ${FILE_BYTES_MAX / 1e6} MB; use “earwitness register”`)
  // An offline context at the engine's rate decodes and resamples in one go.
  const context = new OfflineAudioContext(1, 1, SAMPLE_RATE)
  const buffer = await context.decodeAudioData(await file.arrayBuffer()).catch((error: unknown) => {
    throw new UndecodableFile('not a format that this browser decodes', { cause: error })
  })
  const channels = Array.from({ length: buffer.numberOfChannels }, (_, number) =>
    buffer.getChannelData(number),
  )
  const mono = new Float32Array(buffer.length)
  const surround = channels.length === SURROUND_WEIGHTS.length
  for (const [number, samples] of channels.entries()) {
    const weight = surround ? SURROUND_WEIGHTS[number]! / SURROUND_SUM : 1 / channels.length
    for (let at = 0; at < mono.length; at++) mono[at]! += samples[at]! * weight
  }
  for (let at = 0; at < mono.length; at++) {
    const sample = mono[at]!
    mono[at] = Math.round(sample * (sample > 0 ? STEPS_ABOVE : STEPS_BELOW)) / STEPS_BELOW
  }
  return mono
}
