import { createHash } from 'node:crypto'

import type { Response } from 'express'

import { type Html, html, trusted } from '../core/html.ts'
import { type ProblemType, problemOf } from '../core/problem.ts'
import type { JsonSchema, OpenApi, Operation } from './openapi.ts'

/** The style of these few pages; `light-dark` follows the reader's setting. */
const style = `
:root { color-scheme: light dark; --edge: light-dark(#d5d9e0, #3a404b); --soft: light-dark(#f4f5f7, #1d2128);
  --accent: light-dark(#1f5f8b, #7fb8dd); font: 16px/1.55 system-ui, sans-serif }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem; background: light-dark(#fff, #14171c); color: light-dark(#1b1f26, #dfe3ea) }
a { color: var(--accent) } h1 { font-size: 1.7rem } h2 { margin-top: 2.5rem } pre { white-space: pre-wrap }
code, pre { font: 0.9em/1.5 ui-monospace, monospace; overflow-wrap: anywhere }
nav ul { columns: 16rem; column-gap: 2rem; padding-left: 1.2rem } nav li { break-inside: avoid } nav h3 { margin-bottom: 0 }
section.route { border: 1px solid var(--edge); border-radius: 8px; padding: 0.5rem 1rem 1rem; margin: 1rem 0 }
section.route h3 { font-size: 1rem; margin: 0.5rem 0 } .method { color: var(--accent); font-weight: 700; text-transform: uppercase }
table { border-collapse: collapse; width: 100%; font-size: 0.92rem } caption { text-align: left; font-weight: 600; padding-top: 0.6rem }
th, td { text-align: left; vertical-align: top; padding: 0.25rem 0.8rem 0.25rem 0; border-top: 1px solid var(--edge); font-weight: 400 }
pre { background: var(--soft); padding: 0.8rem; border-radius: 6px }`

const styleHash = createHash('sha256').update(style).digest('base64')
/** Made by hand: not a space may come between the tags and the text that was hashed. */
const styleElement = trusted(`<style>${style}</style>`)

