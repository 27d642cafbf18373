/** A piece of SQL with its values apart, so that a value can never become text. */
export class Sql {
  readonly strings: readonly string[]
  readonly values: readonly unknown[]

  constructor(strings: readonly string[], values: readonly unknown[]) {
    this.strings = strings
    this.values = values
  }

  /** The text with $1 … $n and the values in that order; nested pieces are unrolled. */
  toQuery(): { text: string; values: unknown[] } {
    const values: unknown[] = []
    const text = this.unroll(values)
    return { text, values }
  }

  private unroll(values: unknown[]): string {
    let text = this.strings[0] ?? ''
    for (const [i, value] of this.values.entries()) {
      if (value instanceof Sql) text += value.unroll(values)
      else text += `$${values.push(value)}`
      text += this.strings[i + 1] ?? ''
    }
    return text
  }
}

/** sql`select … where id = ${id}`: values become parameters, nested sql`…` is spliced in. */
export const sql = (strings: TemplateStringsArray, ...values: unknown[]): Sql => new Sql(strings, values)

/** Joins pieces with a separator, e.g. conditions with sql` and `. */
export function join(pieces: readonly Sql[], separator: string): Sql {
  if (pieces.length === 0) return new Sql([''], [])
  return new Sql(['', ...Array.from({ length: pieces.length - 1 }, () => separator), ''], pieces)
}
