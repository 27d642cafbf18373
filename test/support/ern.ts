import { readErn } from '../../services/catalog/import/ddex/ern.ts'
import type { ImportedRecording, RecordingEntry } from '../../services/catalog/import/entry.ts'
import type { WholeReading } from '../../services/catalog/import/reading.ts'
import { inPieces } from './mutate.ts'

/** Messages of DDEX ERN with invented parties, for tests. What is given as '' is left out. */

interface Parts43 {
  readonly root?: string
  readonly header?: string
  readonly parties?: string
  readonly resources?: string
  readonly releases?: string
  readonly deals?: string
}

const header = (control = ''): string => `<MessageHeader>
<MessageId>M-1</MessageId>
<MessageSender><PartyId>PADPIDA2007050901U</PartyId></MessageSender>
<MessageRecipient><PartyId>PADPIDA2007050901U</PartyId></MessageRecipient>
<MessageCreatedDateTime>2024-06-01T12:00:00Z</MessageCreatedDateTime>${control}
</MessageHeader>`

/** A header that says that the message is a test. */
export const testHeader = header('<MessageControlType>TestMessage</MessageControlType>')

const parties = `<PartyList>
<Party><PartyReference>P1</PartyReference><PartyName LanguageAndScriptCode="hi"><FullName>नमूना</FullName></PartyName><PartyName><FullName>The Samples</FullName></PartyName></Party>
<Party><PartyReference>P2</PartyReference><PartyName><FullName>Second Sample</FullName></PartyName></Party>
<Party><PartyReference>P3</PartyReference><PartyName><FullName>Example Records</FullName></PartyName></Party>
</PartyList>`

/** A recording of ERN 4.3 with everything that its schema calls for. */
export const recording43 = (
  number: number,
  { edition = '', more = '', isrc = `AA6Q7200000${number}`, element = 'SoundRecording' } = {},
): string => `<${element}>
<ResourceReference>A${number}</ResourceReference>
<Type>MusicalWorkSoundRecording</Type>
<${element}Edition><ResourceId><ISRC>${isrc}</ISRC><ProprietaryId Namespace="x">OWN-${number}</ProprietaryId></ResourceId>${edition}</${element}Edition>
<DisplayTitleText>Song ${number}</DisplayTitleText>
<DisplayTitle><TitleText>Song ${number}</TitleText></DisplayTitle>
<DisplayArtistName>The Samples</DisplayArtistName>
<DisplayArtist SequenceNumber="1"><ArtistPartyReference>P1</ArtistPartyReference><DisplayArtistRole>MainArtist</DisplayArtistRole></DisplayArtist>
<Duration>PT3M45.5S</Duration>
<ParentalWarningType>NotExplicit</ParentalWarningType>
${more}</${element}>`

/** A release of ERN 4.3 with these resources. */
export const release43 = (reference: string, resources: readonly string[], more = ''): string => `<Release>
<ReleaseReference>${reference}</ReleaseReference>
<ReleaseId><ICPN>190295810726</ICPN><GRid>A12425GABC1234002M</GRid><CatalogNumber>EX 1</CatalogNumber></ReleaseId>
<DisplayTitleText>Songs (Deluxe)</DisplayTitleText>
<DisplayTitle><TitleText>Songs</TitleText><SubTitle>Deluxe</SubTitle></DisplayTitle>
<ReleaseLabelReference>P3</ReleaseLabelReference>
<CLine><Year>2020</Year><CLineText>Example Records</CLineText></CLine>
<Genre><GenreText>Pop</GenreText></Genre>
<ReleaseDate>2020-01-31</ReleaseDate>
<ResourceGroup><ResourceGroup>
${resources.map((one) => `<ResourceGroupContentItem><ReleaseResourceReference>${one}</ReleaseResourceReference><LinkedReleaseResourceReference>A99</LinkedReleaseResourceReference></ResourceGroupContentItem>`).join('\n')}
</ResourceGroup></ResourceGroup>
${more}</Release>`

