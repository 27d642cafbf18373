/** A stream whose beginning is looked at before it is decided what becomes of it. Read by one at a time. */
export interface Beginning {
  /** At least so many bytes from the start, or all when there are fewer. */
  upTo(bytes: number): Promise<Buffer>
  /** Everything, the beginning included. */
  all(): AsyncIterable<Uint8Array>
  /** Gives up the rest. */
  stop(): Promise<void>
}

/** Wraps a stream; nothing is read before it is asked for. */
export function beginningOf(body: AsyncIterable<Uint8Array>): Beginning {
  const source = body[Symbol.asyncIterator]()
  let held = Buffer.alloc(0)
  return {
    async upTo(bytes) {
      const chunks: Uint8Array[] = [held]
      for (let length = held.length; length < bytes;) {
        const { value, done } = await source.next()
        if (done === true) break
        chunks.push(value)
        length += value.length
      }
      held = Buffer.concat(chunks)
      return held
    },
    async *all() {
      try {
        if (held.length > 0) yield held
        for (let next = await source.next(); next.done !== true; next = await source.next()) yield next.value
      } finally {
        await source.return?.()
      }
    },
    async stop() {
      await source.return?.()
    },
  }
}
