/** What audio, names and cover add to the log-odds (natural) that an item contains a recording. */
export interface ConfidenceWeights {
  /**
   * For each unit of log-odds that the audio's false-match probability is from one in a million, where audio alone is as
   * sure as anything is told to be.
   */
  readonly audio: number
  /** For each unit of the names' log-odds above 0 and below. */
  readonly namesFor: number
  readonly namesAgainst: number
  /** By relation of the covers. */
  readonly artwork: { readonly same: number; readonly similar: number; readonly different: number }
}

/** Made by `npm run bench -- confidence --fit`; not to be edited by hand. */
export const confidenceWeights: ConfidenceWeights = {
  audio: 1.746,
  namesFor: 0.417,
  namesAgainst: 0.165,
  artwork: { same: 1.863, similar: 0.932, different: -0.785 },
}
