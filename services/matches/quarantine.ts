/** So many cases of one recording in a day are more than one that is stolen gets, and as many as a person can look at. */
export const FLOOD_CASES_MAX = 200

/** How far back the cases of one recording are counted. */
export const FLOOD_HOURS = 24

/** How often a recording opened cases of late. */
export interface Firing {
  /** Cases of the last `FLOOD_HOURS` that were not set aside, since a person looked at a flood of it and lifted the quarantine. */
  readonly opened: number
  /** There are cases of it in quarantine. */
  readonly quarantined: boolean
}

/**
 * Whether a further case goes into quarantine: a reference that suddenly fires everywhere is more likely wrong (silence,
 * a common sample, a test tone) than stolen. Once it did, everything of it waits until a person has looked.
 */
export const isFlood = ({ opened, quarantined }: Firing): boolean => quarantined || opened > FLOOD_CASES_MAX
