/**
 * The problems this system can report, over HTTP (RFC 9457) and on a failed job alike.
 * `retry` is the verdict for a job: may the same work succeed later?
 */
const problems = {
  'request/invalid': { status: 400, retry: false, title: 'The request does not fit its schema' },
  'request/too-large': { status: 413, retry: false, title: 'The request is larger than allowed' },
  'request/too-many': { status: 429, retry: true, title: 'Too many requests' },
  'request/conflict': { status: 409, retry: false, title: 'The request conflicts with what is there' },
  'request/not-acceptable': { status: 406, retry: false, title: 'It is not to be had in this form' },
  'request/unknown-path': { status: 404, retry: false, title: 'There is nothing at this address' },
  'request/unknown-method': { status: 405, retry: false, title: 'This address does not take this method' },
  'request/in-work': { status: 409, retry: true, title: 'The same request is still being worked on' },
  'request/unsupported-media': { status: 415, retry: false, title: 'This media type is not accepted here' },
  'auth/missing': { status: 401, retry: false, title: 'A sign-in or an API key is needed' },
  'auth/second-factor': { status: 403, retry: false, title: 'A fresh second factor is needed' },
  'auth/forbidden': { status: 403, retry: false, title: 'Your role does not allow this' },
  'row/unknown': { status: 404, retry: false, title: 'No such thing in your account' },
  'row/stage': { status: 409, retry: false, title: 'It is at another stage' },
  'fetch/forbidden-address': { status: 422, retry: false, title: 'The address is not public' },
  'fetch/forbidden-url': { status: 422, retry: false, title: 'Only http and https addresses are fetched' },
  'fetch/too-large': { status: 422, retry: false, title: 'The file is larger than allowed' },
  'fetch/too-many-redirects': { status: 422, retry: false, title: 'The address redirects too often' },
  'fetch/refused': { status: 422, retry: false, title: 'The source refused to give the file' },
  'fetch/empty': { status: 422, retry: false, title: 'The source sent an empty file' },
  'fetch/incomplete': { status: 502, retry: true, title: 'The source broke off before the end' },
  'fetch/wrong-part': {
    status: 502,
    retry: false,
    title: 'The source sent another part of the file than was asked for',
  },
  'fetch/too-slow': { status: 504, retry: true, title: 'The source is too slow or has stalled' },
  'fetch/unreachable': { status: 502, retry: true, title: 'The source did not answer' },
  'fetch/later': { status: 503, retry: true, title: 'The host is left alone for a while' },
  'fetch/robots': { status: 422, retry: false, title: 'The site asks programs not to read what it leads to' },
  'fetch/resting': { status: 503, retry: false, title: 'The host refuses every visit for now' },
  'watch/robots': { status: 422, retry: false, title: 'The site asks programs not to read this page' },
  'watch/gone': { status: 422, retry: false, title: 'The watched place is not there any more' },
  'watch/closed': { status: 422, retry: false, title: 'The watched place does not let us in' },
  'file/unsupported': { status: 422, retry: false, title: 'This kind of file cannot be examined' },
  'file/gone': { status: 410, retry: false, title: 'The file is no longer held' },
  'file/empty': { status: 422, retry: false, title: 'The file is empty' },
  'open/too-deep': { status: 422, retry: false, title: 'Too many files lie inside each other' },
  'open/too-many': { status: 422, retry: false, title: 'There is more inside than is examined' },
  'open/too-large': { status: 422, retry: false, title: 'It unpacks to more than is examined' },
  'open/too-slow': { status: 422, retry: false, title: 'Opening it takes too long' },
  'open/damaged': { status: 422, retry: false, title: 'The file is damaged or not what it begins as' },
  'open/encrypted': {
    status: 422,
    retry: false,
    title: 'It is encrypted, and protection is not circumvented',
  },
  'open/unsupported': { status: 422, retry: false, title: 'Something of this kind is not opened' },
  'open/nothing': { status: 422, retry: false, title: 'There is nothing in it to examine' },
  'audio/undecodable': { status: 422, retry: false, title: 'No audio could be decoded' },
  'audio/too-long': { status: 422, retry: false, title: 'The audio is longer than allowed' },
  'audio/too-short': { status: 422, retry: false, title: 'The audio is too short to be recognised' },
  'audio/indistinct': {
    status: 422,
    retry: false,
    title: 'The audio has too little structure to be recognised',
  },
  'audio/decoder-limit': { status: 422, retry: false, title: 'The decoder exceeded its time or memory' },
  'audio/decoder-missing': { status: 503, retry: true, title: 'ffmpeg was not found' },
  'fingerprint/malformed': { status: 400, retry: false, title: 'The fingerprint is malformed' },
  'fingerprint/version': { status: 422, retry: false, title: 'The fingerprint is of another version' },
  'image/unreadable': { status: 422, retry: false, title: 'The picture cannot be read' },
  'image/too-large': { status: 422, retry: false, title: 'The picture is larger than allowed' },
  'cover/malformed': { status: 400, retry: false, title: 'The hashes of the cover are malformed' },
  'sketch/malformed': { status: 400, retry: false, title: 'The sketch of the spectrogram is malformed' },
  'import/stopped': { status: 409, retry: false, title: 'The import was stopped' },
  'index/damaged': { status: 500, retry: false, title: 'A file of the index is damaged' },
  'mail/refused': { status: 502, retry: false, title: 'The mail server refused the message for good' },
  'mail/misconfigured': {
    status: 422,
    retry: false,
    title: 'The mail server that the account has set cannot be used',
  },
  'mail/unreachable': { status: 502, retry: true, title: 'The mail server did not answer' },
  'notice/not-ready': { status: 422, retry: false, title: 'The notice is not ready' },
  'notice/duplicate': { status: 409, retry: false, title: 'The same is demanded already' },
  'notice/barred': { status: 409, retry: false, title: 'Nothing may be demanded here' },
  'notice/paused': { status: 409, retry: false, title: 'Sending is paused' },
  'delivery/unclear': {
    status: 409,
    retry: false,
    title: 'Whether the message was sent is not known; a person has to find out',
  },
  'recipient/limit': { status: 429, retry: true, title: 'The recipient takes no more messages for now' },
  'recipient/unknown': { status: 422, retry: false, title: 'Nobody is known who could remove it' },
  'registry/unreachable': { status: 502, retry: true, title: 'The registry did not answer' },
  'registry/unusable': { status: 502, retry: false, title: 'The registry gave no usable answer' },
  'evidence/tampered': { status: 500, retry: false, title: 'Evidence is no longer what was recorded' },
  'stamp/unreachable': { status: 502, retry: true, title: 'The time stamp authority did not answer' },
  'stamp/refused': {
    status: 502,
    retry: false,
    title: 'The time stamp authority refused or answered wrongly',
  },
  'secret/unreadable': {
    status: 500,
    retry: false,
    title: 'A stored secret cannot be read with the key of this installation',
  },
  'job/poison': { status: 500, retry: false, title: 'The work was tried too often and given up' },
  internal: { status: 500, retry: true, title: 'Unexpected error' },
} as const satisfies Record<string, { status: number; retry: boolean; title: string }>