/** Deals of some releases, each by the inside of its terms. */
export const releaseDeal = (references: readonly string[], ...terms: readonly string[]): string =>
  `<ReleaseDeal>${references.map((one) => `<DealReleaseReference>${one}</DealReleaseReference>`).join('')}
${terms.map((one) => `<Deal><DealTerms>${one}</DealTerms></Deal>`).join('\n')}
</ReleaseDeal>`

/** The inside of terms: territories, and the first and last day. */
export const terms = (territories: readonly string[], start = '2020-01-01', end = ''): string =>
  `${territories.map((code) => `<TerritoryCode>${code}</TerritoryCode>`).join('')}<ValidityPeriod><StartDate>${start}</StartDate>${end && `<EndDate>${end}</EndDate>`}</ValidityPeriod>`

/** A NewReleaseMessage of ERN 4.3. */
export const message43 = (parts: Parts43 = {}): string => {
  const lists = {
    header: header(),
    parties,
    resources: recording43(1),
    releases: release43('R0', ['A1']),
    deals: releaseDeal(['R0'], terms(['Worldwide'])),
    root: 'xmlns:ern="http://ddex.net/xml/ern/43" AvsVersionId="3" LanguageAndScriptCode="en"',
    ...parts,
  }
  return `<?xml version="1.0" encoding="UTF-8"?>
<ern:NewReleaseMessage ${lists.root}>
${lists.header}
${lists.parties}
${lists.resources && `<ResourceList>\n${lists.resources}\n</ResourceList>`}
${lists.releases && `<ReleaseList>\n${lists.releases}\n</ReleaseList>`}
${lists.deals && `<DealList>\n${lists.deals}\n</DealList>`}
</ern:NewReleaseMessage>`
}

