/** A stretch of a file that is there: the bytes from a place on. */
export interface Stretch {
  readonly from: number
  readonly bytes: Uint8Array
}

/** Audio that was cut out of a file, as a file of its own, and where in time it lies. */
export interface CutAudio {
  /** To be put behind each other. */
  readonly pieces: readonly Uint8Array[]
  readonly fromMs: number
  readonly toMs: number
}

/** How the audio of a file lies in its bytes. */
export interface Layout {
  readonly durationMs: number
  /** About where a moment lies: what is cut from there on begins near it. */
  byteAt(ms: number): number
  /**
   * Makes a file that a decoder takes out of bytes from anywhere in the file. Whatever they are, it only looks at them.
   *
   * @returns undefined when there is no audio in them, or none that can be told from noise.
   */
  cut(stretch: Stretch): CutAudio | undefined
}

/**
 * What has to be had before the layout can be told: so many bytes of the beginning, or a stretch elsewhere (both ends
 * within).
 */
export type Needs = { readonly beginning: number } | { readonly from: number; readonly to: number }

/** The layout of a file, or what it takes to know it; undefined when it has to be read whole. */
export type Look = { readonly layout: Layout } | { readonly needs: Needs } | undefined

/**
 * Looks at the bytes that are there: the beginning, and what was asked for. Everything in them is a stranger's word.
 *
 * @param stretches the first begins at 0.
 */
export type LookAt = (stretches: readonly Stretch[], totalBytes: number) => Look

/** The same bytes with Node's ways to read numbers. */
export const bufferOf = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Bytes of the file as far as they are there in one stretch; undefined when they are not. */
export function bytesAt(stretches: readonly Stretch[], from: number, length: number): Buffer | undefined {
  const stretch = stretches.find(
    (each) => each.from <= from && from + length <= each.from + each.bytes.length,
  )
  return stretch && bufferOf(stretch.bytes).subarray(from - stretch.from, from - stretch.from + length)
}

/** A place between two that are given, the same share of the way as a value lies between two others. */
export const between = (
  value: number,
  [low, high]: readonly [number, number],
  [from, to]: readonly [number, number],
): number => (high > low ? from + ((to - from) * (value - low)) / (high - low) : from)