export type ProblemType = keyof typeof problems

/** Every problem type, for documentation, metrics and the database's check. */
export const problemTypes = Object.keys(problems) as readonly ProblemType[]

/** Status, retry verdict and title of one problem type. */
export const problemOf = (type: ProblemType): { status: number; retry: boolean; title: string } =>
  problems[type]

/** One fault in a request: where (JSON pointer) and what. */
export interface Fault {
  readonly pointer: string
  readonly detail: string
}

/** A failure with a name. Throw it; the HTTP floor and the worker floor both know what to do. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly type: ProblemType
  readonly status: number
  readonly retry: boolean
  readonly faults: readonly Fault[]
  /** How long whoever refused wants to be left alone; 0 when it asks for patience without saying how much. */
  readonly waitMs: number | undefined

  constructor(
    type: ProblemType,
    detail: string,
    options: ErrorOptions & { faults?: readonly Fault[]; waitMs?: number } = {},
  ) {
    super(detail, options)
    this.waitMs = options.waitMs
    this.type = type
    this.status = problems[type].status
    this.retry = problems[type].retry
    this.faults = options.faults ?? []
  }

  /** Any thrown value as a Problem; what we did not foresee becomes `internal`. */
  static from(error: unknown): Problem {
    if (error instanceof Problem) return error
    return new Problem('internal', 'The error is in the log', { cause: error })
  }

  /** The body of an RFC 9457 answer, and what a failed row keeps. */
  toJSON(): { type: string; title: string; status: number; detail: string; faults?: readonly Fault[] } {
    return {
      type: `/problems/${this.type}`,
      title: problems[this.type].title,
      status: this.status,
      detail: this.message,
      ...(this.faults.length > 0 && { faults: this.faults }),
    }
  }
}
