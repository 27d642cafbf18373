import addFormats from 'ajv-formats'
import { Ajv2020 } from 'ajv/dist/2020.js'

import type { OpenApi } from '../../services/api/openapi.ts'
import { routes } from '../../services/api/routes.ts'
import { answerSchemas, requestSchemas } from '../../services/api/schema.ts'
import { problemTypes } from '../../services/core/problem.ts'
import { seed, serveApi } from '../support/api.ts'
import { type World, describe, expect, test } from '../support/world.ts'

/** Every value under a key, at any depth. */
function* valuesOf(key: string, value: unknown): Generator {
  if (typeof value !== 'object' || value === null) return
  for (const [name, inner] of Object.entries(value)) {
    if (name === key) yield inner
    yield* valuesOf(key, inner)
  }
}

async function documentOf(world: World): Promise<OpenApi> {
  return (await (await serveApi(world)).anonymous('get', '/openapi.json')).json
}

describe('the OpenAPI document', () => {
  test('has every declared route with its own operationId, and nothing else', async ({ world }) => {
    const json = await documentOf(world)
    expect(json.openapi).toBe('3.1.0')
    const declared = routes.map(
      ({ method, path, id }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')} ${id}`,
    )
    const written = Object.entries(json.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => `${method} ${path} ${operationId}`),
    )
    expect(written.toSorted()).toEqual(declared.toSorted())
    expect(new Set(routes.map(({ id }) => id)).size).toBe(routes.length)
    for (const [path, methods] of Object.entries(json.paths)) {
      for (const { parameters, responses, tags } of Object.values(methods)) {
        const inPath = parameters.filter((one) => one.in === 'path').map(({ name }) => `{${name}}`)
        expect(path.match(/\{\w+\}/g) ?? [], path).toEqual(inPath)
        expect(
          Object.keys(responses).some((status) => status.startsWith('2')),
          path,
        ).toBe(true)
        expect(json.tags.map(({ name }) => name)).toContain(tags[0])
      }
    }
  })

  test('refers only to what it holds, and holds schemas that compile and whose examples fit', async ({
    world,
  }) => {
    const json = await documentOf(world)
    const names = new Set(Object.keys(json.components.schemas))
    for (const reference of valuesOf('$ref', json)) {
      expect(String(reference)).toMatch(/^#\/components\/schemas\//)
      expect(names).toContain(String(reference).split('/').at(-1))
    }
    for (const security of valuesOf('security', json)) {
      for (const scheme of (security as Record<string, unknown>[]).flatMap((one) => Object.keys(one)))
        expect(Object.keys(json.components.securitySchemes)).toContain(scheme)
    }
    const ajv = addFormats.default(new Ajv2020({ strict: false })).addSchema(json, 'api')
    let examples = 0
    for (const [name, schema] of Object.entries(json.components.schemas)) {
      const validate = ajv.getSchema(`api#/components/schemas/${name}`)
      if (!validate) throw new Error(`${name} does not compile`)
      for (const example of (schema['examples'] ?? []) as unknown[]) {
        examples += 1
        expect(validate(example), `${name}: ${ajv.errorsText(validate.errors)}`).toBe(true)
      }
    }
    expect(examples).toBeGreaterThan(8)
  })

  test('describes the answers that are really given', async ({ world }) => {
    const account = await world.account('Described')
    const api = await serveApi(world)
    const ask = api.withKey(account.key)
    const { json: document } = await ask('get', '/openapi.json')
    const ajv = addFormats.default(new Ajv2020({ strict: false })).addSchema(document, 'api')
    const ids = await seed(world, account)
    const report = (await ask('post', `/v1/cases/${ids.caseId}/reports`, {})).json
    const given: Record<string, unknown> = {
      Recording: (await ask('get', `/v1/recordings/${ids.recordingId}`)).json,
      RecordingList: (await ask('get', '/v1/recordings?limit=1')).json,
      SubmissionDetail: (await ask('get', `/v1/submissions/${ids.submissionId}`)).json,
      SubmissionList: (await ask('get', '/v1/submissions')).json,
      MatchDetail: (await ask('get', `/v1/matches/${ids.matchId}`)).json,
      CaseDetail: (await ask('get', `/v1/cases/${ids.caseId}`)).json,
      ReportDetail: report,
      Account: (await ask('get', '/v1/account')).json,
      Problem: (await ask('get', '/v1/nothing')).json,
    }
    for (const [name, answer] of Object.entries(given)) {
      const validate = ajv.getSchema(`api#/components/schemas/${name}`)
      expect(validate?.(answer), `${name}: ${ajv.errorsText(validate?.errors)}`).toBe(true)
    }
  })

  test('names no schema twice', () => {
    const ids = [requestSchemas, answerSchemas].flatMap((registry) => [...registry._idmap.keys()])
    expect(new Set(ids).size).toBe(ids.length)
  })
})

describe('the pages about the API', () => {
  test('show every route and schema, need nothing from elsewhere and allow their own style only', async ({
    world,
  }) => {
    const { anonymous } = await serveApi(world)
    const { text, headers } = await anonymous('get', '/docs')
    for (const { id, summary } of routes) {
      expect(text).toContain(`id="${id}"`)
      expect(text).toContain(summary)
    }
    for (const link of text.matchAll(/href="#([^"]+)"/g)) expect(text).toContain(`id="${link[1]}"`)
    expect(text).not.toMatch(/<script|src=|href="https?:|@import|url\(/)
    const style = text.match(/<style>([\s\S]*)<\/style>/)?.[1] ?? ''
    const hash = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(style))).toString('base64')
    expect(headers.get('content-security-policy')).toContain(`style-src 'sha256-${hash}'`)
  })

  test('explain every type of problem, to people and to machines', async ({ world }) => {
    const { anonymous } = await serveApi(world)
    for (const type of problemTypes) {
      const { status, json } = await anonymous('get', `/problems/${type}`)
      expect([status, json.type]).toEqual([200, `/problems/${type}`])
    }
    const page = await anonymous('get', '/problems/row/unknown', undefined, { accept: 'text/html,*/*;q=0.5' })
    expect(page.text).toContain('<h1>No such thing in your account</h1>')
    expect((await anonymous('get', '/problems/of/mine')).status).toBe(404)
  })

  test('hold the schema of the reports', async ({ world }) => {
    const { json } = await (await serveApi(world)).anonymous('get', '/schemas/takedown-report-1.json')
    expect(json.$id).toBe('/schemas/takedown-report-1.json')
  })
})
