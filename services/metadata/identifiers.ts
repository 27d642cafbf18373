/** How people and distributors write them: hyphens, spaces, dots, a leading label. */
const compact = (text: string): string =>
  text
    .normalize('NFKC')
    .toUpperCase()
    .replace(/^(ISRC|UPC|EAN|GTIN|BARCODE)[\s:]*/, '')
    .replaceAll(/[\s.\u2010-\u2015-]/g, '')

/**
 * An International Standard Recording Code (ISO 3901) as twelve characters: country or allocator
 * (2 letters), registrant (3 alphanumeric), year (2 digits), designation (5 digits).
 *
 * @returns undefined when the text is not one. The standard has no check digit.
 */
export function parseIsrc(text: string): string | undefined {
  const code = compact(text)
  return /^[A-Z]{2}[A-Z0-9]{3}\d{7}$/.test(code) ? code : undefined
}

/** An ISRC as people read it: `AA-6Q7-20-00047`. */
export const formatIsrc = (isrc: string): string =>
  `${isrc.slice(0, 2)}-${isrc.slice(2, 5)}-${isrc.slice(5, 7)}-${isrc.slice(7)}`

/**
 * A GTIN (UPC-A, EAN-8, EAN-13 or GTIN-14) with its check digit verified: from the right, digits
 * weigh 1 and 3 in turn and the sum is a multiple of 10 (GS1 General Specifications, section 7.9).
 *
 * @returns the digits as written, or undefined when the length or the check digit is wrong.
 */
export function parseUpc(text: string): string | undefined {
  const code = compact(text)
  if (!/^(\d{8}|\d{12,14})$/.test(code)) return undefined
  const sum = Array.from(code, Number)
    .toReversed()
    .reduce((total, digit, i) => total + digit * (i % 2 === 0 ? 1 : 3), 0)
  return sum % 10 === 0 ? code : undefined
}
