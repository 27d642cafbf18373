/** A place in a page where something is played; `texts` are addresses as they are written. */
export interface PagePlayer {
  readonly sources: {
    readonly text: string
    readonly type: string | undefined
    /** Text in time with it: lyrics, chapters. */
    readonly isTrack: boolean
  }[]
  /** An embedded document is worth asking for whatever its address looks like. */
  readonly embedded: boolean
  readonly title: string | undefined
  readonly startS: number | undefined
}

export interface PageLink {
  readonly text: string
  /** Its own words, as far as they are kept. */
  title: string
  /** What it is called where it has no words. */
  readonly label: string | undefined
  readonly type: string | undefined
  /** The page says that it is a file. */
  readonly isDownload: boolean
}

/** What a page names, as it is written there, each kind in its order. */
export interface PageParts {
  base: string | undefined
  readonly players: PagePlayer[]
  readonly links: PageLink[]
  /** Metadata for other sites: `og:audio` and its like, by their names. */
  readonly previews: { readonly property: string; readonly text: string }[]
  readonly lists: { readonly name: string; readonly text: string; readonly title: string | undefined }[]
  readonly covers: string[]
  /** Texts of JSON-LD scripts. */
  readonly described: string[]
  /** Where the page sends its reader on to. */
  readonly refreshes: string[]
  /** Why not all of the page was read. */
  fault: 'many' | 'deep' | undefined
}

export const emptyParts = (): PageParts => ({
  base: undefined,
  players: [],
  links: [],
  previews: [],
  lists: [],
  covers: [],
  described: [],
  refreshes: [],
  fault: undefined,
})
