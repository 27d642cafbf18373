import type { LevelOf, NameField } from './name-levels.ts'

/** Natural log-odds that each level of each field adds. */
export type NameWeights = { readonly [Field in NameField]: { readonly [Level in LevelOf<Field>]: number } }

/** How many recordings the catalogue had among which the weights were fitted. */
export const FITTED_RECORDINGS = 20_000

/** Log-odds that any one of so many recordings is the one that is meant, before a field is compared. */
export const PRIOR_LOG_ODDS = -9.18

/**
 * From this probability on, a claim is taken for ours: where precision passes 99 % on pairs like those that the weights
 * were fitted on.
 */
export const ACCEPTED_PROBABILITY = 0.65

/** Made by `npm run bench -- metadata --fit`; not to be edited by hand. */
export const nameWeights: NameWeights = {
  isrc: { equal: 10.23, differs: -2.8 },
  upc: { equal: 3.11, differs: 0 },
  title: {
    'equal-long': 7.87,
    equal: 7.8,
    near: 6.66,
    close: 5.52,
    part: 4.7,
    some: 1.66,
    'other-script': -4.02,
    other: -4.8,
  },
  artists: { equal: 6.54, near: 6.82, shared: 5.42, partly: 3.81, 'other-script': -2.81, other: -2.66 },
  version: { agreed: 1.33, edit: -0.41, derivative: 0.26, unsaid: -7.64, other: -11.22 },
  duration: {
    equal: 3.45,
    near: 1.22,
    close: -0.06,
    off: -2.4,
    far: -2.06,
    scaled: 0.81,
    'not-scaled': -0.55,
  },
  release: { equal: 0.28, near: -0.03, other: 0 },
  year: { equal: 1.14, near: -0.05, other: -1.02 },
}
