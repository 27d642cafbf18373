/** A character that PostgreSQL cannot keep, or half of one (a surrogate without its partner). */
const UNKEEPABLE = /[\0\p{Cs}]/u

/** Whether a text can be stored as it is. */
export const isKeepable = (text: string): boolean => !UNKEEPABLE.test(text)

/** The path to the first text in a parsed request that could not be stored as it is, if there is one. */
export function unkeepableText(value: unknown, path: readonly string[] = []): readonly string[] | undefined {
  if (typeof value === 'string') return isKeepable(value) ? undefined : path
  // Bytes are no text and may be millions.
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return undefined
  for (const [key, inner] of Object.entries(value)) {
    const found = isKeepable(key) ? unkeepableText(inner, [...path, key]) : path
    if (found) return found
  }
  return undefined
}
