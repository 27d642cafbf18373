/** Drops what is not there, so that a document has no empty fields. */
export const present = <T extends Record<string, unknown>>(fields: T) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined)) as {
    [Key in keyof T]: NonNullable<T[Key]>
  }
