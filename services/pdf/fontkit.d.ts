/** The little of fontkit that we use; the package brings no types of its own. */
declare module 'fontkit' {
  export interface Font {
    /** Every code point for which the font has a glyph. */
    readonly characterSet: readonly number[]
    /** Shapes a text; throws where the font's tables confuse it. */
    layout(text: string): unknown
  }
  export function create(bytes: Uint8Array): Font
}
