import { SKETCH_ROWS, type Sketch } from '../../services/audio/extract/sketch.ts'
import { sketchesOfPassage } from '../../services/matches/sketches.ts'
import type {
  ReportDocument,
  ReportLocation,
  ReportMatch,
  ReportPassage,
} from '../../services/reports/report.ts'
import { openPoints, statementTexts } from '../../services/reports/statements.ts'

/** A uuid that can be told apart by eye: `uuid(7)` ends in 7. */
export const uuid = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`

const hash = (digit: string): string => digit.repeat(64)

/** Three minutes of a sketch by arithmetic: chords that change, each row fading in and out at its own pace. */
export function sketchOf(number: number): Sketch {
  const columns = 700
  const cells = Uint8Array.from({ length: columns * SKETCH_ROWS }, (_, at) => {
    const [column, row] = [Math.floor(at / SKETCH_ROWS), at % SKETCH_ROWS]
    const chord = Math.sin((row * (3 + (Math.floor(column / 8) % 4))) / 5 + number)
    return Math.round(7.5 + 7.5 * chord * Math.sin(column / (2 + (row % 7)) + number))
  })
  return { firstFrame: 0, framesPerColumn: 22, columns, cells }
}

/** A passage with landmarks spread by arithmetic instead of chance: every seventh one is not found. */
export function passage(number: number, points = 120): ReportPassage {
  const suspectFromMs = 30_000 * number
  const speed = [1, 1.04, 1, 0.9][number % 4] ?? 1
  const pitch = [1, 1.04, 2 ** (-2 / 12), 1][number % 4] ?? 1
  const change = (['none', 'speed', 'pitch', 'tempo'] as const)[number % 4] ?? 'none'
  const referenceMs = (suspectMs: number): number => Math.round(5000 + (suspectMs - suspectFromMs) * speed)
  const landmarks = Array.from({ length: points }, (_, i) => {
    const suspectMs = suspectFromMs + Math.round((i / points) * 22_000)
    const hz = Math.round(110 * 2 ** (((i * 37) % 62) / 12))
    return { suspectMs, referenceMs: referenceMs(suspectMs), hz, matched: i % 7 !== 3 }
  })
  return {
    suspectFromMs,
    suspectToMs: suspectFromMs + 22_000,
    referenceFromMs: 5000,
    referenceToMs: referenceMs(suspectFromMs + 22_000),
    speed,
    pitch,
    change,
    landmarksMatched: 132,
    landmarksExpected: 154,
    score: 411.5,
    falseMatchProbability: 3.2e-10,
    points: landmarks,
  }
}

/** The same with the sketches of both sides, as a report has them for the passages that it draws. */
function sketched(number: number): ReportPassage {
  const plain = passage(number)
  const { suspect, reference } = sketchesOfPassage(plain, { suspect: sketchOf(1), reference: sketchOf(2) })
  const base64 = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('base64')
  return { ...plain, suspectSketch: base64(suspect), referenceSketch: base64(reference) }
}

const location = (number: number): ReportLocation => ({
  locationId: uuid(200 + number),
  kind: 'url',
  url: `https://files.hoster.example/d/abc123/${number}/First%20Light%20(Full%20Album)%20320kbps.mp3?token=9f8e7d6c5b4a&source=forum-thread-${number}`,
  finalUrl: `https://cdn-7.hoster.example/storage/${number}.mp3`,
  observedAt: '2026-11-20T10:15:00.250Z',
  address: '192.0.2.10',
  httpStatus: 200,
  contentType: 'audio/mpeg',
  bytes: 9_437_184,
  durationMs: 232_000,
  sha256: hash('4'),
  tls: { subject: 'files.hoster.example', issuer: 'Example CA R3', validTo: '2027-01-01T00:00:00Z' },
})

const match = (number: number, passages: ReportPassage[]): ReportMatch => ({
  matchId: uuid(300 + number),
  workId: uuid(101),
  locationId: uuid(200 + number),
  confidence: 0.9999,
  falseMatchProbability: 4.2e-13,
  summary:
    'The file at this location is a copy of large parts of the recording, in four passages, two of them changed.',
  passages,
  shareOfRecording: 0.873,
  shareOfSuspect: 0.4126,
  identifiers: { isrcFound: 'AA6Q72000047', titleFound: 'First Light', artistsFound: ['The Samples'] },
})

