/**
 * The numbers every part of the matching engine must agree on. Changing one of them changes fingerprints:
 * raise `ENGINE_VERSION` in the same commit.
 */

/** Version of the fingerprint. Fingerprints of different versions are never compared. */
export const ENGINE_VERSION = 2

/** Rate of the mono signal that is examined, in samples per second. Keeps everything below 5.5 kHz. */
export const SAMPLE_RATE = 11_025

/**
 * By how much the difference of two channels must be louder than their sum (dB) for one of them to have been inverted without
 * doubt: then the difference is what the file sounds like.
 */
export const INVERTED_DB = 10

/** Samples between two frames of the spectrogram (11.6 ms). */
export const HOP_SAMPLES = 128

export const FRAMES_PER_SECOND = SAMPLE_RATE / HOP_SAMPLES

/** Centre of the lowest band, in Hz. */
export const BAND_LOWEST_HZ = 60

/** Three bands per semitone: a change of pitch is a shift by whole or part bands. */
export const BANDS_PER_OCTAVE = 36

/** Bands of the spectrogram, 60 … 5,430 Hz. */
export const BAND_COUNT = 235

/** Times are kept in eighths of a frame (1.45 ms), frequencies in sixteenths of a band (2.1 cents). */
export const TIME_UNITS_PER_FRAME = 8
export const BIN_UNITS_PER_BAND = 16
export const BIN_UNITS_PER_SEMITONE = (BANDS_PER_OCTAVE / 12) * BIN_UNITS_PER_BAND

/** Radius of a peak (see peaks.ts) is capped at 8 and kept in steps of 1/31, so that it fills one byte. */
export const RADIUS_MAX = 8
export const RADIUS_UNITS = 31

/** Levels are kept in quarters of log2 power (0.75 dB). */
export const LEVEL_UNITS = 4

/** Peaks are thinned span by span: 172 frames, two seconds to within 0.2 %. */
export const SPAN_FRAMES = 172
export const SPAN_UNITS = SPAN_FRAMES * TIME_UNITS_PER_FRAME

/** Most peaks a span may keep: 7/s for a reference, 40/s for a suspect, of which most passes of a search need half. */
export const REFERENCE_PEAKS_PER_SPAN = 14
export const SUSPECT_PEAKS_PER_SPAN = 80

/** References keep to this range, so that their peaks stay visible in copies played 0.6 to 1.4 times as fast. */
export const REFERENCE_LOWEST_HZ = 100
export const REFERENCE_HIGHEST_HZ = 3_900

/** The shortest audio that is examined at all: below it there is no room for even a handful of landmarks. */
export const DURATION_MS_MIN = 1_000

/** The longest audio a fingerprint may describe. A day covers live streams; it bounds memory everywhere. */
export const DURATION_MS_MAX = 24 * 3_600_000

export const framesToMs = (frames: number): number => (frames * 1000) / FRAMES_PER_SECOND
export const msToFrames = (ms: number): number => (ms * FRAMES_PER_SECOND) / 1000

/** Frequency in Hz to a (fractional) band, 0 = the lowest. */
export const bandOfHz = (hz: number): number => BANDS_PER_OCTAVE * Math.log2(hz / BAND_LOWEST_HZ)
export const hzOfBand = (band: number): number => BAND_LOWEST_HZ * 2 ** (band / BANDS_PER_OCTAVE)
