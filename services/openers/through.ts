import { type Readable, type Transform, pipeline } from 'node:stream'

/** What comes out of a transform into which a stream flows. Both are gone afterwards, however it ends. */
export async function* through(packed: Readable, transform: Transform): AsyncGenerator<Buffer> {
  // An error of either reaches who reads the transform; here is nothing left to say of it.
  pipeline(packed, transform, () => {})
  try {
    yield* transform as AsyncIterable<Buffer>
  } finally {
    packed.destroy()
    transform.destroy()
  }
}
