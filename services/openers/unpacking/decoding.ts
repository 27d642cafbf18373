import { Problem } from '../../core/problem.ts'

/** An error of ours on its way through a decoder that has called us; `cause` is that error. */
class OwnError extends Error {
  override readonly name = 'OwnError'
}

/** What a stranger's bytes are when a decoder can make nothing of them. */
export const damaged = (detail: string, cause?: unknown): Problem =>
  new Problem('open/damaged', detail, { cause })

/** What is thrown where a decoder is at work: whatever is not of ours means that the bytes are damaged. */
export const problemOfDecoder = (error: unknown): unknown =>
  error instanceof Problem || error instanceof OwnError
    ? error
    : damaged('What is packed cannot be unpacked', error)

/** Has a decoder do something. @throws {Problem} open/damaged for whatever it throws of itself. */
export function decoding<Result>(work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    throw problemOfDecoder(error)
  }
}

/** Does something of ours that a decoder asks for: an error there is none of the decoder's, and says nothing of its bytes. */
export function own<Result>(work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    if (error instanceof Problem) throw error
    throw new OwnError('Something went wrong while unpacking', { cause: error })
  }
}
