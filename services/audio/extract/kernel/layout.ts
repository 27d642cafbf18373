/*
 * Sizes, and where things lie in the kernel's memory. Two compilers read this file, TypeScript's and
 * AssemblyScript's (which takes whole numbers for 32-bit integers): nothing but whole numbers, and no imports.
 */

/** Samples under one transform (5.9 s). Long, so that one transform serves hundreds of frames of all bands. */
export const BLOCK_SAMPLES = 65_536

/** Samples between two frames: `HOP_SAMPLES` of constants.ts, which this file cannot import. */
export const FRAME_SAMPLES = 128

/** Bands of the spectrogram: `BAND_COUNT` of constants.ts. */
export const BANDS = 235

/** Bands are made four at a time, one in each lane of a 128-bit register; the last group has one to spare. */
export const LANES = 4
export const GROUPS = 59

/** Length of a row of cells: every band, and the spare one, which is always empty. */
export const ROW_CELLS = 236

/** Samples, and frames, at either end of a block that only absorb the wrap-around of the circular convolution. */
export const GUARD_SAMPLES = 8_192
export const GUARD_FRAMES = 64

/** Samples, and frames, that a block adds. */
export const BLOCK_STEP_SAMPLES = 49_152
export const BLOCK_FRAMES = 384

/** A peak is the maximum of a rectangle that reaches so far from it: 94 ms and 1.7 semitones. */
export const REACH_FRAMES = 8
export const REACH_BANDS = 5

/** Rows that are kept from block to block, since peaks on either side need them. */
export const CARRIED_FRAMES = 16
export const ROWS_MAX = 400

/** Lines of a block's spectrum: half as many as samples. */
export const LINES = 32_768
/** The block's transform is made of four of this length … */
export const QUARTER = 8_192
/** … and a band's transform has this length. Both are 8 times a power of 4. */
export const BAND_LENGTH = 512
/** Lines below this are not made; the lowest band begins far above it. */
export const LINE_LOWEST = 4

/** Two neighbouring cells cannot both be peaks, so there are at most so many. */
export const PEAKS_MAX = 23_600

/** Room to rank peaks: those of all rows, of what is in reach before them, and some to spare. */
export const RANKED_MAX = 32_768

/** A peak in one number: its row above, its band in the lowest eight bits. */
export const PEAK_BAND_BITS = 8

/** Twiddles of all steps of a transform of `QUARTER`, three complex numbers for each of QUARTER / 3 butterflies. */
export const TWIDDLES_LENGTH = 16_368
/** Twiddles that join the four quarters: three complex numbers for each line of a quarter. */
export const JOIN_LENGTH = 49_152
/** Twiddles that take even and odd samples apart: one complex number for each line. */
export const UNPACK_LENGTH = 65_536
/** Room for the weights of all bands. */
export const WEIGHTS_LENGTH = 163_840
/** For each group: the first line of its four bands, and how many lines are weighed. */
export const GROUP_NUMBERS = 5
export const PLAN_LENGTH = 295

/* Addresses in bytes. The first kilobyte is AssemblyScript's own. */

export const SAMPLES_AT = 1_024
export const FIRST_RE_AT = SAMPLES_AT + 4 * BLOCK_SAMPLES
export const FIRST_IM_AT = FIRST_RE_AT + 4 * LINES
export const SECOND_RE_AT = FIRST_IM_AT + 4 * LINES
export const SECOND_IM_AT = SECOND_RE_AT + 4 * LINES
export const BAND_FIRST_RE_AT = SECOND_IM_AT + 4 * LINES
export const BAND_FIRST_IM_AT = BAND_FIRST_RE_AT + 16 * BAND_LENGTH
export const BAND_SECOND_RE_AT = BAND_FIRST_IM_AT + 16 * BAND_LENGTH
export const BAND_SECOND_IM_AT = BAND_SECOND_RE_AT + 16 * BAND_LENGTH
export const CELLS_AT = BAND_SECOND_IM_AT + 16 * BAND_LENGTH
export const FLOORS_AT = CELLS_AT + 4 * ROWS_MAX * ROW_CELLS
export const PEAKS_AT = FLOORS_AT + 4 * ROWS_MAX
export const SUMS_AT = PEAKS_AT + 4 * PEAKS_MAX
export const TWIDDLES_AT = SUMS_AT + 64
export const JOIN_AT = TWIDDLES_AT + 4 * TWIDDLES_LENGTH
export const UNPACK_AT = JOIN_AT + 4 * JOIN_LENGTH
export const WEIGHTS_AT = UNPACK_AT + 4 * UNPACK_LENGTH
export const PLAN_AT = WEIGHTS_AT + 4 * WEIGHTS_LENGTH
export const RANKED_TIMES_AT = PLAN_AT + 4 * PLAN_LENGTH + 4
export const RANKED_BINS_AT = RANKED_TIMES_AT + 4 * RANKED_MAX
export const RANKED_LEVELS_AT = RANKED_BINS_AT + 4 * RANKED_MAX
export const RANKED_RADII_AT = RANKED_LEVELS_AT + 4 * RANKED_MAX
export const MEMORY_BYTES = RANKED_RADII_AT + 4 * RANKED_MAX
