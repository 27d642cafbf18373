/** A way to write sounds in a script that is not Latin, with how people write them in Latin letters. */
export interface Script {
  readonly name: string
  /** What names are put together from, each with its Latin spelling. */
  readonly sounds: readonly (readonly [native: string, latin: string])[]
  /** Sounds of a word. */
  readonly lengths: readonly [min: number, max: number]
}

/**
 * What invented names are made of. The weights are fitted on one set and tried on another, which has other words,
 * other sounds, other ways of transliteration and other habits of uploaders.
 */
export interface Wording {
  readonly words: readonly string[]
  readonly onsets: readonly string[]
  readonly vowels: readonly string[]
  readonly codas: readonly string[]
  readonly scripts: readonly Script[]
  readonly joins: readonly string[]
  readonly featuring: readonly string[]
  /** What uploaders put behind a title. */
  readonly remarks: readonly string[]
  readonly sites: readonly string[]
  readonly groups: readonly string[]
  /** Words that change nothing of the recording. */
  readonly sameVersions: readonly string[]
  /** Words that make another recording. */
  readonly otherVersions: readonly string[]
  readonly derivatives: readonly (readonly [words: string, speedMin: number, speedMax: number])[]
}

const list = (text: string): string[] => text.trim().split(/\s+/)

/** `а=a б=b …` as pairs. */
const pairs = (text: string): (readonly [string, string])[] =>
  list(text).map((pair) => {
    const [native = '', latin = ''] = pair.split('=')
    return [native, latin] as const
  })

const cyrillicFit =
  pairs(`ба=ba во=vo га=ga де=de жу=zhu зи=zi ка=ka ло=lo ми=mi но=no па=pa ры=ry со=so та=ta
  фе=fe хо=kho ца=tsa че=che ша=sha щу=shchu ля=lya ню=nyu ёр=yor май=may вер=ver лист=list снег=sneg`)
const cyrillicTest =
  pairs(`бе=be ва=va гу=gu до=do жи=ji зо=zo ки=ki лу=lu ма=ma не=ne по=po ри=ri се=se ту=tu
  фа=fa ху=hu це=ce чу=chu ши=shi ще=sche ля=lia мю=miu ёл=iol той=toi дар=dar мост=most ветр=vetr`)
const greekFit = pairs(
  'βα=va γο=go δε=de ζι=zi θα=tha κο=ko λι=li μα=ma νυ=ny ξε=xe πο=po ρι=ri σα=sa τε=te φω=fo χα=cha ψι=psi',
)
const greekTest = pairs(
  'βε=ve γα=ga δι=di ζα=za θο=tho κυ=ki λα=la μο=mo νε=ne ξα=ksa πι=pi ρο=ro σε=se τυ=ti φα=pha χο=ho ψα=psa',
)
const kanaFit =
  pairs(`か=ka き=ki さ=sa し=shi た=ta ち=chi つ=tsu な=na に=ni は=ha ふ=fu ま=ma み=mi や=ya ら=ra
  り=ri わ=wa ん=n ゆ=yu お=o あ=a`)
const kanaTest =
  pairs(`カ=ka ク=ku サ=sa シ=si タ=ta チ=ti ツ=tu ネ=ne ノ=no ヒ=hi フ=hu モ=mo メ=me ヨ=yo ル=ru レ=re ロ=ro
  ン=n ユ=yu エ=e イ=i`)
const hangulFit = pairs(
  '가=ga 나=na 다=da 라=ra 마=ma 바=ba 사=sa 아=a 자=ja 하=ha 서=seo 울=ul 밤=bam 별=byeol 달=dal 노=no 래=rae',
)
const hangulTest = pairs(
  '고=ko 너=nuh 도=do 리=ri 무=moo 비=bi 소=so 오=oh 조=jo 희=hee 선=sun 물=mool 봄=bom 빛=bit 길=gil 우=woo',
)
const hanFit = pairs(
  '月=yue 光=guang 山=shan 水=shui 花=hua 风=feng 雨=yu 天=tian 海=hai 夜=ye 心=xin 人=ren 春=chun 星=xing',
)
const hanTest = pairs(
  '雪=xue 云=yun 河=he 火=huo 树=shu 秋=qiu 冬=dong 梦=meng 城=cheng 路=lu 影=ying 声=sheng 家=jia 红=hong',
)

