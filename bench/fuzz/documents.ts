import type { ImportKind } from '../../services/catalog/import/import.ts'
import {
  message38,
  message43,
  purge,
  recording43,
  release43,
  releaseDeal,
  terms,
} from '../../test/support/ern.ts'
import { mutate } from '../../test/support/mutate.ts'

/** Columns of every kind of value, each cell in quotes, so that `mutate` finds where values are. */
const wideTable = `"Title","Version","Artist","Featured","ISRC","ISWC","Duration","Album","UPC","GRid","Catalog Number","Label","Release Date","P Year","P Line","C Line","Genre","Language","Explicit","Custom ID","Role","Share Percent","Territories","Excluded Territories","Valid From","Valid To","Policy","Authorised URLs"
"Monsoon Letters","Live","The Samples","A Guest","AA6Q72000047","T0345246801","3:45","Letters","036000291452","","EX 1","Example Records","2020-01-31","2020","Example Records","2020 Example Records","Pop","hi","no","OWN-1","owner","62.5","Worldwide","DE|AT","2020-01-01","2030-12-31","monitor","https://video.example/c/ours"
"Winter Tales","","The Samples|Second Sample","","AA-6Q7-20-00048","","225","Letters","036000291452","","","Example Records","31/01/2020","","","","Rock","English","explicit","OWN-2","exclusive licensee","100 %","DE,AT,CH","","","","block",""
"सुबह की धुन","Remix","Ångström","","","","PT3M5S","","","","","","","","","","","","","","","","","","","","",""
"Harbour ""Lights""","","O'Sample
Trio","","","","4:01","Harbour","","","","","2021","","","","","","","","agent","33.333","EU","FR","","","allow",""
"Monsoon Letters","Live","The Samples","A Guest","AA6Q72000047","","","","","","","","","","","","","","","","","","","","","","",""
`

const plainTable = Buffer.from(
  'Titel;Künstler;ISRC;Dauer;Verlag\nSong;Band;AA6Q72000051;3:45;Haus\nÜber;Söhne;;2:01;Haus\nÜber;Andere;;;\n',
  'latin1',
)

/** As the web service of MusicBrainz answers, of invented recordings. */
const recordings = JSON.stringify(
  {
    recordings: [
      {
        id: '5d9e9f0c-0d6a-4a3b-9a57-000000000001',
        title: 'Monsoon Letters',
        disambiguation: 'live',
        length: 225_000,
        'artist-credit': [
          { name: 'The Samples', joinphrase: ' feat. ', artist: { name: 'The Samples' } },
          { name: 'A Guest', joinphrase: '' },
        ],
        isrcs: ['AA6Q72000047', 'AA6Q72000049'],
        genres: [{ name: 'pop', count: 3 }],
        releases: [
          {
            title: 'Letters',
            barcode: '036000291452',
            date: '2020-01-31',
            'label-info': [{ 'catalog-number': 'EX 1', label: { name: 'Example Records' } }],
          },
        ],
        relations: [{ work: { iswcs: ['T-034.524.680-1'], language: 'hin' } }],
      },
      { title: 'Winter Tales', 'artist-credit': [{ name: 'The Samples' }], length: null, isrcs: [] },
    ],
  },
  null,
  1,
)
const release = JSON.stringify(
  {
    title: 'Harbour',
    barcode: '4006381333931',
    media: [
      {
        tracks: [
          {
            recording: {
              title: 'Harbour Lights',
              'artist-credit': [{ name: 'Trio' }],
              isrcs: ['AA6Q72000052'],
            },
          },
          { recording: { title: 'Harbour Nights', 'artist-credit': [{ name: 'Trio' }], length: 181_500 } },
        ],
      },
    ],
  },
  null,
  1,
)

const messages = [
  message43({
    resources: [recording43(1), recording43(2), recording43(3, { element: 'Video' })].join('\n'),
    releases: release43('R0', ['A1', 'A2', 'A3']),
    deals: releaseDeal(['R0'], terms(['DE', 'AT'], '2020-01-01', '2029-12-31'), terms(['Worldwide'])),
  }),
  message38(),
  purge('<ICPN>190295810726</ICPN>'),
]

const bases: Readonly<Record<ImportKind, readonly Buffer[]>> = {
  csv: [Buffer.from(wideTable), plainTable],
  ern: messages.map((message) => Buffer.from(message)),
  musicbrainz: [Buffer.from(recordings), Buffer.from(release)],
}

/**
 * A catalogue that was changed in a few places, the same for the same number. One in fifty is as it should be.
 *
 * @param number from 0. Each message has its own id: one that came before would not be read again.
 */
export function spoiled(kind: ImportKind, number: number): Buffer {
  const documents = bases[kind]
  const document = documents[number % documents.length] ?? Buffer.of()
  const own =
    kind === 'ern'
      ? Buffer.from(document.toString().replace('<MessageId>M-1<', `<MessageId>M-${number}<`))
      : document
  return number % 50 === 0 ? own : mutate(own, number)
}
