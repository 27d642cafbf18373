/**
 * What a column can be taken for, with the headings under which distributors, labels and music programs write it; our own
 * name is always one of them. Compared by `headingKey`, so case, spaces, accents and punctuation do not matter.
 * `|` stands between headings.
 */
const headings = {
  title:
    'Track Title|Song Title|Track Name|Song Name|Recording Title|Track|Song|Title|Name|Song/Track Title|Asset Title' +
    '|Titel|Songtitel|Tracktitel|Liedtitel|Titre|Titre du morceau|Titre de la piste|Nom de la piste' +
    '|Título|Título de la canción|Título de la pista|Canción|Nombre de la pista',
  artist:
    'Track Artist|Track Artists|Song Artist|Recording Artist|Primary Artist|Primary Artists|Main Artist|Main Artists' +
    '|Track Primary Artist|Track Main Artist|Display Artist|Track Display Artist|Artist Name|Artist Names|Artist|Artists' +
    '|Performer|Performers|Band|Artist(s)|Interpret|Interpreten|Künstler|Kuenstler|Künstlername|Hauptkünstler' +
    '|Artiste|Artistes|Artiste principal|Nom de l’artiste|Interprète|Artista|Artistas|Artista principal' +
    '|Nombre del artista|Intérprete',
  featured:
    'Featured|Featured Artist|Featured Artists|Featuring|Featuring Artist|Featuring Artists|Feat|Ft|Guest Artist' +
    '|Guest Artists|Track Featured Artist|Track Featuring Artist|Gastkünstler|Artiste invité|Artistes invités|Artista invitado',
  remixer: 'Remixer|Remixers|Remix Artist|Remixed By|Track Remixer|Remixeur|Remezclador',
  version:
    'Version|Track Version|Mix Name|Mix|Mix Version|Version Title|Version Name|Track Version Title|Subtitle|Sub Title' +
    '|Track Subtitle|Title Version|Song Version|Fassung|Untertitel|Titelversion|Sous-titre|Versión|Subtítulo',
  isrc: 'ISRC|ISRC Code|Track ISRC|Recording ISRC|ISRC Number|ISRC-Code|Code ISRC|Código ISRC',
  iswc: 'ISWC|ISWC Code|Work ISWC|Code ISWC|Código ISWC',
  upc:
    'UPC|EAN|Barcode|UPC/EAN|EAN/UPC|UPC Code|EAN Code|GTIN|ICPN|JAN|Release UPC|Album UPC|Product UPC|UPC/EAN/JAN' +
    '|Album UPC/EAN|Release Barcode|Bar Code|EAN-13|EAN13|UPC/EAN Code|Strichcode|Code-barres|Code barre|Código de barras',
  grid: 'GRid|GRid Code|Release GRid',
  label:
    'Label|Label Name|Record Label|Release Label|Album Label|Track Label|Imprint|Labelname|Plattenlabel|Plattenfirma' +
    '|Maison de disques|Nom du label|Sello|Sello discográfico|Discográfica|Nombre del sello',
  catalog_number:
    'Catalog Number|Catalogue Number|Catalog #|Cat #|Cat No|Cat. Number|Catalog No|Catalogue No|Catalog|Catalog ID' +
    '|Cat. ID|Cat|Product Code|Release Catalog Number|Album Catalog Number|Katalognummer|Katalog-Nr|Kat.-Nr' +
    '|Numéro de catalogue|Référence catalogue|Número de catálogo',
  release_title:
    'Release Title|Release Name|Release|Album|Album Title|Album Name|Product Title|Product Name|Collection Title' +
    '|Albumtitel|Albumname|Titre de l’album|Nom de l’album|Titre album|Álbum|Título del álbum|Nombre del álbum',
  release_date:
    'Release Date|Original Release Date|Street Date|Album Release Date|Product Release Date|Date Released|Published Date' +
    '|Digital Release Date|Consumer Release Date|First Release Date|Veröffentlichungsdatum|Erscheinungsdatum' +
    '|Veröffentlichung|VÖ|VÖ-Datum|Date de sortie|Date de parution|Fecha de lanzamiento|Fecha de publicación',
  duration:
    'Duration|Track Duration|Track Length|Length|Running Time|Playing Time|Run Time|Runtime|Track Time|Time|Song Length' +
    '|Song Duration|Duration (mm:ss)|Duration (s)|Duration in seconds|Dauer|Spieldauer|Spielzeit|Laufzeit|Länge' +
    '|Durée|Duración',
  duration_ms:
    'Duration ms|Duration (ms)|Duration in ms|Duration milliseconds|Duration in milliseconds|Track Duration (ms)' +
    '|Length ms|Length (ms)|Length in milliseconds|Track Length (ms)|Dauer (ms)|Durée (ms)|Duración (ms)',
  rights_holder:
    'Rights Holder|Rightsholder|Rights Owner|Right Holder|Copyright Owner|Copyright Holder|Master Owner|Master Rights Owner' +
    '|Master Rights Holder|Sound Recording Owner|Owner|Recording Owner|Licensor|Rechteinhaber|Ayant droit|Titulaire des droits' +
    '|Titular de los derechos|Titular',
  p_year: 'P Year|(P) Year|℗ Year|Track P Year|P-Jahr|(P) Jahr|Année (P)|Año (P)',
  p_line:
    'P Line|(P) Line|℗ Line|℗|(P)|PLine|P Line Text|P Line Owner|P Name|(P) Name|Phonographic Copyright|Track P Line' +
    '|Phonogram Copyright|Sound Recording Copyright|P Copyright|P Info|P Notice|(P) Copyright|P-Zeile|Ligne P|Línea P',
  c_year: 'C Year|(C) Year|© Year|Copyright Year|C-Jahr|Année (C)|Año (C)',
  c_line:
    'C Line|(C) Line|© Line|©|(C)|CLine|C Line Text|C Line Owner|C Name|(C) Name|Copyright|Copyright Line|C Copyright|C Info' +
    '|C Notice|(C) Copyright|C-Zeile|Ligne C|Línea C|Derechos de autor',
  explicit:
    'Explicit|Parental Advisory|Explicit Lyrics|Explicit Content|Is Explicit|Advisory|Parental Warning|Explicit Flag' +
    '|Parental Warning Type|Track Parental Advisory|Explicit?|Parental Advisory Flag|Jugendschutz|Explizit|Explicite' +
    '|Contenu explicite|Explícito|Contenido explícito',
  language:
    'Language|Track Language|Lyrics Language|Audio Language|Language of Lyrics|Lyric Language|Vocal Language' +
    '|Language Code|Song Language|Metadata Language|Sprache|Gesangssprache|Langue|Idioma|Lengua',
  genre: 'Genre|Main Genre|Primary Genre|Genre 1|Track Genre|Album Genre|Style|Musikrichtung|Género',
  role: 'Role|Rights Role|Rights Type|Ownership Type|Right Role|Control Type',
  share_percent:
    'Share Percent|Share|Share %|Ownership %|Ownership|Ownership Share|Master Share|Percentage|Rights Share|Rights %' +
    '|Ownership Percentage|Anteil|Anteil %|Part|Part %|Porcentaje|Participación',
  territories:
    'Territories|Territory|Rights Territories|Rights Territory|Countries|Included Territories|Included Countries' +
    '|Territories of Rights|Ownership Territories|Sales Territories|Release Territories|Available Countries' +
    '|Territory Codes|Delivery Territories|Länder|Gebiete|Gebiet|Territorien|Territoires|Pays|Territorios|Países',
  excluded_territories:
    'Excluded Territories|Excluded Countries|Excluded Territory|Territories Excluded|Countries Excluded|Excludes' +
    '|Except Territories|Excluding Territories|Restricted Territories|Exclusions|Ausgeschlossene Länder|Ausgeschlossene Gebiete' +
    '|Territoires exclus|Pays exclus|Territorios excluidos|Países excluidos',
  valid_from:
    'Valid From|Rights From|Rights Start|Rights Start Date|Rights Begin|Licence Start|License Start|License Start Date' +
    '|Licence Start Date|Ownership Start Date|Gültig ab|Gültig von|Valable à partir du|Válido desde',
  valid_to:
    'Valid To|Valid Until|Rights To|Rights Until|Rights End|Rights End Date|Rights Expiry|Licence End|License End' +
    '|License End Date|Licence End Date|Ownership End Date|Gültig bis|Valable jusqu’au|Válido hasta',
  right_type: 'Right Type|Type of Right|Kind of Right',
  policy: 'Policy|Usage Policy|Match Policy|Rights Policy|Claim Policy|Richtlinie|Politique|Política',
  authorised_urls:
    'Authorised URLs|Authorized URLs|Authorised URL|Authorized URL|Allowed URLs|Whitelisted URLs|Official URLs|Official URL',
  authorised_channels:
    'Authorised Channels|Authorized Channels|Authorised Channel|Authorized Channel|Allowed Channels|Whitelisted Channels' +
    '|Official Channels|Official Channel',
  reference_file:
    'Reference File|Audio File|Audio Filename|Audio File Name|File Name|Filename|File|Reference Filename|Audio|WAV File' +
    '|Track File|Track Filename|File Path|Dateiname|Audiodatei|Datei|Nom du fichier|Fichier|Fichier audio' +
    '|Nombre de archivo|Archivo|Archivo de audio',
  reference_sha256: 'Reference SHA256|SHA256|SHA-256|File SHA256|Audio SHA256|Checksum SHA256',
  custom_id:
    'Custom ID|Own ID|Internal ID|Reference ID|Client ID|Asset ID|Track ID|Recording ID|Song ID|Proprietary ID|Your ID' +
    '|Label Track ID|ID|External ID|Interne ID|Interne Nummer|Identifiant|Identifiant interne|Identificador|ID interno',
} as const

