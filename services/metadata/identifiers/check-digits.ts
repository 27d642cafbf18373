/**
 * The arithmetic of check digits. Every function takes the body of an identifier in its canonical characters
 * (digits, or digits and capital letters), without separators and without the check digit, and gives the check digit.
 */

const ALPHANUMERICS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'

/** Sum of the digits, each times its weight. The weight is asked for with the position from the left, from 0. */
const weightedSum = (digits: string, weightAt: (position: number) => number): number => {
  let sum = 0
  for (let position = 0; position < digits.length; position++)
    sum += Number(digits[position]) * weightAt(position)
  return sum
}

/** What brings a sum to the next multiple of ten, as a digit. */
const toNextTen = (sum: number): string => String((10 - (sum % 10)) % 10)

/**
 * ISO/IEC 7064, hybrid system MOD 37,36: GRid and DPID. A character is worth its place in 0–9, A–Z.
 * Finds every single wrong character.
 */
export function mod37x36(body: string): string {
  let product = 36
  for (const character of body) {
    const sum = (product + ALPHANUMERICS.indexOf(character)) % 36
    product = ((sum === 0 ? 36 : sum) * 2) % 37
  }
  return ALPHANUMERICS.charAt((37 - product) % 36)
}

/**
 * ISO/IEC 7064, pure system MOD 11-2: ISNI. A check digit of ten is written X.
 * Finds every single wrong digit and every two digits that changed places.
 */
export function mod11x2(digits: string): string {
  let product = 0
  for (const digit of digits) product = ((product + Number(digit)) * 2) % 11
  const check = (12 - product) % 11
  return check === 10 ? 'X' : String(check)
}

/**
 * GS1 General Specifications, section 7.9: every GTIN. From the right, digits weigh 3 and 1 in turn; with the check digit
 * the sum is a multiple of ten. Finds every single wrong digit.
 */
export const gs1CheckDigit = (digits: string): string =>
  toNextTen(weightedSum(digits, (position) => ((digits.length - position) % 2 === 1 ? 3 : 1)))

/**
 * ISO 15707, annex on the check digit: ISWC. The prefix T counts 1, the nine digits weigh 1 to 9. A single wrong digit is
 * found for certain at places 1, 3, 7 and 9; the other weights share a factor with ten, so a few errors pass there.
 */
export const iswcCheckDigit = (digits: string): string =>
  toNextTen(weightedSum(digits, (position) => position + 1) + 1)

/** CISAC, IPI base number: as the ISWC, but the prefix I counts 2. */
export const ipiBaseCheckDigit = (digits: string): string =>
  toNextTen(weightedSum(digits, (position) => position + 1) + 2)

/**
 * CISAC, IPI name number (once the CAE number): nine digits weigh 10 down to 2, and two check digits bring the sum to a
 * multiple of 101. As a hundred has no two digits, 100 is written 00 too. Finds every single wrong digit.
 */
export function ipiNameCheckDigits(digits: string): string {
  const remainder = weightedSum(digits, (position) => 10 - position) % 101
  return String(((101 - remainder) % 101) % 100).padStart(2, '0')
}
