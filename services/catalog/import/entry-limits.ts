/**
 * What is kept of a recording at most, in characters and values: what `NewRecording` takes, and for fields that it does not
 * have, ten times what is usual.
 */
export const entryLimits = {
  titleCharacters: 500,
  versionCharacters: 200,
  artists: 50,
  artistCharacters: 300,
  rightsHolderCharacters: 300,
  lineCharacters: 300,
  labelCharacters: 300,
  catalogNumberCharacters: 100,
  genreCharacters: 100,
  /** The longest language tag that BCP 47 asks programs to take. */
  languageCharacters: 35,
  ownIdCharacters: 200,
  /** No recording is longer than a day. */
  durationMs: 86_400_000,
  /** Addresses and channels together. */
  authorised: 200,
  /** What browsers take as an address. */
  addressCharacters: 2048,
  /** Of most file systems. */
  pathCharacters: 1024,
  /** Every country by its name is under 4,000. */
  territoriesCharacters: 10_000,
} as const
