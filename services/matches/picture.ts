import { clockTime } from '../core/clock-time.ts'
import { type PictureNames, agreementInWords, passageInWords, passageShapes } from './picture-passage.ts'
import {
  type AlignmentInput,
  type Picture,
  type PicturePassage,
  type Shape,
  overviewShapes,
} from './picture-shapes.ts'

export type { AlignmentInput, PicturePassage, PicturePoint } from './picture-shapes.ts'

/** Units of the view box; the page scales it. Letters come out at about 12 px on a 720 px wide column. */
const SIZE = { width: 720, letter: 12 } as const

/** Blue of middle lightness: stands out on white paper and on a dark page. A style sheet may override it. */
const ACCENT = '#2f81b7'
/** Darker, because it stands on shades of grey, with a rim of paper around it. */
const HEARD = '#0b5f8a'

/** Presentation attributes by role; they are the weakest style there is, so a page's CSS classes win. */
const look: Record<Shape['role'], string> = {
  lane: 'fill="currentColor" fill-opacity="0.12"',
  passage: `fill="${ACCENT}"`,
  band: `fill="${ACCENT}" fill-opacity="0.22" stroke="${ACCENT}" stroke-opacity="0.55"`,
  number: 'fill="#fff" font-weight="700"',
  label: 'fill="currentColor" font-weight="600"',
  tick: 'fill="currentColor" fill-opacity="0.72"',
  grid: 'stroke="currentColor" stroke-opacity="0.14"',
  frame: 'fill="none" stroke="currentColor" stroke-opacity="0.35"',
  cells: 'fill="none" stroke="currentColor" stroke-opacity="0.13" shape-rendering="crispEdges"',
  join: `stroke="${HEARD}" stroke-opacity="0.5" stroke-width="0.8"`,
  heard: `fill="${HEARD}" stroke="#fff" stroke-width="0.9"`,
  missed: 'fill="none" stroke="currentColor" stroke-opacity="0.5"',
}

/** So many passages are shown with their spectrograms, 70 kB each: the longest. A chopped copy has dozens that look alike. */
const PASSAGES_SHOWN_MAX = 2

/** The passages that are shown with their spectrograms, in the order and with the numbers of all. */
export function shownPassages(
  passages: readonly PicturePassage[],
): readonly { readonly passage: PicturePassage; readonly number: number }[] {
  const numbered = passages.map((passage, index) => ({ passage, number: index + 1 }))
  const lengthOf = ({ suspectFromMs, suspectToMs }: PicturePassage): number => suspectToMs - suspectFromMs
  return numbered
    .toSorted((a, b) => lengthOf(b.passage) - lengthOf(a.passage))
    .slice(0, PASSAGES_SHOWN_MAX)
    .toSorted((a, b) => a.number - b.number)
}

/** How to read the picture, for somebody who has never seen one. */
export const pictureCaption =
  'Above: the suspect file and, under it, the registered recording, both running in time from left to ' +
  'right; each numbered band joins a part of the suspect file to the part of the recording that it is. ' +
  'Below: such a part as it sounds in the suspect file and, under it, in the recording, low tones at the ' +
  'bottom, and the louder a tone the stronger its shade. Every mark is a landmark, a distinctive tone of ' +
  'the recording at its time and pitch; filled marks were found in the suspect file at exactly their ' +
  'place, hollow ones were not, and lines join some of them to themselves. Unrelated music fills such ' +
  'places only by accident.'

/** What stands above a passage. A single one needs no number. */
export const passageTitle = (passage: PicturePassage, number: number, count: number): string =>
  count === 1 ? passageInWords(passage) : `${number}: ${passageInWords(passage)}`

/**
 * The alignment picture as an SVG element for a web page: which part of the suspect is which part of the recording,
 * and for the longest passages both spectrograms with the landmarks in them. Follows the text colour of the page
 * (dark mode, print); everything has a class `alignment-<role>`. Title and description say it in words for those who
 * cannot see it.
 *
 * @throws {Problem} sketch/malformed.
 */
export function alignmentSvg(input: AlignmentInput): string {
  const overview = overviewShapes(input, SIZE)
  const { passages } = input
  const shapes = [...overview.shapes]
  let { height } = overview
  for (const { passage, number } of shownPassages(passages)) {
    const title = passageTitle(passage, number, passages.length)
    const shown = passageShapes(passage, title, SIZE, height + 1.6 * SIZE.letter)
    shapes.push(...shown.shapes)
    height = shown.height
  }
  const title = `${passages.length} matched ${passages.length === 1 ? 'passage' : 'passages'}`
  return svgOf({ height, shapes }, title, passages.map(sentence).join(' '))
}

/** Two names of this length and four times fit one line. */
const NAME_CHARACTERS_MAX = 36

/**
 * One passage as an SVG document, as `alignmentSvg` shows it.
 *
 * @param names any text; long ones are cut.
 * @throws {Problem} sketch/malformed.
 */
