import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { expect, test } from 'vitest'

test('the kernels in WebAssembly are what their sources compile to', { timeout: 60_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'earwitness-kernels-'))
  const audio = new URL('../../services/audio/', import.meta.url)
  try {
    await promisify(execFile)(process.execPath, [new URL('wasm/build.mjs', audio).pathname, folder])
    for (const name of ['extract', 'index']) {
      const kept = await readFile(new URL(`${name}/kernel/wasm-bytes.ts`, audio), 'utf8')
      expect(await readFile(join(folder, `${name}.ts`), 'utf8')).toBe(kept)
    }
  } finally {
    await rm(folder, { recursive: true })
  }
})