/** A NewReleaseMessage of ERN 3.8.2, where most stands in composites for territories. */
export const message38 = ({ controllers = '', dealTerms = '' } = {}): string => `<?xml version="1.0"?>
<ern:NewReleaseMessage xmlns:ern="http://ddex.net/xml/ern/382" MessageSchemaVersionId="ern/382">
${header()}
<UpdateIndicator>UpdateMessage</UpdateIndicator>
<WorkList><MusicalWork><MusicalWorkId><ISWC>T-034.524.680-1</ISWC></MusicalWorkId><MusicalWorkReference>W1</MusicalWorkReference></MusicalWork></WorkList>
<ResourceList>
<SoundRecording>
<SoundRecordingId><ISRC>AA6Q72000047</ISRC><ProprietaryId Namespace="x">OWN-47</ProprietaryId></SoundRecordingId>
<ResourceMusicalWorkReferenceList><ResourceMusicalWorkReference><ResourceMusicalWorkReference>W1</ResourceMusicalWorkReference></ResourceMusicalWorkReference></ResourceMusicalWorkReferenceList>
<ResourceReference>A1</ResourceReference>
<ReferenceTitle><TitleText>Old Song</TitleText><SubTitle>Live</SubTitle></ReferenceTitle>
<Duration>PT0H4M3S</Duration>
<SoundRecordingDetailsByTerritory>
<TerritoryCode>JP</TerritoryCode>
<DisplayArtistName>サンプル</DisplayArtistName>
</SoundRecordingDetailsByTerritory>
<SoundRecordingDetailsByTerritory>
<TerritoryCode>Worldwide</TerritoryCode>
<Title TitleType="DisplayTitle"><TitleText>Old Song (Live)</TitleText></Title>
<DisplayArtist SequenceNumber="2"><PartyName><FullName>Guest Sample</FullName></PartyName><ArtistRole>FeaturedArtist</ArtistRole></DisplayArtist>
<DisplayArtist SequenceNumber="1"><PartyName><FullName>The Samples</FullName></PartyName><ArtistRole>MainArtist</ArtistRole></DisplayArtist>
${controllers || '<RightsController><PartyName><FullName>Example Masters</FullName></PartyName><RightsControllerRole>RightsHolder</RightsControllerRole><RightSharePercentage>50.00</RightSharePercentage></RightsController>'}
<PLine><Year>1999</Year><PLineText>Example Records</PLineText></PLine>
<Genre><GenreText>Folk</GenreText></Genre>
<ParentalWarningType>Explicit</ParentalWarningType>
<TechnicalSoundRecordingDetails><IsPreview>true</IsPreview><File><FileName>clip.wav</FileName></File></TechnicalSoundRecordingDetails>
<TechnicalSoundRecordingDetails><IsPreview>false</IsPreview><File><FileName>1.flac</FileName><FilePath>resources/</FilePath><HashSum><HashSum>${'AB'.repeat(32)}</HashSum><HashSumAlgorithmType>SHA256</HashSumAlgorithmType></HashSum></File></TechnicalSoundRecordingDetails>
</SoundRecordingDetailsByTerritory>
</SoundRecording>
</ResourceList>
<ReleaseList>
<Release><ReleaseId><ISRC>AA6Q72000047</ISRC></ReleaseId><ReleaseReference>R1</ReleaseReference><ReferenceTitle><TitleText>Old Song</TitleText></ReferenceTitle>
<ReleaseResourceReferenceList><ReleaseResourceReference>A1</ReleaseResourceReference></ReleaseResourceReferenceList><ReleaseType>TrackRelease</ReleaseType></Release>
<Release IsMainRelease="true"><ReleaseId><ICPN>4006381333931</ICPN></ReleaseId><ReleaseReference>R0</ReleaseReference><ReferenceTitle><TitleText>Old Songs</TitleText></ReferenceTitle>
<ReleaseResourceReferenceList><ReleaseResourceReference>A1</ReleaseResourceReference></ReleaseResourceReferenceList><ReleaseType>Album</ReleaseType>
<ReleaseDetailsByTerritory><TerritoryCode>Worldwide</TerritoryCode><LabelName>Example Label</LabelName><ReleaseDate>1999-12-31</ReleaseDate></ReleaseDetailsByTerritory>
<CLine><Year>1999</Year><CLineText>1999 Example Records</CLineText></CLine></Release>
</ReleaseList>
<DealList>
${releaseDeal(['R0', 'R1'], dealTerms || '<ExcludedTerritoryCode>US</ExcludedTerritoryCode><ValidityPeriod><StartDate>2020-01-01</StartDate></ValidityPeriod>')}
</DealList>
</ern:NewReleaseMessage>`

/** A PurgeReleaseMessage with the inside of one ReleaseId. */
export const purge = (releaseId: string): string => `<?xml version="1.0"?>
<ern:PurgeReleaseMessage xmlns:ern="http://ddex.net/xml/ern/411" LanguageAndScriptCode="en">
${header()}
<PurgedRelease><ReleaseId>${releaseId}</ReleaseId></PurgedRelease>
</ern:PurgeReleaseMessage>`

/** Reads a message as it comes over a network. */
export const readMessage = (message: string | Buffer): Promise<WholeReading> => readErn(inPieces(message))

export const recordingsOf = ({ entries }: WholeReading): RecordingEntry[] =>
  entries.filter((entry) => entry.kind === 'recording')

/** The only recording of a message that has one. */
export async function recordingOf(message: string): Promise<ImportedRecording> {
  const { entries } = await readMessage(message)
  const [entry, ...others] = entries
  if (entry?.kind !== 'recording' || others.length > 0)
    throw new Error(`not one recording: ${JSON.stringify(entries)}`)
  return entry.recording
}

/** What is wrong with a message, as `line column code`. */
export const errorsOf = ({ entries }: WholeReading): string[] =>
  entries.flatMap((entry) =>
    entry.kind === 'error' ? entry.errors.map(({ row, column, code }) => `${row} ${column} ${code}`) : [],
  )
