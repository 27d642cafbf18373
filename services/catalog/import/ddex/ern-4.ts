import {
  artistOf,
  fileOf,
  ownWords,
  preferred,
  resourceReferences,
  rightsLine,
  termsOf,
  territoriesOf,
  textsAt,
} from './elements.ts'
import type { ErnController, ErnFile, ErnRelease, ErnResource } from './message.ts'
import { childrenOf, elementsAt, textAt, type XmlElement } from './xml.ts'

/** What a recording must have by the schema of ERN 4.3, as paths; in it, an edition has the identifiers. */
const required43 = (element: string): readonly string[] => [
  'ResourceReference',
  'Type',
  `${element}Edition/ResourceId`,
  'DisplayTitleText',
  'DisplayTitle',
  'DisplayArtistName',
  'DisplayArtist',
  'Duration',
  'ParentalWarningType',
]

/** What must be there in ERN 4.1 and 4.2 for a recording to be told from others. */
const required41 = ['ResourceReference', 'Type', 'ResourceId']

/**
 * Reads a SoundRecording or Video of ERN 4.1, 4.2 or 4.3. From 4.3 on it has editions, such as stereo and immersive; each
 * with an ISRC of its own is a recording of its own.
 */
export function readResource4(element: XmlElement, version: string): readonly ErnResource[] {
  const missing = (version.startsWith('43') ? required43(element.name) : required41).filter(
    (path) =>
      !elementsAt(element, ...path.split('/')).some(
        ({ text, children }) => text !== '' || children.length > 0,
      ),
  )
  const shared = { ...titleOf(element), ...creditsOf(element), missing }
  const editions = childrenOf(element, `${element.name}Edition`)
  const [first = element, ...others] = editions
  const known = new Set([textAt(first, 'ResourceId', 'ISRC')])
  const separate = others.filter((edition) => {
    const isrc = textAt(edition, 'ResourceId', 'ISRC')
    return isrc !== undefined && !known.has(isrc) && known.add(isrc)
  })
  return [first, ...separate].map((edition) => ({
    ...shared,
    ...editionOf(edition, element),
    line: edition === first ? element.line : edition.line,
    element: element.name,
    reference: textAt(element, 'ResourceReference'),
  }))
}

/** What belongs to an edition in 4.3 and to the recording before; what an edition lacks, the recording may have. */
const editionOf = (
  edition: XmlElement,
  recording: XmlElement,
): Pick<ErnResource, 'isrc' | 'ownId' | 'pLine' | 'pLineCompany' | 'file'> => {
  const pLine = childrenOf(edition, 'PLine')[0] ?? childrenOf(recording, 'PLine')[0]
  return {
    isrc: textAt(edition, 'ResourceId', 'ISRC') ?? textAt(recording, 'ResourceId', 'ISRC'),
    ownId: textAt(edition, 'ResourceId', 'ProprietaryId') ?? textAt(recording, 'ResourceId', 'ProprietaryId'),
    pLine: rightsLine(pLine, 'PLineText'),
    pLineCompany: textAt(pLine, 'PLineCompany'),
    file: deliveredFile(edition) ?? deliveredFile(recording),
  }
}

const titleOf = (
  element: XmlElement,
): Pick<ErnResource, 'title' | 'subTitles' | 'versionTypes' | 'language' | 'genre' | 'duration'> => {
  const title = preferred(childrenOf(element, 'DisplayTitle'))
  return {
    title: textAt(title, 'TitleText') ?? preferred(childrenOf(element, 'DisplayTitleText'))?.text,
    subTitles: textsAt(title, 'SubTitle'),
    versionTypes: childrenOf(element, 'VersionType').map(ownWords),
    language: textAt(element, 'LanguageOfPerformance'),
    genre: textAt(element, 'Genre', 'GenreText'),
    duration: textAt(element, 'Duration'),
  }
}

const creditsOf = (
  element: XmlElement,
): Pick<
  ErnResource,
  'artists' | 'displayArtist' | 'controllers' | 'iswcs' | 'workReferences' | 'parentalWarnings'
> => ({
  artists: childrenOf(element, 'DisplayArtist').map((artist) => ({
    ...artistOf(artist, 'DisplayArtistRole'),
    reference: textAt(artist, 'ArtistPartyReference'),
  })),
  displayArtist: preferred(childrenOf(element, 'DisplayArtistName'))?.text,
  controllers: childrenOf(element, 'ResourceRightsController').map(controllerOf),
  iswcs: textsAt(element, 'WorkId', 'ISWC'),
  workReferences: [],
  parentalWarnings: textsAt(element, 'ParentalWarningType'),
})

/** Rights that the controller delegates limit what the sender has: where they are delegated, and for how long. */
const controllerOf = (controller: XmlElement): ErnController => {
  const delegated = childrenOf(controller, 'DelegatedUsageRights').filter(
    (rights) =>
      childrenOf(rights, 'TerritoryOfRightsDelegation').length > 0 ||
      childrenOf(rights, 'PeriodOfRightsDelegation').length > 0,
  )
  return {
    reference: textAt(controller, 'RightsControllerPartyReference'),
    roles: textsAt(controller, 'RightsControlType'),
    sharePercent: textAt(controller, 'RightSharePercentage'),
    granted:
      delegated.length === 0
        ? undefined
        : delegated.flatMap((rights) => {
            const { set } = territoriesOf(
              rights,
              'TerritoryOfRightsDelegation',
              'ExcludedTerritoryOfRightsDelegation',
            )
            return termsOf(set, [childrenOf(rights, 'PeriodOfRightsDelegation')[0]]).terms
          }),
  }
}

/** The audio itself and not a clip of it. */
const deliveredFile = (element: XmlElement): ErnFile | undefined => {
  const details = childrenOf(element, 'TechnicalDetails').filter(
    (one) => textAt(one, 'IsClip') !== 'true' && textAt(one, 'IsPreview') !== 'true',
  )
  const files = details.flatMap((one) => [
    ...elementsAt(one, 'DeliveryFile', 'File'),
    ...childrenOf(one, 'File'),
  ])
  for (const file of files) {
    const path = textAt(file, 'URI')
    if (path !== undefined) return fileOf(path, childrenOf(file, 'HashSum')[0], 'Algorithm', 'HashSumValue')
  }
  return undefined
}

/** Reads a Release or TrackRelease of ERN 4. */
export function readRelease4(element: XmlElement): ErnRelease {
  const title = preferred(childrenOf(element, 'DisplayTitle'))
  const whole = preferred(childrenOf(element, 'DisplayTitleText'))?.text
  return {
    reference: textAt(element, 'ReleaseReference'),
    main: element.name === 'Release',
    resourceReferences: resourceReferences(element),
    title: whole ?? textAt(title, 'TitleText'),
    upc: textAt(element, 'ReleaseId', 'ICPN'),
    grid: textAt(element, 'ReleaseId', 'GRid'),
    catalogNumber: textAt(element, 'ReleaseId', 'CatalogNumber'),
    label: { reference: preferred(childrenOf(element, 'ReleaseLabelReference'))?.text },
    releaseDate: textAt(element, 'ReleaseDate') ?? textAt(element, 'OriginalReleaseDate'),
    cLine: rightsLine(childrenOf(element, 'CLine')[0], 'CLineText'),
    genre: textAt(element, 'Genre', 'GenreText') ?? textAt(element, 'DisplayGenre', 'GenreText'),
  }
}
