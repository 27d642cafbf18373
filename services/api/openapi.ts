import { z } from 'zod'

import { Problem, type ProblemType, problemOf, problemTypes } from '../core/problem.ts'
import { serviceVersion } from '../core/version.ts'
import type { Body, Route } from './route.ts'
import { answerSchemas, requestSchemas, view } from './schema.ts'

export type JsonSchema = Record<string, unknown>

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly description?: string
  readonly schema: JsonSchema
}
type Content = Record<string, { schema: JsonSchema; example?: unknown; examples?: Record<string, unknown> }>
export interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly tags: readonly string[]
  readonly parameters: readonly Parameter[]
  readonly requestBody?: { readonly required: boolean; readonly content: Content }
  readonly responses: Record<string, { description: string; content?: Content }>
  readonly security: readonly Record<string, readonly string[]>[]
}
/** The part of OpenAPI 3.1 that we write. */
export interface OpenApi {
  readonly openapi: '3.1.0'
  readonly info: {
    title: string
    version: string
    description: string
    license: { name: string; url: string }
  }
  readonly servers: readonly { url: string }[]
  readonly tags: readonly { name: string }[]
  readonly paths: Record<string, Record<string, Operation>>
  readonly components: {
    readonly schemas: Record<string, JsonSchema>
    readonly securitySchemes: Record<string, unknown>
  }
}

const description = `Register recordings, hand in suspects, decide about cases, issue takedown-ready reports.

Lists are sorted newest first: give \`next\` of one page as \`cursor\` for the next. A failure is a problem
document (RFC 9457); its \`type\` leads to an explanation, its \`faults\` point into what was sent. Routes that take an
\`Idempotency-Key\` do their work once for a key and repeat the answer for a day. Times are ISO 8601 in UTC,
durations milliseconds.`

view(
  'Problem',
  z
    .object({
      type: z.enum(problemTypes.map((type) => `/problems/${type}`)),
      title: z.string(),
      status: z.int(),
      detail: z.string(),
      faults: z
        .array(z.object({ pointer: z.string().describe('JSON pointer (RFC 6901)'), detail: z.string() }))
        .optional(),
      requestId: z.string().describe('Under this id the log knows the request'),
    })
    .describe('A failure (RFC 9457)'),
)

const refTo = (id: string): JsonSchema => ({ $ref: `#/components/schemas/${id}` })

/** What zod writes, without what only stands alone; its UUID pattern says no more than the format. */
function tidy(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(tidy)
  if (typeof schema !== 'object' || schema === null) return schema
  const isUuid = 'format' in schema && schema.format === 'uuid'
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => key !== '$schema' && key !== '$id' && !(isUuid && key === 'pattern'))
      .map(([key, value]) => [key, tidy(value)]),
  )
}

/** Dates are sent as text; zod has no word for that. */
const override: NonNullable<z.core.ToJSONSchemaParams['override']> = ({ zodSchema, jsonSchema }) => {
  if (zodSchema._zod.def.type === 'date') Object.assign(jsonSchema, { type: 'string', format: 'date-time' })
}

function componentsOf(registry: typeof answerSchemas, io: 'input' | 'output'): Record<string, JsonSchema> {
  const { schemas } = z.toJSONSchema(registry, {
    io,
    override,
    unrepresentable: 'any',
    uri: (id) => `#/components/schemas/${id}`,
  })
  return tidy(schemas) as Record<string, JsonSchema>
}

/** The name of a schema that was named. @throws {Error} when it was not: then it would be missing here. */
function nameOf(registry: typeof answerSchemas, schema: z.ZodType, route: Route): string {
  const id = registry.get(schema)?.id
  if (id === undefined) throw new Error(`${route.id}: its body and its answer need names (schema.ts)`)
  return id
}

function parametersOf(schema: z.ZodObject, place: 'path' | 'query'): Parameter[] {
  const written = z.toJSONSchema(schema, { io: 'input', override, unrepresentable: 'any' })
  return Object.entries(written.properties ?? {}).map(([name, property]) => {
    const { description: text, ...rest } = tidy(property) as JsonSchema & { description?: string }
    const required = place === 'path' || (written.required ?? []).includes(name)
    return { name, in: place, required, ...(text !== undefined && { description: text }), schema: rest }
  })
}

const fileName: Parameter = {
  name: 'fileName',
  in: 'query',
  required: false,
  description: 'Name of a file that is sent as the body; Content-Disposition serves as well',
  schema: { type: 'string' },
}
const idempotencyKey: Parameter = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'Any text of your choice, such as a UUID: the same request with it is carried out once',
  schema: { type: 'string', minLength: 1, maxLength: 200 },
}

