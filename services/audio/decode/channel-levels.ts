import type { Readable } from 'node:stream'

/** Samples a second at which the channels are compared: below 1 kHz a mix is nearly the same in both. */
const CHANNELS_RATE = 2_000
/** One of so many frames of the decoder is looked at: enough for a level, and next to no work. */
const FRAMES_STEP = 8

/**
 * A second output for ffmpeg, beside the samples themselves: a sample of the left and the right channel on file
 * descriptor 3. Sound of one channel counts as the same in both.
 */
export const channelArguments: readonly string[] = (
  `-map 0:a:0 -af aselect=not(mod(n\\,${FRAMES_STEP})),aresample=${CHANNELS_RATE}:filter_size=8 ` +
  '-ac 2 -c:a pcm_s16le -flush_packets 0 -f s16le pipe:3'
).split(' ')

/** Added to both energies (of a sample of 16 bits), so that silence is as loud one way as the other. */
const SILENCE = 0.25

/**
 * Reads what `channelArguments` ask for.
 *
 * @returns by how much the difference of the channels is louder than their sum, in dB. Music lies at −20 to 0; with one
 *   channel inverted at 0 to 20.
 */
export async function readDifferenceDb(channels: Readable): Promise<number> {
  let sum = 0
  let difference = 0
  let count = 0
  let rest: Uint8Array = new Uint8Array(0)
  for await (const chunk of channels as AsyncIterable<Uint8Array>) {
    const bytes = Buffer.concat([rest, chunk])
    const end = bytes.length - (bytes.length % 4)
    for (let at = 0; at < end; at += 4) {
      const left = bytes.readInt16LE(at)
      const right = bytes.readInt16LE(at + 2)
      sum += ((left + right) / 2) ** 2
      difference += ((left - right) / 2) ** 2
    }
    count += end / 4
    rest = bytes.subarray(end)
  }
  return 10 * Math.log10((difference + SILENCE * count + SILENCE) / (sum + SILENCE * count + SILENCE))
}
