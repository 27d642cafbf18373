import { existsSync, readFileSync } from 'node:fs'

import { expect, test } from 'vitest'

import { Environment } from '../services/core/config.ts'

const root = new URL('..', import.meta.url).pathname
const read = (file: string): string => readFileSync(root + file, 'utf8')

test('.env.example lists every setting with its meaning and default, and no other', () => {
  const expected = Object.entries(Environment.shape).map(([name, schema]) => {
    const standard = schema.safeParse(undefined).data
    return `# ${schema.description}\n#${name}=${standard === undefined ? '' : String(standard)}`
  })
  const listed = read('.env.example').trim().split('\n\n').slice(1)
  expect(listed).toEqual(expected)
})

test('every file that a document points to is there', () => {
  const documents = [
    'README.md',
    'CHANGELOG.md',
    'docs/ARCHITECTURE.md',
    'docs/OPERATING.md',
    'docs/MATCHING.md',
    'docs/NOTICES.md',
    'docs/INTAKE.md',
    'docs/LEAKS.md',
  ]
  const dead = documents.flatMap((document) => {
    const folder = document.includes('/') ? 'docs/' : ''
    return [...read(document).matchAll(/\]\((?!https?:|#)([^)#]+)/g)]
      .map(([, target = '']) => new URL(target, `file://${root}${folder}`).pathname)
      .filter((path) => !existsSync(path))
      .map((path) => `${document} → ${path.replace(root, '')}`)
  })
  expect(dead).toEqual([])
})

test('every command that the README names is there', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  const named = [
    ...read('README.md').matchAll(/npm (?:run )?(start|test|demo|bench|earwitness|check|format)\b/g),
  ]
  expect(named.length).toBeGreaterThan(3)
  expect(named.map(([, name = '']) => name).filter((name) => !(name in scripts))).toEqual([])
})