/** A column of our own set: what is read of a sheet. */
export type CsvField = keyof typeof headings

/** Our own columns, in the order in which a template has them. */
export const csvFields = Object.keys(headings) as readonly CsvField[]

/** Longer text in the first row is no heading. */
const HEADING_CHARACTERS_MAX = 200

/** Fields with several values. */
export const listFields: ReadonlySet<CsvField> = new Set([
  'artist',
  'featured',
  'territories',
  'excluded_territories',
  'authorised_urls',
  'authorised_channels',
])

/** A heading without what sheets write differently: case, accents, spaces, punctuation. */
export const headingKey = (heading: string): string =>
  heading
    .slice(0, HEADING_CHARACTERS_MAX)
    .replaceAll('℗', 'p')
    .replaceAll('©', 'c')
    .replaceAll('#', 'number')
    .replaceAll('%', 'percent')
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '')

const fieldOfKey = new Map<string, CsvField>(
  csvFields.flatMap((field) =>
    [field, ...headings[field].split('|')].map((heading) => [headingKey(heading), field] as const),
  ),
)

/** What sheets add to a heading: `Title (required)`, `Duration [mm:ss]`, `ISRC *`. */
const withoutRemarks = (heading: string): string =>
  heading.replaceAll(/\([^()]*\)|\[[^[\]]*\]/g, '').replace(/\b(?:required|optional|mandatory)\b/i, '')

/** What a heading is taken for, or undefined when it is not known. A number after it does not matter: `Artist 2`. */
export function fieldOf(heading: string): CsvField | undefined {
  const written = heading.slice(0, HEADING_CHARACTERS_MAX)
  for (const text of [written, withoutRemarks(written)]) {
    const key = headingKey(text)
    const field = fieldOfKey.get(key) ?? fieldOfKey.get(key.replace(/\d+$/, ''))
    if (field !== undefined) return field
  }
  return undefined
}
