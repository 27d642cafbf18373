import { readFileSync, readdirSync } from 'node:fs'
import { posix } from 'node:path'

import { expect, test } from 'vitest'

/** Who may import whom; a folder may always import itself. This table is the architecture. */
const floors: Readonly<Record<string, readonly string[]>> = {
  'services/core': [],
  'services/audio': ['services/core/problem.ts'],
  'services/artwork': ['services/core/problem.ts'],
  'services/metadata': [],
  // The limits of what an account may set are the engine's.
  'services/tenants': ['services/core', 'services/audio/search/decide.ts'],
  'services/catalog': ['services/core', 'services/audio', 'services/metadata'],
  'services/allowlist': ['services/core', 'services/catalog'],
  // An item's place is written as openers write it, and its number is bounded by what they may spend.
  'services/submissions': [
    'services/core',
    'services/audio',
    'services/metadata',
    'services/openers/budget.ts',
    'services/openers/place.ts',
    'services/provenance/clue.ts',
  ],
  'services/matches': ['services/core', 'services/audio', 'services/metadata'],
  'services/alerts': [
    'services/catalog',
    'services/core',
    'services/matches',
    'services/metadata',
    'services/submissions',
    'services/tenants',
  ],
  'services/pdf': [],
  'services/reports': [
    'services/catalog',
    'services/core',
    'services/matches',
    'services/metadata',
    'services/pdf',
    'services/submissions',
    'services/tenants',
  ],
  'services/recipients': ['services/core'],
  'services/notices': [
    'services/core',
    'services/pdf',
    'services/catalog',
    'services/metadata',
    'services/submissions',
    'services/matches',
    'services/recipients',
    'services/reports',
    'services/tenants',
  ],
  'services/evidence': [
    'services/core',
    'services/pdf',
    'services/catalog',
    'services/submissions',
    'services/matches',
    'services/notices',
    'services/provenance/clue.ts',
    'services/tenants',
  ],
  'services/figures': [
    'services/core',
    'services/matches',
    'services/notices',
    'services/recipients',
    'services/tenants',
  ],
  // The rows of a table are read as a catalogue's are.
  'services/leaks': [
    'services/core',
    'services/metadata',
    'services/pdf',
    'services/catalog/import/csv/rows.ts',
    'services/submissions/canonical-url.ts',
  ],
  'services/provenance': ['services/core'],
  'services/letters': ['services/core', 'services/pdf', 'services/tenants'],
  'services/watches': ['services/core', 'services/submissions'],
  'services/intake': ['services/core'],
  'services/watch-reads.ts': ['services'],
  'services/reading': [
    'services/audio',
    'services/core',
    'services/matches/match.ts',
    'services/openers/opener.ts',
    'services/submissions',
  ],
  // What runs only where the operator turned it on, and of the service uses what it is given.
  plugins: ['services/core', 'services/openers/bencode.ts', 'services/reading/torrent-plugin.ts'],
  'services/openers': [
    'services/core',
    'services/audio/decode/ffmpeg-child.ts',
    'services/metadata/claims/said-uploader.ts',
    'services/submissions/canonical-url.ts',
    'services/submissions/file-kind.ts',
    'services/submissions/text-kind.ts',
  ],
  'services/jobs.ts': ['services/core'],
  'services/dispatch.ts': ['services/core', 'services/submissions'],
  'services/address-keys.ts': ['services/core', 'services/matches', 'services/submissions'],
  'services/pipeline.ts': ['services'],
  'services/capsule-contents.ts': ['services'],
  'services/capsule-media.ts': ['services'],
  'services/case-dossier.ts': ['services'],
  'services/case-standing.ts': ['services'],
  'services/case-whereabouts.ts': ['services'],
  'services/notice-standing.ts': ['services'],
  'services/exposure-reading.ts': ['services'],
  'services/item-names.ts': ['services'],
  'services/leak-audit.ts': ['services'],
  'services/leak-opening.ts': ['services'],
  'services/listed-files.ts': ['services'],
  'services/unreleased.ts': ['services'],
  'services/item-evidence.ts': ['services'],
  'services/actions': ['services'],
  'services/api': ['services'],
  workers: ['services'],
  web: ['services'],
  bin: ['services', 'workers', 'web'],
}

/** Exceptions to what the table allows. */
const never = [
  ['workers', 'services/api'],
  ['web', 'services/api'],
  ['services/pipeline.ts', 'services/api'],
  ['services/actions', 'services/api'],
] as const

/** The nouns: of another noun only what is pure may be imported, never what touches the database. */
const nouns = [
  'tenants',
  'catalog',
  'allowlist',
  'submissions',
  'matches',
  'alerts',
  'reports',
  'recipients',
  'notices',
  'evidence',
  'figures',
  'watches',
  'intake',
  'letters',
].map((noun) => `services/${noun}`)

