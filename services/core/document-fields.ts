import { z } from 'zod'

/** Longer addresses exist, but no browser or form of a host takes them. */
const URL_CHARACTERS_MAX = 2048

/** One line of text: no control characters and no broken surrogates, which could not be signed or printed. */
export const line = (charactersMax: number) =>
  z
    .string()
    .min(1)
    .max(charactersMax)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must be one line of well-formed text')
/** A moment in UTC, ISO 8601. */
export const utc = () => z.iso.datetime()
/** A SHA-256, lower-case hex. */
export const sha256 = () => z.string().regex(/^[0-9a-f]{64}$/)
/** An ISRC without hyphens. */
export const isrc = () => z.string().regex(/^[A-Z]{2}[A-Z0-9]{3}\d{7}$/)
/** A public address as it was observed. */
export const url = () => line(URL_CHARACTERS_MAX).pipe(z.url({ protocol: /^https?$/ }))
/** A time or a length. */
export const milliseconds = () => z.number().min(0)
/** 0 … 1. */
export const probability = () => z.number().min(0).max(1)
