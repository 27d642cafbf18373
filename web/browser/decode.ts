import { INVERTED_DB, SAMPLE_RATE } from '../../services/audio/constants.ts'

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
 * @throws {UndecodableFile} when it is too large, can no longer be read, or is no format of this browser.
 */
export async function decodeFile(file: Blob): Promise<Float32Array<ArrayBuffer>> {
  if (file.size > FILE_BYTES_MAX)
    throw new UndecodableFile(`larger than ${FILE_BYTES_MAX / 1e6} MB; use “earwitness register”`)
  const bytes = await file.arrayBuffer().catch((error: unknown) => {
    throw new UndecodableFile('cannot be read any more: was it moved or changed?', { cause: error })
  })
  // An offline context at the engine's rate decodes and resamples in one go.
  const context = new OfflineAudioContext(1, 1, SAMPLE_RATE)
  const buffer = await context.decodeAudioData(bytes).catch((error: unknown) => {
    throw new UndecodableFile('not a format that this browser decodes', { cause: error })
  })
  const channels = Array.from({ length: buffer.numberOfChannels }, (_, number) =>
    buffer.getChannelData(number),
  )
  const mono = mixed(channels, weightsOf(channels))
  for (let at = 0; at < mono.length; at++) {
    const sample = mono[at]!
    mono[at] = Math.round(sample * (sample > 0 ? STEPS_ABOVE : STEPS_BELOW)) / STEPS_BELOW
  }
  return mono
}

function mixed(channels: readonly Float32Array[], weights: readonly number[]): Float32Array<ArrayBuffer> {
  const mono = new Float32Array(channels[0]?.length ?? 0)
  for (const [number, samples] of channels.entries()) {
    const weight = weights[number]!
    for (let at = 0; at < mono.length; at++) mono[at]! += samples[at]! * weight
  }
  return mono
}

/** How much of each channel is heard. As in the service, two of which one was inverted are heard by their difference. */
function weightsOf(channels: readonly Float32Array[]): readonly number[] {
  const [left, right] = channels
  if (channels.length === SURROUND_WEIGHTS.length)
    return SURROUND_WEIGHTS.map((weight) => weight / SURROUND_SUM)
  if (channels.length === 2 && left && right && differenceDb(left, right) > INVERTED_DB) return [0.5, -0.5]
  return channels.map(() => 1 / channels.length)
}

/** By how much the difference of two channels is louder than their sum, in dB; 0 for silence. */
function differenceDb(left: Float32Array, right: Float32Array): number {
  let [sum, difference] = [Number.MIN_VALUE, Number.MIN_VALUE]
  for (let at = 0; at < left.length; at++) {
    sum += (left[at]! + right[at]!) ** 2
    difference += (left[at]! - right[at]!) ** 2
  }
  return 10 * Math.log10(difference / sum)
}
