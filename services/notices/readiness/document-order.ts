import { NoticeDocument } from '../notice.ts'

const parts = Object.keys(NoticeDocument.shape)

/** Where a pointer leads: which top-level part of a notice, and which entry of it. */
function placeOf(pointer: string): [part: number, entry: number] {
  const [, part = '', entry = ''] = pointer.split('/')
  return [parts.indexOf(part), /^\d+$/.test(entry) ? Number(entry) : -1]
}

/** In the order in which a reader of the notice comes to what the pointers lead to; equal ones stay as they are. */
export function inDocumentOrder<T extends { readonly pointer: string }>(points: readonly T[]): T[] {
  return points
    .map((point) => ({ point, place: placeOf(point.pointer) }))
    .toSorted((a, b) => a.place[0] - b.place[0] || a.place[1] - b.place[1])
    .map(({ point }) => point)
}
