import { z } from 'zod'

import type { House } from '../actions/house.ts'
import type { ProblemType } from '../core/problem.ts'
import type { Caller, Role } from '../tenants/tenant.ts'

/** Bodies of plain JSON are short; one with a fingerprint of a day of audio may have this much. */
export const JSON_BYTES_MAX = 1_000_000
export const FINGERPRINT_JSON_BYTES_MAX = 20_000_000

/** A body that is not there. */
export interface NoBody {
  readonly kind: 'none'
}
/** A JSON body; `optional` when the request may come without one. */
export interface JsonBody<S extends z.ZodType = z.ZodType> {
  readonly kind: 'json'
  readonly schema: S
  readonly bytesMax: number
}
/** A body that is one file and nothing else. */
export interface StreamBody {
  readonly kind: 'stream'
}
/** A file with a few words about it: multipart/form-data, or the file as the body and the words in the query. */
export interface FileBody<S extends z.ZodObject = z.ZodObject> {
  readonly kind: 'file'
  readonly fields: S
  /** Whether a body that says it is JSON may be the file. */
  readonly takesJson: boolean
  /** The setting that says how large the file may be. */
  readonly limit: 'FETCH_BYTES_MAX' | 'MANIFEST_BYTES_MAX'
}
export type Body = NoBody | JsonBody | StreamBody | FileBody

export const json = <S extends z.ZodType>(schema: S, bytesMax = JSON_BYTES_MAX): JsonBody<S> => ({
  kind: 'json',
  schema,
  bytesMax,
})
export const stream: StreamBody = { kind: 'stream' }
export const file = <S extends z.ZodObject>(
  fields: S,
  { takesJson = false, limit = 'FETCH_BYTES_MAX' }: { takesJson?: boolean; limit?: FileBody['limit'] } = {},
): FileBody<S> => ({
  kind: 'file',
  fields,
  takesJson,
  limit,
})

/** An uploaded file: its bytes are read while the handler runs. */
export interface GivenFile<Fields> {
  readonly fields: Fields
  readonly fileName: string
  readonly source: AsyncIterable<Uint8Array>
}

/** An answer without a body (204). */
export interface NoAnswer {
  readonly kind: 'nothing'
}
/** An answer that is a file, of one of these media types. */
export interface FileAnswer {
  readonly kind: 'file'
  readonly mediaTypes: readonly string[]
}
export type Answer = z.ZodType | NoAnswer | FileAnswer

export const nothing: NoAnswer = { kind: 'nothing' }
export const fileOf = (...mediaTypes: readonly string[]): FileAnswer => ({ kind: 'file', mediaTypes })

/** A file that is answered. With a name it is for saving, without one for showing in place. */
export interface AnsweredFile {
  /** Its bytes; or a file on this machine, or text as it is made, which may be of any length. */
  readonly body: Buffer | string | { readonly path: string } | { readonly text: AsyncIterable<string> }
  readonly mediaType: string
  readonly fileName?: string
}

/** An answer with another status than the declared one, or with headers. */
export class Reply<T> {
  readonly value: T
  readonly status: number | undefined
  readonly headers: Readonly<Record<string, string>>

  constructor(value: T, more: { status?: number; headers?: Readonly<Record<string, string>> }) {
    this.value = value
    this.status = more.status
    this.headers = more.headers ?? {}
  }
}

/**
 * Who may call: nobody in particular, a visitor or a caller of an account, any caller of the account, a person, or a
 * person with a role. A key stands for the account, but never for a person.
 */
export type CallerRule = 'none' | 'visitor' | 'any' | 'member' | { readonly role: Role }
type Person = Extract<Caller, { kind: 'member' }>
type CallerFor<R extends CallerRule> = R extends 'none'
  ? undefined
  : R extends 'visitor'
    ? Caller | undefined
    : R extends 'any'
      ? Caller
      : Person

type BodyFor<B extends Body> =
  B extends JsonBody<infer S>
    ? z.output<S>
    : B extends StreamBody
      ? AsyncIterable<Uint8Array>
      : B extends FileBody<infer S>
        ? GivenFile<z.output<S>>
        : undefined
type AnswerFor<A extends Answer> = A extends z.ZodType
  ? z.input<A>
  : A extends FileAnswer
    ? AnsweredFile
    : undefined | void

/** What a handler is given: everything parsed, nothing of HTTP. */
export interface Given<P extends z.ZodObject, Q extends z.ZodObject, B extends Body, R extends CallerRule> {
  readonly params: z.output<P>
  readonly query: z.output<Q>
  readonly body: BodyFor<B>
  readonly caller: CallerFor<R>
  readonly house: House
}

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

interface Facts {
  readonly method: Method
  /** As Express writes it: `/v1/recordings/:id`. */
  readonly path: string
  /** The operation's name for generated clients; unique. */
  readonly id: string
  readonly summary: string
  readonly tag: string
  readonly status?: number
  /** A second status that a Reply of this route may have. */
  readonly otherStatus?: number
  /** What can go wrong besides what can go wrong everywhere (openapi.ts adds that). */
  readonly problems?: readonly ProblemType[]
  /** Takes an Idempotency-Key. Not for answers with secrets: an answer is kept to be repeated. */
  readonly idempotent?: boolean
  /** Guessing must be slow here. */
  readonly guessable?: boolean
}

interface Declaration<
  P extends z.ZodObject,
  Q extends z.ZodObject,
  B extends Body,
  A extends Answer,
  R extends CallerRule,
> extends Facts {
  readonly params?: P
  readonly query?: Q
  readonly body?: B
  readonly answer: A
  readonly caller: R
  handle(given: Given<P, Q, B, R>): Promise<AnswerFor<A> | Reply<AnswerFor<A>>>
}

/** A declared route as the rest of this folder sees it: complete, with the types of its handler forgotten. */
export interface Route extends Facts {
  readonly params: z.ZodObject
  readonly query: z.ZodObject
  readonly body: Body
  readonly answer: Answer
  readonly caller: CallerRule
  readonly status: number
  readonly problems: readonly ProblemType[]
  handle(given: {
    params: unknown
    query: unknown
    body: unknown
    caller: Caller | undefined
    house: House
  }): Promise<unknown>
}

const Nothing = z.strictObject({})
type Nothing = typeof Nothing

/**
 * Declares a route once: from this come validation, the types of its handler, and its page in the OpenAPI
 * document. The handler answers or throws a Problem; it knows no request and no response.
 */
export function route<
  const R extends CallerRule,
  P extends z.ZodObject = Nothing,
  Q extends z.ZodObject = Nothing,
  B extends Body = NoBody,
  A extends Answer = NoAnswer,
>(declared: Declaration<P, Q, B, A, R>): Route {
  const { params = Nothing, query = Nothing, body = { kind: 'none' }, problems = [] } = declared
  const isEmpty = 'kind' in declared.answer && declared.answer.kind === 'nothing'
  return {
    ...declared,
    params,
    query,
    body,
    problems,
    status: declared.status ?? (isEmpty ? 204 : 200),
    // The values are parsed with the very schemas that the handler's types were derived from.
    handle: (given) => declared.handle(given as unknown as Given<P, Q, B, R>),
  }
}
