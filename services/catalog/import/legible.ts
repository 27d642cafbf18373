/**
 * Text of a file for people and for the database: without control characters and halves of characters. It is a copy of its
 * own, as a piece of a string that is kept would keep all of the text that it was cut from.
 */
export const legible = (text: string): string =>
  Buffer.from(text)
    .toString()
    .replaceAll(/\p{Cc}+/gu, ' ')
