/** Gives the event loop its turn during long arithmetic. */
export interface Breather {
  /** Whether the time is up; cheap enough to ask after every millisecond of work. */
  due(): boolean
  /** Lets everything else that waits have its turn. @throws the signal's reason when it was aborted. */
  pause(): Promise<void>
}

/**
 * @param everyMs how long the arithmetic may go on at a time.
 */
export function createBreather(everyMs: number, signal?: AbortSignal): Breather {
  let startedAt = performance.now()
  return {
    due: () => performance.now() - startedAt >= everyMs,
    async pause() {
      signal?.throwIfAborted()
      await nextTurn()
      signal?.throwIfAborted()
      startedAt = performance.now()
    },
  }
}

/** A browser has no setImmediate; its message channels are not slowed down as its timers are. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') {
      setImmediate(resolve)
      return
    }
    const { port1, port2 } = new MessageChannel()
    port1.addEventListener('message', () => {
      port1.close()
      resolve()
    })
    port1.start()
    port2.postMessage(undefined)
  })
}
