import type { Piece, Table } from '../../pdf/table.ts'

/** A fact and what it is called. */
export interface Fact {
  readonly label: string
  readonly piece: Piece
}

/** What a notice consists of, in order; text and PDF show all of it, each in its own way. */
export type Block =
  | { readonly kind: 'section'; readonly number: number; readonly title: string }
  | { readonly kind: 'paragraph'; readonly text: string }
  | { readonly kind: 'facts'; readonly facts: readonly Fact[] }
  | Table
  | { readonly kind: 'statement'; readonly title: string; readonly text: string }
  | { readonly kind: 'signature'; readonly open: boolean; readonly lines: readonly string[] }

/** The title of a column that names its rows: W1, L2. */
export const NUMBER = '#'

/** Facts of which only those that are known are told. */
export const factsOf = (
  rows: readonly (readonly [label: string, value: string | undefined, style?: Piece['style']])[],
): readonly Fact[] =>
  rows.flatMap(([label, text, style = 'plain']) => (text ? [{ label, piece: { text, style } }] : []))
