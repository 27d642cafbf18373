/**
 * Entry of a thread of the pool, in JavaScript: a thread does not inherit how its program was made to
 * understand TypeScript, and with Node 20 `--import tsx` has no effect in it.
 */
import { register } from 'tsx/esm/api'

register()
await import('./fingerprint-thread.ts')
