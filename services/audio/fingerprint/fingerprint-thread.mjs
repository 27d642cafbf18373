// A thread does not inherit how its program reads TypeScript, so it is told again.
import { register } from 'tsx/esm/api'

register()
await import('./fingerprint-thread.ts')