/** The wording that weights are fitted on. */
export const fitWording: Wording = {
  words:
    list(`morning river glass paper silver night window shadow summer garden fire water stone love heart dance
    blue gold empty little broken running falling again tonight forever never home road city light dream rain winter
    sugar honey thunder machine mirror letter ocean sky star moon sun tiger wolf horse king queen baby girl boy time
    world life noche corazón camino fuego cielo luna mar sombra vida Nacht Herz Regen Straße Himmel Feuer Licht Zeit`),
  onsets: list('b br c d dr f g gr h k l m n p pr r s st t tr v w z sh ch'),
  vowels: list('a e i o u ai ea oo ou y'),
  codas: ['', '', 'n', 'r', 'l', 's', 't', 'm', 'nd', 'ck', 'x'],
  scripts: [
    { name: 'Cyrillic', sounds: cyrillicFit, lengths: [2, 3] },
    { name: 'Greek', sounds: greekFit, lengths: [2, 4] },
    { name: 'kana', sounds: kanaFit, lengths: [3, 5] },
    { name: 'Hangul', sounds: hangulFit, lengths: [2, 3] },
    { name: 'Han', sounds: hanFit, lengths: [2, 4] },
  ],
  joins: [' & ', ' and ', ', ', ' x ', ' / '],
  featuring: ['feat. ', 'ft. ', 'featuring '],
  remarks: [
    '(Official Video)',
    '(Official Audio)',
    '(Lyrics)',
    '[HD]',
    '[HQ]',
    '(Official Music Video)',
    '(Lyric Video)',
    '(Audio)',
  ],
  sites: ['www.musicsite.com', '[freesongs.net]', '- tunes.org'],
  groups: ['ABC', 'xyz', 'GRPs', 'TEAM'],
  sameVersions: [
    '2011 Remaster',
    'Remastered',
    'Mono',
    'Album Version',
    'Explicit',
    'Remastered 2009',
    'Original Mix',
  ],
  otherVersions: [
    'Live',
    'Live at the Hall',
    'Acoustic',
    'Instrumental',
    'Karaoke Version',
    '@ Remix',
    'Demo',
    'Live 1998',
    'Cover',
  ],
  derivatives: [
    ['Sped Up', 1.15, 1.35],
    ['Slowed + Reverb', 0.78, 0.9],
    ['Nightcore', 1.2, 1.35],
    ['8D Audio', 1, 1],
    ['Slowed', 0.8, 0.92],
    ['Bass Boosted', 1, 1],
  ],
}

/** The wording that the figures are of. */
export const testWording: Wording = {
  words: list(`evening mountain iron feather crimson day door echo autumn harbor ash snow cloud hate soul walk
    green copper hollow tiny bitter waiting rising once today always ever house bridge town dark sleep storm spring
    salt lemon lightning engine picture message island earth planet comet dust lion fox bird prince lady child man
    hour ground death día alma puente agua tierra sol río luz sueño Tag Seele Schnee Brücke Erde Wasser Wald Wind
    jour cœur pluie forêt été noite saudade coração`),
  onsets: list('bl cl fl gl j kl kn pl qu sc sk sl sm sn sp str sw th thr tw vl wr y m l d'),
  vowels: list('a e i o u é ö ü ã ie au'),
  codas: ['', '', 'd', 'g', 'k', 'p', 'b', 'rn', 'lt', 'ng', 'sh', 'v'],
  scripts: [
    { name: 'Cyrillic', sounds: cyrillicTest, lengths: [2, 4] },
    { name: 'Greek', sounds: greekTest, lengths: [2, 3] },
    { name: 'kana', sounds: kanaTest, lengths: [3, 4] },
    { name: 'Hangul', sounds: hangulTest, lengths: [2, 4] },
    { name: 'Han', sounds: hanTest, lengths: [2, 3] },
  ],
  joins: [' & ', ' und ', '; ', ' vs. ', ' + ', ' et '],
  featuring: ['feat ', 'Ft. ', 'feat. ', 'featuring '],
  remarks: [
    '(Clip Officiel)',
    '[4K]',
    '(Video Oficial)',
    '[Official Lyric Video]',
    '(Visualizer)',
    '(Letra)',
    '[1080p HD]',
    '(Official Audio)',
  ],
  sites: ['www.get-it-all.ru', '(mp3world.info)', '[topsongs.xyz]'],
  groups: ['QRS', 'LMN', 'oldies', 'W1Z'],
  sameVersions: [
    'Remastered Version',
    '1998 Digital Remaster',
    'Stereo',
    'Remasterizado',
    'Single Version',
    'Clean',
    'Bonus Track',
  ],
  otherVersions: [
    'En Vivo',
    'Live in Concert',
    'Unplugged',
    'Instrumental Version',
    'Karaoke',
    '@ Mix',
    'Demo Version',
    'Ao Vivo',
    'Piano Cover',
    'A Cappella',
  ],
  derivatives: [
    ['sped up version', 1.1, 1.3],
    ['slowed & reverbed', 0.75, 0.88],
    ['nightcore', 1.15, 1.38],
    ['8D', 1, 1],
    ['speed up', 1.2, 1.38],
    ['ultra slowed', 0.72, 0.82],
    ['reverb', 1, 1],
  ],
}
