import { z } from 'zod'

/** What callers send and what they are answered, by the names under which the OpenAPI document lists them. */
export const requestSchemas = z.registry<{ id: string }>()
export const answerSchemas = z.registry<{ id: string }>()

/** Names a request body. */
export function request<T extends z.ZodType>(id: string, schema: T): T {
  requestSchemas.add(schema, { id })
  return schema
}

/**
 * Names an answer. Answers are read through their schema before they are sent, so a column that is added to a
 * row stays inside until somebody puts it here.
 */
export function view<T extends z.ZodType>(id: string, schema: T): T {
  answerSchemas.add(schema, { id })
  return schema
}

/** Bytes as base64 in JSON (RFC 4648, section 4; the padding may be left out). */
export const Base64 = z
  .string()
  .min(1)
  .transform((text, context) => {
    const bytes = Buffer.from(text, 'base64')
    // Buffer skips what it does not know; only what reads back the same was base64. (A regular expression for
    // this needs a backtracking stack as long as the text.)
    if (bytes.toString('base64').replace(/=+$/, '') === text.replace(/=+$/, '')) return new Uint8Array(bytes)
    context.addIssue({ code: 'custom', message: 'not base64' })
    return z.NEVER
  })