function requestBodyOf(route: Route, body: Body): Pick<Operation, 'requestBody'> {
  const bytes = { schema: { type: 'string', format: 'binary' } }
  switch (body.kind) {
    case 'none':
      return {}
    case 'stream':
      return {
        requestBody: { required: true, content: { 'application/octet-stream': bytes, 'audio/*': bytes } },
      }
    case 'file': {
      const fields = tidy(z.toJSONSchema(body.fields, { io: 'input' })) as { properties?: JsonSchema }
      const properties = { ...fields.properties, file: { ...bytes.schema, description: 'The last part' } }
      const form = { schema: { type: 'object', properties, required: ['file'] } }
      return {
        requestBody: {
          required: true,
          content: { 'multipart/form-data': form, 'application/octet-stream': bytes },
        },
      }
    }
    case 'json': {
      const schema = refTo(nameOf(requestSchemas, body.schema, route))
      const required = !body.schema.safeParse({}).success
      return { requestBody: { required, content: { 'application/json': { schema } } } }
    }
  }
}

/** Everything that can go wrong in a route: what it says itself, and what its shape brings with it. */
export function problemsOf(route: Route): ProblemType[] {
  const { body, caller, method, params, query } = route
  const takesWords = Object.keys(query.shape).length > 0 || body.kind !== 'none' || route.idempotent
  return [
    ...new Set<ProblemType>([
      ...(takesWords ? (['request/invalid'] as const) : []),
      ...(caller === 'none' ? [] : (['auth/missing', 'request/too-many'] as const)),
      // A key cannot do it, the role is missing, or the request came from another site.
      ...(caller === 'member' || typeof caller === 'object' || method !== 'get'
        ? (['auth/forbidden'] as const)
        : []),
      ...(Object.keys(params.shape).length > 0 ? (['row/unknown'] as const) : []),
      ...(body.kind === 'none' ? [] : (['request/too-large', 'request/unsupported-media'] as const)),
      ...(route.idempotent ? (['request/conflict', 'request/in-work'] as const) : []),
      ...route.problems,
      'internal',
    ]),
  ]
}

function failuresOf(route: Route): Operation['responses'] {
  const responses: Operation['responses'] = {}
  const all = problemsOf(route)
  for (const status of new Set(all.map((type) => problemOf(type).status))) {
    const types = all.filter((type) => problemOf(type).status === status)
    const examples = Object.fromEntries(
      types.map((type) => {
        const value = { ...new Problem(type, problemOf(type).title).toJSON(), requestId: 'a1b2' }
        return [type, { value }]
      }),
    )
    responses[status] = {
      description: types.map((type) => problemOf(type).title).join('; '),
      content: { 'application/problem+json': { schema: refTo('Problem'), examples } },
    }
  }
  return responses
}

function successOf(route: Route): Operation['responses'][string] {
  if (!('kind' in route.answer)) {
    const schema = refTo(nameOf(answerSchemas, route.answer, route))
    return { description: 'Done', content: { 'application/json': { schema } } }
  }
  if (route.answer.kind === 'nothing') return { description: 'Done' }
  const bytes = { schema: { type: 'string', format: 'binary' } }
  return {
    description: 'The file',
    content: Object.fromEntries(route.answer.mediaTypes.map((mediaType) => [mediaType, bytes])),
  }
}

function securityOf({ caller }: Route): Operation['security'] {
  if (caller === 'none') return []
  if (caller === 'visitor') return [{}, { bearer: [] }, { cookie: [] }]
  const isPersonal = caller === 'member' || typeof caller === 'object'
  return isPersonal ? [{ cookie: [] }] : [{ bearer: [] }, { cookie: [] }]
}

function operationOf(route: Route): Operation {
  return {
    operationId: route.id,
    summary: route.summary,
    tags: [route.tag],
    parameters: [
      ...parametersOf(route.params, 'path'),
      ...parametersOf(route.body.kind === 'file' ? route.body.fields : route.query, 'query'),
      ...(route.body.kind === 'file' ? [fileName] : []),
      ...(route.idempotent ? [idempotencyKey] : []),
    ],
    ...requestBodyOf(route, route.body),
    responses: {
      [route.status]: successOf(route),
      ...(route.otherStatus !== undefined && { [route.otherStatus]: successOf(route) }),
      ...failuresOf(route),
    },
    security: securityOf(route),
  }
}

/** The API as an OpenAPI 3.1 document, from nothing but its routes. */
export function openApiOf(routes: readonly Route[], publicUrl: string, cookie: string): OpenApi {
  const paths: OpenApi['paths'] = {}
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method]: operationOf(route) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Earwitness',
      version: serviceVersion,
      description,
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: publicUrl }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: { ...componentsOf(requestSchemas, 'input'), ...componentsOf(answerSchemas, 'output') },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'An API key: ewk_…' },
        cookie: {
          type: 'apiKey',
          in: 'cookie',
          name: cookie,
          description: 'The session of a signed-in person',
        },
      },
    },
  }
}