/** Sends a page that needs no script and nothing from elsewhere, and tells the browser so. */
export function sendPage(response: Response, title: string, body: Html): void {
  response.setHeader(
    'Content-Security-Policy',
    `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  )
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        ${styleElement}
      </head>
      <body>
        ${body}
      </body>
    </html>`
  response.type('html').send(page.text)
}

/** A schema in a few words: its type, or the name it has further down. */
function inWords(schema: JsonSchema): Html {
  const { $ref: ref, type, format, items, anyOf, enum: values, oneOf } = schema
  if (typeof ref === 'string') {
    const name = ref.split('/').at(-1) ?? ''
    return html`<a href="#schema-${name}">${name}</a>`
  }
  if (Array.isArray(values)) return html`${values.map((value) => JSON.stringify(value)).join(' | ')}`
  const options = (anyOf ?? oneOf) as JsonSchema[] | undefined
  if (options) return html`${options.map((option, i) => html`${i > 0 && ' or '}${inWords(option)}`)}`
  if (type === 'array') return html`list of ${inWords((items ?? {}) as JsonSchema)}`
  const name = Array.isArray(type) ? type.join(' or ') : ((type as string | undefined) ?? 'anything')
  return html`${name}${typeof format === 'string' && ` (${format})`}`
}

function parameterRows(operation: Operation): Html | undefined {
  if (operation.parameters.length === 0) return undefined
  return html`<table>
    <caption>
      Parameters
    </caption>
    ${operation.parameters.map(
      ({ name, in: place, required, description, schema }) =>
        html`<tr>
          <th scope="row"><code>${name}</code></th>
          <td>${place}${required && ', required'}</td>
          <td>${inWords(schema)}</td>
          <td>${description}</td>
        </tr>`,
    )}
  </table>`
}

function answerRows({ responses }: Operation): Html {
  return html`<table>
    <caption>
      Answers
    </caption>
    ${Object.entries(responses).map(
      ([status, { description, content = {} }]) =>
        html`<tr>
          <th scope="row">${status}</th>
          <td>${description}</td>
          <td>
            ${Object.entries(content)
              .filter(([mediaType]) => mediaType !== 'application/problem+json')
              .map(([mediaType, { schema }]) => html`${inWords(schema)} <code>${mediaType}</code> `)}
          </td>
        </tr>`,
    )}
  </table>`
}

function routeSection(path: string, method: string, operation: Operation): Html {
  const schemes = operation.security.flatMap((one) => Object.keys(one))
  const who =
    schemes.length === 0 ? 'anybody' : schemes.includes('bearer') ? 'an API key or a session' : 'a session'
  const bodies = Object.entries(operation.requestBody?.content ?? {})
  return html`<section class="route" id="${operation.operationId}">
    <h3><span class="method">${method}</span> <code>${path}</code></h3>
    <p>${operation.summary}. For ${who}.</p>
    ${parameterRows(operation)}
    ${bodies.length > 0 && html`<p>Body: ${bodies.map(([mediaType, { schema }]) => html`${inWords(schema)} <code>${mediaType}</code> `)}</p>`}
    ${answerRows(operation)}
  </section>`
}

function schemaSection(name: string, schema: JsonSchema): Html {
  const properties = Object.entries((schema['properties'] ?? {}) as Record<string, JsonSchema>)
  const required = (schema['required'] ?? []) as string[]
  const [example] = (schema['examples'] ?? []) as unknown[]
  return html`<section class="route" id="schema-${name}">
    <h3>${name}</h3>
    <p>${schema['description']}</p>
    ${properties.length === 0 && html`<p>${inWords(schema)}</p>`}
    <table>
      ${properties.map(
        ([key, property]) =>
          html`<tr>
            <th scope="row"><code>${key}</code>${!required.includes(key) && ' (optional)'}</th>
            <td>${inWords(property)}</td>
            <td>${property['description']}</td>
          </tr>`,
      )}
    </table>
    ${example !== undefined && html`<pre>${JSON.stringify(example, undefined, 2)}</pre>`}
  </section>`
}

/** The API in words, from the document that machines read. */
export function docsPage(document: OpenApi): Html {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  const of = (tag: string) => operations.filter(({ operation }) => operation.tags.includes(tag))
  return html`<h1>${document.info.title} API ${document.info.version}</h1>
    ${document.info.description.split('\n\n').map((text) => html`<p>${text.replaceAll('`', '')}</p>`)}
    <p>
      For machines: <a href="/openapi.json">openapi.json</a> (OpenAPI 3.1). The report format:
      <a href="/schemas/takedown-report-1.json">takedown-report-1.json</a>.
    </p>
    <pre>curl -H 'Authorization: Bearer ewk_…' ${document.servers[0]?.url}/v1/recordings</pre>
    <nav aria-label="Contents">
      ${document.tags.map(
        ({ name }) =>
          html`<h3>${name}</h3>
            <ul>
              ${of(name).map(({ operation }) => html`<li><a href="#${operation.operationId}">${operation.summary}</a></li>`)}
            </ul>`,
      )}
    </nav>
    ${document.tags.map(
      ({ name }) =>
        html`<h2>${name}</h2>
          ${of(name).map(({ path, method, operation }) => routeSection(path, method, operation))}`,
    )}
    <h2>Schemas</h2>
    ${Object.entries(document.components.schemas).map(([name, schema]) => schemaSection(name, schema))}`
}

/** What a type of problem means, for whoever follows the link in one. */
export function problemPage(type: ProblemType): Html {
  const { title, status, retry } = problemOf(type)
  return html`<h1>${title}</h1>
    <p><code>${type}</code>, HTTP status ${status}.</p>
    <p>
      ${
        retry
          ? 'The same request may succeed later: try again, after the time in Retry-After if there is one.'
          : 'The same request will fail again: it, or what it speaks of, has to change first.'
      }
    </p>
    <p>
      The problem’s own <code>detail</code> and <code>faults</code> say what is wrong in this case.
      <a href="/docs">All of the API</a>
    </p>`
}
