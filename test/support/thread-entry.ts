import { setTimeout as sleep } from 'node:timers/promises'

import { answerOrders } from '../../services/audio/thread-work.ts'
import { Problem } from '../../services/core/problem.ts'

/** What the threads of the tests are told to do. */
export type Deed = 'say who' | 'wait' | 'fail' | 'be a problem' | 'die' | 'hoard' | 'count'

export interface DeedJob {
  readonly order: Deed
  readonly answer: string
}

/** Names this thread among others. */
const name = Math.random().toString(36)

answerOrders<DeedJob>(async (deed, { signal, onProgress }) => {
  switch (deed) {
    case 'wait':
      await sleep(60_000, undefined, { signal })
      break
    case 'fail':
      throw new RangeError('it failed')
    case 'be a problem':
      throw new Problem('fingerprint/malformed', 'it is one')
    case 'die':
      process.exit(7)
      break
    case 'hoard': {
      const all: number[][] = []
      for (;;) all.push(Array.from({ length: 100_000 }, Math.random))
    }
    case 'count':
      for (let done = 1; done <= 1_000; done++) onProgress?.(done, 1_000)
      break
    case 'say who':
  }
  return name
})
