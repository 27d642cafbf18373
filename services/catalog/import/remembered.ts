/** Texts that are remembered: a column that repeats itself has fewer values, one that does not gains nothing by more. */
const REMEMBERED_MAX = 1000

/** Longer texts do not repeat, and would fill the memory; the names of every country are shorter. */
const CHARACTERS_MAX = 10_000

/**
 * A function of a text with its last results kept, for columns that say the same in many rows: languages, dates, territories.
 *
 * @param read pure: the same text gives the same value.
 */
export function remembered<Value>(read: (text: string) => Value): (text: string) => Value {
  const values = new Map<string, Value>()
  return (text) => {
    const known = values.get(text)
    if (known !== undefined) return known
    const value = read(text)
    if (text.length > CHARACTERS_MAX) return value
    if (values.size >= REMEMBERED_MAX) values.clear()
    // A copy as key: a piece of the file would keep all the text that it was cut from.
    values.set(Buffer.from(text).toString(), value)
    return value
  }
}
