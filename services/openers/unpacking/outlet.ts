import { parentPort } from 'node:worker_threads'

import { type FromThread, type PackedEntry, pace } from './messages.ts'

/**
 * Where a thread hands over what it unpacks. It sleeps until the program takes it: nothing is heaped up, however much a
 * few bytes unpack to.
 */
export class Outlet {
  readonly #pace: Int32Array
  /** Number of the entry that was told last; 0 where there are none. */
  #entry = 0

  constructor(shared: SharedArrayBuffer) {
    this.#pace = new Int32Array(shared)
  }

  /** Tells something that takes no memory to speak of. */
  tell(message: FromThread): void {
    if (!parentPort) throw new Error('This module runs in a worker thread')
    parentPort.postMessage(message)
  }

  /** Hands bytes over; they are copied. @returns false when nobody wants more of this entry. */
  give(bytes: Uint8Array): boolean {
    if (this.#entry > 0 && Atomics.load(this.#pace, pace.decision) === this.#entry * 2) return false
    if (bytes.length === 0) return true
    while (Atomics.load(this.#pace, pace.pieces) <= 0) Atomics.wait(this.#pace, pace.pieces, 0)
    Atomics.sub(this.#pace, pace.pieces, 1)
    const copy = Uint8Array.from(bytes)
    parentPort?.postMessage({ kind: 'bytes', bytes: copy } satisfies FromThread, [copy.buffer])
    return true
  }

  /** Tells of an entry, and waits for what is wanted of it. @returns whether its bytes are. */
  isWanted(entry: PackedEntry): boolean {
    this.#entry += 1
    this.tell({ kind: 'entry', entry })
    for (;;) {
      const decision = Atomics.load(this.#pace, pace.decision)
      if (decision >> 1 === this.#entry) return (decision & 1) === 1
      Atomics.wait(this.#pace, pace.decision, decision)
    }
  }
}