/**
 * Packages that have one door each. Node's own clients have one too: whatever else would ask a stranger's server
 * would do so without its guards. Programs in bin/ import `node:http` to be a server.
 */
const doors: Readonly<Record<string, readonly string[]>> = {
  bullmq: ['services/core/queue.ts'],
  ioredis: ['services/core/queue.ts'],
  pg: ['services/core/db.ts', 'bin/service/postgres.ts'],
  'pg-copy-streams': ['services/core/db.ts'],
  'node:http': ['services/core/hop.ts', 'bin/'],
  'node:https': [],
  'node:http2': [],
  'node:tls': ['services/core/hop.ts'],
  nodemailer: ['services/core/mail.ts', 'services/core/mail-handover.ts', 'services/core/mime.ts'],
  'playwright-core': ['services/reading/page-picture.ts'],
  sharp: ['services/artwork/open-image.ts'],
  'smtp-server': ['services/core/mail-catcher.ts', 'services/core/mail-in.ts'],
}

const root = new URL('..', import.meta.url).pathname
const inside = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`)

interface Import {
  readonly file: string
  readonly target: string
  readonly typeOnly: boolean
}

const files = ['bin', 'plugins', 'services', 'workers', 'web'].flatMap((folder) =>
  readdirSync(root + folder, { recursive: true, encoding: 'utf8' })
    .map((file) => posix.join(folder, file))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts')),
)
const sourceOf = (file: string): string => readFileSync(root + file, 'utf8')

const imports: readonly Import[] = files.flatMap((file) =>
  [...sourceOf(file).matchAll(/^(?:import|export)\s(type\s)?[^'"]*?from '([^']+)'/gms)].map(
    ([, type, target = '']) => ({
      file,
      target: target.startsWith('.') ? posix.join(posix.dirname(file), target) : target,
      typeOnly: type !== undefined,
    }),
  ),
)
const own = imports.filter(({ target }) => target.endsWith('.ts'))

test('there is something to check', () => {
  expect(files.length).toBeGreaterThan(80)
  expect(own.length).toBeGreaterThan(200)
})

test.each(Object.entries(floors))('%s imports only what it may', (folder, allowed) => {
  const broken = own
    .filter(({ file }) => inside(file, folder))
    .filter(({ target }) => ![folder, ...allowed].some((floor) => inside(target, floor)))
  expect(broken.map(({ file, target }) => `${file} → ${target}`)).toEqual([])
})

test('every file of ours stands on a floor', () => {
  expect(files.filter((file) => !Object.keys(floors).some((floor) => inside(file, floor)))).toEqual([])
})

test.each(never)('%s never imports %s', (from, to) => {
  const broken = own.filter(({ file, target }) => inside(file, from) && inside(target, to))
  expect(broken.map(({ file, target }) => `${file} → ${target}`)).toEqual([])
})

test('a noun imports of another noun only what does not touch the database', () => {
  const touches = (file: string): boolean =>
    /\b(tx\.(all|one|maybe|run)|db\.(system|tenant))\b/.test(sourceOf(file))
  const nounOf = (path: string): string | undefined => nouns.find((noun) => inside(path, noun))
  const broken = own.filter(({ file, target, typeOnly }) => {
    const [from, to] = [nounOf(file), nounOf(target)]
    return from !== undefined && to !== undefined && from !== to && !typeOnly && touches(target)
  })
  expect(broken.map(({ file, target }) => `${file} → ${target}`)).toEqual([])
})

test.each(Object.entries(doors))('%s is imported through its one door', (name, allowed) => {
  const users = imports.filter(
    ({ target, typeOnly }) => !typeOnly && (target === name || target.startsWith(`${name}/`)),
  )
  const strangers = users
    .map(({ file }) => file)
    .filter((file) => !allowed.some((door) => file.startsWith(door.replace(/\.ts$/, ''))))
  expect(strangers).toEqual([])
})

test('only core/config.ts and the programs in bin/ read the environment, and only they write to the terminal', () => {
  const rest = files.filter(
    (file) => file !== 'services/core/config.ts' && file !== 'services/core/log.ts' && !inside(file, 'bin'),
  )
  const reads = rest.filter((file) =>
    /(?<![\w.])(process\.(env|argv|stdout|stderr|exit\()|console\.)/.test(sourceOf(file)),
  )
  expect(reads).toEqual([])
})

test('services/audio runs in a browser, but for what starts ffmpeg or threads and what keeps files', () => {
  const native = [
    'decode/',
    'threads',
    'thread-work',
    'index/collect',
    'index/segment-file',
    'index/segment-folder',
    'index/whole-file',
  ]
  const broken = imports.filter(
    ({ file, target }) =>
      inside(file, 'services/audio') &&
      target.startsWith('node:') &&
      !native.some((name) => file.startsWith(`services/audio/${name}`)),
  )
  expect(broken).toEqual([])
})
