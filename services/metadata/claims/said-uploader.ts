import { z } from 'zod'

/**
 * Who put something there, in the words of a page: a name, the address of an account, or both. Nobody has checked it, and
 * a page can say anything.
 */
export const SaidUploader = z.object({ name: z.string().nullable(), url: z.string().nullable() })
export type SaidUploader = z.infer<typeof SaidUploader>