const base = {
  schema: 'earwitness/takedown-report/1',
  number: 'EW-2026-000001',
  version: 1,
  issuedAt: '2026-11-20T12:00:00Z',
  caseId: uuid(1),
  language: 'en',
  issuer: { service: 'Earwitness', version: '0.1.0', engineVersion: 'landmarks-1' },
  complainant: {
    name: 'Example Monitoring',
    address: '1 Example Road, Mumbai 400001',
    country: 'IN',
    phone: '+912255550100',
    email: 'notices@example.org',
  },
  rightsHolder: { name: 'Example Records Pvt Ltd' },
  recipient: { name: 'Example Hosting BV', role: 'hosting', email: 'abuse@hoster.example' },
  works: [
    {
      workId: uuid(101),
      title: 'First Light',
      kind: 'sound_recording',
      artists: ['The Samples'],
      isrc: 'AA6Q72000047',
      upc: '190295810726',
      releaseTitle: 'Morning Songs',
      label: 'Example Records',
      pLine: '2020 Example Records Pvt Ltd',
      durationMs: 225_000,
      territories: ['Worldwide'],
    },
  ],
  locations: [location(1)],
  matches: [
    match(
      1,
      [0, 1, 2, 3].map((number) => passage(number)),
    ),
  ],
  statements: { status: 'open', texts: statementTexts('Example Records Pvt Ltd') },
  evidence: [
    {
      kind: 'suspect_file',
      held: true,
      sha256: hash('4'),
      bytes: 9_437_184,
      mediaType: 'audio/mpeg',
      capturedAt: '2026-11-20T10:15:00Z',
    },
    {
      kind: 'match_report',
      held: true,
      sha256: hash('b'),
      bytes: 2048,
      mediaType: 'application/json',
      capturedAt: '2026-11-20T10:16:00Z',
    },
  ],
  openPoints: [],
} satisfies ReportDocument

/** A complete report that nobody has signed yet; `changes` replace top-level fields. */
export function openReport(changes: Partial<ReportDocument> = {}): ReportDocument {
  const document: ReportDocument = { ...structuredClone(base), ...changes }
  return { ...document, openPoints: openPoints(document) }
}

/** The same report with its statements made, ready to be sent. */
export function signedReport(changes: Partial<ReportDocument> = {}): ReportDocument {
  return openReport({
    statements: {
      status: 'made',
      goodFaith: true,
      accuracy: true,
      authorityUnderPenaltyOfPerjury: true,
      signatory: {
        name: 'Asha Agent',
        title: 'Authorised agent',
        memberId: uuid(7),
        signatureText: '/s/ Asha Agent',
        signedAt: '2026-11-20T11:58:00Z',
      },
      texts: statementTexts('Example Records Pvt Ltd'),
    },
    ...changes,
  })
}

/** The same with a spectrogram under every landmark. */
export const picturedReport = (): ReportDocument =>
  signedReport({ matches: [match(1, [0, 1, 2].map(sketched))] })

/** One title per script; the last two have no font, or none for every letter. */
export const titles = {
  latin: 'Für Élise – “Ōkami” & Łódź',
  greek: 'Το φως της αυγής',
  cyrillic: 'Первый свет',
  devanagari: 'क्षितिज की पहली किरण',
  japanese: '夜に駆ける（東京リミックス）',
  arabic: 'ضوء الفجر الأول',
  hebrew: 'אור ראשון',
  thai: 'แสงแรกของวัน',
  korean: '첫 빛',
  chinese: '第一道光芒',
  emoji: 'Light 🌅',
} as const

/** A report on one recording for every script. */
export function unicodeReport(): ReportDocument {
  const works = Object.entries(titles).map(([script, title], index) => ({
    ...base.works[0]!,
    workId: uuid(101 + index),
    title,
    artists: [`${title} (${script})`],
  }))
  return openReport({ works })
}

/** The largest report we expect: 300 locations, and one match of 40 passages with landmarks. */
export function largeReport(): ReportDocument {
  const numbers = Array.from({ length: 300 }, (_, index) => index + 1)
  const passages = Array.from({ length: 40 }, (_, number) => passage(number, 100))
  return openReport({ locations: numbers.map(location), matches: [match(1, passages)] })
}
