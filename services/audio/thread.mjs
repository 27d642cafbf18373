// A thread does not inherit how its program reads TypeScript, so it is told again.
import { workerData } from 'node:worker_threads'

import { register } from 'tsx/esm/api'

register()
await import(workerData.entry)
