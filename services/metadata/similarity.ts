/** Longer texts are cut before they are compared: names are shorter, and the work grows with the product. */
const COMPARED_LENGTH_MAX = 256

/** Bit masks of the pattern's characters in the block at hand, by UTF-16 unit; zeroed after use. */
const masks = new Uint32Array(0x1_00_00)
/** How the distance changes from one column to the next at the lower edge of the block above: -1, 0 or 1. */
const edges = new Int8Array(COMPARED_LENGTH_MAX)

/**
 * Levenshtein distance of two texts in UTF-16 units: insertions, deletions and replacements.
 *
 * Myers' bit vectors ("A fast bit-vector algorithm for approximate string matching", 1999) in blocks of 32 rows,
 * so that a text of usual length costs one pass. Only the first 256 units are compared.
 */
export function editDistance(one: string, other: string): number {
  if (one === other) return 0
  const rows = Math.min(one.length, COMPARED_LENGTH_MAX)
  const columns = Math.min(other.length, COMPARED_LENGTH_MAX)
  if (rows === 0 || columns === 0) return Math.max(rows, columns)
  edges.fill(1, 0, columns)
  for (let from = 0; from < rows; from += 32)
    advanceBlock(one, from, Math.min(rows, from + 32), other, columns)
  let distance = rows
  for (let column = 0; column < columns; column++) distance += edges[column]!
  return distance
}

/** Takes the changes at the upper edge of rows `from … to` to their lower edge. */
function advanceBlock(one: string, from: number, to: number, other: string, columns: number): void {
  for (let row = from; row < to; row++) masks[one.charCodeAt(row)]! |= 1 << (row - from)
  const lowest = 1 << (to - from - 1)
  let rises = -1
  let falls = 0
  for (let column = 0; column < columns; column++) {
    const edge = edges[column]!
    let equal = masks[other.charCodeAt(column)]!
    const vertical = equal | falls
    if (edge < 0) equal |= 1
    const horizontal = (((equal & rises) + rises) ^ rises) | equal
    let up = falls | ~(horizontal | rises)
    let down = rises & horizontal
    edges[column] = (up & lowest) !== 0 ? 1 : (down & lowest) !== 0 ? -1 : 0
    up = (up << 1) | (edge > 0 ? 1 : 0)
    down = (down << 1) | (edge < 0 ? 1 : 0)
    rises = down | ~(vertical | up)
    falls = up & vertical
  }
  for (let row = from; row < to; row++) masks[one.charCodeAt(row)] = 0
}

/** 1 for equal texts, 0 for texts without a common character: the part of the longer one that need not be edited. */
export function similarity(one: string, other: string): number {
  const longer = Math.min(COMPARED_LENGTH_MAX, Math.max(one.length, other.length))
  return longer === 0 ? 1 : 1 - editDistance(one, other) / longer
}
