/** As RFC 5321 limits a path. */
const CHARACTERS_MAX = 254

const ADDRESS =
  /^[a-z0-9!#$%&'*+/=?^_`{|}~-][a-z0-9!#$%&'*+/=?^_`{|}~.-]{0,63}@(?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63}$/

/** A mail address out of text from strangers, in lower case and without `mailto:`; undefined when it is none. */
export function mailAddressOf(text: string): string | undefined {
  const address = text
    .trim()
    .replace(/^mailto:/i, '')
    .toLowerCase()
  return address.length <= CHARACTERS_MAX && ADDRESS.test(address) ? address : undefined
}
