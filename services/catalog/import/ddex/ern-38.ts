import {
  artistOf,
  fileOf,
  ownWords,
  partyName,
  resourceReferences,
  rightsLine,
  territoriesOf,
  textsAt,
} from './elements.ts'
import type { ErnController, ErnFile, ErnRelease, ErnResource } from './message.ts'
import { EARLIEST, LATEST } from './period.ts'
import { childrenOf, elementsAt, textAt, type XmlElement } from './xml.ts'

/** What must be there by the schema of ERN 3.8 for a recording to be told from others. */
const required = (element: string): readonly string[] => [
  'ResourceReference',
  `${element}Id`,
  'ReferenceTitle',
]

/** Composites for territories: that for the whole world, where there is one, says what the others do not. */
const byTerritory = (element: XmlElement, name: string): readonly XmlElement[] =>
  childrenOf(element, name).toSorted((a, b) => Number(isWorldwide(b)) - Number(isWorldwide(a)))

const isWorldwide = (details: XmlElement): boolean => textAt(details, 'TerritoryCode') === 'Worldwide'

/** The children of the first composite that has any of this name. */
const firstOf = (composites: readonly XmlElement[], name: string): readonly XmlElement[] =>
  composites.map((composite) => childrenOf(composite, name)).find((children) => children.length > 0) ?? []

/** Reads a SoundRecording or Video of ERN 3.8. Most of it stands in composites for one or more territories. */
export function readResource38(element: XmlElement): readonly ErnResource[] {
  const details = byTerritory(element, `${element.name}DetailsByTerritory`)
  const [id] = childrenOf(element, `${element.name}Id`)
  const [title] = [...childrenOf(element, 'ReferenceTitle'), ...firstOf(details, 'Title')]
  const [pLine] = [...firstOf(details, 'PLine'), ...childrenOf(element, 'PLine')]
  return [
    {
      line: element.line,
      element: element.name,
      reference: textAt(element, 'ResourceReference'),
      missing: required(element.name).filter((name) => childrenOf(element, name).length === 0),
      isrc: textAt(id, 'ISRC'),
      ownId: textAt(id, 'ProprietaryId'),
      iswcs: [],
      workReferences: textsAt(
        element,
        'ResourceMusicalWorkReferenceList',
        'ResourceMusicalWorkReference',
        'ResourceMusicalWorkReference',
      ),
      title: textAt(title, 'TitleText'),
      subTitles: textsAt(title, 'SubTitle'),
      versionTypes: childrenOf(element, 'VersionType').map(ownWords),
      artists: firstOf(details, 'DisplayArtist').map((artist) => ({
        ...artistOf(artist, 'ArtistRole'),
        name: partyName(artist),
      })),
      displayArtist: firstOf(details, 'DisplayArtistName')[0]?.text,
      duration: textAt(element, 'Duration'),
      pLine: rightsLine(pLine, 'PLineText'),
      pLineCompany: textAt(pLine, 'PLineCompany'),
      language: textAt(element, 'LanguageOfPerformance'),
      genre: textAt(firstOf(details, 'Genre')[0], 'GenreText'),
      parentalWarnings: details.flatMap((one) => textsAt(one, 'ParentalWarningType')),
      controllers: details.flatMap(controllersOf),
      file: deliveredFile(details, `Technical${element.name}Details`),
    },
  ]
}

/** Who has the rights in the territories of a composite. */
function controllersOf(details: XmlElement): ErnController[] {
  const { set, doubts } = territoriesOf(details, 'TerritoryCode', 'ExcludedTerritoryCode')
  const unlimited = doubts.length === 0 && set.worldwide && set.codes.size === 0
  return childrenOf(details, 'RightsController').map((controller) => ({
    name: partyName(controller),
    roles: textsAt(controller, 'RightsControllerRole'),
    sharePercent: textAt(controller, 'RightSharePercentage'),
    granted: unlimited ? undefined : [{ territories: set, period: { from: EARLIEST, to: LATEST } }],
  }))
}

/** The audio itself and not a preview of it. */
function deliveredFile(details: readonly XmlElement[], name: string): ErnFile | undefined {
  const technical = details
    .flatMap((one) => childrenOf(one, name))
    .filter((one) => textAt(one, 'IsPreview') !== 'true')
  for (const file of technical.flatMap((one) => childrenOf(one, 'File'))) {
    const folder = textAt(file, 'FilePath')?.replace(/\/*$/, '/') ?? ''
    const path = textAt(file, 'FileName')
    if (path !== undefined)
      return fileOf(`${folder}${path}`, childrenOf(file, 'HashSum')[0], 'HashSumAlgorithmType', 'HashSum')
  }
  return undefined
}

/** Reads a Release of ERN 3.8, where a track that can be sold alone is a release as well. */
export function readRelease38(element: XmlElement): ErnRelease {
  const details = byTerritory(element, 'ReleaseDetailsByTerritory')
  const [title] = [...childrenOf(element, 'ReferenceTitle'), ...firstOf(details, 'Title')]
  const [cLine] = [...childrenOf(element, 'CLine'), ...firstOf(details, 'CLine')]
  const types = [...textsAt(element, 'ReleaseType'), ...details.flatMap((one) => textsAt(one, 'ReleaseType'))]
  return {
    reference: textAt(element, 'ReleaseReference'),
    main: element.attributes.get('IsMainRelease') === 'true' || !types.includes('TrackRelease'),
    resourceReferences: resourceReferences(element),
    title:
      [textAt(title, 'TitleText'), textsAt(title, 'SubTitle').map((text) => `(${text})`)].flat().join(' ') ||
      undefined,
    upc: textAt(element, 'ReleaseId', 'ICPN'),
    grid: textAt(element, 'ReleaseId', 'GRid'),
    catalogNumber: textAt(element, 'ReleaseId', 'CatalogNumber'),
    label: { name: firstOf(details, 'LabelName')[0]?.text },
    releaseDate:
      firstOf(details, 'ReleaseDate')[0]?.text ??
      textAt(element, 'GlobalReleaseDate') ??
      firstOf(details, 'OriginalReleaseDate')[0]?.text ??
      textAt(element, 'GlobalOriginalReleaseDate'),
    cLine: rightsLine(cLine, 'CLineText'),
    genre: textAt(firstOf(details, 'Genre')[0], 'GenreText'),
  }
}

/** A musical work of the list that only ERN 3.8 has: the reference of recordings to it, and its ISWC. */
export const readWork38 = (
  element: XmlElement,
): { reference: string | undefined; iswc: string | undefined } => ({
  reference: textAt(element, 'MusicalWorkReference'),
  iswc: elementsAt(element, 'MusicalWorkId', 'ISWC')[0]?.text,
})
