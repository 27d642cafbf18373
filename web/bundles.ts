import { join } from 'node:path'

import { type BuildResult, build } from 'esbuild'

const folder = join(import.meta.dirname, 'browser')

/** What browsers run of ours that is written in TypeScript: the name of the asset, and where it begins. */
const entries = {
  'register-here.js': 'register-here.ts',
  'fingerprint-thread.js': 'fingerprint-thread.ts',
  'private-check.js': 'private-check.ts',
} as const

export type BundleName = keyof typeof entries

const made = new Map<BundleName, Promise<Buffer>>()

async function make(name: BundleName): Promise<Buffer> {
  const { outputFiles }: BuildResult<{ write: false }> = await build({
    entryPoints: [join(folder, entries[name])],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    legalComments: 'inline',
    logLevel: 'silent',
  })
  const [file] = outputFiles
  if (!file) throw new Error(`${name} came out empty`)
  return Buffer.from(file.contents)
}

export const isBundle = (name: string): name is BundleName => Object.hasOwn(entries, name)

/** A bundle, made when it is first asked for: a fraction of a second, once for each process. */
export function bundle(name: BundleName): Promise<Buffer> {
  const known = made.get(name)
  if (known) return known
  const making = make(name)
  made.set(name, making)
  making.catch(() => made.delete(name)) // The next request tries again.
  return making
}