export function passageSvg(passage: PicturePassage, names: PictureNames): string {
  const shortened = (name: string): string => {
    const characters = Array.from(name)
    if (characters.length <= NAME_CHARACTERS_MAX) return name
    return `${characters.slice(0, NAME_CHARACTERS_MAX - 1).join('')}…`
  }
  const title = passageInWords(passage, {
    suspect: shortened(names.suspect),
    recording: shortened(names.recording),
  })
  const described = `${passageInWords(passage, names)}; ${agreementInWords(passage)}.`
  return svgOf(passageShapes(passage, title, SIZE, 0), title, described)
}

const sentence = (passage: PicturePassage): string =>
  `${passageInWords(passage)}; ${agreementInWords(passage)}.`

function svgOf({ height, shapes }: Picture, title: string, description: string): string {
  return (
    `<svg class="alignment" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE.width} ${round(height)}" role="img" ` +
    `aria-label="${escapeXml(title)}" font-family="system-ui, sans-serif" font-size="${SIZE.letter}">` +
    `<title>${escapeXml(title)}</title><desc>${escapeXml(description)}</desc>${grouped(shapes)}</svg>`
  )
}

/** Neighbours with one role share its attributes: hundreds of dots are drawn in few bytes. */
function grouped(shapes: readonly Shape[]): string {
  return shapes
    .map((shape, index) => {
      const begin =
        shapes[index - 1]?.role === shape.role
          ? ''
          : `<g class="alignment-${shape.role}" ${look[shape.role]}>`
      const end = shapes[index + 1]?.role === shape.role ? '' : '</g>'
      return `${begin}${element(shape)}${end}`
    })
    .join('')
}

/**
 * Where copies lie in a suspect file, as a slim SVG bar that stretches to the width of its box.
 *
 * @param durationMs of the suspect file.
 * @param found      titles may be any text; times in milliseconds, cut to the file.
 */
export function timelineSvg(
  durationMs: number,
  found: readonly { readonly title: string; readonly fromMs: number; readonly toMs: number }[],
): string {
  const x = (ms: number): number => (100 * Math.min(Math.max(ms, 0), durationMs)) / Math.max(durationMs, 1)
  const label = `${found.length} matched ${found.length === 1 ? 'passage' : 'passages'} in ${clockTime(durationMs)}`
  const boxes = found.map(({ title, fromMs, toMs }) => {
    const text = `${title}, ${clockTime(fromMs)} to ${clockTime(toMs)}`
    const width = Math.max(x(toMs) - x(fromMs), 0.2)
    return `<rect class="timeline-passage" x="${round(x(fromMs))}" width="${round(width)}" height="6" fill="${ACCENT}"><title>${escapeXml(text)}</title></rect>`
  })
  return (
    '<svg class="timeline" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 6" width="100%" height="14" preserveAspectRatio="none" role="img" ' +
    `aria-label="${escapeXml(label)}"><title>${escapeXml(label)}</title>` +
    `<rect class="timeline-lane" width="100" height="6" fill="currentColor" fill-opacity="0.12"/>${boxes.join('')}</svg>`
  )
}

function element(shape: Shape): string {
  switch (shape.shape) {
    case 'box':
      return `<rect x="${round(shape.x)}" y="${round(shape.y)}" width="${round(shape.width)}" height="${round(shape.height)}"/>`
    case 'polygon':
      return `<polygon points="${shape.corners.map(([x, y]) => `${round(x)},${round(y)}`).join(' ')}"/>`
    case 'line':
      return `<line x1="${round(shape.from[0])}" y1="${round(shape.from[1])}" x2="${round(shape.to[0])}" y2="${round(shape.to[1])}"/>`
    case 'dot':
      return `<circle cx="${round(shape.x)}" cy="${round(shape.y)}" r="${round(shape.radius)}"/>`
    case 'cells': {
      // A line as thick as a row, in units of the grid: seven characters for a run of cells.
      const place = `translate(${round(shape.x)} ${round(shape.y)}) scale(${fine(shape.columnWidth)} ${fine(-shape.rowHeight)})`
      const path = shape.runs.map(([column, row, columns]) => `M${round(column)} ${row}h${round(columns)}`)
      return `<path transform="${place}" d="${path.join('')}"/>`
    }
    case 'text':
      return `<text x="${round(shape.x)}" y="${round(shape.y)}" text-anchor="${shape.anchor}">${escapeXml(shape.text)}</text>`
  }
}

/** Two decimals; anything that is not a finite number is our mistake and must not reach a page. */
function round(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError(`Not a coordinate: ${value}`)
  return String(Math.round(value * 100) / 100)
}

/** For scales, which are multiplied by hundreds. */
const fine = (value: number): string => String(Math.round(value * 1e5) / 1e5)

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
/** Control characters and broken surrogates, which files may have in their names, cannot stand in XML at all. */
const escapeXml = (text: string): string =>
  text
    .replaceAll(/[\p{Cc}\p{Cs}]/gu, '\u{fffd}')
    .replaceAll(/[&<>"']/g, (character) => entities[character] ?? '')
